"""Orders to move many cases: given once, carried out case by case, each case in a transaction of its own.

An order names its cases and the version each goes to when it is given; whether a case can go is asked when its turn
comes. It can be paused, continued, stopped, and taken back for the cases that have not gone on since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.commands.migrations import migrate_instance, required_reason
from engine.errors import NotFound, Rejected, ShangmenError
from engine.history.seal import digest
from engine.model import Pins
from engine.runtime.compiled import ProcessDefinition
from engine.store import migration_orders as rows
from engine.store.database import is_transient
from engine.store.directory import actor_for
from engine.store.unit_of_work import UnitOfWork

Row = Mapping[str, Any]

CASES_MAX = 5_000
MAPPING_MAX = 200


class Broken(Exception):
    """The program failed at one case of an order, through no fault of the case. ``position`` says which."""

    def __init__(self, position: int) -> None:
        super().__init__(f"position {position}")
        self.position = position


def order_moves(
    uow: UnitOfWork,
    procedure: str,
    targets: Sequence[tuple[str, Pins]],
    mapping: Mapping[str, str],
    reason: str,
    *,
    recompute: bool = False,
) -> str:
    """Order each case (id, the version it goes to) to be moved. Returns the order's id. Raises ``Rejected``."""
    reason = required_reason(reason)
    if not 0 < len(targets) <= CASES_MAX:
        raise Rejected(
            "Expected 1 to %(max)s cases to move but found %(found)s. Choose others.", max=CASES_MAX, found=len(targets)
        )
    if len(mapping) > MAPPING_MAX:
        raise Rejected(
            "Expected at most %(max)s steps in the mapping but found %(found)s.", max=MAPPING_MAX, found=len(mapping)
        )
    items = [{"instance_id": case, "pins": dict(pins), "mapping": dict(mapping), "state": ""} for case, pins in targets]
    return _order(uow, procedure, items, mapping, reason, recompute=recompute, undoes=None)


def pause_order(uow: UnitOfWork, order_id: str) -> None:
    """Move no further case until somebody lets it go on. Raises ``NotFound``, ``Rejected``."""
    _set_status(uow, order_id, "running", "paused")


def continue_order(uow: UnitOfWork, order_id: str) -> None:
    """Go on with an order that was paused. Raises ``NotFound``, ``Rejected``."""
    order = _set_status(uow, order_id, "paused", "running")
    _hand_over(uow, order)


def stop_order(uow: UnitOfWork, order_id: str) -> None:
    """Leave the remaining cases where they are, for good. Raises ``NotFound``, ``Rejected``."""
    order = _order_in_reach(uow, order_id)
    if order["status"] not in ("running", "paused"):
        raise Rejected("Expected an order that is under way, but this one has ended.")
    rows.update_order(uow.connection, order_id, status="stopped", touched_at=uow.now)


def undo_order(uow: UnitOfWork, order_id: str, reason: str) -> str:
    """Order every case that this order moved back to where it was, the last first. Returns the new order's id.

    A case that has gone on since stays where it is and says so. Raises ``NotFound``, ``Rejected``.
    """
    order = _order_in_reach(uow, order_id)
    reason = required_reason(reason)
    if order["status"] in ("running", "paused"):
        raise Rejected("Expected an order that has ended, but this one is under way. Stop it first.")
    items = [
        {
            "instance_id": item["instance_id"],
            "pins": item["former"],
            "mapping": {new: old for old, new in item["mapping"].items()},
            "state": item["state"],
        }
        for item in reversed(rows.moved_items(uow.connection, order_id))
    ]
    if not items:
        raise Rejected("Expected an order that has moved a case, but this one has moved none.")
    return _order(uow, order["procedure"], items, {}, reason, recompute=False, undoes=order_id)


def carry_on(uow: UnitOfWork, order_id: str) -> bool:
    """Move the next case of an order, or note why it stays. False when nothing is left to do now.

    What the person who ordered it may do counts, not what the machine may. Raises ``Broken``.
    """
    order = rows.lock_order(uow.connection, order_id)
    if order is None or order["status"] != "running":
        return False
    item = rows.next_item(uow.connection, order_id)
    if item is None:
        rows.update_order(uow.connection, order_id, status="done", touched_at=uow.now)
        return False
    try:
        outcome = _moved(uow, order, item)
    except ShangmenError as refused:
        params = {key: str(value) for key, value in refused.params.items()}
        outcome = {"status": "refused", "template": refused.template, "params": params}
    except Exception as error:
        if is_transient(error):
            raise
        raise Broken(item["position"]) from error
    rows.settle_item(uow.connection, item, at=uow.now, **outcome)
    rows.update_order(uow.connection, order_id, touched_at=uow.now)
    return True


