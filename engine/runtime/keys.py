"""The key of a message: one text that says which of several waiting cases is meant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.runtime.expressions import shown
from engine.runtime.stuck import Stuck

KEY_LENGTH_MAX = 200
KEY_SEPARATOR = " · "


def correlation_key(value: Any, text: str) -> str:
    """A value, or several that count together, as one key. Raises ``Stuck`` for nothing or anything else.

    ``text`` is the expression that gave it.
    """
    parts = value if isinstance(value, list) else [value]
    plain = all(isinstance(part, str | int | Decimal) and not isinstance(part, bool) for part in parts)
    texts = [str(part).strip() for part in parts] if plain else []
    key = KEY_SEPARATOR.join(texts) if all(text and KEY_SEPARATOR not in text for text in texts) else ""
    if not key or len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise Stuck(
            "Expected a text or number of at most %(limit)s characters from %(expression)s, to know which case is "
            "meant, but found %(found)s. Correct the data or the diagram, then retry.",
            limit=KEY_LENGTH_MAX,
            expression=text,
            found=shown(value),
        )
    return key
