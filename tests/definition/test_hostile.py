"""Files that strangers send: each is refused with a sentence, quickly, and changes nothing."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.definition.bpmn import read_diagram, read_diagrams
from engine.definition.bundle import read_folder, read_zip
from engine.errors import Rejected
from engine.runtime.interpreter import compile_definition
from tests.runtime.drawing import Drawing

GOOD = Drawing("start s\nuser a\nend e\ns > a > e").xml()
HEAD = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" isExecutable="true">'
TAIL = b"</process></definitions>"


def attacks() -> Iterator[tuple[str, bytes]]:
    laugh = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    yield "billion laughs", b'<!DOCTYPE d [<!ENTITY l0 "ha">' + laugh + b"]>" + HEAD + b"&l9;" + TAIL
    yield "external entity", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD + b"&x;" + TAIL
    yield "external DTD", b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">' + GOOD
    yield "parameter entity", b'<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>' + GOOD
    yield "harmless DOCTYPE", b"<!DOCTYPE definitions>" + GOOD
    yield "wide DOCTYPE", ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d>' + GOOD.decode()).encode("utf-16")
    yield "huge", HEAD + b"<documentation>" + b"x" * 2_100_000 + b"</documentation>" + TAIL
    yield "deep", HEAD + b"<subProcess id='x'>" * 300 + b"</subProcess>" * 300 + TAIL
    yield (
        "deep with ids",
        HEAD + b"".join(b'<subProcess id="d%d">' % n for n in range(55)) + b"</subProcess>" * 55 + TAIL,
    )
    yield "many", HEAD + b"".join(b'<task id="t%d"/>' % n for n in range(6_000)) + TAIL
    yield "not XML", b"\x00\x01 not xml"
    yield "empty", b""
    yield "cut off", GOOD[: len(GOOD) // 2]
    yield "something else", b"<html/>"
    yield "no process", b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    yield "ids twice", HEAD + b'<task id="a"/><task id="a"/>' + TAIL
    yield "flow to nowhere", HEAD + b'<task id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="zzz"/>' + TAIL
    yield "flow without ends", HEAD + b'<task id="a"/><sequenceFlow id="f"/>' + TAIL
    yield "element without id", HEAD + b"<task/>" + TAIL
    yield "message that is none", HEAD + b'<receiveTask id="a" messageRef="zzz"/>' + TAIL
    yield "error that is none", (HEAD + b'<endEvent id="a"><errorEventDefinition errorRef="zzz"/></endEvent>' + TAIL)
    yield "attached to nothing", HEAD + b'<boundaryEvent id="a" attachedToRef="zzz"/>' + TAIL
    yield "number that is none", HEAD + b'<task id="a" startQuantity="many"/>' + TAIL
    yield "default elsewhere", HEAD + b'<exclusiveGateway id="a" default="zzz"/>' + TAIL


@pytest.mark.parametrize(("name", "content"), list(attacks()), ids=[name for name, _ in attacks()])
def test_a_hostile_diagram_is_refused_quickly_with_a_sentence(name: str, content: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Rejected) as refusal:
        read_diagram(content)
    assert time.process_time() - began < 10
    assert str(refusal.value).endswith(".")
    assert "Traceback" not in str(refusal.value)


def test_an_ordinary_diagram_is_read() -> None:
    diagram = read_diagram(GOOD)
    assert [e.id for e in diagram.elements.values()] == ["s", "a", "e"]
    assert diagram.elements["a"].incoming == ("s_a",)


@pytest.mark.parametrize("script", ["__import__('os').getpid()", "().__class__.__base__.__subclasses__()", "open('x')"])
def test_python_in_a_diagram_is_never_run(script: str) -> None:
    from tests.runtime.cases import Case, define

    case = Case(define(f"start s\nxor x\nend a\nend b\ns > x\nx > a if {script}\nx > b default"))
    assert case.waits.incidents
    assert not case.ended


def packed(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


MANIFEST = b'procedure = "x"\ntitle = "X"\nprocess = "p"\n'


def test_an_ordinary_archive_becomes_a_bundle() -> None:
    bundle = read_zip(packed(bundle__toml=MANIFEST, p__bpmn=GOOD, README__md=b"hello"))
    assert set(bundle.resources) == {("bundle", "x"), ("process", "p")}
    assert compile_definition("p", dict(bundle.resources)).diagram.process == "p"


def named(name: str, content: bytes = GOOD) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bundle.toml", MANIFEST)
        archive.writestr("p.bpmn", GOOD)
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"not a zip",
        named("../../evil.bpmn"),
        named("/etc/evil.bpmn"),
        named("evil.exe"),
        named("p.dmn.py"),
        named("C:\\evil.bpmn"),
        named("sub/p.bpmn"),
        packed(p__bpmn=GOOD),
        packed(bundle__toml=MANIFEST),
        packed(bundle__toml=b"procedure = ", p__bpmn=GOOD),
        packed(bundle__toml=MANIFEST.replace(b'"x"', b'"../x"'), p__bpmn=GOOD),
        packed(bundle__toml=MANIFEST, p__bpmn=b" " * 1_500_000),
        packed(bundle__toml=MANIFEST, p__bpmn=b" " * 3_000_000),
        packed(bundle__toml=MANIFEST, p__bpmn=GOOD, **{f"f{n}__bpmn": GOOD for n in range(300)}),
    ],
)
def test_a_hostile_archive_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected):
        read_zip(content)


def test_a_folder_cannot_reach_forms_outside(tmp_path: Path) -> None:
    (tmp_path / "bundle.toml").write_bytes(MANIFEST + b'forms = "../secret"\n')
    (tmp_path / "p.bpmn").write_bytes(GOOD)
    with pytest.raises(Rejected):
        read_folder(tmp_path, tmp_path / "forms")


def test_a_second_process_in_a_file_is_refused_rather_than_dropped() -> None:
    two = GOOD.replace(b"</bpmn:definitions>", b'<bpmn:process id="q" isExecutable="true"/></bpmn:definitions>')
    assert len(read_diagrams(two)) == 2
    with pytest.raises(Rejected, match="file of its own"):
        compile_definition("p", {("process", "p"): two})
