"""How names, values and columns are written in exported code."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping

DTYPES: Mapping[str, str] = {
    "integer": "Int64", "number": "Float64", "boolean": "boolean", "text": "string[python]", "other": "string[python]",
    "date": "datetime64[us]", "datetime": "datetime64[us]", "time": "object", "missing": "object",
}
"""How a column of each type word is held in exported code: nullable, so whole numbers with gaps stay whole."""


def quote(text: str) -> str:
    """A text literal in double quotes where that reads well."""
    plain = text.isprintable() and '"' not in text and "\\" not in text
    return f'"{text}"' if plain else repr(text)


def keywords(values: Mapping[str, str]) -> str:
    """Columns as arguments of assign: `total=…`, or `**{"a b": …}` where a name is no identifier."""
    plain = all(n.isidentifier() and not keyword.iskeyword(n) and n.isascii() and n != "self" for n in values)
    if plain:
        return ", ".join(f"{n}={v}" for n, v in values.items())
    return "**{" + ", ".join(f"{quote(n)}: {v}" for n, v in values.items()) + "}"


def listed(columns: Iterable[str]) -> str:
    """A list of column names."""
    return "[" + ", ".join(quote(c) for c in columns) + "]"


