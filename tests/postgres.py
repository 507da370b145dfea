"""A private PostgreSQL server for the tests: started when its programs are there, gone when the tests end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

MISSING = (
    "no PostgreSQL server: install Debian's package postgresql, or set SHANGMEN_TEST_POSTGRES to the address of an "
    "empty database that may be dropped and created"
)


def server_programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``, newest version first, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_other_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the user that its package made."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["runuser", "-u", "postgres", "--"]


def folder_in_memory() -> Path | None:
    """Where files live in memory, if there is room for a server (2 GB); None elsewhere.

    A disk's file system looks for a place among the files just deleted: with a database made and dropped for each
    test, that is half the time of all of them.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < 2 * 1024**3:
        return None
    return memory


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def private_server(programs: Path, *, syncs: bool = False) -> Iterator[str]:
    """Start a server in a temporary folder; yields its SQLAlchemy address (database ``postgres``).

    A test's database need not outlive the machine: without ``syncs`` a test takes a tenth of the time.
    """
    folder = Path(mkdtemp(prefix="shangmen-pg-", dir=None if syncs else folder_in_memory()))
    user = _as_other_user(folder)
    port = _free_port()
    data = folder / "data"
    run = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": folder}
    subprocess.run(
        [
            *user,
            str(programs / "initdb"),
            "-D",
            str(data),
            "-A",
            "trust",
            "-U",
            "shangmen",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        **run,
    )
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200 "
    settings += "" if syncs else "-c fsync=off -c full_page_writes=off"
    subprocess.run(
        [*user, str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", settings, "start"],
        **run,
    )
    try:
        yield f"postgresql+psycopg://shangmen@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*user, str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], **run)
        shutil.rmtree(folder, ignore_errors=True)
