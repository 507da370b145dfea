"""The desk: what staff do all day, and what administrators look after: stuck cases, undelivered messages, erasures."""

from web.desk import cases, erasures, incidents, messages, start, tasks, undelivered, worklist

BLUEPRINTS = (
    worklist.worklist,
    tasks.tasks,
    start.start,
    cases.cases,
    messages.messages,
    incidents.incidents,
    undelivered.undelivered,
    erasures.erasures,
)
