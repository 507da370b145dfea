"""May this whole be published? Its rules, files that cannot be read, whether it compiles, and the floor.

Pure, and the same for the page that shows it, the proposal and the transaction that publishes; what was judged
once is remembered by its content.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from engine.definition.bundle import read_manifest, toml
from engine.definition.carry import named
from engine.definition.finding import Finding
from engine.definition.floor import check_floor
from engine.definition.lint import lint
from engine.errors import Rejected, ShangmenError
from engine.feel import compile_expression
from engine.history.seal import canonical, digest
from engine.runtime.interpreter import compile_definition
from forms.formjs import FormError, read_form
from forms.lint import lint as lint_form

Resources = Mapping[tuple[str, str], bytes]
_TOML = ("scenario", "words")
"""Kinds that neither lint nor compiling reads."""
_REMEMBERED_MAX = 60
_remembered: OrderedDict[str, tuple[Finding, ...]] = OrderedDict()
_lock = threading.Lock()


class Unsound(Rejected):
    """A whole that may not be published."""


def judge(main: str, whole: Resources, own: Resources, floor: bytes | None) -> tuple[Finding, ...]:
    """Everything found in ``whole``, errors first; ``own`` are the files of it that are new."""
    key = _key(main, whole, own, floor)
    with _lock:
        found = _remembered.get(key)
        if found is not None:
            _remembered.move_to_end(key)
            return found
    found = tuple(sorted(_findings(main, whole, own, floor), key=lambda finding: finding.severity))
    with _lock:
        _remembered[key] = found
        while len(_remembered) > _REMEMBERED_MAX:
            _remembered.popitem(last=False)
    return found


def require_sound(main: str, whole: Resources, own: Resources, floor: bytes | None) -> None:
    """Raises ``Unsound`` with the first error."""
    for finding in judge(main, whole, own, floor):
        if finding.severity == "error":
            raise Unsound(finding.template, **finding.params)


def _key(main: str, whole: Resources, own: Resources, floor: bytes | None) -> str:
    files = {f"{kind}:{key}": digest(content) for (kind, key), content in whole.items()}
    mine = {f"{kind}:{key}": digest(content) for (kind, key), content in own.items()}
    return digest(canonical([main, files, mine, digest(floor) if floor is not None else None]))


def _findings(main: str, whole: Resources, own: Resources, floor: bytes | None) -> Iterator[Finding]:
    found = [*lint(whole, main), *_unreadable(own), *_beginning(whole)]
    yield from found
    if not any(finding.severity == "error" for finding in found):
        try:
            compile_definition(main, whole)
        except ShangmenError as error:
            yield Finding("executable", "", "error", error.template, error.params, main)
    if floor is not None:
        yield from check_floor(main, whole, floor)


def _beginning(whole: Resources) -> Iterator[Finding]:
    """How cases begin is said by the manifest: without it nobody could open one, nor see what there is to open."""
    content = next((content for (kind, _), content in whole.items() if kind == "bundle"), None)
    if content is None:
        return
    try:
        manifest = read_manifest(content)
    except ShangmenError as error:
        yield Finding("readable", "", "error", error.template, error.params)
        return
    form = manifest.get("start_form", "")
    if ("form", form) not in whole:
        template = (
            "Expected the form with which a case begins but there is none called “%(form)s”. "
            "Name one in start_form of bundle.toml, or add it."
        )
        yield Finding("references", "", "error", template, {"form": form})
    for key in ("start_roles", "number_prefix"):
        if not manifest.get(key):
            template = "Expected %(key)s in bundle.toml but it is missing. Add it."
            yield Finding("references", "", "error", template, {"key": key})


def _names_of(text: str) -> frozenset[str]:
    return compile_expression(text).names


def _unreadable(own: Resources) -> Iterator[Finding]:
    for (kind, key), content in sorted(own.items()):
        try:
            if kind == "form":
                for found in lint_form(read_form(content), _names_of):
                    yield Finding(found.rule, found.field, found.severity, found.template, dict(found.params), key)
            elif kind in _TOML:
                toml(content, next(iter(named({(kind, key): content}))))
        except FormError as error:
            for mistake in error.mistakes:
                yield Finding("form", mistake.path, "error", mistake.template, dict(mistake.params), key)
        except ShangmenError as error:
            yield Finding("readable", "", "error", error.template, error.params, key)
