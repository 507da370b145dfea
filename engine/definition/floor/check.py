"""Checks a procedure against its floor: every rule, and what cannot be checked is refused, not passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from engine.definition.finding import Finding
from engine.definition.floor import days, facts, overdue, paths, people, roles, soundness
from engine.definition.floor.rules import SHAPES, Rule, read_floor
from engine.definition.floor.subject import Resources, Subject, broken, subject_of
from engine.errors import ShangmenError
from forms.formjs import FormError

Check = Callable[[Rule, Subject], Iterator[Finding]]
CHECKS: Mapping[str, Check] = {
    "must_pass": paths.must_pass,
    "document_before": paths.document_before,
    "precedes": paths.precedes,
    "end_has_feedback": paths.end_has_feedback,
    "holds_at": paths.holds_at,
    "both_reachable": paths.both_reachable,
    "timer_escalates": overdue.timer_escalates,
    "overdue_escalates": overdue.overdue_escalates,
    "reported_by": overdue.reported_by,
    "parameter": facts.parameter,
    "at_least_days": days.at_least_days,
    "days_counted": days.days_counted,
    "due_within": days.due_within,
    "different_people": people.different_people,
    "kept_away": people.kept_away,
    "lane_has": people.lane_has,
    "levels_within": people.levels_within,
    "written_only_by": facts.written_only_by,
    "form_field": facts.form_field,
    "form_refuses": facts.form_refuses,
    "options": facts.options,
    "never_asked": facts.never_asked,
    "table_gives": facts.table_gives,
    "sound": soundness.sound,
    "roles_known": roles.roles_known,
    "units_staffed": roles.units_staffed,
    "unchecked": soundness.unchecked,
}
assert CHECKS.keys() == SHAPES.keys()  # noqa: S101 - a kind that nobody checks would pass in silence
_ABOUT = ("element", "timer", "task", "around", "target", "elements")
_KEPT = 8


def floor_of(resources: Resources) -> bytes | None:
    """The floor among these files, if there is one."""
    return next((content for (kind, _), content in resources.items() if kind == "floor"), None)


def check_floor(main: str, resources: Resources, floor: bytes) -> tuple[Finding, ...]:
    """What of the floor the procedure breaks: ``resources`` is all that would be in force, ``floor`` the root's rules.

    Profiles stand as ``key`` (the nearest), ``key@1`` …, as for compiling. Errors refuse the procedure. A file that
    cannot be read, or behaviour too large to explore, is an error too.
    """
    files = tuple((kind, key, content) for (kind, key), content in sorted(resources.items()) if kind not in _ASIDE)
    return _checked(main, files, floor)


_ASIDE = frozenset({"document", "words", "floor"})


@lru_cache(_KEPT)
def _checked(main: str, files: tuple[tuple[str, str, bytes], ...], floor: bytes) -> tuple[Finding, ...]:
    try:
        rules = read_floor(floor)
        subject = subject_of(main, {(kind, key): content for kind, key, content in files}, rules)
        return tuple(finding for rule in rules for finding in _ask(rule, subject))
    except FormError as error:
        return (
            _refused(
                "Expected a form that can be read but found: %(reason)s. Correct it.", {"reason": str(error)}, main
            ),
        )
    except ShangmenError as error:
        return (_refused(error.template, error.params, main),)


def _ask(rule: Rule, subject: Subject) -> Sequence[Finding]:
    elsewhere = {name for name, asked in rule.get("or_asking", {}).items() if subject.answering(asked)}
    missing = [name for name in _about(rule) if name not in subject.net.ids and name not in elsewhere]
    if missing:
        template = (
            "Floor rule %(number)s “%(text)s” (%(source)s): expected the step %(element)s "
            "but no way leads to it. Put it back."
        )
        return [broken(rule, subject, template, element=name) for name in missing]
    return list(CHECKS[rule.kind](rule, subject))


def _about(rule: Rule) -> Iterator[str]:
    for name in _ABOUT:
        value = rule.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (str(one) for one in value)


def _refused(template: str, params: Mapping[str, object], main: str) -> Finding:
    return Finding("floor", "", "error", template, dict(params), main)
