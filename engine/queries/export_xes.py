"""Traces as XES (IEEE 1849-2016) and as tables: CSV with one event a line, JSON Lines with one case a line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from html import escape
from typing import Any

from engine.queries.traces import Trace, TraceEvent

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
)
COLUMNS = ("case", "activity", "transition", "time", "person", "unit", "role", "element", "kind", "item", "principal")


def to_xes(traces: Iterable[Trace]) -> bytes:
    """A log in XES. Attributes of our own are prefixed ``shangmen:``."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xmlns="http://www.xes-standard.org/" xes.version="1849.2016" xes.features="">',
        *(f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>' for name, prefix, uri in _EXTENSIONS),
        '<global scope="trace"><string key="concept:name" value="?"/></global>',
        '<global scope="event"><string key="concept:name" value="?"/><string key="lifecycle:transition" value="?"/>'
        '<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/></global>',
        '<classifier name="activity" scope="event" keys="concept:name lifecycle:transition"/>',
        '<string key="lifecycle:model" value="standard"/>',
    ]
    for trace in traces:
        lines += ["<trace>", *_trace_attributes(trace)]
        for event in trace.events:
            lines += ["<event>", *_event_attributes(event), "</event>"]
        lines.append("</trace>")
    return "\n".join([*lines, "</log>", ""]).encode()


def _trace_attributes(trace: Trace) -> Iterator[str]:
    yield _string("concept:name", trace.case)
    yield from _strings(
        ("shangmen:title", trace.title),
        ("shangmen:procedure", trace.procedure),
        ("shangmen:unit", trace.unit),
        ("shangmen:status", trace.status),
        ("shangmen:outcome", trace.outcome),
    )


def _event_attributes(event: TraceEvent) -> Iterator[str]:
    yield _string("concept:name", event.activity)
    yield _string("lifecycle:transition", event.transition)
    yield f'<date key="time:timestamp" value="{event.at.isoformat(timespec="milliseconds")}"/>'
    yield from _strings(
        ("org:resource", event.person),
        ("org:role", event.role),
        ("org:group", event.unit),
        ("concept:instance", event.item),
        ("shangmen:principal", event.principal),
        ("shangmen:element", event.element),
        ("shangmen:kind", event.kind),
    )


def _strings(*pairs: tuple[str, str]) -> Iterator[str]:
    return (_string(key, value) for key, value in pairs if value)


def _string(key: str, value: str) -> str:
    kept = escape(_NOT_IN_XML.sub("\ufffd", value)).replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")
    return f'<string key="{key}" value="{kept}"/>'


def to_csv(traces: Iterable[Trace]) -> bytes:
    """One event a line, UTF-8 with a mark that spreadsheets need; what a spreadsheet would compute is quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for trace in traces:
        for event in trace.events:
            row = {**_plain(event), "case": trace.case, "time": event.at.isoformat()}
            writer.writerow([harmless(str(row[column])) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """A text that a spreadsheet takes for one, and does not compute."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def to_json_lines(traces: Iterable[Trace]) -> bytes:
    """One case a line, with its events in order."""
    lines = []
    for trace in traces:
        whole = {**_plain(trace), "events": [_plain(event) for event in trace.events]}
        lines.append(json.dumps(whole, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def _plain(value: Trace | TraceEvent) -> dict[str, Any]:
    found = asdict(value)
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in found.items()}
