"""Searches that somebody keeps for themselves. A convenience, not a fact: no case knows of it."""

from __future__ import annotations

from engine.errors import Rejected
from engine.store import searches
from engine.store.unit_of_work import UnitOfWork

NAME_LENGTH_MAX = 80
QUERY_LENGTH_MAX = 8_000  # eight fields of 80 characters, each of nine signs in an address
KEPT_MAX = 50


def keep_search(uow: UnitOfWork, name: str, query: str) -> str:
    """Keep a search for the actor under a name; one of that name is replaced. Returns its id. Raises ``Rejected``."""
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LENGTH_MAX or not name.isprintable() or not query or len(query) > QUERY_LENGTH_MAX:
        raise Rejected("Expected a search and a name of 1 to %(max)s characters. Name it.", max=NAME_LENGTH_MAX)
    if searches.count(uow.connection, uow.actor.user, name) >= KEPT_MAX:
        raise Rejected("Expected at most %(max)s kept searches. Forget one first.", max=KEPT_MAX)
    id_ = uow.new_id()
    searches.keep(uow.connection, id_, uow.actor.user, name, query, uow.now)
    return id_


def forget_search(uow: UnitOfWork, search_id: str) -> None:
    """Forget a search of the actor's own; somebody else's is not there."""
    searches.forget(uow.connection, search_id, uow.actor.user)
