"""Finds mistakes in decision tables before they are published: ``lint(model)`` → findings, each with its place."""

from engine.decision.lint.finding import Finding, Severity
from engine.decision.lint.linter import lint

__all__ = ["Finding", "Severity", "lint"]
