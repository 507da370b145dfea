"""What happens to a message or signal on its way: facts of its own stream, ``message:<id>``.

Whatever a case sends begins in the case's stream (``MessageThrown``, ``SignalThrown``); what comes from
outside begins here. What it led to in a case is told in that case's stream (``sent`` names the message).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from engine.history.event import Event


@dataclass(frozen=True, slots=True)
class MessageArrived(Event):
    """``key`` is the sender's own id for it: the same one again is the same message."""

    message: str
    name: str
    key: str
    correlation: str
    payload: dict[str, Any]
    tenant: str
    tenant_path: str
    expires_at: datetime
    sentence: ClassVar[str] = "the message %(name)s arrived"
    personal: ClassVar[frozenset[str]] = frozenset({"key", "correlation", "payload"})


@dataclass(frozen=True, slots=True)
class MessageHeld(Event):
    """It is kept, because it cannot be delivered now: the sentence of ``template`` and ``params`` says why."""

    message: str
    name: str
    until: datetime
    template: str
    params: dict[str, str] = field(default_factory=dict)
    sentence: ClassVar[str] = "the message %(name)s is kept until %(until)s"
    personal: ClassVar[frozenset[str]] = frozenset({"params"})


@dataclass(frozen=True, slots=True)
class MessageDelivered(Event):
    """The case ``instance`` got it; ``started`` when it began with it, ``by_hand`` when a person chose the case."""

    message: str
    name: str
    instance: str
    number: str
    started: bool = False
    by_hand: bool = False
    sentence: ClassVar[str] = "the message %(name)s went to case %(number)s"


@dataclass(frozen=True, slots=True)
class MessageExpired(Event):
    """Its time was over before a case waited for it."""

    message: str
    name: str
    sentence: ClassVar[str] = "the message %(name)s expired"


@dataclass(frozen=True, slots=True)
class MessageDiscarded(Event):
    message: str
    name: str
    reason: str
    sentence: ClassVar[str] = "discarded the message %(name)s: %(reason)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason"})


@dataclass(frozen=True, slots=True)
class SignalBroadcast(Event):
    """Somebody gave a signal to all cases of their part of the tree."""

    message: str
    signal: str
    key: str
    payload: dict[str, Any]
    tenant: str
    tenant_path: str
    sentence: ClassVar[str] = "gave the signal %(signal)s"
    personal: ClassVar[frozenset[str]] = frozenset({"key", "payload"})


@dataclass(frozen=True, slots=True)
class SignalSpread(Event):
    """These cases waited for the signal; each is told in a transaction of its own."""

    message: str
    signal: str
    cases: list[str]
    sentence: ClassVar[str] = "the signal %(signal)s goes to the cases that wait for it"


@dataclass(frozen=True, slots=True)
class SignalDelivered(Event):
    """``heard``: whether the case still waited for it when its turn came."""

    message: str
    signal: str
    instance: str
    heard: bool
    sentence: ClassVar[str] = "the signal %(signal)s reached a case"
