"""The built-in functions, one family a file. Importing this package fills the table ``BUILTINS``."""

from engine.feel.builtins import (
    contexts,
    conversion,
    dates,
    intervals,
    lists,
    logic,
    numeric,
    patterns,
    ranges,
    statistics,
    strings,
    working_days,
)
from engine.feel.builtins.registry import BUILTINS

__all__ = ["BUILTINS"]

_FAMILIES = (
    contexts,
    conversion,
    dates,
    intervals,
    lists,
    logic,
    numeric,
    patterns,
    ranges,
    statistics,
    strings,
    working_days,
)
