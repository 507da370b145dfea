"""Dry runs in the studio: all stories told on a draft, one story step by step, and what no story reaches."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import drafts as commands
from engine.errors import Rejected
from engine.queries import drafts as queries
from engine.scenarios.recorder import first_steps
from engine.scenarios.verdicts import Rehearsal, Verdict
from web import access
from web.language import N_, gettext
from web.studio.naming import procedure_title
from web.studio.rehearsing import coverage, rehearsal_of, said
from web.transaction import perform, reader

stories = Blueprint("stories", __name__, url_prefix="/studio/drafts/<draft_id>/stories")

STATES: Final = {
    "wrong": N_("breaks"),
    "mended": N_("comes true again"),
    "changed": N_("goes otherwise"),
    "new": N_("new"),
    "gone": N_("taken away"),
    "same": N_("as before"),
}
"""State of a verdict → what is said of it; the order is that of the page."""


@stories.get("")
def index(draft_id: str) -> ResponseReturnValue:
    """Tells every story on the draft."""
    draft = queries.draft(reader(), access.actor(), draft_id)
    found = rehearsal_of(draft.tenant, queries.bundle_of(reader(), draft))
    return render_template(
        "studio/stories.html",
        draft=draft,
        procedure=procedure_title(draft.tenant, draft.procedure),
        pictures=coverage(found) if found else [],
        **story_context(found, draft.id),
    )


@stories.get("/<key>")
def show(draft_id: str, key: str) -> ResponseReturnValue:
    """One story, before and after."""
    draft, found, verdict = _verdict(draft_id, key)
    return render_template(
        "studio/story.html",
        draft=draft,
        verdict=verdict,
        definition=found.definition,
        said=lambda template, params: said(template, params, found.definition),
        states=STATES,
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )


@stories.post("/<key>/continue")
def take_up(draft_id: str, key: str) -> ResponseReturnValue:
    """Takes the story into the draft as far as it comes, to record the rest."""
    draft, _, verdict = _verdict(draft_id, key)
    if verdict.after is None:
        abort(404)
    content = queries.content(reader(), draft, "scenario", key)
    begun = first_steps(content, verdict.after.steps_played - 1)
    try:
        perform(
            lambda uow: commands.save_file(uow, draft_id, "scenario", key, begun, draft.revision), access.actor()
        )  # fmt: skip
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return redirect(url_for("stories.show", draft_id=draft_id, key=key), 303)
    return redirect(url_for("recording.show", draft_id=draft_id, key=key), 303)


DONE: Final = {"recorded": N_("The story is recorded. It is told with every dry run from now on.")}


def story_context(found: Rehearsal | None, draft_id: str = "") -> dict[str, Any]:
    """What ``studio/dry_run.html`` needs; without a draft its stories have no pages of their own."""
    order = list(STATES)
    return {
        "rehearsal": found,
        "verdicts": sorted(found.verdicts, key=lambda verdict: order.index(verdict.state)) if found else [],
        "said": lambda template, params: said(template, params, found.definition) if found else "",
        "broken": _broken(found) if found else [],
        "story_states": STATES,
        "story_draft": draft_id,
    }


def _broken(found: Rehearsal) -> list[tuple[str, list[Verdict]]]:
    """The stories that break, those that break at the same thing together: (what is wrong, stories)."""
    together: dict[str, list[Verdict]] = {}
    for verdict in found.verdicts:
        if verdict.state == "wrong" and verdict.after is not None:
            sentence = said(verdict.after.problem, verdict.after.params, found.definition)
            together.setdefault(sentence, []).append(verdict)
    return sorted(together.items(), key=lambda one: -len(one[1]))


def _verdict(draft_id: str, key: str) -> tuple[queries.Draft, Rehearsal, Verdict]:
    draft = queries.draft(reader(), access.actor(), draft_id)
    found = rehearsal_of(draft.tenant, queries.bundle_of(reader(), draft))
    verdict = next((one for one in found.verdicts if one.key == key), None) if found else None
    if found is None or verdict is None:
        abort(404)
    return draft, found, verdict
