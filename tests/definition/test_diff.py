"""Two versions compared in words: every change that somebody would notice, and none that nobody would."""

from __future__ import annotations

import json
import re
from pathlib import Path
from shutil import copytree

import pytest

from engine.definition.bpmn import read_diagram
from engine.definition.diff import compare
from tests.floor.drafts import ROOT, Files, draft, drawn, form, national, profile, text
from web.cli import main

MAIN = "disability_assessment"


def words(files: Files) -> list[str]:
    return [str(change) for change in compare(national().resources, files)]


def test_the_same_files_give_no_change() -> None:
    assert words(draft()) == []


def test_moved_shapes_and_another_order_of_the_file_are_no_change() -> None:
    def moved(files: Files) -> None:
        content = files[("process", "extra_review")]
        files[("process", "extra_review")] = content.replace(b'<dc:Bounds x="', b'<dc:Bounds x="1')
        assert files[("process", "extra_review")] != content

    assert words(draft(moved)) == []
    assert words(draft(drawn("approval", lambda d: d.node("county_review")))) == []


def test_a_flow_drawn_anew_between_the_same_steps_is_no_change() -> None:
    def redrawn(files: Files) -> None:
        content = files[("process", "archiving")]
        files[("process", "archiving")] = content.replace(b"flow_keep_dossier__archive_closed", b"flow_new")

    assert words(draft(redrawn)) == []


def test_a_step_that_is_added_is_told_with_what_comes_before_it() -> None:
    step = {"role": "city_supervisor", "level": "city", "form": "county_review"}
    found = words(draft(drawn("approval", lambda d: d.before("approval_granted", "userTask", "市级复审", **step))))

    assert "“市级复审” is added, after “审批决定？”." in found
    assert not [one for one in found if "a way leads" in one or "no way leads" in one], "was said already"


def test_a_way_that_leads_elsewhere_is_told_as_one_gone_and_one_new() -> None:
    def bypassed(files: Files) -> None:
        found = next(
            f for f in read_diagram(files["process", "approval"]).flows.values() if f.target == "approval_granted"
        )
        drawn("approval", lambda d: d.retarget(found.id, "county_review"))(files)

    found = words(draft(bypassed))
    assert "From “审批决定？” no way leads to “准予发证” any more." in found


def test_a_gateway_put_in_tells_where_its_other_way_leads() -> None:
    def forked(files: Files) -> None:
        drawn("approval", lambda d: d.before("approval_granted", "exclusiveGateway", "easy"))(files)
        drawn("approval", lambda d: d.flow("easy", "county_review"))(files)

    assert words(draft(forked)) == [
        "“easy” is added, after “审批决定？”.",
        "From “easy” a way leads to “准予发证” now.",
        "From “easy” a way leads to “县级审核” now.",
    ]


def test_a_step_that_is_removed_or_renamed_is_told() -> None:
    assert "“提醒督办” is removed." in words(draft(drawn("approval", lambda d: d.remove("remind_city"))))
    assert "“立卷归档” is now called “归档”." in words(
        draft(drawn("archiving", lambda d: d.node("archive_case").set("name", "归档")))
    )


def test_who_does_it_how_long_and_on_which_condition_are_told() -> None:
    role = drawn("issuing", lambda d: d.node("register_national").set("{urn:shangmen:bpmn:1}role", "county_leader"))
    assert "“入库制证” was done by 县残联经办人 and is done by 县残联审批人." in words(draft(role))

    due = drawn("issuing", lambda d: d.node("register_national").set("{urn:shangmen:bpmn:1}dueWorkingDays", "=5"))
    assert "“入库制证” was due in =profile.register_days_max working days and is due in =5." in words(draft(due))

    condition = text("process", "delivery", 'delivery_result = "received"', 'delivery_result != "returned"')
    assert any("the condition was" in one and "已经签收？" in one for one in words(draft(condition)))


def test_parameters_forms_tables_and_duties_are_told() -> None:
    assert words(draft(profile("posting_days_min", value=7))) == ["“公示期” was 5 and is 7 (working days)."]
    assert words(draft(form("seal", lambda c: c["validate"].pop("required"), "sealed_on"))) == [
        "“盖章日期” is optional now."
    ]
    table = words(draft(text("decision", "delivery_options", '<text>"hand"</text>', '<text>"mail"</text>')))
    assert len(table) == 1
    assert table[0].startswith("The table “送达方式” has no longer")
    row = words(draft(text("decision", "delivery_options", '<text>"hand"</text>', '<text>"courier"</text>')))
    assert len(row) == 1
    assert re.fullmatch(r"Row \d of the table “送达方式” was “.*hand.*” and is “.*courier.*”\.", row[0]), row
    policy = words(draft(text("decision", "delivery_options", 'hitPolicy="COLLECT"', 'hitPolicy="FIRST"')))
    assert policy == ["Which rows of the table “送达方式” count was COLLECT and is FIRST."]
    paper = words(draft(text("document", "delivery_slip", "</h1>", "（副本）</h1>")))
    assert [one.partition(":")[0] for one in paper] == ["It no longer says", "It says now"]
    assert words(draft(text("duties", MAIN, '["assess", "seal"]', '["assess", "dispatch"]'))) == [
        "The duty “评定医生不得自行盖章” is about other steps."
    ]


def test_files_that_come_and_go_are_told() -> None:
    files = draft()
    files[("form", "new")] = json.dumps({}).encode()
    del files[("document", "delivery_slip")]

    assert words(files) == ["This file is no longer there.", "This file is new."]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(copytree(ROOT / "processes" / MAIN, tmp_path / "copy"))


def test_the_command_line_tells_changes_and_findings(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lint", str(ROOT / "processes" / MAIN)])
    assert "error" not in capsys.readouterr().out

    content = (copy / "profile.toml").read_text()
    lines = content.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("posting_days_min"))
    lines[place] = lines[place].replace("value = 5", "value = 3").replace("min = 5", "min = 1")
    (copy / "profile.toml").write_text("\n".join(lines))
    main(["diff", str(ROOT / "processes" / MAIN), str(copy)])
    assert "“公示期” was 5 and is 3 (working days)." in capsys.readouterr().out

    with pytest.raises(SystemExit, match="nowhere: No such file"):
        main(["diff", str(copy), str(copy / "nowhere")])
    with pytest.raises(SystemExit):
        main(["lint", str(copy)])
    assert "N3" in capsys.readouterr().out
