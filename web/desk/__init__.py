"""The desk: what staff do all day. Worklist, tasks, cases, new cases, reports from outside, stuck cases, erasures."""

from web.desk import cases, erasures, incidents, messages, start, tasks, worklist

BLUEPRINTS = (
    worklist.worklist,
    tasks.tasks,
    start.start,
    cases.cases,
    messages.messages,
    incidents.incidents,
    erasures.erasures,
)
