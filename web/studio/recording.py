"""Record a story by clicking through a draft: one form after another on a pretended case, saved step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import drafts as commands
from engine.commands.answers import evaluator, form_of
from engine.errors import FieldProblem, Invalid, NotFound, Rejected
from engine.model import Tenant
from engine.queries import drafts as queries
from engine.queries.case_states import TaskState, WaitingMessage
from engine.runtime.interpreter import ProcessDefinition, compile_definition
from engine.runtime.surroundings import ZONE
from engine.scenarios import recorder
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.recorder import Moment, Recorded
from engine.scenarios.script import Scenario, read_scenario
from engine.scenarios.staging import Theatre, theatre_at
from forms.schema import Form
from web import access
from web.language import N_, gettext
from web.posted import posted_texts
from web.render.forms import form_view
from web.studio import tokens
from web.studio.rehearsing import element_name, said, theatre_of, whole_of
from web.transaction import now, perform, platform, reader

recording = Blueprint("recording", __name__, url_prefix="/studio/drafts/<draft_id>/record")

DONE: Final = {
    "step": N_("Recorded."),
    "undone": N_("The last step is gone."),
    "again": N_("The story begins anew: every step after the opening is gone."),
}
PERSONS_MAX: Final = 3
_HOUR: Final = timedelta(hours=1)
_AFTER: Final = timedelta(minutes=10)
"""How long after its moment a timer is looked at."""


@dataclass(frozen=True)
class Scene:
    """A recording as it stands."""

    draft: queries.Draft
    scenario: Scenario
    content: bytes
    definition: ProcessDefinition
    theatre: Theatre
    moment: Moment

    @property
    def case(self) -> PretendedCase:
        return self.moment.case

    @property
    def open_tasks(self) -> tuple[TaskState, ...]:
        view = self.case.case()
        return view.tasks if view else ()

    @property
    def messages(self) -> tuple[WaitingMessage, ...]:
        view = self.case.case()
        return tuple(wait for wait in view.messages if wait.roles) if view else ()


@recording.get("")
def ask(draft_id: str) -> ResponseReturnValue:
    """Asks for the title of a new story and how its case is opened."""
    return _new(draft_id, None, ())


@recording.post("")
def start(draft_id: str) -> ResponseReturnValue:
    """Opens the pretended case."""
    draft, definition = _whole(draft_id)
    case, home, chosen = _beginning(draft, definition)
    title, raw = request.form.get("_title", "").strip()[:80], posted_texts()
    problems = [] if title else [FieldProblem("_title", N_("Expected a title. Say shortly what happens."))]
    at = _moment(request.form.get("_at", ""), None)
    answers, files = {}, {}
    try:
        answers, files = recorder.read_answers(case, chosen.form, chosen.role, raw, {}, at)
    except Invalid as error:
        problems += error.problems
    if problems:
        return _new(draft_id, raw, problems), 422
    key = _new_key(draft)
    begun = Recorded(at, who=chosen.role, answers=answers, files=files)
    content = recorder.new_story(title, draft.procedure, home.id, begun)
    perform(lambda uow: commands.save_file(uow, draft_id, "scenario", key, content, draft.revision), access.actor())
    return redirect(url_for("recording.show", draft_id=draft_id, key=key), 303)


@recording.get("/<key>")
def show(draft_id: str, key: str) -> ResponseReturnValue:
    """Where the story stands, and the form of the task that is chosen."""
    return _page(_scene(draft_id, key))


@recording.post("/<key>/step")
def step(draft_id: str, key: str) -> ResponseReturnValue:
    """Completes the chosen task, or reports the chosen message, as the next step."""
    scene, raw = _scene(draft_id, key), posted_texts()
    at = _moment(request.form.get("_at", ""), scene.moment.at)
    try:
        chosen = _chosen(scene)
        answers, files = recorder.read_answers(scene.case, chosen.form, chosen.role, raw, chosen.seen, at)
        person = request.form.get("_person", "1")
        who = f"{chosen.role}:{person}" if person in ("2", "3") else chosen.role
        recorded = Recorded(at, chosen.task, chosen.message, who, answers, files)
        content = recorder.with_step(scene.content, recorded)
        _require_possible(scene, key, content)
    except Invalid as error:
        return _page(scene, raw, error.problems), 422
    except NotFound:
        raise
    except Rejected as error:
        return _page(scene, raw, [FieldProblem("", error.template, error.params)]), 422
    return _saved(scene, key, content)


@recording.post("/<key>/wait")
def wait(draft_id: str, key: str) -> ResponseReturnValue:
    """Lets time pass until the next thing is due, or until the moment that was given."""
    scene = _scene(draft_id, key)
    until = _moment(request.form.get("_at", ""), scene.moment.at)
    return _saved(scene, key, recorder.with_step(scene.content, Recorded(until)))


@recording.post("/<key>/undo")
def undo(draft_id: str, key: str) -> ResponseReturnValue:
    """Takes the last step back."""
    scene = _scene(draft_id, key)
    return _saved(scene, key, recorder.first_steps(scene.content, len(scene.scenario.steps) - 1), "undone")


@recording.post("/<key>/again")
def again(draft_id: str, key: str) -> ResponseReturnValue:
    """Takes every step back: the case has only been opened."""
    scene = _scene(draft_id, key)
    return _saved(scene, key, recorder.first_steps(scene.content, 0), "again")


@recording.post("/<key>/finish")
def finish(draft_id: str, key: str) -> ResponseReturnValue:
    """The story ends here: what holds now must hold at every dry run."""
    scene = _scene(draft_id, key)
    view = scene.case.case()
    outcome = view.outcome if view else ""
    content = recorder.with_end(scene.content, outcome, [task.element for task in scene.open_tasks])
    _save(scene, key, content)
    return redirect(url_for("stories.show", draft_id=draft_id, key=key, done="recorded"), 303)


# ------------------------------------------------------------------ inside


@dataclass(frozen=True)
class Chosen:
    """The task or message whose form is on the page."""

    form: Form
    role: str
    seen: Mapping[str, Any]
    name: str
    task: str = ""
    message: str = ""


def _whole(draft_id: str) -> tuple[queries.Draft, ProcessDefinition]:
    draft = queries.draft(reader(), access.actor(), draft_id)
    whole = whole_of(draft.tenant, queries.bundle_of(reader(), draft))
    return draft, compile_definition(whole.main, whole.resources)


def _beginning(draft: queries.Draft, definition: ProcessDefinition) -> tuple[PretendedCase, Tenant, Chosen]:
    """A case that is about to be opened: at a unit of the level at which the lanes have the start role."""
    manifest = definition.manifest
    role = str(manifest["start_roles"][0])
    lanes = [lane.attributes for diagram in definition.processes.values() for lane in diagram.lanes]
    level = next((said["level"] for said in lanes if said.get("role") == role and "level" in said), "")
    theatre, home = theatre_at(reader(), platform().known, draft.tenant, level)
    case = PretendedCase(definition, theatre.world)
    case.stand_at(home)
    return case, home, Chosen(form_of(definition, manifest["start_form"]), role, {}, str(manifest["title"]))


def _scene(draft_id: str, key: str) -> Scene:
    draft, definition = _whole(draft_id)
    content = queries.content(reader(), draft, "scenario", key)
    scenario = read_scenario(key, content)
    theatre = theatre_of(draft.tenant, {key: content})
    return Scene(
        draft, scenario, content, definition, theatre, recorder.told_so_far(definition, scenario, theatre)
    )  # fmt: skip


def _chosen(scene: Scene) -> Chosen:
    """What the page's own fields name; the only open task when they name none. Raises ``NotFound``."""
    task_id = request.values.get("_task", "") or ("" if request.values.get("_wait") else _only(scene))
    for task in scene.open_tasks:
        if task.id == task_id:
            key, seen = scene.case.asks(task.id)
            name = element_name(task.element, scene.definition)
            return Chosen(form_of(scene.definition, key), task.role, seen, name, task=task.element)
    for message in scene.messages:
        if message.id == request.values.get("_wait"):
            key = scene.case.form_of_wait(message.id)
            form = form_of(scene.definition, key) if key else Form("", message.message, ())
            name = element_name(message.element, scene.definition)
            return Chosen(form, message.roles[0], scene.case.variables(), name, message=message.element)
    raise NotFound("The case does not wait for %(id)s.", id=task_id[:80])


