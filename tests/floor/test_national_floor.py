"""N1 to N15: drafts that break each rule in different ways are refused with its number; ones that look alike pass."""

from __future__ import annotations

from typing import Any

import pytest

from engine.definition.floor import check_floor, floor_of
from tests.floor.drafts import (
    Drawn,
    Edit,
    draft,
    drawn,
    form,
    judge,
    national,
    new_field,
    numbers,
    profile,
    text,
    without_field,
)

MAIN = "disability_assessment"
FEE = {"type": "number", "key": "card_price", "label": "工本费（元）"}
CARD = {"type": "number", "key": "card_count", "label": "证件份数"}


def review_task(drawing: Drawn, beside: str, key: str, level: str = "city", role: str = "city_supervisor") -> None:
    drawing.before(beside, "userTask", key, role=role, level=level, form="county_review")


def optional(component: dict[str, Any]) -> None:
    component.setdefault("validate", {}).pop("required", None)


def offering(*values: str) -> Any:
    def change(component: dict[str, Any]) -> None:
        component["values"] = [{"label": value, "value": value} for value in values]

    return change


def ruled(rule: str) -> Any:
    def change(component: dict[str, Any]) -> None:
        component["properties"]["rule"] = rule

    return change


def in_parallel(drawing: Drawn, first: str, second: str, after: str) -> None:
    """Two steps in a row beside each other."""
    drawing.add("parallelGateway", "both", first)
    drawing.add("parallelGateway", "joined", first)
    drawing.add("exclusiveGateway", "merged", first)
    for flow in drawing.into(first):
        flow.set("targetRef", "merged")
    for flow in [*drawing.out(first), *drawing.out(second)]:
        flow.getparent().remove(flow)
    drawing.flow("merged", "both")
    for step in (first, second):
        drawing.flow("both", step)
        drawing.flow(step, "joined")
    drawing.flow("joined", after)


def lone_timer(drawing: Drawn, notice: bool) -> None:
    """A timer at the visit's seal that leads to an end, with a notice or without."""
    host = drawing.node("seal")
    drawing.add("boundaryEvent", "seal_overdue", "seal", attachedToRef="seal", cancelActivity="false")
    timer = drawing.node("seal_overdue").makeelement(f"{BPMN}timerEventDefinition")
    length = timer.makeelement(f"{BPMN}timeDuration")
    length.text = "P9D"
    timer.append(length)
    drawing.node("seal_overdue").append(timer)
    drawing.add("endEvent", "seal_reminded", "seal")
    if notice:
        told = '={role: "county_clerk", level: "county", text: "盖章逾期"}'
        drawing.add("serviceTask", "remind_seal", "seal", connector="notify", input=told)
        drawing.flow("seal_overdue", "remind_seal")
        drawing.flow("remind_seal", "seal_reminded")
    else:
        drawing.flow("seal_overdue", "seal_reminded")
    assert host is not None


BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def attribute(process: str, key: str, name: str, value: str) -> Edit:
    return drawn(process, lambda d: d.node(key).set(f"{{urn:shangmen:bpmn:1}}{name}", value))


def condition(process: str, flow: str, value: str) -> Edit:
    def change(drawing: Drawn) -> None:
        drawing.node(flow)[0].text = value

    return drawn(process, change)


def at_main(change: Any) -> Edit:
    return drawn(MAIN, change)


