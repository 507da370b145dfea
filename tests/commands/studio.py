"""An organisation that publishes: administrators at three levels, and what tests of the studio do all the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.commands import drafts, proposals
from engine.commands.people import add_user, grant_role
from engine.queries import drafts as draft_queries
from engine.store.directory import actor_for, system_actor
from tests.world import FORM, World

NOTE = (FORM % "note").encode()
OTHER = NOTE.replace("意见".encode(), "决定".encode())
THIRD = NOTE.replace("意见".encode(), "看法".encode())

ADMINISTRATORS = (
    ("Ada", "north"),
    ("Ben", "north"),
    ("Cid", "east"),
    ("Dan", "east"),
    ("Rob", "root"),
    ("Sue", "root"),
)


def furnish(world: World) -> World:
    """Two administrators at each of the root, the north and the east; Ada also acts for the root."""

    def people(uow: Any) -> None:
        ids = {
            name: add_user(uow, f"{name.lower()}.{unit}", name, unit, ["administrator"])
            for name, unit in ADMINISTRATORS
        }
        grant_role(uow, ids["Ada"], "root", "administrator")

    world.platform.run(people, system_actor(), world.now)
    return world


def do(world: World, who: str, command: Callable[..., Any], *args: Any, unit: str = "") -> Any:
    """Run a command as somebody, acting for ``unit`` (default: their own)."""
    actor = world.actor(who)
    if unit:
        with world.platform.database.read() as connection:
            actor = actor_for(connection, actor.user, unit)
    return world.platform.run(lambda uow: command(uow, *args), actor, world.now)


def changed(world: World, who: str, *files: tuple[str, str, bytes]) -> str:
    """A draft with these files, saved by ``who``."""
    draft_id: str = do(world, who, drafts.open_draft, "review", "改表单")
    for kind, key, content in files:
        do(world, who, drafts.save_file, draft_id, kind, key, content, look(world, who, draft_id).revision)
    return draft_id


def look(world: World, who: str, draft_id: str) -> draft_queries.Draft:
    """The draft as somebody sees it."""
    with world.platform.database.read() as connection:
        return draft_queries.draft(connection, world.actor(who), draft_id)


def published(world: World, author: str, approver: str, *files: tuple[str, str, bytes], **more: Any) -> dict[str, Any]:
    """Draft, propose, approve."""
    draft_id = changed(world, author, *files)
    proposal = do(world, author, proposals.propose, draft_id, "改表单", more.get("effective_at"))
    done: dict[str, Any] = do(world, approver, proposals.approve, proposal)
    return done
