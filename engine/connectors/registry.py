"""Which connector does what. A procedure names a connector; an installation decides what stands behind the name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from engine.connectors.archive import Archive
from engine.connectors.documents import issue_document
from engine.connectors.notify import Outbox
from engine.errors import Rejected
from engine.model import JobRequest, JobResult

Connector: TypeAlias = Callable[[JobRequest], JobResult]


def connectors(data_folder: Path) -> Mapping[str, Connector]:
    """The connectors of an installation that keeps its files in ``data_folder``."""
    return {
        "document": issue_document,
        "notify": Outbox(data_folder / "outbox"),
        "archive": Archive(data_folder / "archive"),
    }


@runtime_checkable
class Keeper(Protocol):
    """A connector that keeps something of a case outside the database."""

    def forget(self, instance_id: str) -> int:
        """Delete all that is kept of a case whose personal data were erased. Returns how much that was."""


def forget(known: Mapping[str, Connector], instance_id: str) -> int:
    """Have every connector delete what it keeps of a case. Returns how much that was."""
    keepers: list[object] = list(known.values())
    return sum(keeper.forget(instance_id) for keeper in keepers if isinstance(keeper, Keeper))


def perform(known: Mapping[str, Connector], request: JobRequest) -> JobResult:
    """Carry out a request. Raises ``Rejected`` when there is no such connector or it refuses."""
    connector = known.get(request.connector)
    if connector is None:
        raise Rejected(
            "Expected a connector that is installed here, found “%(connector)s”. Installed: %(known)s.",
            connector=request.connector,
            known=", ".join(sorted(known)),
        )
    return connector(request)
