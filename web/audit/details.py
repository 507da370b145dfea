"""One moment of a film in full: why, what changed, which form was seen, who could have acted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.history import events as e
from engine.queries.audit import Film
from engine.queries.explain import Candidate, Explainer, Visit
from engine.queries.seen import Looking, Seen
from engine.queries.whence import Whence, whence
from forms.fields import to_raw
from forms.schema import Field
from web import shown
from web.audit.moments import Moment, Reel, cut
from web.audit.reasons import Reasons
from web.audit.teller import Teller
from web.language import LANGUAGES, gettext, moment, show, speaking, word
from web.render.forms import FormView, form_view
from web.render.words import role_name


@dataclass(frozen=True)
class SeenForm:
    """A form as somebody saw and answered it.

    ``files``: field → names of what was handed in with it; ``days``: field → a date as people write it.
    """

    title: str
    view: FormView
    language: str
    about: tuple[str, ...]
    files: Mapping[str, Sequence[str]]
    days: Mapping[str, str]


@dataclass(frozen=True)
class Detail:
    """A moment told in full. ``acted``: who did the work, and for whom as a deputy (ids); nothing where nobody did.

    ``fields``: whose answers this tells.
    """

    moment: Moment
    reasons: tuple[str, ...]
    visit: Visit | None
    candidates: tuple[Candidate, ...]
    acted: tuple[str, ...]
    form: SeenForm | None
    cause: int | None
    whence: str = ""
    fields: frozenset[str] = frozenset()


class Projector:
    """Shows the moments of one film. What several of them need is found once."""

    def __init__(self, connection: Any, film: Film, at: datetime) -> None:
        self.film = film
        self.explainer = Explainer(connection, film)
        self.teller = Teller(self.explainer, at)
        self.reel: Reel = cut(film)
        self._reasons = Reasons(self.teller)
        self._looking = Looking(self.explainer)
        self._came_from: dict[tuple[str, datetime], Whence | None] = {}

    def detail(self, number: int) -> Detail:
        """The moment with this number (from 1)."""
        at = number - 1
        event, visit = self.film.facts[at].event, self.explainer.visit_at(at)
        seen = self._looking.seen_at(at)
        cause = self.explainer.cause_of(at)
        return Detail(
            moment=self.reel.moments[at],
            reasons=tuple(self._reasons.of(at, visit)),
            visit=visit if isinstance(event, e.UserTaskCompleted) or self._is_told_here(at, visit) else None,
            candidates=tuple(self._candidates(at, visit)),
            acted=self.film.facts[at].persons if isinstance(event, e.UserTaskCompleted) else (),
            form=self._form(seen, at) if seen is not None else None,
            cause=cause + 1 if cause != at else None,
            whence=self._whence(at),
            fields=frozenset(shown.in_moments(self.film, [number])).union(shown.in_form(seen)),
        )

    def _whence(self, at: int) -> str:
        """From where the person of a fact acted; nothing for what came of itself."""
        fact = self.film.facts[at]
        if self.reel.moments[at].line.machine or self.explainer.cause_of(at) != at:
            return ""
        if getattr(fact.event, "sent", ""):
            return gettext("from other software or another case, by a message")
        key = (fact.actor, fact.at)
        if key not in self._came_from:
            self._came_from[key] = whence(self.explainer.connection, *key)
        found = self._came_from[key]
        if found is None:
            return gettext("not recorded: this person had not logged in on these pages in the hours before")
        if not found.address:
            return gettext("logged in on %(moment)s, the address is not recorded", moment=moment(found.at))
        return gettext("logged in on %(moment)s from %(address)s", moment=moment(found.at), address=found.address)

    def _is_told_here(self, at: int, visit: Visit | None) -> bool:
        return visit is not None and visit.since is self.film.facts[at]

    def _candidates(self, at: int, visit: Visit | None) -> Iterator[Candidate]:
        """Who could act: when work came, and again when it was done."""
        opened = self.explainer.work_at(at)
        if opened is None or visit is None:
            return
        if isinstance(self.film.facts[at].event, e.UserTaskCompleted):
            before = max(0, self.explainer.first_of_command(at) - 1)
            yield from self.explainer.candidates(opened.tenant, opened.role, opened.element, before, at)
        elif self._is_told_here(at, visit):
            yield from visit.candidates

    def _form(self, seen: Seen, at: int) -> SeenForm:
        with speaking(seen.language):
            raw = {field.key: _raw(field, seen.answers.get(field.key)) for field in seen.form.fields}
            roles = frozenset({seen.role})
            view = form_view(seen.form, roles, seen.variables, seen.evaluate, seen.options, raw)
            title = word(seen.form.title)
            days = {key: show(value) for key, value in seen.answers.items() if isinstance(value, date)}
        files = {
            field.key: _names(seen.answers.get(field.key), seen.variables.get(field.key))
            for field in seen.form.fields
            if field.kind == "file"
        }
        return SeenForm(title, view, seen.language, tuple(self._about(seen, at)), files, days)

    def _about(self, seen: Seen, at: int) -> Iterator[str]:
        who = self.teller.who(self.film.facts[at])
        yield gettext(
            "This is what %(who)s saw as %(role)s; what this role may not see is not here.",
            who=who,
            role=role_name(seen.role) if seen.role else gettext("a person"),
        )
        found = self.teller.resources.get(seen.resource)
        if found is not None:
            yield gettext(
                "The form is version %(version)s, published for %(unit)s.", version=found.version, unit=found.owner.name
            )
        if seen.language in LANGUAGES:
            yield gettext("The page was in this language: %(language)s.", language=LANGUAGES[seen.language])
        else:
            yield gettext("In which language the page was is not recorded; it is shown in yours.")
        if not seen.exact:
            yield gettext("The values shown are those of the whole case at that moment.")


def _raw(field: Field, value: Any) -> tuple[str, ...]:
    return () if field.kind == "file" or (field.kind == "checkbox" and value is False) else to_raw(value)


def _names(after: Any, before: Any) -> list[str]:
    """The names of the files that were handed in: those that were not there before."""
    known = len(before) if isinstance(before, list) else 0
    files = after[known:] if isinstance(after, list) else []
    return [str(file.get("name", "")) for file in files if isinstance(file, Mapping)]
