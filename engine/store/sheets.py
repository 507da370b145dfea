"""Tables from strangers (CSV as office programs write it) read into lines, and our own written so that they do no harm.

UTF-8 with or without a mark, GB18030, or UTF-16 with its mark; comma, semicolon or tab; quoted or not. Everything is
bounded, and a file that is not such a table is refused before anything is made of it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import Rejected
from engine.history.seal import digest

BYTES_MAX = 1_000_000
LINES_MAX = 5_000
CELL_LENGTH_MAX = 200
_SEPARATORS = ",;\t"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line: its number in the file (the head is 1) and its cells by column; ``whole``: as many as the head."""

    number: int
    cells: Mapping[str, str]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; ``digest`` is that of the file."""

    digest: str
    lines: tuple[SheetLine, ...]


def read_sheet(content: bytes, columns: Mapping[str, Collection[str]], needed: Collection[str]) -> Sheet:
    """Read a table. ``columns``: column → the words that may stand in its head; ``needed`` must be there.

    Raises ``Rejected`` for what is too large, no text, no table, or lacks a column.
    """
    if len(content) > BYTES_MAX:
        raise Rejected(
            "Expected a table of at most %(max)s kB, found %(found)s kB. Send it in parts.",
            max=BYTES_MAX // 1000,
            found=-(-len(content) // 1000),
        )
    text = _decoded(content)
    head = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    separator = max(_SEPARATORS, key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return _sheet(digest(content), rows, columns, needed)
    except csv.Error as broken:
        raise Rejected(
            "Expected a table of lines and cells, but line %(line)s cannot be read. Look for a quotation mark that is "
            "not closed.",
            line=rows.line_num,
        ) from broken


def write_sheet(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table for office programs: UTF-8 with a mark; no cell can be taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return codecs.BOM_UTF8 + out.getvalue().encode()


def _decoded(content: bytes) -> str:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # “Unicode text” of office programs
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Rejected("Expected a text file in UTF-8 or GB18030, found something else. Save the table as CSV.")


def _sheet(
    name: str, rows: Iterable[list[str]], columns: Mapping[str, Collection[str]], needed: Collection[str]
) -> Sheet:
    spelled = {word.casefold(): column for column, words in columns.items() for word in (column, *words)}
    head: list[str | None] = []
    lines: list[SheetLine] = []
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row):
            continue
        if not head:
            head = [spelled.get(cell.strip().casefold()) for cell in row]
            _require_columns(head, columns, needed)
            continue
        if len(lines) == LINES_MAX:
            raise Rejected("Expected at most %(max)s lines. Send the table in parts.", max=LINES_MAX)
        cells = {
            column: _plain(cell)[:CELL_LENGTH_MAX]
            for column, cell in zip(head, row, strict=False)
            if column is not None
        }
        lines.append(SheetLine(number, cells, len(row) == len(head)))
    if not lines:
        raise Rejected("Expected a head and at least one line below it, found none. Choose another file.")
    return Sheet(name, tuple(lines))


def _require_columns(
    head: Sequence[str | None], columns: Mapping[str, Collection[str]], needed: Collection[str]
) -> None:
    missing = [column for column in needed if column not in head]
    known = [column for column in head if column is not None]
    if missing or len(known) != len(set(known)):
        raise Rejected(
            "Expected each of these columns once: %(columns)s. Take over the head of the table that can be downloaded.",
            columns=", ".join(next(iter(columns[column]), column) for column in columns),
        )


def _harmless(cell: str) -> str:
    """A cell that an office program would calculate begins with a quotation mark, which it does not show."""
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def _plain(cell: str) -> str:
    """The cell without the mark that ``_harmless`` put before it."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith((*_FORMULA, "'")) else text
