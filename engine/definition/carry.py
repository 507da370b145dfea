"""Files of a procedure as an archive that is the same whenever and wherever it is packed, and unpacks fit for git."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.definition.bundle import SINGLE
from engine.definition.profile import read_profile
from engine.definition.profile_text import rewrite

Resources = Mapping[tuple[str, str], bytes]

_NAMES: Final = {
    "process": "{key}.bpmn",
    "decision": "{key}.dmn",
    "form": "forms/{key}.form.json",
    "document": "documents/{key}.html.j2",
    "scenario": "scenarios/{key}.toml",
    **{kind: name for name, kind in SINGLE.items()},
}
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)  # of time, for archives
_PLAIN_FILE: Final = 0o100644 << 16


def named(resources: Resources) -> dict[str, bytes]:
    """The files by the names that a procedure folder has, in the order of names."""
    return dict(sorted((_NAMES[kind].format(key=key), content) for (kind, key), content in resources.items()))


def pack(resources: Resources) -> bytes:
    """The files as a ZIP archive: stable order, no times, so the same files are the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in named(resources).items():
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _PLAIN_FILE, 3
            archive.writestr(entry, content)
    return out.getvalue()


def flat_profile(profiles: Sequence[bytes]) -> bytes:
    """Profiles from the nearest organisation to the root as one: the root's text with the values that hold."""
    *nearer, text = profiles
    for content in reversed(nearer):
        said = read_profile(content)
        values: dict[str, Any] = {key: one.value for key, one in said.items()}
        types = {key: one.type for key, one in said.items()}
        text = rewrite(text, values, types, {key: one.label for key, one in said.items()})
    return text
