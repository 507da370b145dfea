"""What no override may break: rules as data, checked by exploring the behaviour of the whole composed process."""

from engine.definition.floor.check import check_floor, floor_of
from engine.definition.floor.composed import TooLarge
from engine.definition.floor.rules import Rule, read_floor

__all__ = ["Rule", "TooLarge", "check_floor", "floor_of", "read_floor"]