BREAKS: list[tuple[str, str, tuple[Edit, ...]]] = [
    ("N1", "the visit is drawn away", (at_main(lambda d: d.retarget("flow_plan__visit", "post")),)),
    ("N1", "a gateway leads past it",
     (at_main(lambda d: d.around("visit", "easy_case = true", "post")),)),
    ("N1", "the result no longer matters",
     (condition(MAIN, "flow_assessed__post", 'visit_result != "not_met"'),)),
    ("N1", "the township assesses", (drawn("visit_assessment", lambda d: d.node("assess").set(
        "{urn:shangmen:bpmn:1}role", "township_reviewer")),)),
    ("N1", "any institution may be typed in", (form("visit_plan", lambda c: (
        c.update(type="textfield"), c.pop("properties")), "institution"),)),
    ("N1", "the certificate is made without approval",
     (at_main(lambda d: d.retarget("flow_accepted__service_refused", "issue")),)),
    ("N2", "the seal is removed", (drawn("visit_assessment", lambda d: d.remove("seal")),)),
    ("N2", "the seal comes after the posting",
     (drawn("visit_assessment", lambda d: d.remove("seal")), drawn("approval", lambda d: d.before(
         "county_review", "userTask", "seal", role="institution_admin", tenant="=institution", form="seal")))),
    ("N2", "the seal can be left out", (drawn("visit_assessment", lambda d: d.around("seal", "urgent = true")),)),
    ("N2", "the seal has no date", (form("seal", optional, "sealed_on"),)),
    ("N3", "the period is shorter by a parameter", (profile("posting_days_min", value=3, min=1),)),
    ("N3", "the period is shorter by a number", (text("process", "publicity", "profile.posting_days_min)", "4)"),)),
    ("N3", "calendar days instead of working days",
     (text("process", "publicity", "add working days(posted_on, profile.posting_days_min)",
           'posted_on + duration("P5D")'),)),
    ("N3", "approval while the notice hangs",
     (drawn("publicity", lambda d: d.retarget("flow_posting_open__wait_posting", "posting_closed")),)),
    ("N3", "the table exempts everybody",
     (text("decision", "publicity_required", "<text>true</text>\n        </outputEntry>",
           "<text>false</text>\n        </outputEntry>"),)),
    ("N3", "a script says that no posting is needed",
     (text("process", "visit_assessment", "{visit_attempts: visit_attempts + 1,",
           "{publicity_required: false, visit_attempts: visit_attempts + 1,"),)),
    ("N3", "urgent cases go past the posting", (at_main(lambda d: d.around("post", "urgent = true")),)),
    ("N3", "a condition after which nobody can follow it",
     (condition("delivery", "flow_delivered__set_objection_deadline", 'string(publicity_required) != "x"'),)),
    ("N4", "a longer review by a parameter", (profile("county_review_days_max", value=15, max=20),)),
    ("N4", "a longer review by a number", (attribute("approval", "county_decision", "dueWorkingDays", "=12"),)),
    ("N4", "no time limit at all",
     (drawn("approval", lambda d: d.node("county_decision").attrib.pop("{urn:shangmen:bpmn:1}dueWorkingDays")),)),
    ("N4", "counted from the day the leader opens it",
     (drawn("approval", lambda d: d.node("county_decision").attrib.pop("{urn:shangmen:bpmn:1}dueFrom")),)),
    ("N4", "fourteen calendar days, which weekends that are worked make more of", (
        text("process", "approval", 'dueWorkingDays="=profile.county_review_days_max"', 'dueDays="=14"'),)),
    ("N5", "nobody approves",
     (drawn("approval", lambda d: d.remove("county_decision")),)),
    ("N5", "the township approves", (attribute("approval", "county_decision", "level", "township"),)),
    ("N5", "what is refused is granted",
     (condition("approval", "flow_decision_made__approval_granted", 'county_decision != "return"'),)),
    ("N5", "easy cases are granted beside it",
     (drawn("approval", lambda d: d.around("county_decision", "grade_check = true", "approval_granted")),)),
    ("N6", "a fee by a parameter", (profile("visit_fee_cents", value=5000, max=9000),)),
    ("N6", "a question about a fee", (new_field("certificate", FEE),)),
    ("N6", "the person may pay the visit", (form("visit_plan", ruled("=true"), "fee_payer"),)),
    ("N7", "the table offers only collecting it oneself",
     (text("decision", "delivery_options", '<text>"mail"</text>', '<text>"pickup"</text>'),
      text("decision", "delivery_options", '<text>"hand"</text>', '<text>"pickup"</text>'))),
    ("N7", "the form offers only collecting it oneself", (form("dispatch", offering("pickup"), "delivery_mode"),)),
    ("N7", "collecting it without having asked for it",
     (form("dispatch", lambda c: c["properties"].pop("rule"), "delivery_mode"),)),
    ("N8", "a shorter time by a parameter", (profile("objection_days", value=5, min=1),)),
    ("N8", "a shorter time by a number",
     (text("process", "delivery", "add working days(received_on, profile.objection_days)",
           "add working days(received_on, 7)"),)),
    ("N8", "nobody is told it", (drawn("feedback", lambda d: d.remove("set_review_deadline")),)),
    ("N8", "the case ends without waiting for objections",
     (at_main(lambda d: d.retarget("flow_certified__objections", "archived")),)),
    ("N8", "a gateway leads past the objections", (at_main(lambda d: d.around("objections", "urgent = true")),)),
    ("N8", "the time is over at once", (text("process", "objection_review", "=objection_deadline", "=today()"),)),
    ("N8", "seven days to ask the province", (text(
        "process", "objection_review", "add working days(review_told_on, profile.objection_days)",
        'review_told_on + duration("P7D")'),)),
    ("N8", "sixteen days, and a holiday among them", (text(
        "process", "objection_review", "add working days(review_told_on, profile.objection_days)",
        'review_told_on + duration("P16D")'),)),
    ("N8", "nobody can object", (drawn("objection_review", lambda d: (
        d.into("review_requested")[0].getparent().remove(d.into("review_requested")[0]),
        d.erase_tail("review_requested"))),)),
    ("N8", "straight to the province",
     (drawn("objection_review", lambda d: d.retarget("flow_review_requested__objection_city", "objection_province")),)),
    ("N8", "the city's review is the last", (drawn("objection_review", lambda d: (
        d.retarget("flow_city_decided__set_final_deadline", "review_final"), d.erase_tail("set_final_deadline"))),)),
    ("N8", "the county reviews itself", (drawn("objection_review", lambda d: d.node("objection_city").set(
        "{urn:shangmen:bpmn:1}level", "county")),)),
    ("N8", "the province's decision changes nothing",
     (condition(MAIN, "flow_objections_settled__service", 'review_decision = "reassess"'),)),
    ("N8", "ordered again, but nobody assesses",
     (at_main(lambda d: d.retarget("flow_order_again__plan", "approve")),)),
    ("N9", "no question about evidence", (without_field("application_full", "guardian_evidence"),)),
    ("N9", "evidence can be left out", (form("application_full", optional, "guardian_evidence"),)),
    ("N9", "asked of guardians only", (text(
        "form", "application_full", 'or list contains(categories_applied, \\"intellectual\\") ', ""),)),
    ("N9", "children apply themselves",
     (form("application_full", lambda c: c["properties"].pop("rule"), "applicant_relation"),)),
    ("N10", "refused without feedback",
     (at_main(lambda d: d.retarget("flow_certified__feedback_refused", "ending_reason")),)),
    ("N10", "withdrawn without feedback",
     (at_main(lambda d: d.retarget("flow_withdrawn__feedback_withdrawn", "withdrawal_closed")),)),
    ("N10", "feedback only where somebody wants it",
     (drawn("feedback", lambda d: d.around("give_feedback", "wanted = true")),)),
    ("N11", "the duty is taken out",
     (text("duties", MAIN, '["village_opinion", "assess", "county_decision"]', '["village_opinion", "assess"]'),)),
    ("N11", "the duty names another step", (text("duties", MAIN, '"village_opinion", "assess"', '"seal", "assess"'),)),
    ("N11", "nobody in the village looks at it", (drawn("intake_review", lambda d: d.remove("village_opinion")),)),
    ("N11", "nobody keeps away", (text("duties", MAIN, "[[recusal]]", "[[note]]"),)),
    ("N11", "relatives keep away from the assessment only", (text(
        "duties", MAIN, '"handle_objection", "county_review", "county_decision", "objection_city"',
        '"handle_objection", "objection_city"'),)),
    ("N11", "declared relatives no longer count", (text(
        "duties", MAIN, "relatives_on_staff != null and", "relatives_on_staff = null and"),)),
    ("N11", "one may decide on oneself", (text(
        "duties", MAIN, "person.name = applicant_name or ", ""),)),
    ("N11", "nobody asks for relatives", (without_field("application_full", "relatives_on_staff"),)),
    ("N11", "the doctor declares nothing", (form("assessment", optional, "no_conflict"),)),
    ("N11", "everybody keeps away", (text("duties", MAIN, "'person.name = applicant_name or", "'true or"),)),
    ("N12", "nothing is archived", (at_main(lambda d: d.remove("archive")),)),
    ("N12", "no paper of the assessment", (drawn("visit_assessment", lambda d: d.remove("issue_summary")),)),
    ("N12", "the archive may lack the assessment",
     (form("archive", ruled('=list contains(archive_items, "application")'), "archive_items"),)),
    ("N12", "the result of the posting is left out",
     (drawn("publicity", lambda d: d.remove("close_posting")),
      condition("publicity", "flow_objection_found__posting_closed", "true"))),
    ("N13", "no applications by telephone",
     (form("application", offering("written", "online"), "application_channel"),)),
    ("N13", "applications by telephone end at once",
     (drawn("intake_review", lambda d: d.around("first_contact", 'application_channel = "phone"',
                                                "intake_not_eligible")),)),
    ("N14", "a timer that tells nobody", (drawn("visit_assessment", lambda d: lone_timer(d, notice=False)),)),
    ("N14", "the reminder is taken out", (drawn("intake_review", lambda d: d.remove("remind_township")),)),
    ("N14", "the reminder names nobody",
     (attribute("approval", "remind_city", "input", '={level: "city", text: "请督办"}'),)),
    ("N14", "the reminder is for a role that nobody has",
     (attribute("intake_review", "remind_township", "input", '={role: "inspector", level: "county", text: "督办"}'),)),
    ("N14", "the reminder is for a level that there is not",
     (attribute("approval", "remind_city", "input", '={role: "city_supervisor", level: "galaxy", text: "请督办"}'),)),
    ("N14", "the timer is drawn away with its reminder",
     (drawn("intake_review", lambda d: d.erase_tail("township_overdue")),)),
    ("N14", "the timer hangs on another task",
     (drawn("approval", lambda d: d.node("decision_overdue").set("attachedToRef", "county_review")),)),
    ("N14", "only those who are late are told",
     (attribute("intake_review", "remind_township", "input",
                '={role: "township_reviewer", level: "township", text: "请办理"}'),)),
    ("N14", "told after years", (text(
        "process", "intake_review", "=add working days(today(), profile.township_days_escalate)", "P2Y"),)),
    ("N14", "told late by a parameter", (profile("visit_days_max", value=200, max=300),)),
    ("N8", "only the city can ask for the review",
     (text("process", "objection_review", 'name="review_requested" sm:roles="village_clerk township_reviewer '
           'county_clerk city_supervisor"', 'name="review_requested" sm:roles="city_supervisor"'),)),
    ("N8", "nobody can ask the province on a page", (text(
        "process", "objection_review", 'name="final_review_requested" sm:roles="village_clerk township_reviewer '
        'county_clerk city_supervisor province_supervisor"', 'name="final_review_requested"'),)),
    ("N3", "an objection to the posting is taken by the leader alone", (text(
        "process", "publicity", 'sm:roles="village_clerk township_reviewer county_clerk"',
        'sm:roles="county_leader"'),)),
    ("N15", "a report for a role that nobody has", (text(
        "process", MAIN, 'name="withdrawn" sm:roles="village_clerk', 'name="withdrawn" sm:roles="hotline'),)),
    ("N15", "a notice for a role that nobody has",
     (attribute("objection_review", "tell_upheld", "input", '={role: "archivist", level: "county", text: "生效"}'),)),
    ("N15", "a join that waits for ever",
     (drawn("visit_assessment", lambda d: d.before("severity", "parallelGateway", "waits")),)),
    ("N15", "an answer for which no way is drawn",
     (drawn("approval", lambda d: (d.node("decision_made").attrib.pop("default"),
                                   d.out("decision_made")[1].getparent().remove(d.out("decision_made")[1]))),)),
    ("N15", "a step behind an answer nobody can give",
     (condition("visit_assessment", "flow_instruments_needed__instrument_exam", 'conclusion = "perhaps"'),)),
    ("N15", "a role that nobody has", (attribute("issuing", "register_national", "role", "card_printer"),)),
]  # fmt: skip

