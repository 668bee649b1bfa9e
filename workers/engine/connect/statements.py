"""What people may ask a database: one table by name, or one SELECT; all else is refused before it is sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from workers.kind import CellError

# What a statement consists of, as far as telling code from text needs; the first that fits wins.
_PIECES = re.compile(
    r"(?P<space>\s+|--[^\n]*|/\*(?![!M]).*?\*/)"
    r"|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]\n]*\]|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    r"|(?P<word>[^\W\d]\w*)|(?P<rest>.)", re.S)
_MYSQL_TEXT = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"", re.S)
_READS = {"select", "with", "values", "table"}


def one_select(query: str, form: str) -> str:
    """The query without a closing semicolon. Raises CellError not_one_select unless it is a single SELECT."""
    words, semicolon = [], False
    for kind, text in _pieces(query, form):
        if kind == "space":
            continue
        if semicolon:
            raise _refusal("Write one SELECT; what follows the semicolon would be a second statement.")
        if text == ";":
            semicolon = True
        elif kind == "word":
            words.append(text.lower())
        elif text == "/" or (form == "mysql" and text == "#"):
            _refuse_comment(query, text)
    if not words or words[0] not in _READS:
        raise _refusal("Write a SELECT. Nothing else is sent: this cell only reads.")
    if "into" in words:
        raise _refusal("SELECT … INTO writes; this cell only reads. Leave INTO out.")
    return re.sub(r"[;\s]+$", "", query) if semicolon else query.strip()


def _pieces(query: str, form: str) -> list[tuple[str, str]]:
    pieces, place = [], 0
    while place < len(query):
        text = _MYSQL_TEXT.match(query, place) if form == "mysql" else None
        if text:
            pieces.append(("text", text[0]))
            place = text.end()
            continue
        found = _PIECES.match(query, place)
        assert found is not None
        pieces.append((str(found.lastgroup if found.lastgroup != "tag" else "text"), found[0]))
        place = found.end()
    return pieces


def _refuse_comment(query: str, text: str) -> None:
    if text == "#" or "/*" in query:
        raise _refusal("Comments are written -- or /* … */ here; take the other one out.")


def _refusal(message: str) -> CellError:
    return CellError("not_one_select", message, param="query")


def quoted(name: str, mark: str = '"') -> str:
    """A table name, with its schema before a dot, as an identifier."""
    return ".".join(f"{mark}{part.replace(mark, mark * 2)}{mark}" for part in name.split(".", 1))


def unknown_table(name: str, tables: Sequence[str]) -> CellError:
    """The error for a table that is not there, with the nearest one as its fix."""
    bare = {table.rpartition(".")[2].lower(): table for table in tables}
    near = get_close_matches(name.lower(), [t.lower() for t in tables], 1, 0.5)
    found = next((t for t in tables if near and t.lower() == near[0]), None)
    if found is None and (close := get_close_matches(name.rpartition(".")[2].lower(), list(bare), 1, 0.5)):
        found = bare[close[0]]
    hint = f" Did you mean “{found}”?" if found else " Pick one from the list."
    fix = {"label": f"Use {found}", "params": {"table": found}} if found else None
    return CellError("unknown_table", f"There is no table “{name}” in this database.{hint}", param="table", fix=fix)
