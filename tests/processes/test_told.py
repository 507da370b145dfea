"""A story is told again when something that it depends on has changed, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest

from engine.calendar import PLAIN
from engine.model import Tenant
from engine.runtime.interpreter import compile_definition
from engine.scenarios import verdicts
from engine.scenarios.dry_run import StoryResult
from engine.scenarios.pretended_world import World
from engine.scenarios.staging import Theatre
from engine.scenarios.told import forget, parts_of
from engine.scenarios.verdicts import rehearse
from tests.floor.drafts import national
from tests.runtime.drawing import Drawing
from tests.world import MORNING

Files = dict[tuple[str, str], bytes]
CLERK = '{{sm:role="clerk" sm:level="office" sm:form="%s"}}'
MAIN = (
    f"start s\nuser a {CLERK % 'first'}\nboundary late on a timer P3D non-interrupting\nend told\nlate > told\n"
    'rule t {{sm:decision="table" sm:result="found"}}\nxor x\ncall c part\ncall d other\nend e\ns > a > t > x\n'
    'x > c if way = "long"\nx > d if way = "never"\nx > e default\nc > e\nd > e'
)
PART = (
    f"start i\nuser b {CLERK % 'second'}\nboundary slow on b timer P5D non-interrupting\nend seen\nslow > seen\n"
    "end o\ni > b > o"
)
OTHER = f"start j\nuser z {CLERK % 'third'}\nend p2\nj > z > p2"
FORM = (
    '{"type": "default", "schemaVersion": 19, "id": "f", "properties": {"title": "F"}, "components": [{"type": "radio",'
    ' "key": "way", "label": "W", "values": [{"value": "long", "label": "L"}, {"value": "short", "label": "S"}]},'
    ' {"type": "textfield", "key": "note", "label": "N", "conditional": {"hide": "=way = \\"long\\""}}]}'
)
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d_%(id)s" name="%(id)s"
 namespace="urn:%(id)s"><inputData id="way" name="way"/><decision id="%(id)s" name="%(id)s">
 <informationRequirement id="r"><requiredInput href="#way"/></informationRequirement>
 <literalExpression id="l"><text>if way = "long" then 1 else 2</text></literalExpression></decision></definitions>"""
STORY = """title = "%(way)s"
procedure = "p"
tenant = "office"
[start]
at = 2026-09-07T09:00:00
who = "clerk"
answers = { way = "%(way)s" }
[[step]]
at = 2026-09-07T10:00:00
task = "a"
answers = { way = "%(way)s" }
%(more)s[end]
outcome = "e"
"""
STORIES = {
    "short": (STORY % {"way": "short", "more": ""}).encode(),
    "long": (STORY % {"way": "long", "more": '[[step]]\nat = 2026-09-07T11:00:00\ntask = "b"\n'}).encode(),
}
FILES: Files = {
    ("process", "p"): Drawing(MAIN).xml(),
    ("process", "part"): Drawing(PART, "part").xml(),
    ("process", "other"): Drawing(OTHER, "other").xml(),
    **{("form", key): FORM.encode() for key in ("opening", "first", "second", "third", "spare")},
    ("decision", "table"): (TABLE % {"id": "table"}).encode(),
    ("decision", "beside"): (TABLE % {"id": "beside"}).encode(),
    ("profile", "p"): b'[days]\ntype = "integer"\nvalue = 3\n',
    ("duties", "p"): b'[[duty]]\nname = "D"\nelements = ["b", "z"]\n',
    ("bundle", "p"): b'procedure = "p"\nprocess = "p"\nstart_form = "opening"\nstart_roles = ["clerk"]\n',
    ("document", "letter"): b"<p>letter</p>",
    ("floor", "p"): b"",
    ("scenario", "short"): STORIES["short"],
}
WORLD = World({"office": Tenant("office", "office", "Office", "office")}, PLAIN)
THEATRE = Theatre(WORLD, {"office": "office"})
BOTH, LONG, NONE = {"short", "long"}, {"long"}, set[str]()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., set[str]]]:
    """Rehearses, and says which stories were told for it; those on the files above were told before."""
    forget()
    names: list[str] = []
    tell = verdicts.tell_story

    def noting(definition: object, scenario: object, theatre: object) -> StoryResult:
        names.append(scenario.key)  # type: ignore[attr-defined]
        return tell(definition, scenario, theatre)  # type: ignore[arg-type]

    monkeypatch.setattr(verdicts, "tell_story", noting)

    def now(files: Files, theatre: Theatre = THEATRE, stories: dict[str, bytes] = STORIES) -> set[str]:
        names.clear()
        rehearse("p", files, {}, stories, {}, theatre)
        return set(names)

    assert now(FILES) == BOTH
    yield now
    forget()


