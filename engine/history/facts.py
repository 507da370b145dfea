"""A fact as it stands in a stream: the event and its envelope (where, when, who), to bytes and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import Corrupt
from engine.history import events as e
from engine.history.seal import canonical, commitment, seal
from engine.values import encode

ERASED = {"$erased": True}
"""What a personal field reads as when its value was erased."""

FIRST_PERSONAL: Mapping[str, frozenset[str]] = {
    "InstanceStarted": frozenset({"variables"}),
    "InstanceDescribed": frozenset({"title"}),
    "ElementCompleted": frozenset({"assigned"}),
    "DecisionEvaluated": frozenset({"inputs", "outputs", "warnings"}),
    "UserTaskCompleted": frozenset({"answers"}),
    "FileAttached": frozenset({"name"}),
    "ConnectorRequested": frozenset({"inputs"}),
    "ConnectorFinished": frozenset({"result"}),
    "MessageReceived": frozenset({"payload"}),
}
"""The personal fields of the first facts, which did not yet say themselves which of their fields are digests."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One sealed event of a stream. ``at`` is when it happened; ``state`` the digest of the state it left behind.

    ``on_behalf_of`` is the user for whom ``actor`` acted as a deputy, "" for nobody: then the sealed body is silent.
    """

    stream: str
    seq: int
    at: datetime
    actor: str
    tenant: str
    event: e.Event
    state: str = ""
    erased: bool = False
    on_behalf_of: str = ""

    @property
    def persons(self) -> tuple[str, ...]:
        """Whose act this is: who acted, and for whom."""
        return (self.actor, self.on_behalf_of) if self.on_behalf_of else (self.actor,)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A fact ready to be stored: canonical body, seal, and its personal values with their salts."""

    fact: Fact
    body: bytes
    seal: str
    payloads: tuple[tuple[str, bytes, bytes], ...]  # (field, salt, canonical value)


def seal_fact(fact: Fact, previous: str, new_salt: Callable[[], bytes]) -> Sealed:
    """Freeze a fact after the seal ``previous``. ``new_salt`` gives 32 random bytes."""
    data = e.dump(fact.event)
    personal = sorted(name for name in fact.event.personal if data[name] is not None)
    payloads = []
    for name in personal:
        salt, value = new_salt(), canonical(data[name])
        data[name] = commitment(salt, name, value)
        payloads.append((name, salt, value))
    body = canonical(
        {
            "stream": fact.stream,
            "seq": fact.seq,
            "type": type(fact.event).__name__,
            "at": fact.at.isoformat(),
            "actor": fact.actor,
            **({"on_behalf_of": fact.on_behalf_of} if fact.on_behalf_of else {}),
            "tenant": fact.tenant,
            "data": data,
            "state": fact.state,
            **({"personal": personal} if fact.event.personal else {}),
        }
    )
    return Sealed(fact, body, seal(previous, body), tuple(payloads))


def personal_fields(raw: Mapping[str, Any]) -> frozenset[str]:
    """Which fields of a stored fact (its body as data) hold the digest of a value that lies beside."""
    return frozenset(raw.get("personal", FIRST_PERSONAL.get(raw["type"], ())))


def open_fact(body: bytes, payloads: Mapping[str, tuple[bytes, bytes]]) -> Fact:
    """Read a stored body with its personal values (field → salt, value); a missing one reads as erased.

    Raises ``Corrupt`` when a value does not match its digest or the body is not a fact.
    """
    try:
        raw: dict[str, Any] = json.loads(body)
        data, erased = dict(raw["data"]), False
        for name in personal_fields(raw):
            if name not in payloads:
                data[name], erased = ERASED, True
                continue
            salt, value = payloads[name]
            if commitment(salt, name, value) != data[name]:
                raise Corrupt(
                    "The personal value %(field)s of fact %(seq)s in %(stream)s does not match its digest.",
                    field=name,
                    seq=raw["seq"],
                    stream=raw["stream"],
                )
            data[name] = json.loads(value)
        return Fact(
            raw["stream"],
            raw["seq"],
            datetime.fromisoformat(raw["at"]),
            raw["actor"],
            raw["tenant"],
            e.load(raw["type"], data),
            raw["state"],
            erased,
            raw.get("on_behalf_of", ""),
        )
    except (KeyError, ValueError, TypeError) as broken:
        raise Corrupt("A stored fact cannot be read: %(reason)s.", reason=str(broken)) from broken


def plain(value: Any) -> Any:
    """A value as JSON data, for pages and exports."""
    return encode(value)
