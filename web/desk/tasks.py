"""One task: read what happened, fill in the form, submit; or save a draft, take it on, put it back, hand it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import tasks as commands
from engine.errors import FieldProblem, Rejected
from engine.queries.cases import colleagues, task_page
from web import access
from web.desk.asked import ask
from web.desk.story import lines_of, picture_of_task
from web.language import N_, current, gettext
from web.looking import looked
from web.posted import Raw, posted_files, posted_texts, problems_of
from web.purpose import for_task
from web.shown import on_task_page
from web.transaction import perform, perform_once, platform, reader

tasks = Blueprint("tasks", __name__, url_prefix="/desk/tasks")

DONE = {
    "draft": N_("Saved as a draft. Nothing is submitted yet; files must be chosen again."),
    "claimed": N_("You have taken this task on."),
    "started": N_("The case is open. This is its first task."),
    "completed": N_("Done. This is the next task of the same case."),
}


@tasks.get("/<task_id>")
def show(task_id: str) -> ResponseReturnValue:
    """The task's form, what happened before, and the diagram."""
    return _page(task_id)


@tasks.post("/<task_id>")
def submit(task_id: str) -> ResponseReturnValue:
    """Completes the task; with problems, the same page again and nothing written."""
    raw, files = posted_texts(), posted_files()
    try:
        answer = perform_once(
            lambda uow: commands.complete_task(uow, task_id, raw, files, current(), request.form.get("_for")),
            access.actor(),
        )
    except Rejected as error:
        return refused(_page(task_id, raw, problems_of(error), lost_files=bool(files)))
    return after(answer, "completed")


@tasks.post("/<task_id>/draft")
def draft(task_id: str) -> ResponseReturnValue:
    """Keeps what is typed so far, unchecked."""
    raw = posted_texts()
    perform(lambda uow: commands.save_draft(uow, task_id, raw), access.actor())
    return redirect(url_for("tasks.show", task_id=task_id, done="draft"), 303)


@tasks.post("/<task_id>/claim")
def claim(task_id: str) -> ResponseReturnValue:
    """Takes the task on, so that colleagues see it is in hand."""
    perform(lambda uow: commands.claim_task(uow, task_id, request.form.get("_for")), access.actor())
    return redirect(url_for("tasks.show", task_id=task_id, done="claimed"), 303)


@tasks.post("/<task_id>/release")
def release(task_id: str) -> ResponseReturnValue:
    """Puts the task back."""
    perform(lambda uow: commands.release_task(uow, task_id), access.actor())
    return redirect(url_for("worklist.index", done="released"), 303)


@tasks.post("/<task_id>/reassign")
def reassign(task_id: str) -> ResponseReturnValue:
    """Hands the task to a colleague, with a reason."""
    user, reason = request.form.get("_user", ""), request.form.get("_reason", "")
    try:
        perform(lambda uow: commands.reassign_task(uow, task_id, user, reason), access.actor())
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        problem = FieldProblem("_reason" if user else "_user", error.template, error.params)
        return refused(_page(task_id, handing_over=[problem]))
    return redirect(url_for("worklist.index", done="reassigned"), 303)


def after(answer: dict[str, Any], done: str) -> ResponseReturnValue:
    """Where to go after a case has moved: the same person's next task in it, else the worklist."""
    if answer["next"]:
        return redirect(url_for("tasks.show", task_id=answer["next"], done=done), 303)
    return redirect(url_for("worklist.index", done=done, case=answer["number"]), 303)


def refused(page: ResponseReturnValue) -> ResponseReturnValue:
    """A page with problems is 422; a redirect (the work is meanwhile gone) stays one."""
    return (page, 422) if isinstance(page, str) else page


def _page(
    task_id: str,
    raw: Raw | None = None,
    problems: Sequence[FieldProblem] = (),
    lost_files: bool = False,
    handing_over: Sequence[FieldProblem] = (),
) -> ResponseReturnValue:
    found = task_page(reader(), platform().known, access.actor(), task_id)
    task, page = found.task, found.page
    if not task.is_candidate:  # somebody else's work, or none any more: the case says how it stands
        return redirect(url_for("cases.show", instance_id=page.case.id), 303)
    asked = None
    if task.may_do:
        typed = raw if raw is not None else task.draft
        asked = ask(
            page.definition, task.form, {task.role}, page.case.tenant, found.variables, typed, problems, lost_files
        )
    shown = render_template(
        "desk/task.html",
        task=task,
        page=page,
        asked=asked,
        problems=[*problems, *handing_over],
        handing_over=handing_over,
        chosen=request.form.get("_for", task.acting_for),
        colleagues=[other for other in colleagues(reader(), task) if other[0] != access.actor().user],
        lines=lines_of(page),
        drawing=picture_of_task(page, task.element),
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )
    for_task(task.name)
    shows = on_task_page(found)
    looked(page.case.id, page.case.number, "task", task.form, fields=shows, on_behalf_of=task.acting_for)
    return shown
