"""Why a case has not come to an element, or waits before a joining gateway, in sentences of the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.definition.diagram import Element
from engine.queries.absence import Absence, Arrival
from web.audit.teller import Teller
from web.language import N_, gettext, word

TRIGGERS: Final = {
    "timer": N_("its time did not come"),
    "message": N_("nobody reported it and no message came"),
    "signal": N_("the signal did not come"),
    "conditional": N_("its condition did not come to hold"),
    "error": N_("this error did not happen"),
    "escalation": N_("nothing was escalated"),
    "compensate": N_("nothing was taken back"),
    "cancel": N_("nothing was cancelled"),
}
"""What has not happened, by the kind of an event."""


def told(teller: Teller, found: Absence) -> Iterator[str]:
    """Sentences, at least one: what would lead to the element, how far the case came there, whether it still can."""
    if found.is_waiting:
        yield gettext("It goes on from here only when all branches that can still come have come together.")
    yield from _around(teller, found)
    if found.host is not None:
        yield from _attached(teller, found, found.host)
    elif not found.arrivals:
        yield from _start(teller, found)
    for arrival in found.arrivals:
        yield from _arrival(teller, arrival)
    yield _ahead(found)


def _around(teller: Teller, found: Absence) -> Iterator[str]:
    names = gettext(", ").join(f"“{teller.call(one)}”" for one in found.not_entered)
    if names:
        yield gettext("It is drawn inside %(names)s, which the case has not entered.", names=names)


def _trigger(element: Element) -> str:
    kinds = [definition.kind for definition in element.definitions if definition.kind in TRIGGERS]
    return gettext(", ").join(gettext(TRIGGERS[kind]) for kind in dict.fromkeys(kinds))


def _attached(teller: Teller, found: Absence, host: Element) -> Iterator[str]:
    name = teller.call(host)
    yield gettext("It belongs to “%(name)s” and can happen only while the case is there.", name=name)
    if not found.host_times:
        yield gettext("The case has not been at “%(name)s”.", name=name)
        return
    missing = _trigger(found.element) or gettext("it did not happen")
    yield gettext(
        "The case was at “%(name)s” (%(count)s times), but %(missing)s.",
        name=name, count=found.host_times, missing=missing,
    )  # fmt: skip


def _start(teller: Teller, found: Absence) -> Iterator[str]:
    element = found.element
    if element.for_compensation:
        yield gettext("It is done only to take back what was done before, and nothing was taken back.")
    elif element.triggered_by_event:
        yield gettext("It begins only when the event at its own start happens, and that has not happened.")
    elif missing := _trigger(element):
        yield gettext("It would begin here with an event, but %(missing)s.", missing=missing)
    elif not found.not_entered:
        yield gettext("No way of the diagram leads here; the case began elsewhere.")


def _arrival(teller: Teller, arrival: Arrival) -> Iterator[str]:
    source, way = teller.call(arrival.source), word(arrival.flow.name)
    yield (
        gettext("One comes here from “%(source)s”, by the way “%(way)s”.", source=source, way=way)
        if way
        else gettext("One comes here from “%(source)s”.", source=source)
    )
    if arrival.is_open:
        yield gettext("The case is at “%(source)s” now and has not gone on from there.", source=source)
    if arrival.broken_off and not arrival.times:
        yield gettext("What waited at “%(source)s” was broken off.", source=source)
    elif not arrival.times and not arrival.is_open:
        yield gettext("The case has not been at “%(source)s”.", source=source)
    if not arrival.times:
        return
    choice = arrival.way
    if arrival.waiting:
        yield gettext(
            "The case has come this way, last with moment %(number)s, and waits here for the other branches.",
            number=arrival.moment,
        )
    elif choice is not None and not choice.taken:
        values = "; ".join(teller.value(key, value) for key, value in choice.reads.items())
        said = gettext(
            "The case went on from “%(source)s” another way, last at moment %(number)s: for this one, %(verdict)s.",
            source=source, number=arrival.moment, verdict=_verdict(teller, arrival),
        )  # fmt: skip
        yield f"{said} {values}" if values else said
    else:
        yield gettext("The case left “%(source)s” last with moment %(number)s.", source=source, number=arrival.moment)


def _verdict(teller: Teller, arrival: Arrival) -> str:
    choice = arrival.way
    if choice is None or choice.is_default:
        return gettext("the condition of another way held")
    if choice.holds is False:
        return gettext("its condition did not hold")
    return teller.verdict(choice)


def _ahead(found: Absence) -> str:
    if found.ahead is None:
        return gettext("The case has ended, so it does not come here any more.")
    if found.is_waiting and not found.ahead:
        return gettext("From where the case stands now nothing more can come here.")
    if found.ahead:
        return gettext("The case goes on and can still come here.")
    return gettext("From where the case stands now no way leads here any more.")
