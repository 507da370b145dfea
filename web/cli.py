"""The command ``shangmen``: a demonstration in one word, and what an operator needs."""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import signal
import sys
import time
import webbrowser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import forms
import processes
from engine.commands.people import add_tenant, add_user
from engine.connectors.keys import log_signer
from engine.connectors.registry import connectors
from engine.errors import Invalid, ShangmenError
from engine.history.facts import Fact
from engine.queries.cases import names_in
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import play
from engine.scenarios.script import ZONE
from engine.scenarios.seed import procedure_folders, read_scenarios, seed, set_the_stage
from engine.store.database import Database, open_database
from engine.store.directory import system_actor
from engine.store.queue import DbosQueue, NoQueue
from engine.store.run import Platform
from engine.store.schema import upgrade
from engine.store.suite import settle_suite
from engine.worker import DbosWorker, executor_name, prepare
from web import cli_calendar, cli_check, cli_erase, cli_message, cli_move, cli_proof, cli_publish, cli_verify
from web.render.sentences import Names, tell_one

PROCESSES = Path(next(iter(processes.__path__)))
FORMS = Path(next(iter(forms.__path__))) / "library"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one subcommand. Exits with 1 and a sentence when something is refused."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except Invalid as refused:
        sys.exit("shangmen: " + "; ".join(f"{problem.field}: {problem}" for problem in refused.problems))
    except (ShangmenError, ValueError) as refused:
        sys.exit(f"shangmen: {refused}")
    except (FileNotFoundError, PermissionError) as missing:
        sys.exit(f"shangmen: {missing.filename}: {missing.strerror}. Expected a file or folder that can be read.")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shangmen", description="A BPMN workflow platform.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="a living demonstration on this machine, with people to be")
    demo.add_argument("--data", type=Path, default=_demo_folder(), help="where it keeps its data")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--reset", action="store_true", help="begin anew")
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")
    demo.add_argument("--no-serve", action="store_true", help="only make the data")
    demo.set_defaults(run=run_demo)

    serve = commands.add_parser("serve", help="the site; settings come from the environment (SHANGMEN_…)")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--processes", type=int, default=1)
    serve.set_defaults(run=run_serve)

    worker = commands.add_parser("worker", help="do the machine's work: timers and connectors; any number of them")
    worker.add_argument("--data", type=Path, default=Path("data"))
    worker.set_defaults(run=run_worker)

    migrate = commands.add_parser("migrate", help="create or upgrade the tables of SHANGMEN_DATABASE")
    migrate.set_defaults(run=lambda _: _prepared(_database()).close())

    played = commands.add_parser("play", help="tell a scenario, one sentence per event")
    played.add_argument("scenario", nargs="*", help="names; none plays all")
    played.add_argument("--language", choices=("zh_CN", "en"), default="zh_CN")
    played.add_argument("--quiet", action="store_true", help="one line per scenario")
    played.set_defaults(run=run_play)

    cli_verify.add_commands(commands, _database)

    _people_commands(commands)
    cli_calendar.add_commands(commands, _database)
    cli_check.add_commands(commands, FORMS)
    cli_proof.add_commands(commands, _database)
    cli_erase.add_commands(commands, _database)
    cli_message.add_commands(commands, _database)
    cli_move.add_commands(commands, _database)
    cli_publish.add_commands(commands, FORMS, _database)
    return parser


def _people_commands(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    tenant = commands.add_parser("tenant", help="organisations").add_subparsers(required=True, metavar="WHAT")
    added = tenant.add_parser("add", help="add an organisation")
    added.add_argument("id")
    added.add_argument("name")
    added.add_argument("level")
    added.add_argument("--parent")
    added.add_argument("--code")
    added.set_defaults(run=run_tenant_add)

    user = commands.add_parser("user", help="people").add_subparsers(required=True, metavar="WHAT")
    new = user.add_parser("add", help="add a user; asks for the password")
    new.add_argument("login")
    new.add_argument("name")
    new.add_argument("tenant")
    new.add_argument("role", nargs="+")
    new.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    new.set_defaults(run=run_user_add)


# ------------------------------------------------------------------ the demonstration


def run_demo(options: argparse.Namespace) -> None:
    """Make the demonstration's data once, then serve it with a worker inside."""
    folder: Path = options.data.resolve()
    complete = folder / "complete"
    if options.reset or not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"Shangmen demonstration: making its data in {folder} …", flush=True)
        began = time.monotonic()
        database = _prepared(open_database(f"sqlite:///{folder / 'demo.sqlite'}"))
        platform = Platform(database, DbosQueue(database.engine))
        count = seed(
            platform,
            connectors(folder),
            PROCESSES,
            FORMS,
            datetime.now(UTC),
            lambda line: print(f"  {line}", flush=True),
        )
        database.close()
        complete.touch()
        print(f"  {count} cases in {time.monotonic() - began:.0f} s", flush=True)
    else:
        print(f"Shangmen demonstration: using the data in {folder} (--reset begins anew)", flush=True)
    if options.no_serve:
        return
    address = f"http://127.0.0.1:{options.port}/"
    print(f"\n  {address}   (Ctrl-C ends it; the data stay in {folder})\n", flush=True)
    os.environ.update(
        SHANGMEN_DATABASE=f"sqlite:///{folder / 'demo.sqlite'}",
        SHANGMEN_DEMO="1",
        SHANGMEN_DATA=str(folder),
        SHANGMEN_WORKER_INSIDE="1",
        SHANGMEN_PLAIN_HTTP="1",
    )
    on_start = None if options.no_browser else lambda: webbrowser.open(address)
    _serve("127.0.0.1", options.port, 1, on_start)


