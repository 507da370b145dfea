"""What stands out among many cases: each flag a sentence, with the rule it comes from and the cases it is about."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.definition.oversight import Rule
from engine.queries.oversight import Flag, oversight
from engine.queries.past_cases import PastCase
from web import access
from web.audit.choices import choices, wanted
from web.audit.pages import audit
from web.language import N_, current, translate
from web.looking import seen
from web.transaction import now, reader

SENTENCES = (
    N_("%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this."),
    N_("%(who)s did “%(step)s” %(minutes)s minutes after “%(before)s”."),
    N_("The same file (“%(name)s”) was handed in with %(count)s cases."),
    N_("“%(value)s” stands in %(count)s cases."),
    N_("%(who)s did “%(step)s” %(count)s times on %(day)s."),
    N_("%(name)s, named in the case, has the name of somebody who did work in this case."),
    N_("%(name)s, named in the case, has the name of somebody who works here."),
    N_("From %(before)s to %(after)s within %(days)s days."),
)
"""What the kinds of rules say (``engine.queries.oversight``)."""

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
    told = [(rule, title(rule), [_told(flag) for flag in found.flags if flag.rule is rule]) for rule in found.rules]
    page = render_template("audit/oversight.html", found=found, told=told, **choices())
    shown = list(dict.fromkeys(case.id for flag in found.flags for case in flag.cases[:CASES_SHOWN]))
    seen("oversight", len(shown), shown)
    return page


def title(rule: Rule) -> str:
    """What a rule is called, in the reader's language."""
    return rule.title_en if current() == "en" and rule.title_en else rule.title


def _told(flag: Flag) -> Told:
    more = max(0, len(flag.cases) - CASES_SHOWN)
    return Told(translate(flag.template, flag.params), flag.cases[:CASES_SHOWN], more)
