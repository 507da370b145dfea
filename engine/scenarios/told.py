"""What is known of stories that were told: one is told again only when something has changed that it depends on.

A story depends on its *ground* (its own text, everything that any story may ask, and the world it is told in) and on
the *parts* that it came by: diagrams, as they run and not as they are laid out on the page, and forms.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from threading import Lock

from engine.definition.diagram import Diagram
from engine.history.seal import digest
from engine.runtime.compiled import ProcessDefinition, fingerprint
from engine.scenarios.dry_run import StoryResult
from engine.scenarios.staging import Theatre

Resources = Mapping[tuple[str, str], bytes]
Parts = Mapping[tuple[str, str], object]
"""(``process`` or ``form``, key) → what can be compared with what it was."""

_KEPT_MAX = 1_000
_VERSIONS_MAX = 6
_BY_USE = frozenset({"process", "form"})
_NEVER_READ = frozenset({"floor", "scenario"})
"""What no case ever reads: the law for its procedure, and the stories about it."""
_kept: OrderedDict[Hashable, tuple[tuple[dict[tuple[str, str], object], StoryResult], ...]] = OrderedDict()
_lock = Lock()


def ground_of(main: str, resources: Resources, definition: ProcessDefinition, theatre: Theatre) -> Hashable:
    """What every story depends on: the world, all files but diagrams and forms, and what the diagrams say together.

    Together they say which processes there are, which roles and levels anybody has, and who is kept apart.
    """
    aside = _BY_USE | _NEVER_READ
    common = fingerprint(main, {place: content for place, content in resources.items() if place[0] not in aside})
    return (
        common,
        theatre.key,
        frozenset(definition.processes),
        definition.roles,
        definition.levels,
        tuple((duty.name, duty.elements) for duty in definition.duties),
    )


def parts_of(resources: Resources, definition: ProcessDefinition) -> Parts:
    """The diagrams and forms of a definition, to be compared one by one."""
    forms = {place: digest(content) for place, content in resources.items() if place[0] == "form"}
    return {**forms, **{("process", key): _running(diagram) for key, diagram in definition.processes.items()}}


def _running(diagram: Diagram) -> object:
    """A diagram without its layout; the order in which it is written stays, for tokens move in it."""
    return (
        (diagram.process, diagram.name, diagram.executable, diagram.attributes, diagram.properties),
        tuple(diagram.elements.items()),
        tuple(diagram.flows.items()),
        diagram.lanes,
        tuple(diagram.messages.items()),
    )


def told_before(told: Hashable, parts: Parts) -> StoryResult | None:
    """The result of a story on these parts, if it is known; ``told`` is its ground, key and text."""
    with _lock:
        for used, result in _kept.get(told, ()):
            if all(parts.get(place) == was for place, was in used.items()):
                _kept.move_to_end(told)
                return result
    return None


def keep(told: Hashable, parts: Parts, found: StoryResult) -> StoryResult:
    """Remember how a story went, with what it came by; a part that was not there is one that may come."""
    used = {place: parts.get(place) for place in found.used}
    with _lock:
        _kept[told] = ((used, found), *_kept.get(told, ()))[:_VERSIONS_MAX]
        _kept.move_to_end(told)
        while len(_kept) > _KEPT_MAX:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """As after a start: nothing was ever told."""
    with _lock:
        _kept.clear()
