"""The tags that load an entry of web/frontend/src in a page.

In a template: ``{{ asset_tags("form.js") }}``. Without built assets the tags are empty, and the page
works as plain HTML.
"""

from __future__ import annotations

import functools
from typing import Any

from flask import url_for
from markupsafe import Markup

from web.assets_build import read_manifest


def asset_tags(entry: str) -> Markup:
    """``<script type="module">`` or ``<link rel="stylesheet">`` for ``entry``, with what it imports, or nothing."""
    found = _manifest().get(entry)
    if found is None:
        return Markup("")  # nothing in it
    sheets = [found["file"]] if entry.endswith(".css") else found["css"]
    # ours; format escapes the rest
    tags = [Markup('<link rel="stylesheet" href="{}">').format(_address(sheet)) for sheet in sheets]
    if entry.endswith(".js"):
        tags += [Markup('<link rel="modulepreload" href="{}">').format(_address(part)) for part in found["imports"]]
        # ours; format escapes the rest
        tags.append(Markup('<script type="module" src="{}"></script>').format(_address(found["file"])))
    return Markup("\n").join(tags)  # joins parts that are escaped


def asset_path(entry: str) -> str | None:
    """The address of ``entry``'s own file, or None if it was not built."""
    found = _manifest().get(entry)
    return _address(found["file"]) if found else None


def _address(file: str) -> str:
    return url_for("static", filename="dist/" + file)


@functools.cache
def _manifest() -> dict[str, dict[str, Any]]:
    return read_manifest()
