"""Form + roles + raw values → ``Answers``, or ``Problems`` and nothing else. Whatever is posted, nothing is raised.

A field that the roles may not write, and a field that the other answers hide, may not be posted: a page never sends
them, so who does is either using another page or trying something. Blank values for hidden fields are let pass,
because a page without JavaScript shows those fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from forms.conditions import UNKNOWN, Settled, ask, blank, initial, mentions, settle
from forms.fields import Parsed, is_empty, parse, to_raw, unwritable
from forms.schema import Evaluate, Field, Form, Option, Problem
from forms.uploads import Upload, check_files

KEYS_MAX = 1_000
CHARACTERS_MAX = 500_000
STRANGE_MAX = 10

Raw = Mapping[str, Sequence[str]]
Files = Mapping[str, Sequence[Upload]]
Options = Mapping[str, Sequence[Option]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the case takes over: ``values`` by field key, ``files`` to keep, ``warnings`` for a person to read."""

    values: Mapping[str, Any]
    files: Mapping[str, tuple[Upload, ...]] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Problems:
    """Why nothing was taken over: in reading order, those of the form as a whole first."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()


def check(
    form: Form,
    roles: frozenset[str],
    raw: Raw,
    files: Files,
    variables: Mapping[str, Any],
    evaluate: Evaluate,
    options: Options | None = None,
) -> Answers | Problems:
    """Everything posted for ``form``, held against it.

    ``raw`` and ``files`` hold the form's own keys only (the caller has taken its own, such as a token, away);
    ``variables`` are the case's, a file field's being the list of what is kept so far (names, or objects with a
    ``name``); ``options`` are the choices of fields with ``options_from``. Values come out typed, those of files not
    among them; a field left empty comes out as ``None`` (or ``[]``, or ``False`` for a box).
    """
    if too_much := _too_much(raw):
        return Problems((too_much,))
    writable = {found.key: found for found in form.fields if found.may_write(roles)}
    problems = _strangers(form, roles, writable, raw, files)
    parsed = _parsed(writable, raw, options or {}, _today(evaluate))
    answers = {key: found.value for key, found in parsed.items() if found.problem is None}
    for key, found in writable.items():
        if found.kind == "file":
            answers[key] = _kept(found, variables) + [upload.name for upload in files.get(key, ())]
    settled = settle(form, roles, answers, variables, evaluate)
    offered = initial(form, roles, variables, evaluate) if settled.hidden & raw.keys() else {}
    for key, found in writable.items():
        if key in settled.hidden:
            problems += _not_asked(found, parsed.get(key), raw, files, offered)
        else:
            problems += _of_field(found, parsed.get(key), raw, files, variables)
    broken = {problem.field for problem in problems}
    for key, found in writable.items():
        if key not in broken and key not in settled.hidden:
            problems += _missing(found, settled, evaluate) or _rule(found, settled, evaluate, broken)
    warnings = tuple(
        warning for key, found in parsed.items() if key not in settled.hidden for warning in found.warnings
    )
    if problems:
        return Problems(_in_reading_order(form, problems), warnings)
    return Answers(_values(form, writable, settled, variables), _new_files(writable, files), warnings)


def _too_much(raw: Raw) -> Problem | None:
    count = sum(len(text) for texts in raw.values() for text in texts)
    if len(raw) > KEYS_MAX or sum(len(texts) for texts in raw.values()) > 2 * KEYS_MAX:
        return Problem("", "Expected at most %(limit)s answers, but found more.", {"limit": KEYS_MAX})
    if count > CHARACTERS_MAX:
        sentence = "Expected at most %(limit)s characters in all, but found %(count)s. Shorten the texts."
        return Problem("", sentence, {"limit": CHARACTERS_MAX, "count": count})
    return None


def _strangers(
    form: Form, roles: frozenset[str], writable: Mapping[str, Field], raw: Raw, files: Files
) -> list[Problem]:
    """Posted keys that the form does not ask of these roles; an invisible field answers like one that is not there."""
    problems: list[Problem] = []
    posted = [*raw, *(key for key, uploads in files.items() if uploads and key not in raw)]
    for key in posted:
        found = form.field(key)
        if key in writable:
            continue
        if found is None or not found.may_see(roles):
            name = "?" if unwritable(key) else key[:40]
            sentence = "This form has no field %(key)s for you. Open the page again and repeat your answers."
            problems.append(Problem("", sentence, {"key": name}))
        else:
            sentence = "%(label)s can be read here, but not changed. Open the page again and repeat your answers."
            problems.append(Problem(key, sentence, {"label": found.label}))
    return problems[:STRANGE_MAX]


def _parsed(writable: Mapping[str, Field], raw: Raw, options: Options, today: date | None) -> dict[str, Parsed]:
    found: dict[str, Parsed] = {}
    for key, asked in writable.items():
        choices = tuple(options.get(key, ())) if asked.options_from else None
        if asked.kind != "file":
            found[key] = parse(asked, raw.get(key, ()), choices, today)
    return found


def _not_asked(
    hidden: Field, parsed: Parsed | None, raw: Raw, files: Files, offered: Mapping[str, Any]
) -> list[Problem]:
    """A hidden field may be posted blank, or untouched as the page offered it: pages without JavaScript do both."""
    posted = tuple(raw.get(hidden.key, ()))
    value = parsed.value if parsed else None
    blanks = is_empty(value) or (value is False and hidden.kind == "checkbox")
    fine = (blanks and not (parsed and parsed.problem)) or (posted and posted == to_raw(offered.get(hidden.key)))
    if fine and not files.get(hidden.key) and not (hidden.kind == "file" and any(posted)):
        return []
    sentence = "%(label)s is not asked with your other answers. Leave it empty, or change the other answers."
    return [Problem(hidden.key, sentence, {"label": hidden.label})]


def _of_field(
    asked: Field, parsed: Parsed | None, raw: Raw, files: Files, variables: Mapping[str, Any]
) -> list[Problem]:
    """The problems of one shown field's own posting."""
    uploads = files.get(asked.key, ())
    if asked.kind == "file" and any(text.strip() for text in raw.get(asked.key, ())):
        return [Problem(asked.key, "Expected a file for %(label)s, but found text.", {"label": asked.label})]
    if asked.kind != "file" and uploads:
        return [Problem(asked.key, "Expected an answer for %(label)s, but found a file.", {"label": asked.label})]
    if asked.kind == "file":
        return check_files(asked, uploads, len(_kept(asked, variables)))
    return [parsed.problem] if parsed and parsed.problem else []


