"""Files from strangers are first read in a process of their own, which is killed when it takes too long or too much.

Every door for diagrams and tables (upload, draft, archive, command line) goes through here. What the process
has read without harm is then read again by whoever needs it: the same code on the same bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from engine.definition.bundle import BYTES_MAX, Bundle, read_folder, read_zip
from engine.errors import Rejected
from engine.quarantine.cell import Broken, Cell, Late

SECONDS_MAX: Final = 1.7
"""For one file; an ordinary diagram takes a hundredth of it."""
_PASSED_MAX: Final = 1_000
_XML: Final = ("process", "decision")
_EXAMINER: Final = "engine.quarantine.examine:examine"

_cell = Cell()
_passed: OrderedDict[str, None] = OrderedDict()


def quarantine(resources: Mapping[tuple[str, str], bytes], examiner: str = "") -> None:
    """Reads every diagram and table of ``resources`` ((kind, key) → content) in the other process.

    Raises ``Rejected`` for a file that is no plain XML, takes too long or too much. What is wrong *in* a
    diagram is not said here: that is for ``lint``. ``examiner`` names another function (``module:name``).
    """
    for (kind, key), content in resources.items():
        if kind in _XML:
            _examine(kind, key, content, examiner or _EXAMINER)


def vouch(resources: Mapping[tuple[str, str], bytes]) -> None:
    """What was made here of files that have passed is not read in the other process once more."""
    for (kind, key), content in resources.items():
        _passes(_mark(_EXAMINER, kind, key, content))


def read_upload(content: bytes, *, complete: bool = True) -> Bundle:
    """The bundle in an uploaded archive, after quarantine; ``complete`` as for ``read_zip``. Raises ``Rejected``."""
    bundle = read_zip(content, complete=complete)
    quarantine(bundle.resources)
    return bundle


def read_given(path: Path, forms: Path, *, complete: bool = True) -> Bundle:
    """The bundle in a folder or archive that somebody named, after quarantine. Raises ``Rejected``, ``OSError``.

    ``forms`` and ``complete`` as for ``read_folder``.
    """
    if path.is_dir():
        bundle = read_folder(path, forms, complete=complete)
    elif path.exists() and not path.is_file():
        raise Rejected("Expected a procedure folder or a ZIP archive but %(file)s is neither.", file=str(path)[:200])
    elif path.stat().st_size > BYTES_MAX:
        raise Rejected(
            "Expected an archive of at most %(limit)s bytes but found %(found)s. Make it smaller.",
            limit=BYTES_MAX,
            found=path.stat().st_size,
        )
    else:
        bundle = read_zip(path.read_bytes(), complete=complete)
    quarantine(bundle.resources)
    return bundle


def warm_up() -> None:
    """Starts the other process, so that the first upload need not wait for it."""
    _cell.start()


def _examine(kind: str, key: str, content: bytes, examiner: str) -> None:
    mark = _mark(examiner, kind, key, content)
    if mark in _passed:
        return
    try:
        refusal = _cell.ask({"examiner": examiner, "kind": kind, "key": key}, content, SECONDS_MAX)
    except Late:
        raise Rejected(
            "Expected %(file)s to be read within %(limit)s seconds but it took longer. Make it smaller or simpler.",
            file=key,
            limit=SECONDS_MAX,
        ) from None
    except Broken:
        raise Rejected(
            "Expected a file that can be read but %(file)s needed too much memory or broke the reader. "
            "Make it smaller or simpler.",
            file=key,
        ) from None
    if refusal is not None:
        raise Rejected(refusal["template"], **refusal["params"])
    _passes(mark)


def _mark(examiner: str, kind: str, key: str, content: bytes) -> str:
    return sha256(f"{examiner}\0{kind}\0{key}\0".encode() + content).hexdigest()


def _passes(mark: str) -> None:
    _passed[mark] = None
    if len(_passed) > _PASSED_MAX:
        _passed.popitem(last=False)
