"""A dossier proves its case without the platform; what is changed in it is found, and the first wrong item named."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.commands.sealing import commit_to_log
from engine.errors import Corrupt
from engine.history import dossier_check
from engine.history import events as e
from engine.history.checkpoint import FileSigner
from engine.history.dossier_check import Proof, Wrong, check
from engine.history.facts import FIRST_PERSONAL
from engine.history.seal import canonical
from engine.queries.dossier import dossier
from engine.store import tables as t
from engine.store.directory import system_actor
from tests.world import World
from web import cli

SIGNER = FileSigner("test.example/log", bytes(range(32)))
Data = dict[str, Any]


def commit(world: World) -> None:
    world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now)


def data_of(world: World, case: str, *, masked: bool = False) -> Data:
    with world.platform.database.read() as connection:
        made = dossier(
            connection,
            world.platform.known,
            world.actor("north.auditor"),
            case,
            masked=masked,
            verifier=SIGNER.verifier,
        )
    return json.loads(json.dumps(made.data))  # type: ignore[no-any-return]


@pytest.fixture
def case(world: World) -> str:
    """A case that was decided, all of it under a signed head."""
    case = world.start(note="秘密")
    world.complete(case, "check", outcome="back")
    commit(world)
    world.complete(case, "check", outcome="forward")
    world.complete(case, "decide", "eve.east", outcome="forward")
    commit(world)
    return case


@pytest.fixture
def data(world: World, case: str) -> Data:
    return data_of(world, case)


def test_an_untouched_dossier_is_whole(data: Data) -> None:
    proof = check(data, SIGNER.verifier)

    assert proof == Proof(data["number"], len(data["facts"]), proof.until, proof.size, True, False, ())


def test_the_program_knows_the_same_first_personal_fields_as_the_platform() -> None:
    known = {name: tuple(sorted(found)) for name, found in FIRST_PERSONAL.items()}

    assert {name: tuple(sorted(found)) for name, found in dossier_check.FIRST_PERSONAL.items()} == known


def test_without_a_key_of_one_s_own_the_signature_proves_less(data: Data) -> None:
    (missing,) = check(data).missing

    assert SIGNER.verifier in missing
    with pytest.raises(Wrong, match="checkpoint"):
        check(data, FileSigner("test.example/log", bytes(32)).verifier)


def test_facts_after_the_head_are_said_to_be_not_proven(world: World) -> None:
    case = world.start()
    commit(world)
    world.complete(case, "check", outcome="forward")

    proof = check(data_of(world, case), SIGNER.verifier)

    assert not proof.ended
    assert any("not yet under a signed head" in missing for missing in proof.missing)


def test_without_any_head_nothing_is_called_proven(world: World) -> None:
    assert "there is no signed head" in check(data_of(world, world.start())).missing


def seal_again(data: Data) -> None:
    """A thorough forger: every seal computed anew."""
    previous = ""
    for fact in data["facts"]:
        fact["seal"] = hashlib.sha256(b"\x02" + bytes.fromhex(previous) + fact["body"].encode()).hexdigest()
        previous = fact["seal"]


def edit(data: Data, seq: int, **changed: Any) -> None:
    body = json.loads(data["facts"][seq - 1]["body"]) | changed
    data["facts"][seq - 1]["body"] = canonical(body).decode()


def forge_whole(data: Data) -> None:
    edit(data, 3, actor="u-forger")
    seal_again(data)


def forge_and_leave_out_the_ways(data: Data) -> None:
    forge_whole(data)
    for fact in data["facts"]:
        fact["leaf"] = fact["proof"] = None


def swap_value(data: Data) -> None:
    value = data["facts"][0]["personal"]["variables"]
    value["value"] = value["value"].replace("秘密", "公开")


def other_definition(data: Data) -> None:
    item = next(item for item in data["resources"] if item["kind"] == "process")
    content = base64.b64decode(item["content"]).replace(b"forward", b"backward")
    item.update(content=base64.b64encode(content).decode(), checksum=hashlib.sha256(content).hexdigest())


def other_earlier_head(data: Data) -> None:
    way = data["earlier"][0]["proof"]
    way[0] = base64.b64encode(bytes(32)).decode()


def forged_earlier_head(data: Data) -> None:
    earlier = data["earlier"][0]
    lines = earlier["checkpoint"].split("\n")
    earlier["checkpoint"] = "\n".join([*lines[:2], base64.b64encode(bytes(32)).decode(), *lines[3:]])


FORGERIES: dict[str, tuple[Callable[[Data], Any], str]] = {
    "an actor": (lambda data: edit(data, 3, actor="u-forger"), "#3"),
    "a time": (lambda data: edit(data, 2, at="2020-01-01T00:00:00+00:00"), "#2"),
    "everything from fact 3 on": (forge_whole, "#3"),
    "a personal value": (swap_value, "#1"),
    "a personal value left out": (lambda data: data["facts"][0]["personal"].clear(), "#1"),
    "a personal value added": (lambda data: data["facts"][2]["personal"].update(x={"salt": "", "value": ""}), "#3"),
    "a fact left out": (lambda data: data["facts"].pop(3), "#4"),
    "the first fact left out": (lambda data: data["facts"].pop(0), "#1"),
    "two facts swapped": (lambda data: data["facts"].insert(2, data["facts"].pop(3)), "#3"),
    "a fact doubled": (lambda data: data["facts"].insert(2, data["facts"][2]), "#4"),
    "the end in the middle of a step": (lambda data: data["facts"].pop(), "#"),
    "the head": (lambda data: data.update(checkpoint=data["checkpoint"].replace("\n", "\n1", 1)), "checkpoint"),
    "an earlier head": (forged_earlier_head, "earlier head 1"),
    "the way from an earlier head": (other_earlier_head, "earlier head 1"),
    "another number": (lambda data: data.update(number="T-1"), "#1"),
    "a definition": (other_definition, "process:review"),
    "a definition left out": (lambda data: data["resources"].pop(), "review"),
    "a paper slipped in": (
        lambda data: data["files"].append({"digest": hashlib.sha256(b"").hexdigest(), "content": "", "name": "x"}),
        "paper 1",
    ),
}


def test_every_forgery_is_found_and_located(data: Data) -> None:
    for what, (forge, place) in FORGERIES.items():
        forged = copy.deepcopy(data)
        forge(forged)
        with pytest.raises(Wrong) as found:
            check(forged, SIGNER.verifier)
        assert place in found.value.place, (what, found.value)


def test_a_forger_who_leaves_out_the_ways_proves_nothing(data: Data) -> None:
    forge_and_leave_out_the_ways(data)

    assert any("not yet under a signed head" in missing for missing in check(data, SIGNER.verifier).missing)


def test_any_single_byte_of_the_proofs_counts(data: Data) -> None:
    for index in range(len(data["facts"])):
        forged = copy.deepcopy(data)
        way = forged["facts"][index]["proof"]
        way[0] = base64.b64encode(bytes([base64.b64decode(way[0])[0] ^ 1]) + base64.b64decode(way[0])[1:]).decode()
        with pytest.raises(Wrong, match=f"#{index + 1}: it is not the fact"):
            check(forged, SIGNER.verifier)


def test_a_masked_dossier_holds_no_personal_value_and_is_whole(world: World, case: str, data: Data) -> None:
    masked = data_of(world, case, masked=True)

    proof = check(masked, SIGNER.verifier)

    assert (proof.masked, proof.missing) == (True, ())
    assert "秘密" in json.dumps(data, ensure_ascii=False)
    text = json.dumps(masked, ensure_ascii=False)
    for secret in ("秘密", '"salt"', "UserAdded", "eve.east"):
        assert secret not in text


def test_a_masked_dossier_still_shows_a_changed_fact(world: World, case: str) -> None:
    masked = data_of(world, case, masked=True)
    edit(masked, 2, actor="u-forger")

    with pytest.raises(Wrong, match="#2"):
        check(masked, SIGNER.verifier)


def test_erased_values_may_be_missing_where_the_erasure_is_recorded(world: World, case: str) -> None:
    with world.platform.database.write() as connection:
        connection.execute(
            t.payload.delete().where(t.payload.c.stream == f"case:{case}", t.payload.c.name == "variables")
        )
    without_record = data_of(world, case)
    with pytest.raises(Wrong, match="no erasure is recorded"):
        check(without_record, SIGNER.verifier)

    world.platform.run(
        lambda uow: uow.record(uow.case(case), [e.AnswersErased([1], "wish", "law")]), system_actor(), world.now
    )
    commit(world)

    assert check(data_of(world, case), SIGNER.verifier).missing == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b'<script type="application/json" id="dossier">[]</script>',
        b'<script type="application/json" id="dossier">{"format": 1</script>',
    ],
)
def test_what_is_no_dossier_is_refused(content: bytes) -> None:
    with pytest.raises(Wrong):
        dossier_check.check_file(content)


def test_the_command_line_checks_a_dossier_and_ends_with_a_number(tmp_path: Path, data: Data) -> None:
    text = json.dumps(data).replace("<", "\\u003c")
    content = f'<script type="application/json" id="dossier">{text}</script>\n'.encode()
    file = tmp_path / "dossier.html"

    def ends_with(content: bytes, *more: str) -> object:
        file.write_bytes(content)
        with pytest.raises(SystemExit) as ended:
            cli.main(["check-dossier", str(file), *more])
        return ended.value.code

    whole = content + f"<!-- sha256:{hashlib.sha256(content).hexdigest()} -->\n".encode()
    assert ends_with(whole, "--key", SIGNER.verifier) == 0
    assert ends_with(whole) == 2
    assert ends_with(content) == 1


def test_no_dossier_is_made_from_a_damaged_log(world: World, case: str) -> None:
    with world.platform.database.write() as connection:
        connection.execute(t.log_node.delete().where(t.log_node.c.level == 0))

    with pytest.raises(Corrupt, match="lacks node"):
        data_of(world, case)