_MISSING = {
    "select": "Choose %(label)s.",
    "radio": "Choose %(label)s.",
    "checklist": "Choose at least one of %(label)s.",
    "checkbox": "Tick %(label)s.",
    "file": "Add a file for %(label)s.",
}


def _missing(asked: Field, settled: Settled, evaluate: Evaluate) -> list[Problem]:
    value = settled.values[asked.key]
    if not is_empty(value) and not (asked.kind == "checkbox" and value is False):
        return []
    needed = asked.limits.required
    if not needed and asked.required_when:
        needed = ask(evaluate, asked.required_when, settled.values) is True
    sentence = _MISSING.get(asked.kind, "Enter %(label)s.")
    return [Problem(asked.key, sentence, {"label": asked.label})] if needed else []


def _rule(asked: Field, settled: Settled, evaluate: Evaluate, broken: set[str]) -> list[Problem]:
    """A rule is asked of an answer only, and only when no answer it reads is itself broken."""
    if not asked.rule or is_empty(settled.values[asked.key]) or mentions(asked.rule) & broken:
        return []
    verdict = ask(evaluate, asked.rule, settled.values)
    if verdict is True:
        return []
    if verdict is UNKNOWN:
        sentence = "The rule for %(label)s could not be checked. Tell the person who looks after this form."
        return [Problem(asked.key, sentence, {"label": asked.label})]
    if asked.rule_message:
        return [Problem(asked.key, "%(label)s: %(message)s", {"label": asked.label, "message": asked.rule_message})]
    return [Problem(asked.key, "%(label)s does not fit the other answers.", {"label": asked.label})]


def _values(
    form: Form, writable: Mapping[str, Field], settled: Settled, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """What the form asked, answered or not. A field this form's own answers hide loses the answer it had before."""
    hides, values = form.hides, {}
    changeable = {found.key for found in form.fields if found.key in writable or found.computed}
    for found in form.fields:
        if found.key not in changeable or found.kind == "file":
            continue  # files travel beside the values: who stores them knows what the case should keep of each
        if found.key not in settled.hidden:
            values[found.key] = settled.values[found.key]
        elif not is_empty(variables.get(found.key)) and any(mentions(text) & changeable for text in hides[found.key]):
            values[found.key] = blank(found)
    return values


def _new_files(writable: Mapping[str, Field], files: Files) -> dict[str, tuple[Upload, ...]]:
    return {key: tuple(uploads) for key, uploads in files.items() if uploads and key in writable}


def _kept(asked: Field, variables: Mapping[str, Any]) -> list[str]:
    value = None if asked.fresh else variables.get(asked.key)
    entries = value if isinstance(value, list | tuple) else []
    return [str(entry.get("name")) if isinstance(entry, Mapping) else str(entry) for entry in entries]


def _today(evaluate: Evaluate) -> date | None:
    found = ask(evaluate, "today()", {})
    return found if isinstance(found, date) and not isinstance(found, datetime) else None


def _in_reading_order(form: Form, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    place = {found.key: n for n, found in enumerate(form.fields)}
    return tuple(sorted(problems, key=lambda problem: place.get(problem.field, -1)))
