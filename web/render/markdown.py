"""The small part of Markdown that the handbook is written in, as HTML. All text is escaped.

Headings, paragraphs, lists, tables, code, emphasis and links to pages of this site; nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"(#{1,4}) +(.+)")
_ITEM = re.compile(r"(?:[-*]|\d+\.) +(.+)")
_RULE = re.compile(r"\|[-:| ]+\|")
_OWN_LINK = re.compile(r"(?:/(?!/)|\.{1,2}/)?[\w-][\w./#-]*")


def markdown(text: str) -> Markup:
    """``text`` as HTML."""
    return Markup("\n").join(_blocks(text.splitlines()))  # joins parts that are escaped


def title_of(text: str) -> str:
    """The first heading, "" without one."""
    found = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _blocks(lines: list[str]) -> Iterator[Markup]:
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        end = at + 1
        if not line:
            pass
        elif line.startswith("```"):
            while end < len(lines) and not lines[end].startswith("```"):
                end += 1
            # ours; format escapes the rest
            yield Markup("<pre tabindex=0><code>{}</code></pre>").format("\n".join(lines[at + 1 : end]))
            end += 1
        elif heading := _HEADING.fullmatch(line):
            level = len(heading[1])
            yield Markup("<h{0}>{1}</h{0}>").format(level, inline(heading[2]))  # ours; format escapes the rest
        else:
            same = _table if line.startswith("|") else _list if _ITEM.match(line) else _paragraph
            while end < len(lines) and _continues(same, lines[end]):
                end += 1
            yield same([found.rstrip() for found in lines[at:end]])
        at = end


def _continues(kind: object, line: str) -> bool:
    text = line.strip()
    if not text or text.startswith(("#", "```")):
        return False
    if kind is _table:
        return text.startswith("|")
    if kind is _list:
        return bool(_ITEM.match(text)) or line.startswith(" ")
    return not text.startswith("|") and not _ITEM.match(text)


def _paragraph(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(inline(" ".join(line.strip() for line in lines)))  # ours; format escapes the rest


def _list(lines: list[str]) -> Markup:
    items: list[str] = []
    for line in lines:
        found = _ITEM.match(line.strip())
        if found and not line.startswith("  "):
            items.append(found[1])
        else:
            items[-1] += " " + line.strip()
    tag = "ol" if lines[0].strip()[0].isdigit() else "ul"
    # ours; format escapes the rest
    inner = Markup("").join(Markup("<li>{}</li>").format(inline(item)) for item in items)
    return Markup("<{0}>{1}</{0}>").format(tag, inner)  # ours; format escapes the rest


def _table(lines: list[str]) -> Markup:
    rows = [_cells(line) for line in lines if not _RULE.fullmatch(line.strip())]
    head, *body = rows
    top = Markup("").join(  # joins parts that are escaped
        # ours; format escapes the rest
        Markup("<th scope=col>{}</th>").format(inline(cell)) if cell else Markup("<td></td>")
        for cell in head
    )
    inner = Markup("").join(  # joins parts that are escaped
        # ours; format escapes the rest
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(inline(cell)) for cell in row))
        for row in body
    )
    return Markup(
        '<div class="source" tabindex=0><table class="table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(top, inner)


def _cells(line: str) -> list[str]:
    """The cells of a row; a ``|`` in code or after a backslash belongs to its cell."""
    cells, inside, before = [""], False, ""
    for character in line.strip().strip("|"):
        if character == "`":
            inside = not inside
        if character == "|" and not inside and before != "\\":
            cells.append("")
        else:
            cells[-1] += character
        before = character
    return [cell.replace("\\|", "|").strip() for cell in cells]


def inline(text: str) -> Markup:
    """Code, emphasis and links within a line."""
    done, at = Markup(""), 0  # nothing in it
    for found in _INLINE.finditer(text):
        code, strong, label, link = found.groups()
        done += escape(text[at : found.start()])
        if code is not None:
            done += Markup("<code>{}</code>").format(code)  # ours; format escapes the rest
        elif strong is not None:
            done += Markup("<strong>{}</strong>").format(inline(strong))  # ours; format escapes the rest
        elif _OWN_LINK.fullmatch(link):
            done += Markup('<a href="{}">{}</a>').format(link, label)  # ours; format escapes the rest
        else:
            done += escape(label)
        at = found.end()
    return done + escape(text[at:])
