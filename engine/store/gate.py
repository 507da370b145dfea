"""First come, first served, before each write transaction on SQLite.

SQLite lets one writer in at a time and leaves the order to chance: under load one writer can starve for
seconds. Threads of a process queue here in order; processes on the same machine take turns by a file lock.
"""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: one process only, threads still queue
    fcntl = None  # type: ignore[assignment]


class Gate:
    """A fair lock over the threads of this process and, through ``lock_file``, over processes."""

    def __init__(self, lock_file: Path | None = None) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._lock_file = lock_file
        self._handle: IO[bytes] | None = None

    def enter(self) -> None:
        """Wait for one's turn."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                turn = None
            else:
                turn = threading.Event()
                self._waiting.append(turn)
        if turn is not None:
            turn.wait()
        if self._lock_file is not None and fcntl is not None:
            self._handle = self._lock_file.open("ab")
            fcntl.flock(self._handle, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Let the next one in."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    def __enter__(self) -> Gate:
        self.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
