"""What the law lets erase is erased: from rows, files, journal and free pages; what was sealed still verifies."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from engine.commands import erasure, instances, tasks
from engine.commands.sealing import commit_to_log
from engine.errors import Conflict, NotFound, Rejected
from engine.history.checkpoint import FileSigner, read_checkpoint
from engine.history.dossier_check import check
from engine.history.merkle import consistency_proof, hash_suite, is_consistent
from engine.model import JobRequest, JobResult, Paper
from engine.queries.cases import case_page, find_cases
from engine.queries.dossier import dossier
from engine.queries.export_xes import to_json_lines
from engine.queries.reexecution import re_execute
from engine.queries.traces import Wanted, traces
from engine.scenarios.page import raw_answers
from engine.store import scrub as scrub_module
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.drafts import keep_draft
from engine.store.log import newest_checkpoint, read_node
from engine.store.scrub import scrub
from forms.uploads import Upload
from tests.world import World, flow, process, user_task

SIGNER = FileSigner("test.example/log", bytes(range(32)))
NAME, PHONE, DRAFT, REASON, FILE = "王小芳甲", "13912345678", "草稿里的话", "因病住院丙", "诊断书丁.pdf"
CONTENT = b"%PDF-1.4\n" + "残疾诊断内容戊".encode() + b"\n%%EOF"
BASIS = "个人信息保护法第47条"
SECRETS = (NAME, PHONE, DRAFT, REASON, FILE, "残疾诊断内容戊", "给王小芳甲的信")

FORM = json.dumps(
    {
        "type": "default",
        "schemaVersion": 19,
        "id": "note",
        "properties": {"title": "意见"},
        "components": [
            {"type": "textfield", "id": "f1", "key": "note", "label": "说明"},
            {"type": "textfield", "id": "f2", "key": "phone", "label": "电话"},
            {"type": "filepicker", "id": "f3", "key": "proof", "label": "材料"},
        ],
    }
).encode()
PROCESS = process(
    "review",
    '<startEvent id="begin"/><serviceTask id="letter" name="letter" sm:connector="letter" sm:input="={to: note}"/>'
    + user_task("check")
    + user_task("decide", "leader")
    + '<endEvent id="done" name="done"/>'
    + flow(1, "begin", "letter")
    + flow(2, "letter", "check")
    + flow(3, "check", "decide")
    + flow(4, "decide", "done"),
)


def letter(request: JobRequest) -> JobResult:
    """A paper with the name in it."""
    content = f"<p>给{request.inputs['to']}的信</p>".encode()
    return JobResult({}, (Paper(f"给{request.inputs['to']}的信.html", "text/html", content, "letter"),))


@dataclass
class Lived:
    """A world with one case that ended, with answers, a file, a paper, a draft, a reason and a failed job in it."""

    world: World
    case: str

    def run(self, command: Callable[..., Any], who: str, *args: Any) -> Any:
        return self.world.platform.run(lambda uow: command(uow, *args), self.world.actor(who), self.world.now)

    def erase(self) -> None:
        self.run(erasure.request_erasure, "root.admin", self.case, "本人要求", BASIS)
        self.run(erasure.erase_answers, "north.admin", self.case)


def start(world: World, note: str = NAME) -> str:
    raw = raw_answers({"note": note, "phone": PHONE})
    upload = {"proof": [Upload(FILE, CONTENT)]}
    answer = world.platform.run(
        lambda uow: instances.start_instance(uow, "review", raw, upload), world.actor("ann.east"), world.now
    )
    return str(answer["instance"])


@pytest.fixture
def lived(make_world: Callable[..., World]) -> Lived:
    world = make_world(PROCESS, form__note=FORM)
    world.connectors = {"letter": letter}
    from engine.commands.people import add_user

    world.platform.run(
        lambda uow: add_user(uow, "north.admin", "admin", "north", ["administrator"]), system_actor(), world.now
    )
    case = start(world)
    world.wait(minutes=1)
    task = world.task(case, "check")
    with world.platform.database.write() as connection:
        keep_draft(connection, task, {"note": [DRAFT]})
    world.platform.run(
        lambda uow: tasks.reassign_task(uow, task, world.actor("eve.east").user, REASON),
        world.actor("bob.east"),
        world.now,
    )
    token = "t" * 20
    world.platform.run_once(
        lambda uow: tasks.complete_task(uow, task, raw_answers({"note": NAME, "phone": PHONE}), {}) or {},
        world.actor("eve.east"),
        world.now,
        token,
    )
    world.complete(case, "decide", "ann.east", note=NAME, phone=PHONE)
    commit(world)
    return Lived(world, case)


def commit(world: World) -> str:
    world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now)
    with world.platform.database.read() as connection:
        return newest_checkpoint(connection) or ""


def forms_of(secret: str) -> tuple[bytes, ...]:
    """A text as it may stand in a file: as it is, with JSON's escapes, and with those of JSON in JSON."""
    escaped = json.dumps(secret)[1:-1]
    return tuple(
        {secret.encode(), escaped.encode(), escaped.replace("\\", "\\\\").encode(), secret.encode("utf-16-le")}
    )


