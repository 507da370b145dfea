"""Make a paper from a document template of the procedure: HTML for the screen, the printer and the file.

Templates are data that an organisation publishes, so they run in Jinja's sandbox, with everything escaped
and nothing but values in reach. ``masked`` shows a name as surname, asterisk and last character.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.errors import Rejected
from engine.model import JobRequest, JobResult, Paper

_ZONE = ZoneInfo("Asia/Shanghai")
PAPER_CHARACTERS_MAX = 500_000


def masked(name: Any) -> str:
    """A name as it may hang on a public board: 王小芳 → 王*芳, 王芳 → 王*."""
    text = str(name or "").strip()
    if len(text) <= 1:
        return "*"
    return f"{text[0]}*{text[-1]}" if len(text) > 2 else f"{text[0]}*"


def day(value: Any) -> str:
    """A date or a moment as a Chinese date; anything else as it is."""
    if isinstance(value, datetime):
        value = value.astimezone(_ZONE).date()
    return f"{value.year}年{value.month}月{value.day}日" if isinstance(value, date) else str(value or "")


_TEMPLATES = ImmutableSandboxedEnvironment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_TEMPLATES.globals = {"masked": masked, "day": day}
_TEMPLATES.filters["day"] = day


def issue_document(request: JobRequest) -> JobResult:
    """Render the template that ``inputs.document`` names. ``inputs.name`` is the paper's title.

    Raises ``Rejected`` for a template that is missing, breaks, or tries to leave the sandbox.
    """
    key = str(request.inputs.get("document", ""))
    source = request.documents.get(key)
    if source is None:
        raise Rejected(
            "Expected a document template, but there is none called “%(document)s”. Publish it.", document=key
        )
    title = str(request.inputs.get("name") or key)
    html = _render(source.decode(), key, _values(request, title))
    paper = Paper(f"{title}.html", "text/html", html.encode(), key)
    return JobResult({}, (paper,))


def _values(request: JobRequest, title: str) -> Mapping[str, Any]:
    return {
        "title": title,
        "case": {"number": request.number, "started_on": request.started_at.astimezone(_ZONE).date()},
        "data": dict(request.variables),
        "inputs": dict(request.inputs),
        "today": request.now.astimezone(_ZONE).date(),
        "unit": request.tenant.name,
    }


@lru_cache(maxsize=64)
def _template(source: str) -> Template:
    return _TEMPLATES.from_string(source)


def _render(source: str, key: str, values: Mapping[str, Any]) -> str:
    try:
        parts: list[str] = []
        length = 0
        for part in _template(source).generate(values):
            length += len(part)
            if length > PAPER_CHARACTERS_MAX:
                raise Rejected(
                    "Expected a paper of at most %(max)s characters from “%(document)s”; it is longer.",
                    max=PAPER_CHARACTERS_MAX,
                    document=key,
                )
            parts.append(part)
    except SecurityError as error:
        raise Rejected(
            "The template “%(document)s” tried something that templates may not: %(reason)s.",
            document=key,
            reason=str(error),
        ) from error
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise Rejected(
            "The template “%(document)s” cannot be filled in: %(reason)s. Correct it and publish it again.",
            document=key,
            reason=str(error),
        ) from error
    return "".join(parts)
