"""Units and people from a table: hostile files, a preview of every line, all of it or nothing, and the way back."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from engine.commands.people import add_user
from engine.errors import Rejected
from engine.store.directory import system_actor
from engine.store.known import find_tenant
from engine.store.run import Platform
from engine.store.sheets import BYTES_MAX, LINES_MAX, read_sheet, write_sheet
from tests.web.browser import Browser, Page
from tests.web.conftest import START

AsPerson = Callable[[str], Browser]
HEAD = "编号,上级单位编号,名称,层级,区划代码,生效日期\r\n"
PEOPLE = "登录名,姓名,单位编号,角色\r\n"


@pytest.fixture
def chief(as_person: AsPerson) -> Browser:
    return as_person("admin")


def show(browser: Browser, text: str | bytes, what: str = "units") -> Page:
    """Choose a file and look at what it would do."""
    content = text.encode() if isinstance(text, str) else text
    return browser.get(f"/rosters/{what}").submit(rf"/rosters/{what}$", file=(io.BytesIO(content), "table.csv"))


def results(page: Page) -> list[str]:
    """The result of each line, as it stands in the table."""
    return [" ".join(row.text_content().split()) for row in page.tree.xpath("//tbody/tr")]


def is_there(platform: Platform, unit: str) -> bool:
    with platform.database.read() as connection:
        return find_tenant(connection, unit) is not None


def test_every_line_is_shown_and_nothing_is_changed_until_all_is_taken_over(chief: Browser, platform: Platform) -> None:
    page = show(
        chief, HEAD + "c,hq,南办,office,410825,\r\nd,c,南一,office,,\r\na,hq,东城办,office,,\r\nb,hq,西办,office,,\r\n"
    )

    assert page.status == 200
    assert [text.split()[5] for text in results(page)] == ["新", "新", "修改", "不变"]
    assert not is_there(platform, "c")

    done = page.submit("/apply")
    assert "新增 2 行，变更 1 行" in done.text
    assert is_there(platform, "c") and is_there(platform, "d")
    assert "东城办" in chief.get("/units").text


def test_one_refused_line_keeps_all_others_out(chief: Browser, platform: Platform) -> None:
    page = show(chief, HEAD + "c,hq,南办,office,,\r\nd,nowhere,南一,office,,\r\ne,hq,,office,,\r\nf,hq,北办\r\n")

    told = results(page)
    assert told[0].startswith("第 2 行 c 南办 新 自")
    assert all("不能导入" in line for line in told[1:])
    assert [line.split()[1] for line in told] == ["2", "3", "4", "5"]
    assert not page.tree.xpath("//input[@name='_shown']")
    assert not is_there(platform, "c")


def test_a_table_whose_meaning_changed_meanwhile_is_shown_anew(chief: Browser, platform: Platform) -> None:
    page = show(chief, HEAD + "a,hq,东城办,office,,\r\n")
    show(chief, HEAD + "a,hq,东河办,office,,\r\n").submit("/apply")

    again = page.submit("/apply")

    assert again.status == 409 and "东河办" in again.text
    assert "东城办" not in chief.get("/units").text
    again.submit("/apply")
    assert "东城办" in chief.get("/units").text


def test_a_table_that_was_changed_after_it_was_shown_is_not_taken_over(chief: Browser, platform: Platform) -> None:
    import base64

    page = show(chief, HEAD + "c,hq,南办,office,,\r\n")
    other = base64.b64encode((HEAD + "x,hq,别处,office,,\r\n").encode()).decode()

    assert page.submit("/apply", _content=other).status == 409
    assert not is_there(platform, "x")


def test_what_is_exported_is_unchanged_when_it_comes_back(chief: Browser) -> None:
    for what in ("units", "people"):
        content = chief.client.get(f"/rosters/{what}/table.csv").data
        page = show(chief, content, what)
        assert page.status == 200
        assert results(page) and all("不变" in line for line in results(page))
        assert not page.tree.xpath("//input[@name='_shown']")


def test_people_come_with_their_roles_by_name_or_word(chief: Browser, platform: Platform) -> None:
    page = show(chief, PEOPLE + "zhou,周敏,a,clerk\r\nzhou,周敏,b,reviewer\r\nclerk.a,王芳,a,reviewer\r\n", "people")
    page.submit("/apply")

    assert "周敏" in chief.get("/people").text
    assert all("不变" in line for line in results(show(chief, PEOPLE + "zhou,周敏,b,reviewer\r\n", "people")))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("clerk.a,李四,a,clerk", "属于王芳"),
        ("neu,李四,a,emperor", "应为已有的角色"),
        ("neu,李四,nowhere,clerk", "没有"),
        ("neu,,a,clerk", "1"),
        ("../../x,李四,a,clerk", "字母"),
    ],
)
def test_a_line_of_people_that_cannot_be_says_why(chief: Browser, line: str, why: str) -> None:
    (told,) = results(show(chief, PEOPLE + line + "\r\n", "people"))

    assert "不能导入" in told and why in told


def test_nobody_is_taken_over_from_another_s_part_of_the_tree(as_person: AsPerson, platform: Platform) -> None:
    platform.run(lambda uow: add_user(uow, "far", "远方", "b", ["clerk"]), system_actor(), START)
    browser = as_person("admin.a")

    told = results(show(browser, PEOPLE + "far,远方,a,clerk\r\nneu,新人,b,clerk\r\n", "people"))
    missing = results(show(browser, PEOPLE + "neu,新人,missing,clerk\r\n", "people"))

    assert all("不能导入" in line for line in told)
    assert told[1].split(maxsplit=2)[2] == missing[0].split(maxsplit=2)[2]
    assert "西办" not in browser.client.get("/rosters/units/table.csv").get_data(as_text=True)
    assert "reviewer.b" not in browser.client.get("/rosters/people/table.csv").get_data(as_text=True)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00\x01", b"\x89PNG\r\n\x1a\n\x00", b"only,a,head\r\n", b"id,name\r\n", b'id,name\r\n"open,x\r\n',
     b"id,id,name\r\na,b,c\r\n", b"x" * (BYTES_MAX + 1)],
)  # fmt: skip
def test_what_is_no_such_table_is_refused_with_a_sentence(chief: Browser, content: bytes) -> None:
    page = show(chief, content)

    assert page.status == 422
    assert page.tree.find_class("errsum")[0].xpath(".//a/@href") == ["#file"]


def test_too_many_lines_are_refused() -> None:
    columns = {"id": (), "name": ()}
    read_sheet(b"id,name\n" + b"a,b\n" * LINES_MAX, columns, ("id",))

    with pytest.raises(Rejected, match="at most"):
        read_sheet(b"id,name\n" + b"a,b\n" * (LINES_MAX + 1), columns, ("id",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("quoted", [True, False])
def test_tables_are_read_as_office_programs_write_them(encoding: str, separator: str, quoted: bool) -> None:
    rows = [["编号", "名称"], ["c", "南办，一部"], ["d", "北办"]]
    mark = '"' if quoted else ""
    text = "\r\n".join(separator.join(f"{mark}{cell}{mark}" for cell in row) for row in rows)

    sheet = read_sheet(text.encode(encoding), {"id": ["编号"], "name": ["名称"]}, ("id", "name"))

    assert [dict(line.cells) for line in sheet.lines] == [
        {"id": "c", "name": "南办，一部"},
        {"id": "d", "name": "北办"},
    ]
    assert [line.number for line in sheet.lines] == [2, 3]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "'=x", "plain", 'a"b', "a,b"])
def test_no_cell_that_is_written_is_a_formula_and_each_comes_back_as_it_was(cell: str) -> None:
    content = write_sheet(["id"], [[cell]])

    assert not content.decode("utf-8-sig").split("\r\n")[1].lstrip('"').startswith(("=", "+", "-", "@"))
    assert read_sheet(content, {"id": ()}, ("id",)).lines[0].cells["id"] == cell


def test_a_long_table_with_everything_that_goes_wrong_is_told_line_by_line(chief: Browser) -> None:
    lines = [f"p{n},张{n},{'a' if n % 2 else 'b'},clerk" for n in range(1500)]
    wrong = ["p0,张0,b,clerk", "p1,李四,a,clerk", "=1+1,公式,a,clerk", "p2000,少一格,a", 'p2001,"换\n行",a,clerk']
    text = PEOPLE + "\r\n".join([*lines, *wrong]) + "\r\n"

    for encoding in ("utf-8-sig", "gb18030"):
        told = results(show(chief, text.encode(encoding), "people"))

        assert len(told) == 1505
        assert not any("不变" in line or "不能导入" in line for line in told[:1500])
        assert "不变" in told[1500], "a line that stands twice adds nothing"
        assert all("不能导入" in line for line in told[1501:]), told[1501:]


def test_units_are_told_by_name_and_a_unit_that_stands_twice_is_refused(chief: Browser, platform: Platform) -> None:
    page = show(chief, HEAD + "c,hq,南办,office,,\r\nd,c,南一,office,,\r\na,b,东办,office,,\r\nc,hq,南办,office,,\r\n")

    told = results(page)
    assert "在 总部 下新设" in told[0] and "南办" in told[0]
    assert "在 南办 下新设" in told[1]
    assert "由 总部 划归 西办" in told[2]
    assert "第 2 行已经出现" in told[3]
    once = show(chief, HEAD + "c,hq,南办,office,,\r\nd,c,南一,office,,\r\na,b,东办,office,,\r\n")
    assert "不能导入 0 行" in once.main


def test_people_are_told_by_the_names_of_their_units(chief: Browser) -> None:
    (told,) = results(show(chief, PEOPLE + "new.one,新一,a,经办人\r\n", "people"))

    assert "获得单位 东办 的角色 经办人" in told
    assert "新一" in told


def test_the_unicode_text_of_office_programs_is_read(chief: Browser) -> None:
    text = (HEAD + "c,hq,南办,office,,\r\n").replace(",", "\t")

    assert "新增 1 行" in show(chief, text.encode("utf-16")).main
    assert show(chief, text.encode("utf-16-le")).status == 422, "without its mark nobody can tell"
