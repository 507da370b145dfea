"""Decisions (DMN 1.3 to 1.5): read a file, evaluate a decision, find mistakes in its tables."""

from engine.decision.expressions import DecisionFailed
from engine.decision.lint import Finding, lint
from engine.decision.model import Model, Result, read_decisions, read_library
from engine.decision.session import DecisionWarning

__all__ = ["DecisionFailed", "DecisionWarning", "Finding", "Model", "Result", "lint", "read_decisions", "read_library"]