ALIKE: list[tuple[str, str, tuple[Edit, ...]]] = [
    ("N1", "a second examination before it", (drawn("visit_assessment", lambda d: review_task(
        d, "assess", "talk", "township", "township_reviewer")),)),
    ("N1", "a gateway leads past what need not be", (at_main(lambda d: d.around("plan", "planned = true")),)),
    ("N2", "the paper is made before the seal", (drawn("visit_assessment", lambda d: d.swap(
        "seal", "issue_summary")),)),
    ("N3", "a longer period by a parameter", (profile("posting_days_min", value=7),)),
    ("N3", "a longer period by a number",
     (text("process", "publicity", "add working days(posted_on, profile.posting_days_min)",
           "add working days(posted_on, 3 + 3)"),)),
    ("N4", "a shorter review", (profile("county_review_days_max", value=7),)),
    ("N4", "fourteen calendar days are ten working days at most", (
        attribute("approval", "county_decision", "dueWorkingDays", "=if 1 = 1 then 9 else 20"),)),
    ("N5", "a city level after the county", (drawn("approval", lambda d: review_task(d, "approval_granted", "city")),)),
    ("N6", "another question about the card", (new_field("certificate", CARD),)),
    ("N7", "only by mail", (form("dispatch", lambda c: c.update(values=c["values"][:1]), "delivery_mode"),)),
    ("N7", "the table offers mail alone",
     (text("decision", "delivery_options", '<text>"hand"</text>', '<text>"mail"</text>'),)),
    ("N8", "a longer time", (profile("objection_days", value=15),)),
    ("N8", "twelve days for the province", (text(
        "process", "objection_review", "add working days(review_told_on, profile.objection_days)",
        "add working days(review_told_on, 7 + 5)"),)),
    ("N8", "the city looks twice", (drawn("objection_review", lambda d: review_task(
        d, "objection_city", "look_first", "city", "city_supervisor")),)),
    ("N9", "evidence for everybody", (text("form", "application_full",
        'not(applicant_relation = \\"guardian\\" or list contains(categories_applied, \\"intellectual\\") '
        'or list contains(categories_applied, \\"mental\\") or (birth_date != null and '
        'years and months duration(birth_date, today()).years < 18))', "false"),)),
    ("N10", "another step before the feedback",
     (at_main(lambda d: d.before("feedback_refused", "task", "consider")),)),
    ("N11", "a duty more",
     (text("duties", MAIN, '[[duty]]\nname = "审核人不得审批"',
           '[[duty]]\nname = "另一条"\nelements = ["archive_case", "assess"]\n\n[[duty]]\nname = "审核人不得审批"'),)),
    ("N11", "the clerk keeps away as well", (text(
        "duties", MAIN, 'elements = ["village_opinion", "township_review", "visit_check", "assess", "second',
        'elements = ["archive_case", "village_opinion", "township_review", "visit_check", "assess", "second'),)),
    ("N11", "declared in any writing", (text("duties", MAIN, "[、，,；; ]+", "[、，,；;/ ]+"),)),
    ("N12", "the archive is told first",
     (drawn("archiving", lambda d: review_task(d, "archive_case", "sort_papers", "county", "county_clerk")),)),
    ("N13", "one way more to apply",
     (form("application", offering("written", "phone", "video"), "application_channel"),)),
    ("N14", "those who are late are told first", (drawn("intake_review", lambda d: d.before(
        "remind_township", "serviceTask", "remind_them", connector="notify",
        input='={role: "township_reviewer", level: "township", text: "请办理"}')),)),
    ("N14", "told earlier, by a length of time", (text(
        "process", "intake_review", "=add working days(today(), profile.township_days_escalate)", "P3D"),)),
    ("N8", "one role less may ask for the review", (text(
        "process", "objection_review", 'name="review_requested" sm:roles="village_clerk ',
        'name="review_requested" sm:roles="'),)),
    ("N15", "another role may report a withdrawal", (text(
        "process", MAIN, 'name="withdrawn" sm:roles="village_clerk', 'name="withdrawn" sm:roles="county_leader'),)),
    ("N14", "a timer that tells somebody", (drawn("visit_assessment", lambda d: lone_timer(d, notice=True)),)),
    ("N15", "two steps beside each other that are joined",
     (drawn("visit_assessment", lambda d: in_parallel(d, "seal", "issue_summary", "assessment_sealed")),)),
]  # fmt: skip