def found_in(content: bytes) -> list[str]:
    return [secret for secret in SECRETS if any(form in content for form in forms_of(secret))]


def files_of(world: World) -> Iterator[Path]:
    """The files that the database's rows lie in."""
    database = world.platform.database
    if database.is_sqlite:
        path = Path(database.engine.url.database or "")
        yield from path.parent.glob(path.name + "*")
        return
    with database.read() as connection:
        folder = Path(connection.execute(text("show data_directory")).scalar_one())
        number = connection.execute(text("select oid from pg_database where datname = current_database()")).scalar_one()
    if not folder.exists():
        pytest.skip("the server's files are not on this machine")
    yield from (path for path in (folder / "base" / str(number)).iterdir() if path.is_file())


def on_disk(world: World) -> list[str]:
    if not world.platform.database.is_sqlite:
        with world.platform.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("checkpoint"))
    return sorted({secret for path in files_of(world) for secret in found_in(path.read_bytes())})


def told(world: World, case: str) -> str:
    """Everything that pages, search, exports and dossiers say of a case."""
    auditor = world.actor("north.auditor")
    with world.platform.database.read() as connection:
        page = case_page(connection, world.platform.known, auditor, case)
        made = [
            dossier(connection, world.platform.known, auditor, case, masked=masked, verifier=SIGNER.verifier)
            for masked in (True, False)
        ]
        files = [item["content"] for one in made for item in one.data["files"]]
        named = traces(connection, auditor, Wanted(), bytes(32), named=True)
        hits = [row.id for row in find_cases(connection, auditor, text=NAME).rows]
    contents = b"".join(base64.b64decode(content) for content in files).decode(errors="replace")
    data = [json.dumps(one.data, ensure_ascii=False) for one in made]
    return "\n".join([repr(page), *data, contents, to_json_lines(named).decode(), f"hits: {hits}"])


def test_after_erasure_no_trace_is_left_in_the_files_of_the_database(lived: Lived) -> None:
    assert set(on_disk(lived.world)) == set(SECRETS)

    lived.erase()
    assert scrub(lived.world.platform.database) == ()

    assert on_disk(lived.world) == []


