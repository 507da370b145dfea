"""What facts do to the rows of messages and signals on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.history import events as e
from engine.history.facts import Fact
from engine.store import tables as t
from engine.store.apply.change import Change, Insert, Update


def apply_message(fact: Fact, case: str) -> list[Change] | None:
    match fact.event:
        case e.MessageThrown() as sent:
            row = _row(fact, "message", sent.thrown, sent.message, sent.tenant, sent.tenant_path, case)
            return [Insert(t.message, {**row, "correlation": _key(sent.correlation), "expires_at": sent.expires_at})]
        case e.MessageArrived() as sent:
            row = _row(fact, "message", sent.message, sent.name, sent.tenant, sent.tenant_path, "")
            return [Insert(t.message, {**row, "correlation": _key(sent.correlation), "expires_at": sent.expires_at})]
        case e.SignalThrown() as given:
            return [Insert(t.message, _row(fact, "signal", given.thrown, given.signal, *_reach(given), case))]
        case e.SignalBroadcast() as given:
            return [Insert(t.message, _row(fact, "signal", given.message, given.signal, *_reach(given), ""))]
        case e.MessageHeld(message=message, until=until, template=template, params=params):
            why = {"due_at": until, "template": template, "params": dict(params)}
            return [Update(t.message, {"id": message}, why)]
        case e.MessageDelivered(message=message, instance=instance):
            return [Update(t.message, {"id": message}, {"status": "delivered", "target": instance, **_FORGOTTEN})]
        case e.MessageExpired(message=message):
            return [Update(t.message, {"id": message}, {"status": "expired"})]
        case e.MessageDiscarded(message=message, reason=reason):
            return [Update(t.message, {"id": message}, {"status": "discarded", "reason": reason, **_FORGOTTEN})]
        case e.SignalSpread(message=message, signal=signal, cases=cases):
            rows = [
                {**_row(fact, "delivery", f"{message}/{target}", signal, "", "", ""), "target": target}
                for target in cases
            ]
            return [Update(t.message, {"id": message}, {"status": "spread"}), *(Insert(t.message, row) for row in rows)]
        case e.SignalDelivered(message=message, heard=heard):
            return [Update(t.message, {"id": message}, {"status": "delivered" if heard else "missed"})]
    return None


NAME_LENGTH = 120
_FORGOTTEN = {"correlation": ""}


def _row(fact: Fact, kind: str, key: str, name: str, tenant: str, path: str, sender: str) -> dict[str, Any]:
    expires_at: datetime | None = None
    return {
        "id": key,
        "kind": kind,
        "name": name[:NAME_LENGTH],
        "correlation": "",
        "tenant_id": tenant,
        "tenant_path": path,
        "status": "waiting",
        "sent_at": fact.at,
        "due_at": fact.at,
        "expires_at": expires_at,
        "sender": sender,
        "stream": fact.stream,
        "seq": fact.seq,
        "target": "",
        "template": "",
        "params": {},
        "reason": "",
    }


def _key(correlation: object) -> str:
    """A key that was erased is none."""
    return correlation if isinstance(correlation, str) else ""


def _reach(given: e.SignalThrown | e.SignalBroadcast) -> tuple[str, str]:
    return given.tenant, given.tenant_path
