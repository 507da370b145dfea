"""Profiles, pins and lint: what is in force where, and what is refused with which sentence."""

from __future__ import annotations

import io
import time
import zipfile
from itertools import pairwise

import pytest

from engine.definition.bundle import read_zip
from engine.definition.lint import lint
from engine.definition.overlay import lay_over
from engine.definition.profile import resolve_parameters, resolve_profile
from engine.definition.resolve import resolve, resolve_all
from engine.errors import Rejected
from tests.runtime.drawing import Drawing

NATION = (
    b'[days_max]\ntype = "integer"\nvalue = 20\nmin = 1\nmax = 30\nunit = "working days"\nsource = "notice"\n'
    b'[copies]\ntype = "integer"\nvalue = 2\n'
)


def test_the_nearest_profile_wins_key_by_key() -> None:
    assert resolve_profile([b'[days_max]\ntype = "integer"\nvalue = 10\n', NATION]) == {"days_max": 10, "copies": 2}
    assert resolve_profile([NATION]) == {"days_max": 20, "copies": 2}
    assert resolve_parameters([NATION])["days_max"].unit == "working days"


@pytest.mark.parametrize(
    "nearer",
    [
        b'[days_max]\ntype = "integer"\nvalue = 40\n',
        b'[days_max]\ntype = "string"\nvalue = "10"\n',
        b'[days_max]\ntype = "integer"\nvalue = true\n',
        b"[days_max]\nvalue = 3\n",
        b"days_max = 3\n",
        b"[",
    ],
)
def test_a_nearer_profile_may_not_leave_the_bounds_or_the_type(nearer: bytes) -> None:
    with pytest.raises(Rejected):
        resolve_profile([nearer, NATION])


PROVINCE = b'[days_max]\ntype = "integer"\nvalue = 25\n'
PAPERS = b'[papers]\ntype = "list"\nvalue = []\noptions = { a = "A", b = "B" }\n'


def papers(*values: str) -> bytes:
    return f'[papers]\ntype = "list"\nvalue = {list(values)}\n'.encode()


def test_who_says_no_bounds_does_not_lift_them_for_those_below() -> None:
    low, high = (f'[days_max]\ntype = "integer"\nvalue = {value}\n'.encode() for value in (0, 1000))
    for nearer in (low, high):
        with pytest.raises(Rejected, match="between"):
            resolve_profile([nearer, PROVINCE, NATION])
    narrower = PROVINCE + b"max = 26\n"
    between = b'[days_max]\ntype = "integer"\nvalue = 27\n'
    assert resolve_profile([between, PROVINCE, NATION])["days_max"] == 27
    with pytest.raises(Rejected, match="and 26 "):
        resolve_profile([between, narrower, NATION])


def test_an_entry_of_a_list_is_one_of_the_options() -> None:
    assert resolve_profile([papers("b"), papers("a"), PAPERS]) == {"papers": ["b"]}
    for stack in ([papers("c"), PAPERS], [papers("a", "c"), papers("a"), PAPERS]):
        with pytest.raises(Rejected, match="a, b but found c"):
            resolve_profile(stack)
    assert resolve_profile([papers("c"), papers()]) == {"papers": ["c"]}, "without options anything goes"


@pytest.mark.parametrize("options", [b"[]", b'"a"', b"{ a = 1 }", b"7"])
def test_options_that_are_none_are_refused(options: bytes) -> None:
    with pytest.raises(Rejected, match="table of options"):
        resolve_profile([b'[papers]\ntype = "list"\nvalue = []\noptions = ' + options])


def test_the_nearest_tenant_wins_for_every_resource_apart() -> None:
    published = {
        ("root", "process", "a"): "1",
        ("root", "form", "f"): "2",
        ("north", "form", "f"): "3",
        ("south", "process", "a"): "4",
    }
    assert resolve(published, ["town", "north", "root"]) == {"form:f": "3", "process:a": "1"}
    assert resolve(published, ["south", "root"]) == {"form:f": "2", "process:a": "4"}
    assert resolve_all(published, ["north", "root"], "form", "f") == ["3", "2"]


CLEAN = 'start s\nuser a {{sm:role="clerk" sm:form="f"}}\nend e\ns > a > e'


def errors(text: str, **kinds: bytes) -> set[str]:
    resources = {("process", "p"): Drawing(text).xml(), ("form", "f"): b"{}"}
    return {finding.rule for finding in lint(resources, "p") if finding.severity == "error"}


def test_a_clean_diagram_has_no_errors() -> None:
    assert errors(CLEAN) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (CLEAN.replace('sm:role="clerk" ', ""), "role"),
        (CLEAN.replace(' sm:form="f"', ""), "form"),
        (CLEAN.replace('"f"', '"g"'), "form"),
        (CLEAN + "\ntask lonely", "reachable"),
        (CLEAN.replace("s > a > e", "s > a"), "dead-end"),
        (CLEAN.replace("s > a > e", "s > a > e if x"), "condition"),
        (CLEAN.replace("s > a > e", "xor x\ns > a > x\nx > e if 1 +\nx > s2 default\nend s2"), "feel"),
        (CLEAN.replace("s > a > e", "xor x\nend o\ns > a > x\nx > e\nx > o default"), "executable"),
        (CLEAN.replace("s > a > e", "call c nothing\ns > a > c > e"), "executable"),
        (CLEAN.replace("s > a > e", "rule r\ns > a > r > e"), "executable"),
        (CLEAN.replace("s > a > e", "service r\ns > a > r > e"), "executable"),
        (CLEAN.replace("s > a > e", "boundary b on a error\ns > a > e"), "dead-end"),
        (CLEAN.replace("s > a > e", "catch c\ns > a > c > e"), "executable"),
        (CLEAN.replace("start s", "start s timer P1D"), "start"),
        (CLEAN.replace("s > a > e", "sub b [\nstart i\nend j\ni > j\n]\ns > a > b > e\ni > e"), "scope"),
    ],
)
def test_each_mistake_is_found_by_its_rule(text: str, rule: str) -> None:
    assert rule in errors(text)


