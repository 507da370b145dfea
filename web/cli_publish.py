"""``shangmen publish``: a folder or zip becomes a proposal; nobody publishes alone, not even at the command line.

Only a procedure that nobody has published yet is published directly: that is how an installation is set up.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.commands.deployments import publish
from engine.commands.drafts import import_bundle
from engine.commands.proposals import propose
from engine.definition.bundle import Bundle
from engine.definition.carry import named, pack
from engine.model import ADMINISTRATOR
from engine.quarantine import read_given
from engine.queries.carry import files_to_carry
from engine.queries.catalogue import procedures
from engine.runtime.judgement import require_sound
from engine.store.composition import compose
from engine.store.database import Database
from engine.store.directory import actor_for, system_actor, user_by_login
from engine.store.known import find_tenant
from engine.store.run import Platform
from web.studio.days import start_of_day


def add_commands(commands: Any, forms: Path, open_installation: Callable[[], Database]) -> None:
    """Add ``publish``. ``forms``: the folder in which the forms of procedure folders lie."""
    published = commands.add_parser(
        "publish", help="propose to publish a procedure folder or zip; at set-up, the first of a procedure, publish it"
    )
    published.add_argument("bundle", type=Path)
    published.add_argument("--tenant", help="for which organisation; default: the one in its bundle.toml")
    published.add_argument("--title", default="")
    published.add_argument("--as", dest="login", default="", help="your log-in name; asked for when it is left out")
    published.add_argument("--from", dest="day", default="", help="from which day it holds; default: when approved")
    published.set_defaults(run=lambda options: run_publish(options, forms, open_installation()))
    exported = commands.add_parser("export", help="write what is published to a folder fit for git, or to a .zip")
    exported.add_argument("procedure")
    exported.add_argument("tenant", help="for which organisation")
    exported.add_argument("to", type=Path, help="a folder, or a file that ends with .zip")
    exported.add_argument("--own", action="store_true", help="only what is the organisation's own")
    exported.set_defaults(run=lambda options: run_export(options, open_installation()))


def run_publish(options: argparse.Namespace, forms: Path, database: Database) -> None:
    """Put the folder or zip into a draft and propose it, in the name of a person; or set a procedure up."""
    bundle = read_given(options.bundle, forms, complete=False)
    tenant = options.tenant or str(bundle.manifest.get("tenant", ""))
    if not tenant:
        raise ValueError("expected an organisation, found none in bundle.toml. Say for which one with --tenant.")
    platform = Platform(database)
    with database.read() as connection:
        is_new = bundle.procedure not in procedures(connection)
        unit = find_tenant(connection, tenant)
        if unit is None:
            raise ValueError(f"expected the id of an organisation, found {tenant}. Say for which one with --tenant.")
        if is_new:
            whole = compose(connection, bundle, unit)
            require_sound(whole.main, whole.resources, whole.own, whole.floor)
    if is_new:
        done = platform.run(
            lambda uow: publish(uow, bundle, tenant, options.title), system_actor(), datetime.now(UTC)
        )  # fmt: skip
        for resource in done["resources"]:
            sys.stdout.write(f"{resource}\n")
    else:
        sys.stdout.write(_propose(platform, bundle, tenant, options) + "\n")
    database.close()


def run_export(options: argparse.Namespace, database: Database) -> None:
    """Write the files that hold for an organisation: the same files are the same bytes, so git sees what changed."""
    with database.read() as connection:
        tenant = find_tenant(connection, options.tenant)
        if tenant is None:
            raise ValueError(f"expected an organisation, found {options.tenant}.")
        files = files_to_carry(
            connection, system_actor(tenant), tenant.id, options.procedure, datetime.now(UTC), whole=not options.own
        )
    database.close()
    target: Path = options.to
    if target.suffix == ".zip":
        target.write_bytes(pack(files))
        return
    for name, content in named(files).items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)


def _propose(platform: Platform, bundle: Bundle, tenant: str, options: argparse.Namespace) -> str:
    login = options.login or input("Your log-in name: ").strip()
    with platform.database.read() as connection:
        found = user_by_login(connection, login)
        if found is None or tenant not in found[1]:
            raise ValueError(f"expected an administrator of {tenant}, found {login}. Say who you are with --as.")
        actor = actor_for(connection, found[0], tenant)
    if ADMINISTRATOR not in actor.roles:
        raise ValueError(f"expected an administrator of {tenant}, found {login}. Say who you are with --as.")
    title = options.title or bundle.title
    begins = start_of_day(options.day)

    def command(uow: Any) -> str:
        return propose(uow, import_bundle(uow, bundle, title), title, begins)

    proposal = platform.run(command, actor, datetime.now(UTC))
    return f"proposed: /studio/proposals/{proposal} – somebody else must approve it"
