"""What stands out among many cases: each flag a sentence, with the rule it comes from and the cases it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.definition.oversight import Rule
from engine.queries.oversight import Flag, Oversight, oversight
from engine.queries.past_cases import PastCase
from web import access
from web.audit.choices import choices, wanted
from web.audit.pages import audit
from web.language import N_, current, translate
from web.looking import seen
from web.transaction import now, reader

SENTENCES = (
    N_("%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this."),
    N_(
        "%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this; "
        "of everybody else’s %(like)s of %(others)s (%(usual)s percent)."
    ),
    N_("%(who)s did “%(step)s” %(minutes)s minutes after “%(before)s”."),
    N_("The same file (“%(name)s”) was handed in with %(count)s cases."),
    N_("“%(value)s” stands in %(count)s cases."),
    N_("%(who)s did “%(step)s” %(count)s times on %(day)s."),
    N_("%(name)s, named in the case, has the name of somebody who did work in this case."),
    N_("%(name)s, named in the case, has the name of somebody who works here."),
    N_("From %(before)s to %(after)s within %(days)s days."),
)
"""What the kinds of rules say (``engine.queries.oversight``)."""

LIMITS: Final = {
    "share-per-person": N_("Flagged from %(percent)s percent on, where there are at least %(least)s cases."),
    "too-fast": N_("Flagged below %(minutes)s minutes."),
    "repeated-file": N_("Flagged when a file is the same to the last byte in more than one case."),
    "same-value": N_("Flagged from %(least)s cases on."),
    "series": N_("Flagged from %(least)s on one day on."),
    "named-like-staff": N_("Flagged when the name is that of anybody with a role in your part of the organisations."),
    "jump": N_("Flagged from a difference of %(by)s on, within %(days)s days."),
}
"""From where on a kind of rule flags, with the numbers that the rule in force gives."""

CASES_SHOWN = 10


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
        (rule, title(rule), limit(rule), [_told(flag) for flag in found.flags if flag.rule is rule])
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


def _of(rule: Rule, found: Oversight) -> list[Told]:
    return [_told(flag) for flag in found.flags if flag.rule is rule]


def _told(flag: Flag) -> Told:
    more = max(0, len(flag.cases) - CASES_SHOWN)
    return Told(translate(flag.template, flag.params), flag.cases[:CASES_SHOWN], more)