def test_the_national_procedure_keeps_to_its_own_floor() -> None:
    assert judge(draft()) == ()


def test_what_cannot_be_checked_is_said_each_time() -> None:
    rule = '[[rule]]\nnumber = "X"\nkind = "unchecked"\nseverity = "warning"\ntext = "t"\nsource = "s"\nreason = "r"\n'
    found = check_floor(MAIN, national().resources, rule.encode())

    assert [(finding.severity, finding.params["reason"]) for finding in found] == [("warning", "r")]


@pytest.mark.parametrize(("number", "what", "edits"), BREAKS, ids=[f"{n}: {what}" for n, what, _ in BREAKS])
def test_a_draft_that_breaks_a_rule_is_refused_by_its_number(
    number: str, what: str, edits: tuple[Edit, ...]
) -> None:  # fmt: skip
    assert number in numbers(draft(*edits)), what


@pytest.mark.parametrize(("number", "what", "edits"), ALIKE, ids=[f"{n}: {what}" for n, what, _ in ALIKE])
def test_a_draft_that_only_looks_alike_passes(number: str, what: str, edits: tuple[Edit, ...]) -> None:
    assert judge(draft(*edits)) == (), (number, what)


def test_each_rule_has_two_drafts_against_it_and_one_that_looks_alike() -> None:
    every = [f"N{n}" for n in range(1, 16)]

    assert all(sum(number == one for number, _, _ in BREAKS) >= 2 for one in every)
    assert {number for number, _, _ in ALIKE} == set(every)


def test_a_level_more_is_only_mentioned() -> None:
    floor = floor_of(national().resources)
    assert floor is not None
    files = draft(drawn("approval", lambda d: review_task(d, "approval_granted", "city")))
    found = check_floor(MAIN, files, floor)

    assert [finding.element for finding in found if finding.params.get("number") == "N5"] == ["city"]


def past_the_first_contact(drawing: Drawn) -> None:
    for flow in drawing.root.iter("{*}sequenceFlow"):
        if flow.get("id") == "flow_applied__first_contact":
            flow.set("targetRef", "village_opinion")


def test_an_end_that_nothing_leads_to_breaks_the_rule_that_wants_it_reached_and_not_the_one_about_feedback() -> None:
    broken = numbers(draft(drawn("intake_review", past_the_first_contact)))

    assert "N15" in broken
    assert "N10" not in broken
