"""Reading what strangers send in a process of its own: what hangs, eats memory or dies is refused, and the next
file is read as if nothing had been."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress

import pytest

import engine.quarantine as quarantine_module
from engine.errors import Rejected
from engine.quarantine import quarantine, read_upload
from engine.quarantine.cell import Broken, Cell
from tests.definition.test_hostile import GOOD, MANIFEST, attacks, packed
from tests.quarantine.hanging import HANG

SOON = 20.0
"""Seconds: a third of what the files here would hang. How soon it really is, is ``SECONDS_MAX``, and the machine's."""


@pytest.fixture(autouse=True)
def warm() -> None:
    """The process has begun: what is measured here is how long it may take for a file."""
    quarantine({("process", "warm"): GOOD + b"<!-- %d -->" % time.monotonic_ns()})


def misbehaving(name: str, content: bytes = HANG) -> float:
    """How long it takes until an examiner of ``hanging`` is refused."""
    began = time.monotonic()
    with pytest.raises(Rejected) as refusal:
        quarantine({("process", "p"): content}, f"tests.quarantine.hanging:{name}")
    assert str(refusal.value).endswith("Make it smaller or simpler.")
    return time.monotonic() - began


def test_the_library_hangs_on_this_diagram_and_we_refuse_it_in_time() -> None:
    assert quarantine_module.SECONDS_MAX < 2
    assert misbehaving("library") < SOON


def test_the_same_diagram_is_read_by_us() -> None:
    quarantine({("process", "p"): HANG})


@pytest.mark.parametrize("name", ["sleep", "eat", "die"])
def test_what_takes_too_long_or_too_much_is_refused_and_the_next_file_is_read(name: str) -> None:
    before = quarantine_module._cell.pid
    assert misbehaving(name) < SOON
    assert quarantine_module._cell.pid != before
    quarantine({("process", "next"): GOOD + b"<!-- next -->"})


def test_a_good_file_leaves_the_process_alive_and_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = quarantine_module._cell.pid
    for number in range(20):
        quarantine({("process", "p"): GOOD + b"<!-- %d -->" % number})
    assert quarantine_module._cell.pid == before
    monkeypatch.setattr(quarantine_module, "_cell", None)  # nobody is asked again about a file that was read
    quarantine({("process", "p"): GOOD + b"<!-- 7 -->"})


@pytest.mark.parametrize(("name", "content"), list(attacks()), ids=[name for name, _ in attacks()])
def test_every_hostile_diagram_is_survived_in_time(name: str, content: bytes) -> None:
    """What is not XML is refused here; what is wrong in the diagram is told by lint, which has run without harm."""
    began = time.monotonic()
    before = quarantine_module._cell.pid
    with suppress(Rejected):
        quarantine({("process", "p"): content})
    assert time.monotonic() - began < SOON
    assert quarantine_module._cell.pid == before


@pytest.mark.parametrize("bad", [b"<!DOCTYPE a><a/>", b"<a>", b""])
def test_an_archive_with_a_file_that_is_no_plain_xml_is_refused(bad: bytes) -> None:
    with pytest.raises(Rejected):
        read_upload(packed(bundle__toml=MANIFEST, p__bpmn=bad))
    with pytest.raises(Rejected):
        read_upload(packed(bundle__toml=MANIFEST, p__bpmn=GOOD, t__dmn=bad))
    assert read_upload(packed(bundle__toml=MANIFEST, p__bpmn=GOOD)).procedure == "x"


def test_the_child_gets_no_secrets_and_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHANGMEN_DATABASE", "secret")
    cell = Cell()
    assert cell.ask({"examiner": "tests.quarantine.hanging:look_around", "kind": "", "key": ""}, b"", 5) == {
        "template": "secret is unknown",
        "params": {},
    }
    cell.stop()
    assert cell.pid is None
    text = (
        "import sys; from engine.quarantine import warm_up, _cell; warm_up(); print(_cell.pid); sys.stdout.flush(); "
        "import os; os.abort()"
    )
    pid = int(subprocess.run([sys.executable, "-c", text], capture_output=True, check=False).stdout)
    assert is_gone(pid)


def is_gone(pid: int) -> bool:
    """Whether the process has ended, within a few seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            if stat.read().rpartition(")")[2].split()[0] == "Z":
                return True
        time.sleep(0.1)
    return False


def test_a_process_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Cell()
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(Broken):
        cell.ask({"examiner": "a:b", "kind": "", "key": ""}, b"", 5)
    cell.stop()
