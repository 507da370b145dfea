"""The key that signs the heads of the log: 32 random bytes in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.history.checkpoint import FileSigner

SECRET_BYTES = 32


def file_signer(path: Path, origin: str) -> FileSigner:
    """The signer whose key lies at ``path``; made at first use.

    The public key is written beside it. Raises ``ValueError`` for a file that is no key."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        secret = path.read_bytes()
    else:
        secret = secrets.token_bytes(SECRET_BYTES)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"expected a key of {SECRET_BYTES} bytes in {path.name}, found {len(secret)}")
    signer = FileSigner(origin, secret)
    public = path.with_suffix(".pub")
    if not public.exists():
        public.write_text(signer.verifier + "\n")
    return signer


def log_verifier(data_folder: Path) -> str:
    """The public key of an installation's log as text to hand out, "" while no worker has made one."""
    public = data_folder / "log.pub"
    return public.read_text().strip() if public.exists() else ""


def log_signer(data_folder: Path) -> FileSigner:
    """The signer of an installation that keeps its files in ``data_folder``."""
    return file_signer(data_folder / "log.key", "shangmen/log")
