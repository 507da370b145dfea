"""What a page says, in the reader's language.

The key of every message is its English sentence, with ``%(named)s`` places. The Chinese stands in
``translations/zh_CN.po``, read once with Babel: no compiled catalogue, no build step. Words that belong to
a procedure (step names, labels, roles) are Chinese data; their English comes from the procedure's own
``words.en.toml`` through ``word``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from markupsafe import Markup, escape

LANGUAGES: Final = {"zh-CN": "中文", "en": "English"}
"""Tag → its own name. The first is what a newcomer sees."""

COOKIE: Final = "language"
FOLDER: Final = Path(__file__).parent / "translations"
ZONE: Final = ZoneInfo("Asia/Shanghai")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_BABEL: Final = {"zh-CN": Locale.parse("zh_CN"), "en": Locale.parse("en_GB")}

missing: set[str] = set()
"""Messages that were asked for in Chinese and not found; a test looks at it after walking the pages."""


def N_(message: str) -> str:  # the customary name of a marker that only the extractor reads
    """Marks ``message`` as something a page will say; translates nothing yet."""
    return message


@lru_cache(maxsize=8)
def catalogue(language: str) -> Mapping[str, str]:
    """English sentence → sentence in ``language``. Empty for English itself."""
    path = FOLDER / f"{language.replace('-', '_')}.po"
    if language == "en" or not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def current() -> str:
    """The language of this request; Chinese outside any request."""
    return g.get("language", "zh-CN") if has_request_context() else "zh-CN"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Says everything inside in ``language``, for what somebody else was shown; an unknown one changes nothing."""
    if language not in LANGUAGES or not has_request_context():
        yield
        return
    before, words = g.get("language"), g.pop("words", None)
    g.language = language
    try:
        yield
    finally:
        g.language = before
        g.pop("words", None)
        if words is not None:
            g.words = words


def translate(template: str, params: Mapping[str, Any] | None = None, language: str | None = None) -> str:
    """``template`` in ``language`` (default: this request's) with ``params`` put in, as plain text.

    An unknown sentence is said in English; a place without a value stays visible, so that a mistake in a
    catalogue never costs anybody their page.
    """
    language = language or current()
    text = catalogue(language).get(template)
    if text is None:
        if language != "en":
            missing.add(template)
        text = template
    if not params:
        return text.replace("%%", "%")
    try:
        return text % {name: show(value, language) for name, value in params.items()}
    except (KeyError, ValueError, TypeError):
        return text


def gettext(message: str, **params: Any) -> str:
    """``_()`` of the templates and of ``web``'s Python."""
    return translate(message, params)


def say(error: Any) -> str:
    """The sentence of anything with ``template`` and ``params``: an error, a problem, an incident.

    The engine's sentences name levels and roles by their ids; people read what they are called.
    """
    return translate(error.template, _called(error.params))


def _called(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of a sentence, with names for those that are ids by the name of their place."""
    name_of: Mapping[str, Callable[[str], str]] = g.get("name_of", {}) if has_request_context() else {}
    if not name_of or not params:
        return params
    return {place: _named(name_of[place], value) if place in name_of else value for place, value in params.items()}


def _named(name_of: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, str):
        return name_of(value)
    return [name_of(str(one)) for one in value] if isinstance(value, list | tuple) else value


def show(value: Any, language: str | None = None) -> str:
    """A value as a person writes it: dates in words, yes and no, lists with the language's own comma."""
    language = language or current()
    match value:
        case None | "":
            return ""
        case bool():
            return translate(N_("Yes") if value else N_("No"), None, language)
        case datetime():
            return moment(value, language)
        case date():
            return day(value, language)
        case Decimal():
            return format(value, "f")
        case list() | tuple() | set() | frozenset():
            comma = "、" if language == "zh-CN" else ", "
            return comma.join(show(item, language) for item in value)
        case str():
            return word(value, language)
    template = getattr(value, "template", None)  # a sentence inside a sentence: why an expression cannot be read
    return translate(template, value.params, language) if isinstance(template, str) else str(value)


def word(text: str, language: str | None = None) -> str:
    """A procedure's own Chinese word in ``language``, where the procedure gives one; else the word itself."""
    language = language or current()
    if language != "en" or not has_request_context():
        return text
    words: Mapping[str, str] | None = g.get("words")
    if words is None:
        source: Callable[[], Mapping[str, str]] | None = g.get("words_source")
        words = g.words = source() if source else {}
    return words.get(text, text)


def han(text: str) -> Markup:
    """Text for a page's content: Chinese in an English page says so, that a screen reader may speak it rightly."""
    if current() == "zh-CN" or not _HAN.search(text or ""):
        return escape(text or "")
    return Markup('<span lang="zh-CN">{}</span>').format(text)  # ours; format escapes the rest


def day(value: date | datetime | None, language: str | None = None) -> str:
    """``2026年9月23日`` or ``23 September 2026``; nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    return _day(value, language or current())


@lru_cache(maxsize=4096)
def _day(value: date, language: str) -> str:
    return str(format_date(value, "long", locale=_BABEL[language]))


def weekday(value: date, language: str | None = None) -> str:
    """``周五`` or ``Fri``."""
    return format_date(value, "EEE", locale=_BABEL[language or current()])


def moment(value: datetime | None, language: str | None = None) -> str:
    """A day and the minute, in Beijing time."""
    if value is None:
        return ""
    local = value.astimezone(ZONE)
    return f"{day(local.date(), language)} {local:%H:%M}"


def init_app(app: Flask) -> None:
    """Chooses each request's language from the cookie and gives the templates ``_``, ``say`` and the rest."""

    @app.before_request
    def choose() -> None:
        wanted = request.cookies.get(COOKIE, "")
        g.language = wanted if wanted in LANGUAGES else next(iter(LANGUAGES))

    app.jinja_env.globals.update(_=gettext, gettext=gettext, say=say, word=word, weekday=weekday, languages=LANGUAGES)
    app.jinja_env.filters.update(day=day, moment=moment, show=show, word=word, han=han)
    app.context_processor(lambda: {"language": current()})
