"""The shape of the Yjs document: roots, fields, limits, and what no honest client writes."""

from __future__ import annotations

import math
import re
import secrets
from typing import Any

from pycrdt import Map, Text

ROOTS = frozenset(("cells", "edges", "meta"))
VERSION = 1
MAX_DEPTH = 16
MAX_KEY = 64
MAX_CELLS = 5_000
MAX_DOCUMENT = 8 * 1024 * 1024
"""Bytes of encoded state up to which a canvas grows; a hard stop, far above what an honest canvas needs."""

TEXT_FIELDS = ("kind", "title", "name", "z", "mode")
PAIR_FIELDS = ("pos", "size")
EDGE_FIELDS = ("from", "fromPort", "to", "toPort")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

Json = Any


class Misshapen(ValueError):
    """A touched part of the document has a shape no honest client makes."""


def new_id() -> str:
    """A random id for a cell or an edge; never derived from anything, so two people never make the same."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


def plain(value: Json, depth: int = 0) -> Json:
    """A JSON value with whole floats as integers, since pycrdt returns every number as a float."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Misshapen("a number is not finite")
        return int(value) if value.is_integer() and abs(value) <= 2**53 else value
    if value is None or isinstance(value, str | bool | int):
        return value
    if depth >= MAX_DEPTH + 1:
        raise Misshapen("a value is nested too deep")
    if isinstance(value, list):
        return [plain(v, depth + 1) for v in value]
    if isinstance(value, dict):
        return {k: plain(v, depth + 1) for k, v in value.items()}
    raise Misshapen("a value is not JSON")


def read_cell(cell_id: str, cell: Any) -> dict[str, Json]:
    """A cell as plain JSON. Raises Misshapen only for what stays wrong under every merge: types, never sums."""
    if not _ID.match(cell_id):
        raise Misshapen("a cell id is malformed")
    if not isinstance(cell, Map):
        raise Misshapen("a cell is not a map")
    out: dict[str, Json] = {}
    for key, value in cell.items():
        if key == "params":
            if value is not None:
                out[key] = _read_params(value)
        elif key == "code":
            if value is not None:
                if not isinstance(value, Text):
                    raise Misshapen("code is not a text")
                out[key] = str(value)
        else:
            out[key] = _read_field(key, plain(value))
    return out


def _read_params(params: Any) -> dict[str, Json]:
    if not isinstance(params, Map):
        raise Misshapen("params are not a map")
    return {name: plain(value) for name, value in params.items()}


def _read_field(key: str, value: Json) -> Json:
    # An undo may leave any value undefined: readers fill in defaults, so None is never refused.
    if value is None:
        return None
    if key in TEXT_FIELDS and not isinstance(value, str):
        raise Misshapen(f"{key} is not a string")
    if key in PAIR_FIELDS and not _is_pair(value):
        raise Misshapen(f"{key} is not a pair of numbers")
    return value


def _is_pair(value: Json) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(v) for v in value)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_edge(edge_id: str, edge: Any) -> dict[str, str]:
    """An edge as plain JSON: four strings, no more."""
    if not _ID.match(edge_id):
        raise Misshapen("an edge id is malformed")
    value = plain(edge) if not isinstance(edge, Map | Text) else None
    if not isinstance(value, dict) or any(not isinstance(value.get(f), str) for f in EDGE_FIELDS):
        raise Misshapen("an edge is not four strings")
    if len(value) > len(EDGE_FIELDS) + 4 or any(len(str(v)) > 128 for v in value.values()):
        raise Misshapen("an edge is too large")
    return value


def read_meta(key: str, value: Any) -> Json:
    """A value of the document's meta: plain JSON."""
    if isinstance(value, Map | Text):
        raise Misshapen("meta holds a type")
    return plain(value)
