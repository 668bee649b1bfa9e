"""A step as people would write it elsewhere: SQL over the rows before it, and pandas."""

from __future__ import annotations

import hashlib
import json

from workers.engine.compile import compile_op, view_name
from workers.engine.duck import sql_name
from workers.engine.ops import parse, sources_of
from workers.engine.pandas_code import explain
from workers.engine.recipe.recipe import Line, stacked
from workers.ports import Op

INPUT = "input"
LONGEST = 4_000


def code_of(line: Line) -> dict[str, str]:
    """{"sql", "pandas"} of a step over a table called `input`; empty texts for one that does nothing."""
    if not line.ops:
        return {"sql": "", "pandas": ""}
    # Compiled queries are remembered by their op, so each set of columns needs a name of its own.
    columns = json.dumps([[c.name, c.type] for c in line.before])
    stand_in: Op = {"op": "stored", "fingerprint": f"before_{hashlib.sha256(columns.encode()).hexdigest()[:24]}"}
    op = stacked(stand_in, line.ops)
    compiled = compile_op(op, lambda fingerprint: line.before)
    sql = compiled.pretty()
    for source in sources_of(parse(op)):
        sql = sql.replace(sql_name(view_name(source)), sql_name(INPUT))
    pandas = explain(op, lambda fingerprint: line.before, called=lambda fingerprint: "data")
    return {"sql": _cut(sql), "pandas": _cut(pandas.strip())}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "\n…"
