"""The other process: reads a file, says whether it must be refused, waits for the next. Ends with its parent.

Memory is limited by the system where the system can (Linux, macOS); everywhere the size of a file, the number of
its elements and their depth are limited before anything large is made of them.
"""

from __future__ import annotations

import importlib
import json
import os
import struct
import sys
from typing import Any, BinaryIO, Final

from engine.errors import Rejected, ShangmenError

MEMORY_BYTES_MAX: Final = 1_500_000_000


def main() -> None:
    """Answers questions on standard input until it is closed."""
    _limit_memory()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    importlib.import_module("engine.quarantine.examine")
    _answer(answers, None)
    while len(head := sys.stdin.buffer.read(8)) == 8:
        lengths = struct.unpack(">II", head)
        question, content = (sys.stdin.buffer.read(length) for length in lengths)
        _answer(answers, _refusal(json.loads(question), content))


def _refusal(question: dict[str, str], content: bytes) -> dict[str, Any] | None:
    module, _, name = question["examiner"].partition(":")
    examine = getattr(importlib.import_module(module), name)
    error: ShangmenError
    try:
        examine(question["kind"], question["key"], content)
        return None
    except RecursionError:
        error = Rejected("Expected %(file)s to be nested less deeply. Flatten it.", file=question["key"])
    except ShangmenError as refusal:
        error = refusal
    return {"template": error.template, "params": {key: _plain(value) for key, value in error.params.items()}}


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | None) else str(value)


def _answer(pipe: BinaryIO, said: dict[str, Any] | None) -> None:
    content = json.dumps(said).encode()
    pipe.write(struct.pack(">I", len(content)) + content)
    pipe.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    except (ValueError, OSError):  # some systems do not let it be lowered
        return


if __name__ == "__main__":
    main()
