"""A new version above of what this organisation has its own of: three versions side by side, and what to do."""

from __future__ import annotations

from typing import Final, Literal, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.overrides import decide_override
from engine.definition.diff import Change, compare
from engine.definition.diff_words import Called
from engine.errors import Rejected
from engine.queries import overrides as queries
from engine.queries.drafts import draft as find_draft
from web import access
from web.language import gettext
from web.studio.drafts import edit_address
from web.studio.naming import file_names, kind_name
from web.transaction import perform_once, reader

overrides = Blueprint("overrides", __name__, url_prefix="/studio/overrides")

_WAYS: Final = ("kept", "taken", "edited", "merged")


@overrides.get("/<review_id>")
def show(review_id: str) -> ResponseReturnValue:
    """What changed above, what one's own version changes, and the three buttons."""
    actor = access.actor()
    found = queries.three_ways(reader(), actor, review_id)
    review = found.review
    names = file_names(actor.tenant, review.procedure)
    name = names.get((review.kind, review.key))
    return render_template(
        "studio/override.html",
        found=found,
        review=review,
        name=name or (kind_name(review.kind) if review.key == review.procedure else review.key),
        kind=kind_name(review.kind),
        above=_compare(found, found.old_content, found.new_content, names),
        ours=_compare(found, found.old_content, _ours(found, found.old_content), names),
        merged=_compare(found, found.own_content, found.merged, names) if found.merged else (),
        between=_compare(found, found.new_content, _ours(found, found.new_content), names),
    )


@overrides.post("/<review_id>")
def decide(review_id: str) -> ResponseReturnValue:
    """Keeps one's own, or begins a draft that takes theirs or edits one's own."""
    how = request.form.get("how", "")
    if how not in _WAYS:
        raise Rejected("Expected one of: keep, take, edit. Open the page again.")
    chosen = cast(Literal["kept", "taken", "edited", "merged"], how)
    actor = access.actor()
    title = gettext("After a new version above")
    answer = perform_once(lambda uow: {"draft": decide_override(uow, review_id, chosen, title)}, actor)
    if not answer["draft"]:
        return redirect(url_for("studio.index", done="kept"), 303)
    if how in ("taken", "merged"):
        done = "removed" if how == "taken" else "merged"
        return redirect(url_for("drafts.show", draft_id=answer["draft"], done=done), 303)
    review = queries.three_ways(reader(), actor, review_id).review
    return redirect(edit_address(find_draft(reader(), actor, answer["draft"]), review.kind, review.key), 303)


Version = bytes | tuple[bytes, bytes] | None
"""A file, or parameters of one's own over those from above; None where there is none."""


def _ours(found: queries.ThreeWays, above: bytes | None) -> Version:
    """Parameters say only what is different from above; any other file is whole."""
    return (found.own_content, above) if found.review.kind == "profile" and above is not None else found.own_content


def _compare(found: queries.ThreeWays, before: Version, after: Version, known: Called) -> list[Change]:
    review = found.review
    shared = {("bundle", review.procedure): found.manifest} if review.kind != "bundle" else {}

    def files(version: Version) -> dict[tuple[str, str], bytes]:
        contents = version if isinstance(version, tuple) else (version,)
        keys = (review.key, f"{review.key}@above")
        own = {(review.kind, key): one for key, one in zip(keys, contents, strict=False) if one is not None}
        return {**shared, **own}

    return compare(files(before), files(after), known)
