"""What a case waits for and what it tells other cases: messages, signals, conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from engine.history.event import AtElement


@dataclass(frozen=True, slots=True)
class MessageAwaited(AtElement):
    """The case can be told something. ``roles`` may tell it through a page (empty: only other software).

    ``correlation`` is the key that a message must carry to be meant for this case ("": the case's number only).
    """

    wait: str = ""
    name: str = ""
    message: str = ""
    roles: list[str] = field(default_factory=list)
    form: str = ""
    correlation: str = ""
    sentence: ClassVar[str] = "%(name)s can now be reported"
    personal: ClassVar[frozenset[str]] = frozenset({"correlation"})


@dataclass(frozen=True, slots=True)
class MessageReceived(AtElement):
    """``sent`` is the id of the message that was delivered, "" when a person reported it on the case's page."""

    wait: str = ""
    name: str = ""
    message: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    language: str = ""
    sent: str = ""
    sentence: ClassVar[str] = "reported: %(name)s"
    personal: ClassVar[frozenset[str]] = frozenset({"payload"})


@dataclass(frozen=True, slots=True)
class MessageWaitEnded(AtElement):
    wait: str = ""
    name: str = ""
    sentence: ClassVar[str] = "%(name)s is no longer awaited"


@dataclass(frozen=True, slots=True)
class MessageThrown(AtElement):
    """The case sent a message to whoever waits for it in the part of the tree at ``tenant_path``."""

    thrown: str = ""
    name: str = ""
    message: str = ""
    correlation: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    tenant: str = ""
    tenant_path: str = ""
    expires_at: datetime | None = None
    sentence: ClassVar[str] = "%(name)s sent the message %(message)s"
    personal: ClassVar[frozenset[str]] = frozenset({"correlation", "payload"})


@dataclass(frozen=True, slots=True)
class SignalThrown(AtElement):
    """The case gave a signal to every case that waits for it in the part of the tree at ``tenant_path``."""

    thrown: str = ""
    name: str = ""
    signal: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    tenant: str = ""
    tenant_path: str = ""
    sentence: ClassVar[str] = "%(name)s gave the signal %(signal)s"
    personal: ClassVar[frozenset[str]] = frozenset({"payload"})


@dataclass(frozen=True, slots=True)
class EventAwaited(AtElement):
    """The case listens for a ``signal`` or watches a ``condition`` (``kind``); ``about`` is its name or expression."""

    wait: str = ""
    name: str = ""
    kind: str = ""
    about: str = ""
    sentence: ClassVar[str] = "%(name)s is now awaited"


@dataclass(frozen=True, slots=True)
class EventCame(AtElement):
    """A signal came or a condition became true. ``sent`` is the id of a signal from outside the case."""

    wait: str = ""
    name: str = ""
    kind: str = ""
    about: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    sent: str = ""
    sentence: ClassVar[str] = "%(name)s came"
    personal: ClassVar[frozenset[str]] = frozenset({"payload"})


@dataclass(frozen=True, slots=True)
class EventWaitEnded(AtElement):
    wait: str = ""
    name: str = ""
    sentence: ClassVar[str] = "%(name)s is no longer awaited"