def test_a_message_may_begin_a_main_process_beside_a_person_and_a_called_one_may_not() -> None:
    started = CLEAN.replace("s > a > e", "start s2 message m\ns > a > e\ns2 > a")

    def rules(files: dict[str, str]) -> set[str]:
        resources = {("process", key): Drawing(text, key).xml() for key, text in files.items()}
        return {found.rule for found in lint(resources, "p") if found.severity == "error"}

    assert "start" not in rules({"p": started})
    caller = CLEAN.replace("s > a > e", "call c q\ns > a > c > e")
    other = 'start s3\nstart s4 message m\nuser b {{sm:role="clerk"}}\nend e3\ns3 > b > e3\ns4 > b'
    assert "start" in rules({"p": caller, "q": other})
    assert "start" not in rules({"p": caller, "q": other.replace("start s4 message m\n", "").replace("\ns4 > b", "")})


def test_a_mistake_in_what_a_message_carries_or_for_whom_it_is_is_found() -> None:
    for name in ("correlation", "payload"):
        sending = CLEAN.replace("s > a > e", f'throw t message m {{{{sm:{name}="=1 +"}}}}\ns > a > t > e')
        assert "feel" in errors(sending)
        assert "feel" not in errors(sending.replace("1 +", "{x: 1}"))


def test_a_message_that_nobody_in_the_procedure_waits_for_is_pointed_out_and_not_refused() -> None:
    sending = CLEAN.replace("s > a > e", "throw t message m\ns > a > t > e")
    rules = {finding.rule for finding in lint({("process", "p"): Drawing(sending).xml()}, "p")}

    assert "unheard" in rules
    assert "unheard" not in errors(sending)


def test_a_finding_says_what_was_expected_and_what_to_do() -> None:
    for finding in lint({("process", "p"): Drawing(CLEAN.replace('"f"', '"g"')).xml()}, "p"):
        if finding.severity == "error":
            assert str(finding).startswith("Expected")
            assert str(finding).count(".") >= 2


def test_a_broken_rule_becomes_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.definition.lint import structure

    def broken(diagram: object, keys: object) -> list[object]:
        raise ZeroDivisionError

    monkeypatch.setattr(structure, "RULES", (broken,))
    assert "broken" in errors(CLEAN)


def test_what_another_product_wrote_is_said_and_not_dropped_in_silence() -> None:
    xml = (
        Drawing(CLEAN)
        .xml()
        .replace(b"<bpmn:userTask ", b'<bpmn:userTask xmlns:c="http://camunda.org/x" c:assignee="bob" ')
    )
    found = lint({("process", "p"): xml, ("form", "f"): b"{}"}, "p")
    assert [finding.rule for finding in found if finding.rule == "unused"] == ["unused"]
    assert "assignee" in next(str(finding) for finding in found if finding.rule == "unused")
    assert not [
        f for f in lint({("process", "p"): Drawing(CLEAN).xml(), ("form", "f"): b"{}"}, "p") if f.rule == "unused"
    ]


def test_the_largest_diagram_that_is_read_is_checked_in_seconds() -> None:
    tasks = [f"t{n}" for n in range(2_300)]
    lines = ["start s", *(f'user {t} {{{{sm:role="r" sm:form="f"}}}}' for t in tasks), "end e"]
    lines += [f"{a} > {b}" for a, b in pairwise(["s", *tasks, "e"])]
    xml = Drawing("\n".join(lines)).xml()
    began = time.process_time()
    assert not [f for f in lint({("process", "p"): xml, ("form", "f"): b"{}"}, "p") if f.severity == "error"]
    assert time.process_time() - began < 10


FILES = {
    "bundle.toml": b'procedure = "p"\ntitle = "P"\nprocess = "p"\n',
    "p.bpmn": b"<definitions/>",
}


def packed(files: dict[str, bytes]) -> bytes:
    """The files as a zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_a_story_is_a_file_of_its_own_and_no_part_of_what_runs() -> None:
    story = b'title = "One"'
    bundle = read_zip(packed({**FILES, "scenarios/one.toml": story}))

    assert bundle.resources["scenario", "one"] == story
    assert ("scenario", "one") not in lay_over({}, bundle.resources)
    assert ("process", bundle.manifest["process"]) in lay_over({}, bundle.resources)


def test_a_story_with_a_name_that_is_no_key_is_refused() -> None:
    with pytest.raises(Rejected, match=r"one two\.toml"):
        read_zip(packed({**FILES, "scenarios/one two.toml": b""}))
