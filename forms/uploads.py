"""Files that people hand in: told by their first bytes, not by their name, and held against what a field accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.schema import Field, Problem

NAME_LENGTH_MAX = 120
DEFAULT_ACCEPT = (".jpg", ".jpeg", ".png", ".pdf")
TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "jpeg": ("image/jpeg", (".jpg", ".jpeg")),
    "png": ("image/png", (".png",)),
    "gif": ("image/gif", (".gif",)),
    "webp": ("image/webp", (".webp",)),
    "pdf": ("application/pdf", (".pdf",)),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it arrived: the name it had there, and its bytes."""

    name: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def media_type(self) -> str:
        """What the bytes are, whatever the name or the browser said."""
        kind = type_of(self.content[:16])
        return TYPES[kind][0] if kind else "application/octet-stream"


def type_of(head: bytes) -> str | None:
    """``jpeg``, ``png``, ``gif``, ``webp`` or ``pdf``, from a file's first bytes (twelve are enough); else ``None``."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    return "pdf" if head.startswith(b"%PDF-") else None


def accepts(accept: Sequence[str], kind: str) -> bool:
    """Whether an ``accept`` list (extensions, media types, ``image/*``) lets files of ``kind`` in."""
    media, extensions = TYPES[kind]
    wanted = {entry.strip().lower() for entry in accept or DEFAULT_ACCEPT}
    return bool(wanted & {media, media.split("/")[0] + "/*", *extensions})


def known(entry: str) -> bool:
    """Whether an entry of an ``accept`` list names at least one type that can be told from its bytes."""
    return any(accepts((entry,), kind) for kind in TYPES)


def check_files(field: Field, uploads: Sequence[Upload], kept: int) -> list[Problem]:
    """What is wrong with these files for this field; ``kept`` files are there already."""
    problems: list[Problem] = []
    limit = field.limits.files_max
    if len(uploads) + kept > limit:
        sentence = "Expected at most %(limit)s files for %(label)s, but found %(count)s."
        problems.append(_problem(field, sentence, limit=limit, count=len(uploads) + kept))
    for upload in uploads[:limit]:
        problems += _check_file(field, upload)
    return problems


def _check_file(field: Field, upload: Upload) -> list[Problem]:
    name = upload.name[:60]
    if not clean_name(upload.name):
        return [_problem(field, "The name of a file for %(label)s is empty, too long or has unusual characters.")]
    if upload.size <= 0:
        return [_problem(field, "The file %(name)s is empty. Choose it again.", name=name)]
    if upload.size > field.limits.bytes_max:
        sentence = "The file %(name)s is too large. Expected at most %(limit)s MB."
        return [_problem(field, sentence, name=name, limit=f"{field.limits.bytes_max / 1_000_000:g}")]
    kind = type_of(upload.content[:16])
    if kind is None or not accepts(field.accept, kind):
        sentence = "The file %(name)s is not of an accepted type. Expected one of: %(types)s."
        return [_problem(field, sentence, name=name, types=", ".join(field.accept or DEFAULT_ACCEPT))]
    ending = "." + upload.name.lower().rpartition(".")[2]
    if ending not in TYPES[kind][1]:
        sentence = "The name %(name)s does not fit what is in the file. Expected it to end with %(types)s."
        return [_problem(field, sentence, name=name, types=" / ".join(TYPES[kind][1]))]
    return []


def clean_name(name: str) -> bool:
    """Whether a file's name is a plain one: no path, no control characters, not too long."""
    if not name.strip(". ") or len(name) > NAME_LENGTH_MAX:
        return False
    return name.isprintable() and not set(name) & set('/\\:*?"<>|')


def _problem(field: Field, template: str, **params: object) -> Problem:
    return Problem(field.key, template, {"label": field.label, **params})
