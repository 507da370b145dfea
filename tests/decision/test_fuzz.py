"""Tables changed at random places, in their texts, attributes and structure: read or refused, never anything else."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from lxml import etree

from engine.decision import lint, read_decisions
from engine.errors import ShangmenError
from engine.feel import Environment
from tests.decision.tables import PROCESSES

_SEED = int(os.environ.get("SHANGMEN_SEED", "20260907"))
_ROUNDS = int(os.environ.get("SHANGMEN_FUZZ_ROUNDS", "300"))
_PIECES = [
    "null", "-", "?", "[1..", "..", "not(", '"', "(", ")", '@"2026-01-01"', "1e400", "for x in ", " return x", "{a: 1}",
    "[[1]]", ",", "<", 'date("x")', "partial", "item", "true", "function(x) x", "　", "**", ".a", "[1]", "[-1]",
]  # fmt: skip
_ATTRIBUTES = [
    "number", "string", "tX", "boolean", "date", "list", "Any", "function", "UNIQUE", "FIRST", "COLLECT", "PRIORITY",
    "ANY", "OUTPUT ORDER", "SUM", "COUNT", "#x", "",
]  # fmt: skip
_VALUES: list[Any] = [None, 1, "1", True, [], {}, [1, "a"], {"a": 1}, "2026-01-01", -5]


class Mutator:
    """Changes a file's tree; every choice comes from one seed."""

    def __init__(self, seed: int, contents: list[bytes]) -> None:
        self.chance = random.Random(seed)
        self.contents = contents
        self.texts = [
            text.text for content in contents for text in etree.fromstring(content).iter("{*}text") if text.text
        ]

    def changed(self) -> bytes:
        """One of the files with one to three changes."""
        root = etree.fromstring(self.chance.choice(self.contents))
        for _ in range(self.chance.randint(1, 3)):
            self.chance.choice([self._text, self._text, self._text, self._attribute, self._remove, self._copy])(root)
        return etree.tostring(root)

    def _element(self, root: Any) -> Any:
        return self.chance.choice([element for element in root.iter() if isinstance(element.tag, str)])

    def _text(self, root: Any) -> None:
        texts = list(root.iter("{*}text"))
        if not texts:
            return
        element = self.chance.choice(texts)
        text = element.text or ""
        place = self.chance.randrange(len(text) + 1)
        element.text = self.chance.choice(
            [
                self.chance.choice(self.texts),
                text[:place] + self.chance.choice(_PIECES) + text[place:],
                text[:place] + text[place + self.chance.randint(1, 4) :],
                text + self.chance.choice([" + ", ", ", " = ", " in "]) + self.chance.choice(self.texts),
            ]
        )

    def _attribute(self, root: Any) -> None:
        element = self._element(root)
        if element.attrib:
            element.set(self.chance.choice(list(element.attrib)), self.chance.choice(_ATTRIBUTES))

    def _remove(self, root: Any) -> None:
        element = self._element(root)
        if element.getparent() is not None:
            element.getparent().remove(element)

    def _copy(self, root: Any) -> None:
        self._element(root).append(etree.fromstring(etree.tostring(self._element(root))))


def test_changed_tables_are_read_or_refused_and_nothing_else() -> None:
    """Set SHANGMEN_SEED and SHANGMEN_FUZZ_ROUNDS to repeat or to go on."""
    contents = [path.read_bytes() for path in sorted(PROCESSES.glob("*/*.dmn"))]
    mutator = Mutator(_SEED, contents)
    read = failed = 0
    for number in range(_ROUNDS):
        content = mutator.changed()
        try:
            model = read_decisions(content, contents)
            read += 1
            assert not [finding for finding in lint(model) if finding.rule == "rule-error"]
            for found in model.decisions[-2:]:
                answers = {name: mutator.chance.choice(_VALUES) for name in sorted(model.inputs(found.id))}
                model.evaluate(found.id, answers, Environment())
        except ShangmenError:
            failed += 1
        except Exception as problem:
            pytest.fail(f"seed {_SEED}, round {number}: {problem!r}")
    assert read > _ROUNDS / 2  # otherwise the changes are too coarse to test anything
    assert failed