def give_up(uow: UnitOfWork, order_id: str, position: int) -> None:
    """Note that the program failed at a case, so that the others have their turn."""
    if rows.lock_order(uow.connection, order_id) is None:
        return
    item = rows.next_item(uow.connection, order_id)
    if item is not None and item["position"] == position:
        template = "The program failed at this case. It stays on its version; give your administrator its number."
        rows.settle_item(uow.connection, item, at=uow.now, status="refused", template=template, params={})


def hand_on(uow: UnitOfWork, order_id: str) -> None:
    """Have the queue deliver an order again, if it is not done."""
    order = rows.lock_order(uow.connection, order_id)
    if order is not None and order["status"] == "running":
        _hand_over(uow, order)


def _moved(uow: UnitOfWork, order: Row, item: Row) -> dict[str, Any]:
    try:
        person = actor_for(uow.connection, order["ordered_by"], order["tenant_id"])
    except NotFound:
        raise Rejected("Expected somebody who may move this case, but who ordered it may no longer.") from None
    by_person = UnitOfWork(uow.connection, uow.known, uow.queue, person, uow.now)
    before = by_person.case(item["instance_id"])
    mapping = dict(item["mapping"])
    if order["undoes"]:
        if digest(before.state) != item["state"]:
            raise Rejected("Expected the case where the move had left it, but it has gone on since. It stays.")
        there = uow.known.definition(uow.connection, before.process, item["pins"])
        _require_invertible(rows.mapping_of(uow.connection, order["undoes"], item["instance_id"]), there)
    fact = migrate_instance(
        by_person,
        item["instance_id"],
        item["pins"],
        mapping,
        order["reason"],
        recompute=order["recompute"],
        batch=order["id"],
        undoes=bool(order["undoes"]),
    )
    return {
        "status": "moved",
        "former": dict(before.pins),
        "mapping": fact.mapping,
        "state": digest(by_person.case(item["instance_id"]).state),
    }


def _require_invertible(forth: Mapping[str, str], former: ProcessDefinition) -> None:
    """Two steps that became one cannot be told apart again."""
    taken = {element for diagram in former.processes.values() for element in diagram.elements} - forth.keys()
    if len(set(forth.values())) != len(forth) or taken & set(forth.values()):
        raise Rejected("Expected steps that can be told apart, but two of them became one in this move. It stays.")


def _order(
    uow: UnitOfWork,
    procedure: str,
    items: Sequence[Mapping[str, Any]],
    mapping: Mapping[str, str],
    reason: str,
    *,
    recompute: bool,
    undoes: str | None,
) -> str:
    order = {
        "id": uow.new_id(),
        "procedure": procedure,
        "tenant_id": uow.actor.tenant.id,
        "tenant_path": uow.actor.tenant.path,
        "ordered_by": uow.actor.user,
        "ordered_at": uow.now,
        "reason": reason,
        "mapping": dict(mapping),
        "recompute": recompute,
        "undoes": undoes,
        "status": "running",
        "legs": 0,
        "touched_at": uow.now,
    }
    rows.insert_order(uow.connection, order, items)
    _hand_over(uow, order)
    return str(order["id"])


def _hand_over(uow: UnitOfWork, order: Row) -> None:
    leg = order["legs"] + 1
    rows.update_order(uow.connection, order["id"], legs=leg, touched_at=uow.now)
    uow.queue.enqueue(uow.connection, rows.job_of(order["id"], leg), uow.now)


def _order_in_reach(uow: UnitOfWork, order_id: str) -> Row:
    order = rows.lock_order(uow.connection, order_id)
    if order is None or not (uow.actor.is_system or uow.actor.tenant.contains(order["tenant_path"])):
        raise NotFound("There is no such order, or it is not yours to see.")
    return order


def _set_status(uow: UnitOfWork, order_id: str, expected: str, status: str) -> Row:
    order = _order_in_reach(uow, order_id)
    if order["status"] != expected:
        raise Rejected("Expected an order that is under way, but this one is not. Look at it again.")
    rows.update_order(uow.connection, order_id, status=status, touched_at=uow.now)
    return order