def _only(scene: Scene) -> str:
    return scene.open_tasks[0].id if scene.open_tasks else ""


def _require_possible(scene: Scene, key: str, content: bytes) -> None:
    """The story with the new step must come true. Raises ``Rejected`` with why it does not."""
    told = recorder.told_so_far(scene.definition, read_scenario(key, content), scene.theatre)
    if told.failed is not None:
        raise Rejected(told.failed.template, **told.failed.params)


def _saved(scene: Scene, key: str, content: bytes, done: str = "step") -> ResponseReturnValue:
    _save(scene, key, content)
    return redirect(url_for("recording.show", draft_id=scene.draft.id, key=key, done=done), 303)


def _save(scene: Scene, key: str, content: bytes) -> None:
    draft = scene.draft
    perform(lambda uow: commands.save_file(uow, draft.id, "scenario", key, content, draft.revision), access.actor())


def _page(scene: Scene, raw: Any = None, problems: Any = ()) -> str:
    try:
        chosen: Chosen | None = _chosen(scene)
    except NotFound:
        chosen = None
    evaluate = evaluator(scene.moment.at, scene.theatre.world.calendar, scene.definition.profile)
    view = scene.case.case()
    failed = scene.moment.failed
    return render_template(
        "studio/record.html",
        scene=scene,
        chosen=chosen,
        form=_view(chosen, scene.case, evaluate, raw, problems) if chosen else None,
        outcome=element_name(view.outcome, scene.definition) if view and view.outcome else "",
        name=lambda element: element_name(element, scene.definition),
        failed=said(failed.template, failed.params, scene.definition) if failed else "",
        next_at=_shown(scene.moment.at + _HOUR),
        timers=[(due, element, _shown(due + _AFTER)) for due, element in scene.case.timers()],
        stages=tokens.stages(scene.case),
        standing=tokens.said(scene.case),
        edit_address=lambda process: url_for("editor.process", draft_id=scene.draft.id, key=process),
        persons=range(1, PERSONS_MAX + 1),
        problems=problems,
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )


