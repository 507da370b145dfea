"""What a draft does to the stories: each told on what holds now and on the draft, and the difference in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import ShangmenError
from engine.history.seal import digest
from engine.runtime.interpreter import ProcessDefinition, compile_definition
from engine.scenarios.dry_run import Difference, Passage, StoryResult, Unreached, tell_story, unreached
from engine.scenarios.script import Scenario, read_scenario
from engine.scenarios.staging import Theatre
from engine.scenarios.told import ground_of, keep, parts_of, told_before

Resources = Mapping[tuple[str, str], bytes]

_READ_MAX = 1_000


@dataclass(frozen=True)
class Verdict:
    """A story on what holds now (None: there was no such story) and on the draft (None: taken away)."""

    key: str
    before: StoryResult | None
    after: StoryResult | None
    differences: tuple[Difference, ...]

    @property
    def story(self) -> StoryResult:
        """The story as the draft has it, or had it."""
        found = self.after or self.before
        if found is None:
            raise ValueError("expected a story before or after")
        return found

    @property
    def state(self) -> str:
        """``wrong`` (does not do what it says), ``mended``, ``changed``, ``new``, ``gone`` or ``same``."""
        if self.after is None:
            return "gone"
        if not self.after.is_right:
            return "wrong"
        if self.before is None:
            return "new"
        if not self.before.is_right:
            return "mended"
        return "changed" if self.differences else "same"


@dataclass(frozen=True)
class Rehearsal:
    """All verdicts, and what no story of the draft reaches. ``definition`` is the draft's."""

    definition: ProcessDefinition
    verdicts: tuple[Verdict, ...]
    unreached: tuple[Unreached, ...]
    unreadable: tuple[tuple[str, ShangmenError], ...]

    @property
    def wrong(self) -> int:
        """How many stories break on the draft."""
        return sum(verdict.state == "wrong" for verdict in self.verdicts) + len(self.unreadable)


def readable(stories: Mapping[str, bytes]) -> tuple[list[Scenario], list[tuple[str, ShangmenError]]]:
    """The stories that can be read, and those that cannot with the reason."""
    found, broken = [], []
    for key, content in sorted(stories.items()):
        try:
            found.append(_read(key, content))
        except ShangmenError as error:
            broken.append((key, error))
    return found, broken


@lru_cache(_READ_MAX)
def _read(key: str, content: bytes) -> Scenario:
    return read_scenario(key, content)


def rehearse(
    main: str,
    resources: Resources,
    before: Resources,
    stories: Mapping[str, bytes],
    stories_before: Mapping[str, bytes],
    theatre: Theatre,
) -> Rehearsal:
    """Tell every story before and after. Raises ``Rejected`` when the draft does not compile."""
    definition = compile_definition(main, resources)
    told, broken = readable(stories)
    after = _all_told(main, resources, told, stories, theatre)
    earlier = _all_told(main, before, readable(stories_before)[0], stories_before, theatre) if before else {}
    verdicts = tuple(
        Verdict(key, earlier.get(key), after.get(key), tuple(_differences(earlier.get(key), after.get(key))))
        for key in sorted({*after, *earlier})
    )
    reached = frozenset[tuple[str, str]]().union(*(story.reached for story in after.values()))
    return Rehearsal(definition, verdicts, tuple(unreached(definition, reached)), tuple(broken))


def _all_told(
    main: str, resources: Resources, scenarios: Iterable[Scenario], stories: Mapping[str, bytes], theatre: Theatre
) -> dict[str, StoryResult]:
    """Key → result. A story is told again only when something that it came by has changed."""
    scenarios = tuple(scenarios)
    if not scenarios:
        return {}
    definition = compile_definition(main, resources)
    ground, parts = ground_of(main, resources, definition, theatre), parts_of(resources, definition)
    found = {}
    for scenario in scenarios:
        told = (ground, scenario.key, digest(stories[scenario.key]))
        found[scenario.key] = told_before(told, parts) or keep(told, parts, tell_story(definition, scenario, theatre))
    return found


def _differences(before: StoryResult | None, after: StoryResult | None) -> Iterable[Difference]:
    if before is None or after is None:
        return
    if before.outcome != after.outcome and before.outcome and after.outcome:
        params = {"before": before.outcome_name or before.outcome, "after": after.outcome_name or after.outcome}
        yield Difference("It ended with “%(before)s” and ends with “%(after)s”.", params)
    was, is_ = _by_task(before.passages), _by_task(after.passages)
    for task in sorted(is_.keys() - was.keys()):
        yield Difference("It now passes “%(task)s”.", {"task": is_[task][0].name})
    for task in sorted(was.keys() - is_.keys()):
        yield Difference("It no longer passes “%(task)s”.", {"task": was[task][0].name})
    moved = [one for task in sorted(was.keys() & is_.keys()) for one in _moved(was[task], is_[task])]
    yield from moved
    if after.slipped is not None and not before.slipped and not moved and was.keys() == is_.keys():
        yield after.slipped


def _moved(was: list[Passage], is_: list[Passage]) -> Iterable[Difference]:
    if len(was) != len(is_):
        params = {"task": is_[0].name, "before": len(was), "after": len(is_)}
        yield Difference("“%(task)s” came %(before)s times and comes %(after)s times.", params)
    elif was[0].due_on != is_[0].due_on:
        params = {"task": is_[0].name, "before": was[0].due_on or "–", "after": is_[0].due_on or "–"}
        yield Difference("“%(task)s” was due on %(before)s and is due on %(after)s.", params)
    if was[0].role != is_[0].role:
        params = {"task": is_[0].name, "before": was[0].role, "after": is_[0].role}
        yield Difference("“%(task)s” went to %(before)s and goes to %(after)s.", params)


def _by_task(passages: Iterable[Passage]) -> dict[str, list[Passage]]:
    found: dict[str, list[Passage]] = {}
    for passage in passages:
        found.setdefault(passage.element, []).append(passage)
    return found