def _demo_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "shangmen" / "demo"


# ------------------------------------------------------------------ running


def run_serve(options: argparse.Namespace) -> None:
    """Serve the site. Any number of processes on PostgreSQL, one on SQLite."""
    database = _prepared(_database())
    if database.is_sqlite and options.processes > 1:
        raise ValueError("expected one process with SQLite, found more. Use PostgreSQL to grow beyond one.")
    database.close()
    _serve(options.host, options.port, options.processes, None)


def _serve(host: str, port: int, workers: int, on_start: object) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    server = Granian(
        "web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=min(8, 2 * (os.cpu_count() or 1) + 1),
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
    )
    if callable(on_start):
        server.on_startup(on_start)
    server.serve()


def run_worker(options: argparse.Namespace) -> None:
    """Do the machine's work until stopped."""
    database = _prepared(_database())
    platform = Platform(database, DbosQueue(database.engine))
    options.data.mkdir(parents=True, exist_ok=True)
    signer = log_signer(options.data)
    worker = DbosWorker(platform, connectors(options.data), executor_name(), signer=signer)
    worker.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # what is running is finished first
    print("shangmen worker: listening (Ctrl-C ends it)", flush=True)
    try:
        while True:
            time.sleep(3600)
    finally:
        worker.stop()


def _database() -> Database:
    url = os.environ.get("SHANGMEN_DATABASE")
    if not url:
        raise ValueError(
            "expected a database in SHANGMEN_DATABASE, found none. Set it, for example to "
            "sqlite:////var/lib/shangmen/shangmen.sqlite or postgresql+psycopg://user@host/name"
        )
    return _settled(open_database(url))


def _prepared(database: Database) -> Database:
    upgrade(database)
    prepare(database)
    return _settled(database)


def _settled(database: Database) -> Database:
    settle_suite(database, os.environ.get("SHANGMEN_HASH", ""))
    return database


# ------------------------------------------------------------------ scenarios, publishing, checking


def run_play(options: argparse.Namespace) -> None:
    """Play scenarios in a database of their own that is thrown away, and tell them."""
    failures = 0
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/play.sqlite")
        upgrade(database)
        platform = Platform(database, NoQueue())
        known = connectors(Path(folder))
        set_the_stage(platform, PROCESSES, FORMS, datetime(2020, 1, 1, tzinfo=UTC))
        wanted = set(options.scenario)
        scenarios = [
            s for path in procedure_folders(PROCESSES) for s in read_scenarios(path) if not wanted or s.key in wanted
        ]
        if len(scenarios) < len(wanted):
            raise ValueError(f"there is no scenario {', '.join(sorted(wanted - {s.key for s in scenarios}))}")
        for scenario in scenarios:
            print(f"\n{scenario.title if options.language == 'zh_CN' else scenario.title_en}  ({scenario.key})")
            try:
                play(platform, known, scenario, tell=_teller(platform, options))
                print("  ✓")
            except ScenarioFailed as failed:
                failures += 1
                print(f"  ✗ {failed}")
        database.close()
    if failures:
        sys.exit(1)


def _teller(platform: Platform, options: argparse.Namespace):  # type: ignore[no-untyped-def]
    def tell(fact: Fact) -> None:
        if options.quiet:
            return
        with platform.database.read() as connection:
            found = names_in(connection, (fact,))
        line = tell_one(fact, Names(users=found, tenants=found))
        unit = f", {line.unit}" if line.unit else ""
        print(f"  {line.at.astimezone(ZONE):%Y-%m-%d %H:%M}  {line.who}{unit}: {line.text}")

    return tell


# ------------------------------------------------------------------ people


def run_tenant_add(options: argparse.Namespace) -> None:
    """Add an organisation."""
    platform = Platform(_database())
    platform.run(
        lambda uow: add_tenant(uow, options.id, options.parent, options.name, options.level, options.code),
        system_actor(),
        datetime.now(UTC),
    )


def run_user_add(options: argparse.Namespace) -> None:
    """Add a user with a password."""
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password: ")
    platform = Platform(_database())
    platform.run(
        lambda uow: add_user(uow, options.login, options.name, options.tenant, options.role, password),
        system_actor(),
        datetime.now(UTC),
    )


if __name__ == "__main__":
    main()
