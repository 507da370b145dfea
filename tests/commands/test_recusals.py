"""Who keeps away from a case: named relatives and the person concerned, deputies included; nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.calendar import PLAIN
from engine.commands.recusals import require_no_recusal
from engine.definition.recusal import read_recusals
from engine.errors import Rejected, ShangmenError
from engine.runtime.interpreter import compile_definition
from tests.runtime.drawing import Drawing

NOW = datetime(2026, 9, 7, 1, tzinfo=UTC)
KIN = b"""[[recusal]]
name = "kin"
elements = ["a"]
when = 'person.name = applicant or (kin != null and contains(kin, person.name))'
"""


def ask(element: str, *persons: str, duties: bytes = KIN, **variables: Any) -> None:
    text = 'start s\nuser a {{sm:role="clerk"}}\nuser b {{sm:role="clerk"}}\nend e\ns > a > b > e'
    definition = compile_definition("p", {("process", "p"): Drawing(text).xml(), ("duties", "p"): duties})
    require_no_recusal(definition, element, persons, variables, NOW, PLAIN)


@pytest.mark.parametrize("variables", [{"kin": "Li, Wang"}, {"applicant": "Wang"}, {"applicant": "Wang", "kin": None}])
def test_whom_the_case_names_may_not_act(variables: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as refusal:
        ask("a", "Wang", **variables)

    assert refusal.value.params == {"rule": "kin", "person": "Wang"}


@pytest.mark.parametrize("variables", [{}, {"kin": None}, {"kin": "Li"}, {"applicant": "Zhao", "kin": "Li"}])
def test_whom_the_case_does_not_name_may_act(variables: dict[str, Any]) -> None:
    ask("a", "Wang", **variables)


def test_who_is_named_may_do_what_the_recusal_does_not_mention() -> None:
    ask("b", "Wang", kin="Wang")


def test_a_deputy_is_no_way_round() -> None:
    ask("a", "Zhao", "Li", kin="Wang")
    with pytest.raises(Rejected):
        ask("a", "Zhao", "Wang", kin="Wang")


def test_nobody_acts_in_doubt() -> None:
    doubtful = KIN.replace(b"person.name = applicant or (", b"(unknown > 3) or (")
    with pytest.raises(Rejected):
        ask("a", "Wang", kin="Li", duties=doubtful)


@pytest.mark.parametrize(
    "content",
    [
        b"[[recusal]]\nname = 'x'\nelements = ['a']", b"[[recusal]]\nname = 'x'\nwhen = 'true'", b"recusal = 3", b"[",
        b"[[recusal]]\nname = 'x'\nelements = [1]\nwhen = 'true'", b"[[recusal]]\nname='x'\nelements=[]\nwhen='a +'",
    ],
)  # fmt: skip
def test_a_recusal_that_cannot_be_understood_is_refused(content: bytes) -> None:
    with pytest.raises(ShangmenError):
        read_recusals(content)