def swapped(kind: str, key: str, old: str, new: str) -> Files:
    content = FILES[kind, key].decode()
    assert old in content, old
    return {**FILES, (kind, key): content.replace(old, new, 1).encode()}


def tail_first(key: str, text: str) -> Files:
    """The same drawing, its last flow written first."""
    *lines, last = text.splitlines()
    return {**FILES, ("process", key): Drawing("\n".join([last, *lines]), key).xml()}


EDITS: list[tuple[str, Files, set[str]]] = [
    ("nothing", FILES, NONE),
    ("a remark in what all come by", swapped("process", "p", "<bpmn:process", "<!-- x --><bpmn:process"), NONE),
    ("a name where all come by", swapped("process", "p", 'name="a"', 'name="a2"'), BOTH),
    ("a condition where all come by", swapped("process", "p", 'way = "long"', 'way != "short"'), BOTH),
    ("a timer where all come by", swapped("process", "p", "P3D", "P4D"), BOTH),
    ("the order in which it is written", tail_first("p", MAIN), BOTH),
    ("a name in a part", swapped("process", "part", 'name="b"', 'name="b2"'), LONG),
    ("a timer in a part", swapped("process", "part", "P5D", "P6D"), LONG),
    ("a name where nobody comes by", swapped("process", "other", 'name="z"', 'name="z2"'), NONE),
    ("the form of the start", swapped("form", "opening", '"label": "W"', '"label": "V"'), BOTH),
    ("a form of all", swapped("form", "first", '"label": "W"', '"label": "V"'), BOTH),
    ("a form of a part", swapped("form", "second", '"label": "W"', '"label": "V"'), LONG),
    ("when a question of a part is hidden", swapped("form", "second", "=way = ", "=way != "), LONG),
    ("the form of a part where nobody comes by", swapped("form", "third", '"label": "W"', '"label": "V"'), NONE),
    ("a form that nothing shows", swapped("form", "spare", '"label": "W"', '"label": "V"'), NONE),
    ("a table", swapped("decision", "table", "then 1", "then 3"), BOTH),
    ("a table that another may require", swapped("decision", "beside", "then 1", "then 3"), BOTH),
    ("a parameter", swapped("profile", "p", "3", "4"), BOTH),
    ("a parameter of an organisation above", {**FILES, ("profile", "p@1"): FILES["profile", "p"]}, BOTH),
    ("a duty", swapped("duties", "p", '"b", "z"', '"a", "b"'), BOTH),
    ("what is said about the whole", swapped("bundle", "p", '["clerk"]', '["clerk", "lead"]'), BOTH),
    ("a paper", swapped("document", "letter", "letter", "paper"), BOTH),
    ("another part", {**FILES, ("process", "more"): Drawing(OTHER.replace("z", "y"), "more").xml()}, BOTH),
    ("a role that somebody has elsewhere", swapped("process", "other", 'sm:role="clerk"', "sm:role = 'lead'"), BOTH),
    ("a level that somebody has elsewhere", swapped("process", "other", '"office"', '"&#111;ther"'), BOTH),
    ("who is kept apart, said elsewhere", swapped("process", "other", 'name="z"', 'name="z" sm:apart="b"'), BOTH),
    ("the law", {**FILES, ("floor", "p"): b"# other"}, NONE),
    ("a story beside", {**FILES, ("scenario", "more"): STORIES["long"]}, NONE),
]  # fmt: skip


