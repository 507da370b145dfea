"""Put the whole dossier of a case into the archive's folder, and its digest into the case.

What must be in it the diagram says: ``sm:input`` is ``{requires: ["element", …]}`` – work that was done, or papers by
their template. Something missing is an incident, so that a case is not archived without it. The file holds the data
that ``shangmen check-dossier`` verifies; it is written whole or not at all, and a job that comes twice writes it once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.errors import Rejected
from engine.history.seal import digest
from engine.model import JobRequest, JobResult


class Archive:
    """Dossiers as files in a folder, one a case and job."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, request: JobRequest) -> JobResult:
        """Write the dossier. Returns its name, digest and number of facts. Raises ``Rejected`` for a missing item."""
        data = request.dossier()
        kept = set(_kept(data))
        missing = [str(item) for item in request.inputs.get("requires") or [] if item not in kept]
        if missing:
            raise Rejected(
                "Expected %(missing)s in the dossier, but the case has none. Complete it, then try again.",
                missing=", ".join(missing),
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        target = self.folder / f"{request.job}.json"
        draft = target.with_suffix(".tmp")
        draft.write_bytes(content)
        os.replace(draft, target)
        return JobResult({"file": target.name, "digest": digest(content), "facts": len(data["facts"])})

    def forget(self, instance_id: str) -> int:
        """Delete the dossiers of a case. Returns how many."""
        found = [path for path in self.folder.glob("*.json") if path.name.startswith(f"{instance_id}.")]
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)


def _kept(data: Mapping[str, Any]) -> Iterator[str]:
    """What a dossier holds: the elements that people completed, the templates of the papers that were issued."""
    for fact in data.get("facts", ()):
        body = json.loads(fact["body"])
        if body["type"] == "UserTaskCompleted":
            yield body["data"]["element"]
        elif body["type"] == "PaperIssued":
            yield body["data"]["document"]
