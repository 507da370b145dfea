"""Checks of diagrams before they run, in families; ``linter.lint`` runs them all."""

from engine.definition.finding import Finding
from engine.definition.lint.linter import lint, lint_diagram

__all__ = ["Finding", "lint", "lint_diagram"]
