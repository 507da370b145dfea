"""The hash function of the record: SHA-256, or SM3 (GB/T 32905) where rules on commercial cryptography ask for it.

An installation has one for its whole record, chosen when it begins and kept in its database
(``engine.store.suite``); a process takes it from there once, when it opens the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

Hash: TypeAlias = Callable[[bytes], Any]
"""Bytes → an object with ``digest()`` and ``hexdigest()``."""

FIRST: Final = "sha256"
SUITES: Final[tuple[str, ...]] = (FIRST, "sm3")
_chosen = FIRST


def choose(suite: str) -> None:
    """Hash with ``suite`` from now on, in this process. Raises ``ValueError`` for one that is not known here."""
    global _chosen
    function(suite)(b"")
    _chosen = suite


def suite() -> str:
    """The name of the suite in use."""
    return _chosen


def function(name: str = "") -> Hash:
    """The hash function of a suite, by default of the one in use. Raises ``ValueError`` for an unknown one."""
    name = name or _chosen
    if name not in SUITES:
        raise ValueError(f"expected one of {', '.join(SUITES)}, found {name}")
    return hashlib.sha256 if name == FIRST else partial(hashlib.new, name)  # by name takes three times as long
