"""Saving from a browser's editor: what was edited changes, everything else stays byte for byte."""

from __future__ import annotations

import difflib
import os
import random
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from engine.definition.graft import as_text, graft
from engine.errors import Rejected

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "web" / "frontend" / "node_modules"
OURS = sorted((ROOT / "processes").glob("*/*.bpmn")) + sorted((ROOT / "processes").glob("*/*.dmn"))
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def public() -> list[Path]:
    corpora = os.environ.get("SHANGMEN_CORPORA")
    return sorted((Path(corpora) / "miwg").rglob("*.bpmn")) if corpora else []


FILES = OURS + public()


@cache
def saved_by_the_editor() -> dict[Path, bytes]:
    """Every file as bpmn-js or dmn-js saves it when nothing was edited."""
    node = shutil.which("node")
    if node is None or not (MODULES / "bpmn-moddle").is_dir() or not (MODULES / "dmn-moddle").is_dir():
        pytest.skip("needs node and the editors: run npm ci in web/frontend")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = []
        for number, file in enumerate(FILES):
            given = folder / f"{number}_given{file.suffix}"
            given.write_text(as_text(file.read_bytes(), file.name), encoding="utf-8", newline="")
            pairs.append(f"{given}={folder / str(number)}")
        script = str(Path(__file__).with_name("editor.mjs"))
        subprocess.run([node, script, str(MODULES), *pairs], check=True, timeout=120)
        saved = {file: (folder / str(number)).read_bytes() for number, file in enumerate(FILES)}
    assert sum(content != file.read_bytes() for file, content in saved.items()) > len(OURS) / 2, "nothing was rewritten"
    return saved


def rewritten(root: etree._Element) -> bytes:
    """The document as a program would write it that knows nothing of its spelling: no comments, attributes
    in another order, other white space."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            element.tail = None
            continue
        attributes = sorted(element.attrib.items(), reverse=True)
        element.attrib.clear()
        for key, value in attributes:
            element.set(key, value)
        if len(element) and not (element.text or "").strip():
            element.text = None
        element.tail = None if not (element.tail or "").strip() else element.tail
    etree.strip_tags(root, etree.Comment)
    return etree.tostring(root, encoding="UTF-8", pretty_print=True)


def parsed(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(remove_comments=True))


def edit(original: bytes, old: str, new: str) -> tuple[bytes, list[str]]:
    """The graft of an edit of the rewritten document, and the lines that changed."""
    text = rewritten(parsed(original)).decode()
    assert old in text, text
    result = graft(original, text.replace(old, new, 1).encode())
    changed = difflib.unified_diff(original.decode().splitlines(), result.decode().splitlines(), lineterm="", n=0)
    return result, [line for line in changed if line[0] in "+-" and line[:3] not in ("+++", "---")]


# Nobody edited


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_opened_and_saved_by_the_editor_is_the_same_file(file: Path) -> None:
    saved = saved_by_the_editor()[file]
    assert graft(file.read_bytes(), saved) == file.read_bytes()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_written_by_a_careless_program_is_the_same_file(file: Path) -> None:
    assert graft(file.read_bytes(), rewritten(parsed(file.read_bytes()))) == file.read_bytes()


# One label


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_one_label_changed_differs_in_that_label_only(file: Path) -> None:
    original, saved = file.read_bytes(), saved_by_the_editor()[file]
    root = etree.fromstring(saved)
    named = [e for e in root.iter() if isinstance(e.tag, str) and e.get("name") and e.get("id") and e is not root]
    for element in random.Random(7).sample(named, min(3, len(named))):
        old = element.get("name") or ""
        element.set("name", "复核 & <再看>")
        result = graft(original, etree.tostring(root, encoding="UTF-8"))
        element.set("name", old)
        begin = next(n for n, (a, b) in enumerate(zip(original, result, strict=False)) if a != b)
        behind = next(n for n, (a, b) in enumerate(zip(original[::-1], result[::-1], strict=False)) if a != b)
        assert b"\n" not in original[begin : len(original) - behind]
        after = etree.fromstring(result).xpath("//*[@id=$id]", id=element.get("id"))[0]
        assert after.get("name") == "复核 & <再看>"
        before = parsed(original).xpath("//*[@id=$id]", id=element.get("id"))[0]
        after.set("name", before.get("name"))
        assert said(after.getroottree().getroot()) == said(parsed(original))


# Single edits, on a file with everything that is easily lost

HAND = """<?xml version='1.0' encoding="UTF-8" standalone="yes"?>
<!-- drawn by hand -->
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:sm="urn:shangmen:bpmn:1"
             xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x" id="d" targetNamespace="t">
  <process  id="p"
            isExecutable = "true" >
    <x:unknown kept="yes"><x:inner/></x:unknown>
    <startEvent id="s" isInterrupting='true'><outgoing>f1</outgoing></startEvent>
    <!-- the review -->
    <userTask id='review' name="县级&#23457;核" sm:form="a">
      <documentation><![CDATA[first < second]]></documentation>
      <incoming>f1</incoming>
      <outgoing>f2</outgoing><outgoing>f3</outgoing>
    </userTask>
    <sequenceFlow id="f1" sourceRef="s" targetRef="review"/>
    <sequenceFlow id="f2" sourceRef="review" targetRef="e"><conditionExpression
        xsi:type="tFormalExpression">=a > 1 &amp;&amp; b</conditionExpression></sequenceFlow>
    <sequenceFlow id="f3" sourceRef="review" targetRef="sub"/>
    <subProcess id="sub" triggeredByEvent="false">
      <task id="inner" messageRef="nowhere"/>
    </subProcess>
    <endEvent id="e"/> <!-- the end -->
  </process>
