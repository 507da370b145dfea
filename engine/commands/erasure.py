"""Erase the personal data of a case under the law: one person asks, another does it, and both are facts.

Only a case that has ended is erased: a running one needs its answers, so it is cancelled first. All of it is erased,
never a part, because later facts repeat earlier answers (tables, papers, computed values). What stays is named in
``engine.store.erasure``; afterwards the bytes on the disk are overwritten (``engine.store.scrub``).
"""

from __future__ import annotations

from engine.errors import Rejected
from engine.history import events as e
from engine.store.erasure import (
    delete_contents,
    digests_of,
    erase_beside,
    erase_messages,
    erase_values,
    pending_erasure,
    values_of,
)
from engine.store.unit_of_work import Case, UnitOfWork

TEXT_LENGTH_MAX = 500


def request_erasure(uow: UnitOfWork, instance_id: str, reason: str, legal_basis: str) -> str:
    """Ask that a case's personal data be erased; returns the request's id.

    Raises ``NotFound``, and ``Rejected`` for a running case, a second request, or without reason and legal basis.
    """
    case = _ended(uow, instance_id)
    reason, legal_basis = _required(reason, legal_basis)
    if pending_erasure(uow.connection, instance_id) is not None:
        raise Rejected("The erasure of this case was asked for already. Somebody else must confirm or decline it.")
    request = f"{instance_id}.e{case.seq + 1}"
    uow.record(case, [e.ErasureRequested(request, reason, legal_basis)])
    return request


def decline_erasure(uow: UnitOfWork, instance_id: str, reason: str) -> None:
    """Let the data stay although somebody asked. Raises ``Rejected`` without a request or a reason."""
    case = _ended(uow, instance_id)
    (reason,) = _required(reason)
    asked = pending_erasure(uow.connection, instance_id)
    if asked is None:
        raise _nothing_asked()
    uow.record(case, [e.ErasureDeclined(asked["id"], reason)])


def erase_answers(uow: UnitOfWork, instance_id: str) -> None:
    """Erase what was asked for. Raises ``Rejected`` without a request, and for the person who asked.

    The values are out of the rows when this transaction ends, and out of the files after ``scrub``.
    """
    case = _ended(uow, instance_id)
    asked = pending_erasure(uow.connection, instance_id)
    if asked is None:
        raise _nothing_asked()
    if asked["requested_by"] == uow.actor.user:
        raise Rejected("Expected another person than the one who asked for the erasure. Ask a colleague to confirm it.")
    contents = digests_of(uow.connection, instance_id)
    values = values_of(uow.connection, instance_id)
    seqs = erase_values(uow.connection, instance_id)
    kept_files = delete_contents(uow.connection, contents)
    erased = e.AnswersErased(seqs, asked["reason"], asked["legal_basis"], asked["id"], kept_files)
    uow.record(case, [erased], b"")
    for stream, numbers in erase_messages(uow.connection, instance_id).items():
        uow.record_in(stream, [e.AnswersErased(numbers, asked["reason"], asked["legal_basis"])])
    erase_beside(uow.connection, instance_id, values)


def _ended(uow: UnitOfWork, instance_id: str) -> Case:
    case = uow.case(instance_id)
    if case.status == "running":
        raise Rejected(
            "Expected a case that has ended, but case %(number)s is running and needs its answers. Cancel it first.",
            number=case.number,
        )
    return case


def _required(*texts: str) -> tuple[str, ...]:
    found = tuple(text.strip() for text in texts)
    if not all(0 < len(text) <= TEXT_LENGTH_MAX for text in found):
        raise Rejected(
            "Expected a reason and a legal basis of 1 to %(max)s characters. Say why, and which rule allows it.",
            max=TEXT_LENGTH_MAX,
        )
    return found


def _nothing_asked() -> Rejected:
    return Rejected("Nobody has asked for the erasure of this case. One person asks, another confirms.")
