"""The explorer: which states a composed process can be in, what is sound, and what is refused rather than guessed."""

from __future__ import annotations

import json

import pytest

from engine.definition.finding import Finding
from engine.definition.floor import check_floor
from tests.runtime.drawing import Drawing

SOUND = b'[[rule]]\nnumber = "S"\nkind = "sound"\ntext = "t"\nsource = "s"\n'
FORM = (
    '{"type": "default", "schemaVersion": 19, "id": "f", "properties": {"title": "F"}, "components": ['
    '{"type": "radio", "key": "answer", "label": "A",'
    ' "values": [{"value": "yes", "label": "Y"}, {"value": "no", "label": "N"}], "validate": {"required": true}}]}'
)
U = '{{sm:role="clerk" sm:form="f"}}'


def must_pass(target: str, *through: str, **more: str) -> bytes:
    names = ", ".join(f'"{one}"' for one in through)
    extra = "".join(f"{key} = '{value}'\n" for key, value in more.items())
    return (
        f'[[rule]]\nnumber = "M"\nkind = "must_pass"\ntext = "t"\nsource = "s"\n'
        f'targets = ["{target}"]\nthrough = [{names}]\n{extra}'
    ).encode()


def check(text: str, floor: bytes = SOUND, form: str = FORM, **called: str) -> tuple[Finding, ...]:
    files = {("process", "p"): Drawing(text).xml(), ("form", "f"): form.encode()}
    files |= {("process", key): Drawing(body, key).xml() for key, body in called.items()}
    return check_floor("p", files, floor)


def elements(finding: Finding) -> list[str]:
    return [element for _, element in finding.trail]


@pytest.mark.parametrize(
    "text",
    [
        f"start s\nuser a {U}\nend e\ns > a > e",
        f'start s\nuser a {U}\nxor x\nend e\ns > a > x\nx > a if answer = "no"\nx > e default',
        f"start s\nand f\nuser a {U}\nuser b {U}\nand j\nend e\ns > f > a > j\nf > b > j > e",
        f"start s\nor f\nuser a {U}\nuser b {U}\nor j\nend e\ns > f\n"
        "f > a if amount > 1\nf > b default\na > j\nb > j > e",
        f"start s\nsub box [\nstart i\nuser a {U}\nend o\ni > a > o\n]\nboundary t on box timer PT1H\nend e\nend f\n"
        "s > box > e\nt > f",
    ],
)
def test_what_can_always_end_is_sound(text: str) -> None:
    assert check(text) == ()


@pytest.mark.parametrize(
    ("text", "stays_after"),
    [
        (f'start s\nxor x\nuser a {U}\nuser b {U}\nand j\nend e\n'
         's > x\nx > a if amount > 1\nx > b default\na > j\nb > j > e', "a"),
        (f'start s\nuser a {U}\nxor x\nend e\ns > a > x\nx > a if true\nx > e default', "a"),
        (f'start s\nuser a {U}\nxor x\nend e\nend o\ns > a > x\n'
         'x > e if answer = "yes"\nx > o if answer = "maybe"', "a"),
    ],
)  # fmt: skip
def test_a_case_that_can_stay_for_ever_is_found_with_the_way_there(text: str, stays_after: str) -> None:
    found = check(text)

    assert found
    assert stays_after in {element for finding in found for element in elements(finding)}


def test_a_step_behind_an_answer_that_no_form_offers_is_never_reached() -> None:
    text = (
        f'start s\nuser a {U}\nxor x\nuser b {U}\nend e\ns > a > x\nx > b if answer = "perhaps"\nx > e default\nb > e'
    )

    assert [finding.element for finding in check(text)] == ["b"]
    assert check(text.replace("perhaps", "no")) == ()


def test_every_way_is_asked_also_through_calls_and_branches() -> None:
    straight = f"start s\ncall c q\nuser b {U}\nend e\ns > c > b > e"
    inside = f"start i\nuser a {U}\nend o\ni > a > o"
    assert check(straight, must_pass("b", "a"), q=inside) == ()

    around = f"start i\nxor x\nuser a {U}\nend o\ni > x\nx > a if amount > 1\nx > o default\na > o"
    (found,) = check(straight, must_pass("b", "a"), q=around)
    assert "a" not in elements(found)
    assert elements(found)[-1] == "b"


