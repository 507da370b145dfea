"""What the application server loads: the application, from settings in the environment."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from engine.connectors.keys import log_signer
from engine.connectors.registry import connectors
from engine.quarantine import warm_up
from engine.store.database import open_database
from engine.store.queue import DbosQueue
from engine.store.run import Platform
from engine.store.suite import settle_suite
from engine.worker import DbosWorker, executor_name
from web.app import create_app
from web.config import Settings


def _application():  # type: ignore[no-untyped-def]
    settings = Settings.from_environment(os.environ)
    database = open_database(settings.database_url)
    settle_suite(database, settings.hash_suite)
    platform = Platform(database, DbosQueue(database.engine))
    if settings.worker_inside:
        data = Path(settings.data_folder)
        DbosWorker(platform, connectors(data), executor_name(), signer=log_signer(data)).start()
    warm_up()
    return create_app(settings, platform)


application = _application()
gc.freeze()  # what is there now stays: looking through it again would cost a long page a third of its time
