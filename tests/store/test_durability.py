"""What was committed is on the disk: only the tests own SQLite files do without, and nothing that is started does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.store.database import Database

FULL, OFF = 2, 0
ASKED = """
import sys
from engine.store.database import open_database
with open_database(sys.argv[1]).write() as connection:
    print(connection.exec_driver_sql("pragma synchronous").scalar())
"""


def test_a_commit_waits_until_the_disk_has_it(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'product.sqlite'}"

    asked = subprocess.run([sys.executable, "-c", ASKED, address], capture_output=True, text=True, check=True)

    assert int(asked.stdout) == FULL


def test_a_database_of_the_tests_does_not(sqlite_database: Database) -> None:
    with sqlite_database.write() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == OFF