def test_while_somebody_still_looks_at_the_old_rows_overwriting_is_not_called_done(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = lived.world.platform.database
    with database.read() as looking:
        looking.execute(text("select count(*) from tenant")).scalar_one()
        lived.erase()
        with monkeypatch.context() as hasty:
            hasty.setattr(scrub_module, "_ATTEMPTS_MAX", 2)
            hasty.setattr(scrub_module, "_PAUSE_SECONDS", 0.01)
            with pytest.raises(Conflict, match="Others were reading all the time"):
                scrub(database)
    assert scrub(database) == ()
    assert on_disk(lived.world) == []


def test_without_overwriting_the_files_still_hold_what_the_rows_no_longer_do(lived: Lived) -> None:
    lived.erase()

    assert on_disk(lived.world) != []


def test_after_erasure_no_page_search_export_or_dossier_holds_a_value(lived: Lived) -> None:
    before = told(lived.world, lived.case)
    assert set(found_in(before.encode())) >= {NAME, PHONE, REASON, FILE}
    assert f"hits: ['{lived.case}']" in before

    lived.erase()

    after = told(lived.world, lived.case)
    assert found_in(after.encode()) == []
    assert "hits: []" in after
    assert BASIS in after


def test_everything_still_verifies_and_the_log_continues_the_one_before(lived: Lived) -> None:
    before = read_checkpoint(commit(lived.world) or "")
    lived.erase()
    after = read_checkpoint(commit(lived.world))

    assert lived.world.verdict().findings == ()
    h = hash_suite("sha256")
    with lived.world.platform.database.read() as connection:
        way = consistency_proof(h, lambda level, at: read_node(connection, level, at), before.size, after.size)
        auditor = lived.world.actor("north.auditor")
        made = dossier(
            connection, lived.world.platform.known, auditor, lived.case, masked=False, verifier=SIGNER.verifier
        )
        again = re_execute(connection, lived.world.platform.known, lived.case)
    assert is_consistent(h, before.size, before.root, after.size, after.root, way)
    proof = check(json.loads(json.dumps(made.data)), SIGNER.verifier)
    assert (proof.ended, proof.missing) == (True, ())
    assert (again.erased, again.commands, again.difference) == (True, 0, None)


def test_a_value_taken_away_without_an_erasure_is_found(lived: Lived) -> None:
    with lived.world.platform.database.write() as connection:
        connection.execute(t.payload.delete().where(t.payload.c.stream == f"case:{lived.case}", t.payload.c.seq == 2))

    assert any("no erasure is recorded" in str(finding) for finding in lived.world.verdict().findings)


def test_a_value_that_came_back_after_its_erasure_is_found(lived: Lived) -> None:
    with lived.world.platform.database.read() as connection:
        where = t.payload.c.stream == f"case:{lived.case}"
        kept = [dict(row) for row in connection.execute(select(t.payload).where(where)).mappings()]
    lived.erase()
    back = next(row for row in kept if row["name"] == "variables")
    with lived.world.platform.database.write() as connection:
        connection.execute(t.payload.insert().values(**back))

    assert any("it is still there" in str(finding) for finding in lived.world.verdict().findings)


def test_a_file_that_another_case_has_too_stays_until_that_is_erased_as_well(lived: Lived) -> None:
    world = lived.world
    other = start(world, "李雷")
    lived.erase()
    with world.platform.database.read() as connection:
        contents = list(connection.execute(select(t.file.c.content)).scalars())
    assert CONTENT in [bytes(one) for one in contents]

    lived.run(instances.cancel_instance, "bob.east", other, "x")
    Lived(world, other).erase()

    with world.platform.database.read() as connection:
        contents = list(connection.execute(select(t.file.c.content)).scalars())
    assert CONTENT not in [bytes(one) for one in contents]
    assert world.verdict().findings == ()


def test_what_other_cases_hold_stays(lived: Lived) -> None:
    other = start(lived.world, "李雷")
    before = told(lived.world, other)
    lived.erase()

    assert "李雷" in before
    assert repr(lived.world.state(other)) and "李雷" in told(lived.world, other)
    assert lived.world.verdict().findings == ()


def test_a_running_case_is_not_erased(lived: Lived) -> None:
    running = start(lived.world, "李雷")

    with pytest.raises(Rejected, match="Cancel it first"):
        lived.run(erasure.request_erasure, "root.admin", running, "本人要求", BASIS)
    lived.run(instances.cancel_instance, "bob.east", running, "x")
    Lived(lived.world, running).erase()
    assert "李雷" not in told(lived.world, running)


def test_one_person_alone_cannot_erase_and_nobody_can_without_a_request(lived: Lived) -> None:
    with pytest.raises(Rejected, match="Nobody has asked"):
        lived.run(erasure.erase_answers, "root.admin", lived.case)
    lived.run(erasure.request_erasure, "root.admin", lived.case, "本人要求", BASIS)
    with pytest.raises(Rejected, match="asked for already"):
        lived.run(erasure.request_erasure, "north.admin", lived.case, "本人要求", BASIS)
    with pytest.raises(Rejected, match="another person"):
        lived.run(erasure.erase_answers, "root.admin", lived.case)

    assert NAME in told(lived.world, lived.case)


def test_a_declined_request_erases_nothing(lived: Lived) -> None:
    lived.run(erasure.request_erasure, "root.admin", lived.case, "本人要求", BASIS)
    lived.run(erasure.decline_erasure, "north.admin", lived.case, "保存期未满")

    with pytest.raises(Rejected, match="Nobody has asked"):
        lived.run(erasure.erase_answers, "north.admin", lived.case)
    assert NAME in told(lived.world, lived.case)
    assert lived.world.verdict().findings == ()


@pytest.mark.parametrize(("reason", "basis"), [("", BASIS), ("x", " "), ("x" * 501, BASIS)])
def test_without_a_reason_and_a_legal_basis_nothing_is_asked(lived: Lived, reason: str, basis: str) -> None:
    with pytest.raises(Rejected, match="legal basis"):
        lived.run(erasure.request_erasure, "root.admin", lived.case, reason, basis)


def test_a_case_of_others_is_not_there_to_erase(lived: Lived) -> None:
    with pytest.raises(NotFound):
        lived.run(erasure.request_erasure, "ann.west", lived.case, "本人要求", BASIS)
