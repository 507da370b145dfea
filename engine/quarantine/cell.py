"""A process that answers questions one after the other, and is killed when it does not.

It is started once and kept warm; a new one takes the place of one that was killed. Only pipes and a thread are
used, so that it works on Linux, macOS and Windows alike. The child gets no secrets: its environment is empty
but for what Python needs. What it answers is JSON: a child that was taken over can lie, not act.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Any, Final, cast

_START_SECONDS: Final = 60.0
_ANSWER_BYTES_MAX: Final = 1_000_000
_KEPT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG")


class Late(Exception):
    """No answer in time; the process was killed."""


class Broken(Exception):
    """The process ended without an answer."""


class Cell:
    """The process, started when it is first needed. Safe to use from several threads: one asks at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._owner = 0
        self._is_ready = False
        atexit.register(self.stop)

    def start(self) -> None:
        """Starts the process without waiting for it."""
        with self._lock:
            self._start()

    def ask(self, question: dict[str, Any], content: bytes, seconds: float) -> Any:
        """The process's answer. Raises ``Late`` or ``Broken``; then the process is gone, and another begins."""
        with self._lock:
            self._start()
            if not self._is_ready:
                self._wait(_START_SECONDS)
                self._is_ready = True
            head = json.dumps(question).encode()
            # Written by a thread of its own: a child that does not read must not block whoever asks.
            threading.Thread(target=self._send, args=(self._process, head, content), daemon=True).start()
            answer = self._wait(seconds)
        return json.loads(answer)

    def stop(self) -> None:
        """Ends the process, if it is ours."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.wait()

    @property
    def pid(self) -> int | None:
        """The process that answers now."""
        return self._process.pid if self._process is not None else None

    def _start(self) -> None:
        forked = self._owner != os.getpid()  # a server that forks must not share the pipe
        if self._process is not None and not forked and self._process.poll() is None:
            return
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.quarantine.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        self._owner, self._is_ready, self._answers = os.getpid(), False, queue.Queue()
        said = cast(IO[bytes], self._process.stdout)
        threading.Thread(target=_listen, args=(said, self._answers), daemon=True).start()

    def _wait(self, seconds: float) -> bytes:
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            self._replace()
            raise Late from None
        if answer is None:
            self._replace()
            raise Broken
        return answer

    def _replace(self) -> None:
        self.stop()
        self._start()

    @staticmethod
    def _send(process: subprocess.Popen[bytes], head: bytes, content: bytes) -> None:
        with suppress(OSError, ValueError):  # it was killed meanwhile: whoever waits hears of it
            pipe = cast(IO[bytes], process.stdin)
            pipe.write(struct.pack(">II", len(head), len(content)) + head + content)
            pipe.flush()


def _listen(pipe: IO[bytes], answers: queue.Queue[bytes | None]) -> None:
    """Puts every answer into the queue, and None when the process has ended."""
    while len(head := pipe.read(4)) == 4:
        (length,) = struct.unpack(">I", head)
        if length > _ANSWER_BYTES_MAX:
            break
        answers.put(pipe.read(length))
    answers.put(None)
