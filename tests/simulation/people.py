"""People who work over HTTP and never give up: the same form again, with the same number, until an answer comes."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

ANSWER_SECONDS_MAX = 10


class GaveUp(Exception):
    """No answer although the end of the game has come."""


@dataclass
class Book:
    """What people remember of their submissions. ``notes`` are unique, so the history can be asked for each."""

    sent: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    resent: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def new_note(self, kind: str) -> str:
        with self.lock:
            note = f"{kind}-{len(self.sent)}"
            self.sent.append(note)
            return note

    def answered(self, note: str, status: int) -> None:
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 303:
                self.acknowledged.add(note)


class Person:
    """Somebody with a browser that forgets nothing."""

    def __init__(self, login: str, port: int, book: Book, over: threading.Event, seed: int) -> None:
        self.login, self.port, self.book, self.over = login, port, book, over
        self.random = random.Random(seed)
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, body and Location. Sent again as it is whenever the connection breaks or nobody listens."""
        body = urlencode(form) if form is not None else None
        tries = 0
        while True:
            try:
                return self._ask(method, path, body)
            except (OSError, http.client.HTTPException):
                tries += 1
                if form is not None and tries == 1:
                    with self.book.lock:
                        self.book.resent += 1
                if self.over.is_set():
                    raise GaveUp(path) from None
                time.sleep(0.02 + self.random.random() * 0.05)

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX)
        try:
            headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, text, answer.headers.get("Location") or ""
        finally:
            connection.close()

    def log_in(self) -> None:
        """Be one of the demonstration's people."""
        _, page, _ = self.request("GET", "/login")
        status, _, _ = self.request("POST", "/login", {"_csrf": _hidden(page, "_csrf"), "person": self.login})
        assert status == 303, status

    def start_case(self) -> None:
        """Open a case by its start form."""
        status, page, _ = self.request("GET", "/desk/start/review")
        if status == 200:
            self._submit("start", "/desk/start/review", page)

    def do_some_task(self) -> bool:
        """Open any waiting task and complete it. False when there is none."""
        _, page, _ = self.request("GET", "/desk")
        tasks = sorted(set(re.findall(r'href="(/desk/tasks/[^"?]+)"', page)))
        if not tasks:
            return False
        path = self.random.choice(tasks)
        status, page, _ = self.request("GET", path)
        if status == 200:  # otherwise somebody else was faster
            self._submit("task", path, page)
        return True

    def _submit(self, kind: str, path: str, page: str) -> None:
        note = self.book.new_note(kind)
        form = {"_csrf": _hidden(page, "_csrf"), "_token": _hidden(page, "_token"), "note": note, "outcome": "forward"}
        status, _, _ = self.request("POST", path, form)
        self.book.answered(note, status)


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, (name, page[:500])
    return found[1]
