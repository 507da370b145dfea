"""A folder or an uploaded archive → the resources of one deployment. Paths, sizes and names are not trusted."""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from engine.definition.finding import Term
from engine.definition.oversight import read_oversight
from engine.errors import Rejected

FILES_MAX = 200
FILE_BYTES_MAX = 2_000_000
BYTES_MAX = 20_000_000
RATIO_MAX = 100
_STEM = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
_IGNORED = re.compile(r"(^|/)(demo|overrides|__MACOSX|__pycache__)/|\.md$|(^|/)\.")
SINGLE = {
    "profile.toml": "profile",
    "duties.toml": "duties",
    "words.en.toml": "words",
    "floor.toml": "floor",
    "oversight.toml": "oversight",
    "bundle.toml": "bundle",
}
_MARK = "\ufeff"
_NEEDED = {"procedure": str, "title": str, "process": str}
_TEXT = (Term("a text"), lambda value: isinstance(value, str))
_LIST = (Term("a list of texts"), lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value))
_TABLE = (
    Term("a table of texts"),
    lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
)
_KINDS_OF_SETTINGS: Mapping[str, tuple[Term, Callable[[Any], bool]]] = {
    **dict.fromkeys(("title_en", "document", "tenant", "start_form", "number_prefix"), _TEXT),
    **dict.fromkeys(("start_roles", "personal_roles", "parts"), _LIST),
    **dict.fromkeys(("roles", "levels"), _TABLE),
    "variables": (Term("a table"), lambda value: isinstance(value, dict)),
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """``resources``: (kind, key) → content. ``manifest`` is the parsed ``bundle.toml``.

    ``removed`` are files of the organisation's own that it takes away, so that what is above holds again.
    """

    procedure: str
    title: str
    resources: Mapping[tuple[str, str], bytes]
    manifest: Mapping[str, Any]
    removed: frozenset[tuple[str, str]] = frozenset()


def read_folder(path: Path, forms_root: Path, *, complete: bool = True) -> Bundle:
    """The bundle in a folder, with the same demands as on an archive. ``complete`` as for ``read_zip``.

    Its forms lie in its own folder ``forms/``; where it has none but its main diagram, in the folder that the
    manifest names under ``forms_root``.
    """
    if not (path / "bundle.toml").is_file():
        raise Rejected(
            "Expected bundle.toml in %(folder)s but it is missing. Name the folder in which it lies, or add it.",
            folder=path.name or str(path),
        )
    files = dict(_folder_files(path))
    manifest = _manifest(files)
    forms, is_whole = manifest.get("forms"), f"{manifest['process']}.bpmn" in files
    if forms is not None and (not isinstance(forms, str) or not _STEM.fullmatch(forms)):
        raise Rejected(
            "Expected the name of a folder in forms of bundle.toml but found %(found)s. Correct it.",
            found=str(forms)[:80],
        )
    if forms is not None and is_whole and not any(name.startswith("forms/") for name in files):
        library = forms_root / forms
        if not library.is_dir():
            raise Rejected(
                "Expected the forms in forms/ beside bundle.toml or in a folder %(folder)s of the library, "
                "found neither. Add them, or correct forms of bundle.toml.",
                folder=forms,
            )
        files |= {f"forms/{name}": content for name, content in _folder_files(library)}
    return _bundle(files, manifest, complete)


def read_zip(content: bytes, *, complete: bool = True) -> Bundle:
    """The bundle in a ZIP archive (forms in its folder ``forms/``). Raises ``Rejected`` for anything suspicious.

    ``complete=False``: the main diagram may be missing, since what an organisation overrides is seldom everything.
    """
    if len(content) > BYTES_MAX:
        raise Rejected(
            "Expected an archive of at most %(limit)s bytes but found %(found)s. Make it smaller.",
            limit=BYTES_MAX,
            found=len(content),
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = dict(_zip_files(archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise Rejected(
            "Expected a ZIP archive but it cannot be read: %(reason)s. Pack it again.", reason=str(error)[:200]
        ) from None
    return _bundle(files, _manifest(files), complete)


def _folder_files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Plain files only, in the order of names, by their paths below ``path``; what is no part of a bundle is not."""
    count = total = 0
    for file in _below(path, path):
        name = file.relative_to(path).as_posix()
        if file.is_symlink() or not file.is_file():
            raise Rejected(
                "Expected plain files in the folder but %(file)s is a link or a device. "
                "Put the file itself there, or leave it out.",
                file=name,
            )
        count, size = count + 1, file.stat().st_size
        total += size
        if size > FILE_BYTES_MAX:
            raise Rejected(
                "Expected files of at most %(limit)s bytes but %(file)s is larger. Make it smaller.",
                limit=FILE_BYTES_MAX,
                file=name,
            )
        if count > FILES_MAX or total > BYTES_MAX:
            raise Rejected(
                "Expected at most %(limit)s files and %(bytes)s bytes in the folder but found more. Leave some out.",
                limit=FILES_MAX,
                bytes=BYTES_MAX,
            )
        yield name, file.read_bytes()


def _below(path: Path, root: Path) -> Iterator[Path]:
    """What lies below a folder, link by link and file by file; links are not followed."""
    for entry in sorted(path.iterdir()):
        is_folder = entry.is_dir() and not entry.is_symlink()
        name = entry.relative_to(root).as_posix()
        if _IGNORED.search(f"{name}/" if is_folder else name):
            continue
        if is_folder:
            yield from _below(entry, root)
        else:
            yield entry


def _zip_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Plain files only, each read with a bound: the sizes an archive declares are not believed."""
    entries = [info for info in archive.infolist() if not info.is_dir()]
    if len(entries) > FILES_MAX:
        raise Rejected(
            "Expected at most %(limit)s files in the archive but found %(found)s. Leave some out.",
            limit=FILES_MAX,
            found=len(entries),
        )
    total, names = 0, set()
    for info in entries:
        name = _safe_name(info)
        if _IGNORED.search(name):
            continue
        if name in names:
            raise Rejected(
                "Expected every file once but %(file)s stands twice in the archive. Pack it again.", file=name
            )
        names.add(name)
        with archive.open(info) as stream:
            content = stream.read(FILE_BYTES_MAX + 1)
        total += len(content)
        if len(content) > FILE_BYTES_MAX or total > BYTES_MAX:
            raise Rejected("Expected small files in the archive but %(file)s is too large. Make it smaller.", file=name)
        if len(content) > 10_000 and len(content) > RATIO_MAX * max(1, info.compress_size):
            raise Rejected("Expected an ordinary archive but %(file)s is packed too tightly. Pack it again.", file=name)
        yield name, content


def _safe_name(info: zipfile.ZipInfo) -> str:
    path = PurePosixPath(info.filename)
    unsafe = path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in info.filename
    if unsafe or info.flag_bits & 0x1 or (info.external_attr >> 16) & 0o170000 == 0o120000:
        raise Rejected(
            "Expected plain files in the archive but %(file)s is not one. Pack it again.", file=info.filename[:100]
        )
    return str(path)


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    content = next((content for name, content in files.items() if PurePosixPath(name).name == "bundle.toml"), None)
    if content is None:
        raise Rejected("Expected bundle.toml but it is missing. Add it.")
    manifest = toml(content, "bundle.toml")
    for key, kind in _NEEDED.items():
        if not isinstance(manifest.get(key), kind) or not manifest[key]:
            raise Rejected("Expected %(key)s in bundle.toml but it is missing. Add it.", key=key)
    for key, (words, fits) in _KINDS_OF_SETTINGS.items():
        if key in manifest and not fits(manifest[key]):
            raise Rejected("Expected %(kind)s in %(key)s of bundle.toml. Correct it.", kind=words, key=key)
    if not _STEM.fullmatch(manifest["procedure"]):
        raise Rejected(
            "Expected letters, digits and _ in procedure of bundle.toml but found %(found)s. Rename it.",
            found=manifest["procedure"][:80],
        )
    return manifest


def is_key(text: str) -> bool:
    """Whether a file may be called so (without its ending)."""
    return _STEM.fullmatch(text) is not None


def read_manifest(content: bytes) -> dict[str, Any]:
    """A ``bundle.toml`` as data. Raises ``Rejected`` naming what it lacks."""
    return _manifest({"bundle.toml": content})


def toml(content: bytes, what: str) -> dict[str, Any]:
    """A TOML file as data. Raises ``Rejected`` with the reason."""
    try:
        return tomllib.loads(readable(content, what).removeprefix(_MARK))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Rejected(
            "Expected TOML in %(what)s but found: %(reason)s. Correct it.", what=what, reason=str(error)[:200]
        ) from None


def readable(content: bytes, what: str) -> str:
    """The text of a file. Raises ``Rejected`` for another encoding than UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Rejected(
            "Expected text in UTF-8 in %(what)s but found another encoding, perhaps GBK, in line %(line)s. "
            "Save the file as UTF-8.",
            what=what,
            line=content.count(b"\n", 0, error.start) + 1,
        ) from None


def _plain(name: str, content: bytes) -> bytes:
    """A file as it is kept: text in UTF-8 without the mark that some programs begin it with. A diagram says its own
    encoding."""
    if name.endswith((".bpmn", ".dmn")):
        return content
    readable(content, name)
    return content.removeprefix(_MARK.encode())


def _bundle(files: Mapping[str, bytes], manifest: dict[str, Any], complete: bool = True) -> Bundle:
    resources: dict[tuple[str, str], bytes] = {}
    for name, content in sorted(files.items()):
        found = _kind_and_key(name, manifest["procedure"])
        if found is None:
            raise Rejected(
                "Expected diagrams, tables, forms, documents and settings but found %(file)s. Leave it out.", file=name
            )
        if found in resources:
            raise Rejected("Expected every key once but %(file)s repeats one. Rename it.", file=name)
        resources[found] = _plain(name, content)
    if ("oversight", manifest["procedure"]) in resources:
        read_oversight(resources["oversight", manifest["procedure"]])
    if complete and ("process", manifest["process"]) not in resources:
        raise Rejected("Expected the diagram %(process)s.bpmn but it is missing. Add it.", process=manifest["process"])
    return Bundle(manifest["procedure"], manifest["title"], resources, manifest)


def _kind_and_key(name: str, procedure: str) -> tuple[str, str] | None:
    folder, _, base = name.rpartition("/")
    if folder.rpartition("/")[2] == "scenarios":
        stem = base.removesuffix(".toml")
        return ("scenario", stem) if stem != base and _STEM.fullmatch(stem) else None
    if base in SINGLE:
        return SINGLE[base], procedure
    for suffix, kind in ((".bpmn", "process"), (".dmn", "decision"), (".form.json", "form"), (".html.j2", "document")):
        stem = base.removesuffix(suffix)
        if stem != base and _STEM.fullmatch(stem):
            return kind, stem
    return None