def _new(draft_id: str, raw: Any, problems: Any) -> str:
    draft, definition = _whole(draft_id)
    case, home, chosen = _beginning(draft, definition)
    evaluate = evaluator(now(), case.world.calendar, definition.profile)
    return render_template(
        "studio/record_new.html",
        draft=draft,
        form=_view(chosen, case, evaluate, raw, problems),
        home=home,
        next_at=_shown(now()),
        title=request.form.get("_title", ""),
        problems=problems,
    )


def _view(chosen: Chosen, case: PretendedCase, evaluate: Callable[..., Any], raw: Any, problems: Any) -> Any:
    options = case.options(chosen.form)
    return form_view(chosen.form, frozenset({chosen.role}), chosen.seen, evaluate, options, raw, problems)


def _moment(text: str, not_before: datetime | None) -> datetime:
    """The moment that was typed (local time); an hour after the last step for anything that cannot be one."""
    try:
        found = datetime.fromisoformat(text[:16]).replace(tzinfo=ZONE)
    except ValueError:
        found = (not_before + _HOUR) if not_before else now().astimezone(ZONE)
    return max(found, not_before) if not_before else found


def _shown(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def _new_key(draft: queries.Draft) -> str:
    taken = {key for kind, key in draft.files if kind == "scenario"}
    return next(key for number in range(1, 10_000) if (key := f"recorded_{draft.id[:6]}_{number}") not in taken)
