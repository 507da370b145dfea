"""What strangers upload: each refused within two seconds with a sentence, nothing changed, the next one served."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import engine.quarantine as quarantine_module
from engine.store.run import Platform
from tests.definition.test_hostile import GOOD, HEAD, TAIL, attacks
from tests.quarantine.hanging import HANG
from tests.web.browser import Browser
from tests.web.studio.test_editing import Editor, new_draft
from tests.web.studio.test_studio import check, deployments, packed, with_longer_name

AsPerson = Callable[[str], Browser]


def more_attacks() -> list[tuple[str, bytes]]:
    chain = b"".join(b'<task id="t%d"/>' % n for n in range(100_000))
    return [
        *attacks(),
        ("100,000 elements", HEAD + chain + TAIL),
        ("100,000 elements of another kind", HEAD + b"<x/>" * 100_000 + TAIL),
        ("calls itself", HEAD + b'<startEvent id="s"/><callActivity id="c" calledElement="p"/>' + TAIL),
        ("calls nobody", HEAD + b'<startEvent id="s"/><callActivity id="c" calledElement="zzz"/>' + TAIL),
        ("the library hangs on it", HANG),
    ]


@pytest.mark.parametrize(("name", "content"), more_attacks(), ids=[name for name, _ in more_attacks()])
def test_a_hostile_upload_is_refused_in_time_and_nothing_changes(
    as_person: AsPerson, platform: Platform, name: str, content: bytes
) -> None:
    admin = as_person("admin")
    page = admin.get("/studio/upload")
    quarantine_module.quarantine({("process", "warm"): GOOD + b"<!-- %d -->" % time.monotonic_ns()})
    began = time.process_time()

    refused = page.submit("/studio/upload", bundle=(io.BytesIO(packed(p__bpmn=content)), "bundle.zip"))

    assert time.process_time() - began < 10, "of our own work; what the other process may take is limited by the clock"
    (said,) = refused.tree.xpath("//*[@class='errsum']")
    assert said.text_content().strip().endswith(("。", "."))
    assert deployments(platform) == 1


@pytest.mark.parametrize("examiner", ["library", "eat", "die"])
def test_an_upload_that_hangs_or_breaks_the_reader_is_refused_and_the_next_is_served(
    as_person: AsPerson, platform: Platform, monkeypatch: pytest.MonkeyPatch, examiner: str
) -> None:
    admin = as_person("admin")
    with monkeypatch.context() as patch:
        patch.setattr(quarantine_module, "_EXAMINER", f"tests.quarantine.hanging:{examiner}")
        refused = check(admin, packed(p__bpmn=HANG))
    assert "缩小" in refused.tree.xpath("//*[@class='errsum']")[0].text_content()
    assert deployments(platform) == 1
    assert check(admin, with_longer_name()).status == 200


def test_the_command_line_reads_in_quarantine_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    file.write_bytes(packed(p__bpmn=HANG))
    assert quarantine_module.read_given(file, tmp_path).procedure
    monkeypatch.setattr(quarantine_module, "_EXAMINER", "tests.quarantine.hanging:library")
    file.write_bytes(packed(p__bpmn=HANG + b" "))
    with pytest.raises(quarantine_module.Rejected, match="seconds"):
        quarantine_module.read_given(file, tmp_path)


def test_an_editor_s_save_is_read_in_quarantine_before_anything_else(
    as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = as_person("admin")
    editor = Editor(admin, new_draft(admin))
    content = editor.source().replace('name="审核"', 'name="再审"')
    with monkeypatch.context() as patch:
        patch.setattr(quarantine_module, "_EXAMINER", "tests.quarantine.hanging:sleep")
        status, answer = editor.save(content)
    assert status == 422
    assert "缩小" in answer["said"]
    assert "再审" not in editor.source()
    assert editor.save(content)[0] == 200
