"""Tell somebody something outside the platform. The default outbox writes a file that a gateway picks up.

Real gateways (text messages, post, telephone) differ in every place; each is an adapter with the same
signature. The file's name is the job's id, so a job that is delivered twice leaves one message.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from engine.model import JobRequest, JobResult
from engine.values import encode


class Outbox:
    """Messages as JSON files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, request: JobRequest) -> JobResult:
        """Write the message whole or not at all. Returns its name in ``message_file``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / f"{request.job}.json"
        message = {"case": request.number, "at": request.now.isoformat(), **encode(dict(request.inputs))}
        draft = target.with_suffix(".tmp")
        draft.write_text(json.dumps(message, ensure_ascii=False, indent=1))
        os.replace(draft, target)
        return JobResult({})

    def forget(self, instance_id: str) -> int:
        """Delete the messages of a case that no gateway has picked up. Returns how many."""
        found = [path for path in self.folder.glob("*.json") if path.name.startswith(f"{instance_id}.")]
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)
