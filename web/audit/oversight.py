"""What stands out among many cases: each flag a sentence, with the rule it comes from and the cases it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.definition.oversight import Rule
from engine.queries.flags import Flag
from engine.queries.oversight import oversight
from engine.queries.past_cases import PastCase
from web import access
from web.audit.choices import choices, wanted
from web.audit.labels import Labels
from web.audit.pages import audit
from web.language import N_, current, translate, word
from web.looking import seen
from web.transaction import now, platform, reader

SENTENCES = (
    N_("%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this."),
    N_(
        "%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this; "
        "of everybody else’s %(like)s of %(others)s (%(usual)s percent)."
    ),
    N_(
        "%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this; "
        "%(rank)s of %(people)s people have %(bar)s percent or less."
    ),
    N_(
        "“%(variable)s: %(value)s” was settled by %(who)s at “%(step)s”; %(count)s of at least %(least)s "
        "people had a part in it before “%(then)s”."
    ),
    N_("%(who)s did “%(step)s” %(minutes)s minutes after “%(before)s”."),
    N_("“%(variable)s” was %(value)s months, less than %(months)s, at “%(step)s” on %(day)s."),
    N_("“%(variable)s” says %(value)s, less than %(months)s months before “%(step)s” on %(day)s."),
    N_("The same file (“%(name)s”) was handed in with %(count)s cases."),
    N_("“%(value)s” stands in %(count)s cases."),
    N_("%(who)s did “%(step)s” %(count)s times on %(day)s."),
    N_("%(name)s, named in the case, has the name of somebody who did work in this case."),
    N_("%(name)s, named in the case, has the name of somebody who works here."),
    N_("“%(variable)s” and “%(other)s” are about %(metres)s metres apart."),
    N_("From %(before)s to %(after)s within %(days)s days."),
    N_("Opened %(days)s days after %(number)s had been cancelled."),
    N_("Opened %(days)s days after %(number)s had ended with “%(end)s”."),
)
"""What the kinds of rules say (``engine.queries.flags``)."""

LIMITS: Final = {
    "share-per-person": N_("Flagged from %(percent)s percent on, where there are at least %(least)s cases."),
    "share-above-percentile": N_(
        "Flagged above what %(percentile)s percent of the people stay at or below; only where at least %(people)s "
        "people have at least %(least)s cases each."
    ),
    "too-few-people": N_("Flagged below %(least)s different people, once the case has gone on with the result."),
    "too-fast": N_("Flagged below %(minutes)s minutes."),
    "too-recent": N_("Flagged below %(months)s months."),
    "repeated-file": N_("Flagged when a file is the same to the last byte in more than one case."),
    "same-value": N_("Flagged from %(least)s cases on."),
    "series": N_("Flagged from %(least)s on one day on."),
    "named-like-staff": N_("Flagged when the name is that of anybody with a role in your part of the organisations."),
    "far-apart": N_("Flagged above %(metres)s metres."),
    "jump": N_("Flagged from a difference of %(by)s on, within %(days)s days."),
    "opened-again": N_("Flagged within %(days)s days of the end of the earlier case."),
}
"""From where on a kind of rule flags, with the numbers that the rule in force gives."""

CASES_SHOWN = 10
_NAMES: Final = frozenset({"step", "before", "then", "end"})
"""Values of a sentence that are names of steps and ends."""


@dataclass(frozen=True, slots=True)
class Told:
    """One flag in words."""

    said: str
    cases: tuple[PastCase, ...]
    more: int


@audit.get("/oversight")
def flags() -> ResponseReturnValue:
    """All flags among the chosen cases, rule by rule. That they were looked at is itself recorded."""
    found = oversight(reader(), access.actor(), wanted(), now())
    told = [
        (rule, title(rule), limit(rule), [_told(flag) for flag in found.flags if flag.rule is rule], rule in found.cut)
        for rule in found.rules
    ]
    page = render_template("audit/oversight.html", found=found, told=told, **choices())
    shown = list(dict.fromkeys(case.id for flag in found.flags for case in flag.cases[:CASES_SHOWN]))
    seen("oversight", len(shown), shown)
    return page


def title(rule: Rule) -> str:
    """What a rule is called, in the reader's language."""
    return rule.title_en if current() == "en" and rule.title_en else rule.title


def limit(rule: Rule) -> str:
    """From where on this rule flags."""
    return translate(LIMITS[rule.kind], rule.given) if rule.kind in LIMITS else ""


def _told(flag: Flag) -> Told:
    more = max(0, len(flag.cases) - CASES_SHOWN)
    return Told(translate(flag.template, _in_words(flag)), flag.cases[:CASES_SHOWN], more)


def _in_words(flag: Flag) -> dict[str, Any]:
    """What the sentence names: steps and ends in the reader's language, a variable and its value as in its form."""
    params = {key: word(value) if key in _NAMES and value else value for key, value in flag.params.items()}
    if "variable" in params:
        case = flag.cases[-1]
        labels = Labels(platform().known.definition(reader(), case.process, case.pins), {})
        key = str(params["variable"])
        if "value" in params:
            params["value"] = labels.value(key, params["value"])
        params |= {name: labels.label(str(params[name])) for name in ("variable", "other") if name in params}
    return params