@pytest.mark.parametrize(("files", "again"), [one[1:] for one in EDITS], ids=[one[0] for one in EDITS])
def test_a_story_is_told_again_when_what_it_came_by_has_changed(
    told: Callable[..., set[str]], files: Files, again: set[str]
) -> None:
    assert told(files) == again
    assert told(files) == NONE
    assert told(FILES) == NONE, "what was told before is still known"


def test_a_story_is_told_again_when_its_own_text_has_changed(told: Callable[..., set[str]]) -> None:
    other = {**STORIES, "long": STORIES["long"].replace(b"T11", b"T12")}

    assert told(FILES, stories=other) == LONG
    assert told(FILES, stories={"long": STORIES["long"]}) == NONE


@pytest.mark.parametrize(
    ("world", "again"),
    [
        (World(dict(WORLD.tenants), PLAIN), NONE),
        (World(dict(WORLD.tenants), replace(PLAIN, exceptions={date(2026, 9, 8): False})), BOTH),
        (World(dict(WORLD.tenants), replace(PLAIN, official_years=frozenset({2026}))), BOTH),
        (World({"office": replace(WORLD.tenants["office"], name="Bureau")}, PLAIN), BOTH),
        (World({"office": replace(WORLD.tenants["office"], code="41")}, PLAIN), BOTH),
        (World({**WORLD.tenants, "b": Tenant("b", "office/b", "B", "desk")}, PLAIN), BOTH),
    ],
)
def test_a_story_is_told_again_when_the_world_has_changed(
    told: Callable[..., set[str]], world: World, again: set[str]
) -> None:
    assert told(FILES, Theatre(world, {"office": "office"})) == again


def test_a_form_that_was_missing_mends_the_story_when_it_comes(told: Callable[..., set[str]]) -> None:
    lacking = {place: content for place, content in FILES.items() if place != ("form", "second")}
    assert told(lacking) == LONG
    wrong = rehearse("p", lacking, {}, STORIES, {}, THEATRE)
    assert [one.state for one in wrong.verdicts] == ["wrong", "new"]

    other = {**lacking, ("form", "second"): FORM.replace('"N"', '"M"').encode()}
    assert told(other) == LONG
    assert rehearse("p", other, {}, STORIES, {}, THEATRE).wrong == 0


def test_a_part_in_which_nothing_happened_is_one_that_the_story_came_by(told: Callable[..., set[str]]) -> None:
    empty = {**FILES, ("process", "part"): Drawing("start i message m\nend o\ni > o", "part").xml()}
    filled = {**empty, ("process", "part"): Drawing(PART.replace("P5D", "P6D"), "part").xml()}

    assert told(empty) == LONG
    assert told(filled) == LONG


def test_a_shape_moved_on_the_page_is_no_change_of_the_national_diagrams() -> None:
    files, key = dict(national().resources), ("process", "disability_assessment")

    def parts(content: bytes) -> object:
        changed = {**files, key: content}
        return parts_of(changed, compile_definition(key[1], changed))[key]

    before = parts(files[key])
    assert parts(files[key].replace(b'<dc:Bounds x="', b'<dc:Bounds x="1', 1)) == before
    assert parts(files[key].replace(b'name="', b'name="1', 1)) != before


def test_a_closed_unit_gets_nothing_in_a_dry_run() -> None:
    """As on the platform, where two units of a level leave it open which one is meant, unless one of them is closed."""
    desks = [Tenant("one", "office/one", "One", "desk"), Tenant("two", "office/two", "Two", "desk")]
    closed = [desks[0], replace(desks[1], closed_on=date(2026, 1, 1))]

    for units, found in ((desks, desks), (closed, desks[:1])):
        world = World({unit.id: unit for unit in (WORLD.tenants["office"], *units)}, PLAIN)
        around = world.surroundings("dry", WORLD.tenants["office"], frozenset({"desk"}), MORNING)
        assert list(around.units) == found
        assert world.near(WORLD.tenants["office"], "desk") == found