def test_what_stands_in_a_branch_beside_is_not_before() -> None:
    beside = f"start s\nand f\nuser a {U}\nuser b {U}\nand j\nend e\ns > f > a > j\nf > b > j > e"

    assert check(beside, must_pass("b", "a"))
    assert check(beside, must_pass("e", "a")) == ()


def test_an_interrupted_step_is_not_done() -> None:
    text = f"start s\nuser a {U}\nboundary t on a timer PT1H\nuser b {U}\nend e\ns > a > b > e\nt > b"

    (found,) = check(text, must_pass("b", "a"))
    assert "t" in elements(found)
    assert check(text.replace("t > b", "t > e"), must_pass("b", "a")) == ()


def test_two_conditions_on_the_same_answer_belong_together() -> None:
    text = (
        f'start s\nuser a {U}\nxor x\nuser b {U}\nxor y\nxor z\nuser c {U}\nend e\ns > a > x\nx > b if answer = "yes"\n'
        'x > y default\nb > y\ny > z\nz > c if answer = "yes"\nz > e default\nc > e'
    )

    assert check(text, must_pass("c", "b")) == ()
    assert check(text.replace('z > c if answer = "yes"', 'z > c if answer = "no"'), must_pass("c", "b"))


def test_an_answer_given_anew_is_not_the_old_one() -> None:
    text = (
        f"start s\nuser a {U}\nxor x\nuser b {U}\nxor y\nuser d {U}\nxor z\nuser c {U}\nend e\ns > a > x\n"
        'x > b if answer = "yes"\nx > y default\nb > y\ny > d > z\nz > c if answer = "yes"\nz > e default\nc > e'
    )

    assert check(text, must_pass("c", "b"))


MET = (
    f'start s\nuser a {U}\nxor x\ntask b\nxor y\ntask c\nend e\ns > a > x\nx > b if met = "yes"\n'
    'x > y default\nb > y\ny > c if answer = "yes"\ny > e default\nc > e'
)


def hidden_behind(condition: str, **first: object) -> str:
    """A form that asks ``met`` and, unless the condition hides it, ``answer``."""
    document = json.loads(FORM)
    values = [{"value": one, "label": one} for one in ("yes", "no", "perhaps")]
    radio = {"type": "radio", "values": values, "validate": {"required": True}}
    met = {"key": "met", "label": "M", **(first if "type" in first else {**radio, **first})}
    document["components"][0]["conditional"] = {"hide": f"={condition}"}
    return json.dumps({**document, "components": [met, *document["components"]]})


@pytest.mark.parametrize("condition", ['met != "yes"', 'not(met = "yes")', 'met in ("no", "perhaps")'])
def test_an_answer_that_another_hides_is_not_given_beside_it(condition: str) -> None:
    assert check(MET, must_pass("c", "b"), hidden_behind(condition)) == ()


@pytest.mark.parametrize(
    "condition",
    ['met = "yes"', 'met = "no"', 'met != "yes" and urgent = true', 'met != "yes" and amount > 1', "amount > 1"],
)
def test_an_answer_that_may_show_is_one_that_may_be_given(condition: str) -> None:
    assert check(MET, must_pass("c", "b"), hidden_behind(condition))


@pytest.mark.parametrize(
    "first", [{"readonly": True}, {"properties": {"write": "boss"}}, {"conditional": {"hide": "=amount > 1"}}]
)
def test_what_somebody_else_answered_tells_nothing(first: dict[str, object]) -> None:
    assert check(MET, must_pass("c", "b"), hidden_behind('met != "yes"', **first))


def test_a_box_hides_as_well_and_what_shows_must_be_answered() -> None:
    box = {"type": "checkbox"}
    ticked = MET.replace('met = "yes"', "met = true")
    assert check(ticked, must_pass("c", "b"), hidden_behind("met = false", **box)) == ()
    assert check(ticked, must_pass("c", "b"), hidden_behind("met = true", **box))

    unanswered = ticked.replace("x > b if met = true", "x > b if met = false").replace(
        'answer = "yes"', "answer = null"
    )
    assert check(unanswered, must_pass("c", "b"), hidden_behind("met = false", **box)) == ()
    assert check(unanswered, must_pass("c", "b"), hidden_behind("met = true", **box))


