"""What a fact can do to the rows: add one, change one, take one away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table


@dataclass(frozen=True, slots=True)
class Insert:
    table: Table
    values: Mapping[str, Any]
    or_ignore: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    table: Table
    key: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delete:
    table: Table
    key: Mapping[str, Any]


Change = Insert | Update | Delete
