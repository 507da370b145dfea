"""Everything the engine can refuse or find broken, drawn as one tree.

    ShangmenError
    ├── Rejected            understood and refused; nothing was written
    │   ├── NotFound        no such thing, or not for this actor: callers cannot tell which
    │   ├── Conflict        someone else moved first; reload and look again
    │   └── Invalid         a submitted form has problems, one per field
    └── Corrupt             the record contradicts itself; a person must look

A message is an English sentence with named placeholders. The sentence is the key of the
catalogue, so a page can say it in the reader's language; the values never enter the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any


def filled(template: str, params: Mapping[str, Any]) -> str:
    """A sentence in English with its values: several of one place with commas between them."""
    if not params:
        return template
    return template % {
        place: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
        for place, value in params.items()
    }


class ShangmenError(Exception):
    """Carries a sentence (``template``) and its values (``params``): ``template % params`` is English."""

    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template, params)
        self.template = template
        self.params = params

    def __str__(self) -> str:
        return filled(self.template, self.params)


class Rejected(ShangmenError):
    """A command that was understood and refused. Nothing was written."""


class NotFound(Rejected):
    """No such thing, or it is not for this actor: callers cannot tell which."""


class Conflict(Rejected):
    """Someone else moved first, and what was asked for is no longer possible."""


class Corrupt(ShangmenError):
    """Stored facts contradict each other. Never caught silently."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: its key, a sentence (English template) and the sentence's values."""

    field: str
    template: str
    params: dict[str, Any] = dataclass_field(default_factory=dict)

    def __str__(self) -> str:
        return filled(self.template, self.params)


class Invalid(Rejected):
    """A submitted form has problems: shown beside the fields, and nothing was written."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("The form has %(count)s problems.", count=len(problems))
        self.problems = tuple(problems)