</definitions>
"""


def test_an_attribute_changes_in_its_own_quotes() -> None:
    result, changed = edit(HAND.encode(), 'id="review"', 'id="review" x:note="it\'s"')
    assert changed == ["-" + HAND.splitlines()[9], "+" + HAND.splitlines()[9][:-1] + ' x:note="it\'s">']
    result, _ = edit(HAND.encode(), 'isInterrupting="true"', 'isInterrupting="it\'s"')
    assert b"isInterrupting='it&apos;s'>" in result


def test_an_attribute_goes_only_if_its_removal_means_something() -> None:
    assert edit(HAND.encode(), ' isInterrupting="true"', "")[1] == []
    assert edit(HAND.encode(), ' messageRef="nowhere"', "")[1] == []
    assert edit(HAND.encode(), ' triggeredByEvent="false"', "")[1] == []
    _, changed = edit(HAND.encode(), ' sm:form="a"', "")
    assert changed[1] == "+    <userTask id='review' name=\"县级&#23457;核\">"


def test_texts_change_in_place() -> None:
    _, changed = edit(HAND.encode(), "first &lt; second", "1 &lt; 2")
    assert changed[1] == "+      <documentation><![CDATA[1 < 2]]></documentation>"
    _, changed = edit(HAND.encode(), "=a &gt; 1", "=a &gt; 2")
    assert "=a &gt; 2 &amp;&amp; b<" in changed[1]


def test_an_added_element_is_written_like_its_neighbours() -> None:
    added = '<userTask xmlns:y="urn:y" id="second" name="复审" y:z="1"><incoming>f9</incoming></userTask>'
    result, changed = edit(HAND.encode(), "<subProcess", added + "<subProcess")
    assert changed[2:] == [
        '+    <userTask id="second" name="复审" y:z="1">',
        "+      <incoming>f9</incoming>",
        "+    </userTask>",
    ]
    assert etree.fromstring(result).find(f".//{B}userTask[@id='second']").get("{urn:y}z") == "1"


def test_a_prefix_of_the_editor_becomes_the_files_own() -> None:
    added = '<q:endEvent xmlns:q="http://www.omg.org/spec/BPMN/20100524/MODEL" id="e2"/>'
    _, changed = edit(HAND.encode(), "<subProcess", added + "<subProcess")
    assert changed == ['+    <endEvent id="e2" />']


def test_a_removed_element_takes_its_line_and_leaves_the_comments() -> None:
    removed = '<sequenceFlow targetRef="sub" sourceRef="review" id="f3"/>'
    result, changed = edit(HAND.encode(), removed, "")
    assert changed == ['-    <sequenceFlow id="f3" sourceRef="review" targetRef="sub"/>']
    begin = HAND.index("    <userTask")
    root = parsed(HAND.encode())
    task = root.find(f".//{B}userTask")
    task.getparent().remove(task)
    result = graft(HAND.encode(), rewritten(root))
    end = HAND.index("</userTask>") + len("</userTask>\n")
    assert result.decode() == HAND[:begin] + HAND[end:]


def test_what_the_editor_does_not_know_goes_with_its_parent_only() -> None:
    root = parsed(HAND.encode())
    process = root[0]
    process.remove(process[0])
    assert graft(HAND.encode(), rewritten(root)) == HAND.encode()
    root.remove(process)
    assert b"unknown" not in graft(HAND.encode(), rewritten(root))


def test_order_is_carried_among_elements_of_one_kind() -> None:
    root = parsed(HAND.encode())
    process = root[0]
    first = process.find(f"{B}sequenceFlow[@id='f1']")
    process.append(first)
    result = graft(HAND.encode(), rewritten(root))
    assert [e.get("id") for e in etree.fromstring(result)[0].iter(f"{B}sequenceFlow")] == ["f2", "f3", "f1"]
    assert sorted(result.splitlines()) == sorted(HAND.encode().splitlines())
    process.insert(0, process.find(f"{B}endEvent"))
    assert graft(HAND.encode(), rewritten(root)) == result


def test_an_element_moves_into_another_with_its_spelling() -> None:
    root = parsed(HAND.encode())
    task = root.find(f".//{B}userTask")
    root.find(f".//{B}subProcess").append(task)
    result = graft(HAND.encode(), rewritten(root))
    moved = HAND[HAND.index("<userTask") : HAND.index("</userTask>") + 11]
    assert moved in result.decode()
    assert etree.fromstring(result).find(f".//{B}subProcess/{B}userTask") is not None
    assert b"<!-- the review -->" in result


def test_another_kind_of_task_keeps_its_content() -> None:
    text = rewritten(parsed(HAND.encode())).decode().replace("userTask", "manualTask")
    assert graft(HAND.encode(), text.encode()).decode() == HAND.replace("userTask", "manualTask")


def test_a_changed_id_changes_the_id_only() -> None:
    _, changed = edit(HAND.encode(), 'id="review"', 'id="county_review"')
    assert changed[1:] == ['+    <userTask id=\'county_review\' name="县级&#23457;核" sm:form="a">']


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encoding_and_line_ends_stay(encoding: str) -> None:
    text = HAND.replace("UTF-8", encoding.removesuffix("-sig")).replace("\n", "\r\n")
    original = text.encode(encoding, "xmlcharrefreplace")
    edited = rewritten(parsed(original))
    assert graft(original, edited) == original
    added = edited.decode().replace("<subProcess", '<task id="n"><incoming>复审</incoming></task><subProcess')
    result = graft(original, added.encode())
    written = '    <task id="n">\r\n      <incoming>复审</incoming>\r\n    </task>\r\n    <subProcess'
    assert result == text.replace("    <subProcess", written).encode(encoding, "xmlcharrefreplace")


def test_what_is_not_xml_is_refused_and_another_document_is_taken_as_it_is() -> None:
    for bad in (b"", b"<a>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"):
        with pytest.raises(Rejected):
            graft(HAND.encode(), bad)
    assert graft(HAND.encode(), b"<other/>") == b"<other/>"


# Any edit: the result says what the edited file says


def said(root: etree._Element) -> tuple[object, ...]:
    """What a document says, whatever the order of different kinds, and of what is only drawn."""
    children = [said(child) for child in root if isinstance(child.tag, str) and not says_nothing(child)]
    attributes = tuple(sorted((k, v) for k, v in root.attrib.items() if "XMLSchema-instance" not in k))
    return (root.tag, attributes, (root.text or "").strip(), tuple(sorted(children, key=place)))


def place(child: tuple[object, ...]) -> tuple[str, str]:
    tag = str(child[0])
    return tag, repr(child) if tag.endswith(("}BPMNShape", "}BPMNEdge")) else ""


def says_nothing(node: etree._Element) -> bool:
    return node.tag.endswith("}BPMNLabel") and not len(node) and not node.attrib


def mutate(root: etree._Element, chance: random.Random) -> None:
    elements = [e for e in root.iter() if e.get("id") and e is not root and e.getparent() is not root]
    if not elements:
        return
    one, other = chance.choice(elements), chance.choice(elements)
    match chance.randrange(5):
        case 0:
            one.set("name", f"名 {chance.random()}")
        case 1:
            one.getparent().remove(one)
        case 2:
            one.getparent().append(one)
        case 3:
            if other is not one and other not in list(one.iterancestors()):
                one.append(other)
        case _:
            new = etree.SubElement(one.getparent(), f"{B}task", id=f"n{chance.random()}", name="新")
            etree.SubElement(new, f"{B}incoming").text = "f"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_any_edit_arrives(file: Path) -> None:
    original = file.read_bytes()
    for seed in range(4):
        chance = random.Random(seed)
        root = parsed(original)
        for _ in range(chance.randint(1, 5)):
            mutate(root, chance)
        wanted = said(root)
        result = graft(original, rewritten(root))
        assert said(parsed(result)) == wanted, f"seed {seed}"


def test_the_order_in_which_shapes_are_drawn_and_empty_labels_are_the_editors_own_doing() -> None:
    original = next(file for file in OURS if file.name == "approval.bpmn").read_text("utf-8")
    root = parsed(original.encode())
    (plane,) = root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNPlane")
    plane.append(plane[0])
    bare = next(shape for shape in plane if len(shape) == 1)
    etree.SubElement(bare, "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNLabel")

    assert graft(original.encode(), rewritten(root)).decode() == original
    bare[0].set("x", "7")
    assert graft(original.encode(), rewritten(root)).decode() != original
