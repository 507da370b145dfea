"""What pages show, made on the server: diagrams, sentences, lists, and the tags that load scripts and sheets."""

from __future__ import annotations

from flask import Flask

from web.render import assets, diagram, outline, sheet


def install(app: Flask) -> None:
    """Gives the templates what this package renders."""
    app.jinja_env.globals.update(
        asset_tags=assets.asset_tags,
        picture=diagram.picture,
        outline=outline.outline,
        sheet=sheet.sheet,
    )