def test_unless_exempts_only_where_it_surely_holds() -> None:
    text = (
        f'start s\nuser a {U}\nxor x\nuser b {U}\nuser c {U}\nend e\ns > a > x\nx > b if answer = "yes"\n'
        "x > c default\nb > c > e"
    )

    assert check(text, must_pass("c", "b"))
    assert check(text, must_pass("c", "b", unless='answer = "no"')) == ()
    assert check(text, must_pass("c", "b", unless='answer = "yes"'))
    assert check(text, must_pass("c", "b", unless='something = "no"'))


@pytest.mark.parametrize(
    "text",
    [
        f"start s\nxor x\nand f\nuser a {U}\nend e\ns > x > f > a > e\nf > x",
        "start s\ncall c p\nend e\ns > c > e",
        f"start s\nadhoc h [\nuser a {U}\n]\nend e\ns > h > e",
        "start s\n" + "and f\nend e\ns > f\n" + "".join(f"user a{n} {U}\nf > a{n} > e\n" for n in range(20)),
    ],
)
def test_what_cannot_be_explored_is_refused(text: str) -> None:
    assert [finding.severity for finding in check(text)] == ["error"]


@pytest.mark.parametrize(
    "floor",
    [
        b"x = 1", b"[[rule]]", b"[", b"\xff",
        b'[[rule]]\nnumber = "1"\nkind = "no_such"\ntext = "t"\nsource = "s"',
        b'[[rule]]\nnumber = "1"\nkind = "must_pass"\ntext = "t"\nsource = "s"\ntargets = ["a"]',
        b'[[rule]]\nnumber = "1"\nkind = "sound"\ntext = "t"\nsource = "s"\nseverty = "warning"',
    ],
)  # fmt: skip
def test_a_floor_that_cannot_be_read_refuses(floor: bytes) -> None:
    assert [finding.severity for finding in check("start s\nend e\ns > e", floor)] == ["error"]


def test_work_that_waits_for_ever_is_lost_even_if_somebody_may_break_it_off() -> None:
    inside = (
        f"start i\nxor x\nuser a {U}\nuser b {U}\nand j\nend o\n"
        "i > x\nx > a if amount > 1\nx > b default\na > j\nb > j > o\n"
    )
    box = f"start s\nsub box [\n{inside}]\nboundary t on box EVENT\nend e\nend g\ns > box > e\nt > g"

    assert any("for ever" in finding.template for finding in check(box.replace("EVENT", "message gone")))
    assert not any("for ever" in finding.template for finding in check(box.replace("EVENT", "timer P9D")))


def test_a_variable_that_nothing_sets_may_be_anything() -> None:
    text = f"start s\nxor x\nuser a {U}\nuser b {U}\nend e\ns > x\nx > a default\nx > b if urgent = true\na > b > e"

    assert check(text, must_pass("b", "a"))
    assert check(text.replace("urgent = true", "false"), must_pass("b", "a")) == ()


BEGUN = f"start s\nstart m message hello\nuser a {U}\nuser b {U}\nend e\ns > a > b > e\nm > TARGET"


def test_a_case_that_a_message_begins_is_explored_from_there_too() -> None:
    assert check(BEGUN.replace("TARGET", "a"), SOUND + must_pass("b", "a")) == ()

    (found,) = check(BEGUN.replace("TARGET", "b"), SOUND + must_pass("b", "a"))
    assert elements(found)[0] == "m"


def test_a_message_begins_a_case_instead_of_a_person_and_not_besides() -> None:
    joined = f"start s\nstart m message hello\nuser a {U}\nand j\nend e\ns > a > j\nm > j > e"

    assert any("for ever" in finding.template for finding in check(joined))


def test_what_a_message_without_a_form_carries_may_be_anything() -> None:
    text = (
        f"start s\nstart m message hello\nxor x\nuser a {U}\nuser b {U}\nend e\ns > a > x\nm > x\n"
        'x > b if answer = "yes"\nx > e default\nb > e'
    )

    assert check(text, must_pass("b", "a"))
    assert check(text.replace("m > x", "m > a"), must_pass("b", "a")) == ()


@pytest.mark.parametrize("event", ["timer PT1H", "signal all"])
def test_other_beginnings_are_refused(event: str) -> None:
    refused = check(f"start s\nstart m {event}\nuser a {U}\nend e\ns > a > e\nm > a")

    assert [finding.severity for finding in refused] == ["error"]


def test_a_computed_call_is_refused_with_what_to_do() -> None:
    (found,) = check("start s\ncall c =which\nend e\ns > c > e")

    assert "Name one process" in found.template
