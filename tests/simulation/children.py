"""The site and the worker as processes made to be killed: forked from one that has everything imported."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from multiprocessing.synchronize import Event
from typing import Any

from jinja2 import FileSystemBytecodeCache
from werkzeug.serving import WSGIRequestHandler, make_server

from engine.connectors.documents import issue_document
from engine.store.database import open_database
from engine.store.queue import DbosQueue
from engine.store.run import Platform
from engine.worker import DbosWorker, Rhythm, executor_name
from web.app import create_app
from web.config import Settings

RHYTHM = Rhythm(poll_seconds=0.1, sweep_seconds=0.5, overdue_seconds=2.0)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


def _platform(url: str) -> Platform:
    database = open_database(url)
    return Platform(database, DbosQueue(database.engine))


def site(url: str, port: int, ready: Event, options: Mapping[str, Any]) -> None:
    """Serve the real application until killed. ``options``: ``guard`` False forgets every form's number;
    ``dies_after`` n: dies by itself right after the commit of its n-th form, before it can answer."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    platform = _platform(url)
    if not options.get("guard", True):
        platform.run_once = lambda command, actor, now, token: platform.run(command, actor, now)  # type: ignore
    if options.get("dies_after"):
        platform.run_once = _dying(platform.run_once, options["dies_after"])  # type: ignore[method-assign]
    app = create_app(Settings(database_url=url, demo=True, plain_http=True), platform)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache()  # the next one need not compile every page again
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    ready.set()
    server.serve_forever()


def _dying(run_once: Callable[..., Any], after: int) -> Callable[..., Any]:
    count = 0

    def counted(*arguments: Any) -> Any:
        nonlocal count
        answer = run_once(*arguments)
        count += 1
        if count == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return counted


def worker(url: str, _port: int, ready: Event, _options: Mapping[str, Any]) -> None:
    """Do the machine's work until killed."""
    DbosWorker(_platform(url), {"document": issue_document}, executor_name(), RHYTHM).start()
    ready.set()
    while True:
        time.sleep(60)
