"""Runs a person's Python in the locked child: tables by name, the last expression, prints, the traceback."""

from __future__ import annotations

import ast
import builtins
import io
import json
import keyword
import linecache
import os
import re
import sys
import traceback
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "<cell>"
SHOWN = 48 * 1024
"""Characters of what was printed that people see; the rest is counted."""
MOST = 8 * 1024 * 1024
"""Characters after which printing ends the run."""
TEXT = 20_000


class PrintedTooMuch(BaseException):
    """The code prints for ever."""


class Printed(io.TextIOBase):
    """Keeps the first characters in a file that the supervisor may read meanwhile, and counts the rest."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", errors="replace")
        self.characters = 0

    def writable(self) -> bool:
        """It takes text."""
        return True

    def write(self, text: str) -> int:
        """Keep what fits."""
        text = text if isinstance(text, str) else str(text)
        room = SHOWN - self.characters
        self.characters += len(text)
        if room > 0:
            self._file.write(text[:room])
            self._file.flush()
        if self.characters > MOST:
            raise PrintedTooMuch
        return len(text)


def warm() -> None:
    """Draw a figure and make a table once, so that the first person's job finds everything loaded."""
    import pandas as pd
    import plotly.express as px
    import pyarrow as pa

    frame = pd.DataFrame({"a": ["x", "y"], "b": [1.0, 2.0]})
    frame.groupby("a")["b"].sum()
    px.bar(frame, x="a", y="b").to_plotly_json()
    pa.Table.from_pandas(frame).to_pandas()


def run(folder: Path) -> None:
    """Run in/job.json {code, tables, values}; leaves out/answer.json and, for a table, out/table.parquet."""
    from workers.sandbox.child import read_job

    wanted: dict[str, Any] = read_job(folder)
    out = folder / "out"
    printed = Printed(out / "printed.txt")
    sys.stdout = sys.stderr = printed
    sys.stdin = io.StringIO()
    answer: dict[str, Any]
    try:
        answer = {"ok": True, **_answer(_execute(wanted, folder), out)}
    except BaseException as problem:  # noqa: BLE001 - whatever a person's code raises is told to that person
        answer = {"ok": False, **_told(problem, str(wanted["code"]))}
    answer["printed"] = printed.characters
    (out / "answer.json").write_text(json.dumps(answer, ensure_ascii=False, default=str), encoding="utf-8")


def _execute(wanted: Mapping[str, Any], folder: Path) -> Any:
    """The value of the last expression, else of `result`."""
    code = str(wanted["code"])
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    tree = ast.parse(code, FILE)
    module = types.ModuleType("__main__")
    space = module.__dict__
    sys.modules["__main__"] = module
    _fill(space, wanted, folder, {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | _texts(tree))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    run_code = builtins.exec
    run_code(compile(tree, FILE, "exec"), space)
    shown = None
    if isinstance(last, ast.Expr):
        shown = eval(compile(ast.Expression(last.value), FILE, "eval"), space)
    return space.get("result") if shown is None else shown


def _texts(tree: ast.AST) -> set[str]:
    """Names inside texts, for those who write tables["flights"]."""
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _fill(space: dict[str, Any], wanted: Mapping[str, Any], folder: Path, used: set[str]) -> None:
    """The names a cell's code starts with; only tables it mentions are read."""
    import numpy as np
    import pandas as pd
    import plotly.express as px
    import plotly.graph_objects as go

    space.update(pd=pd, np=np, px=px, go=go, values=dict(wanted["values"]))
    tables = {}
    for name, file in wanted["tables"].items():
        if name in used or "tables" in used:
            tables[name] = _frame(folder / "in" / file)
    space["tables"] = tables
    for name, value in [*tables.items(), *wanted["values"].items()]:
        if name.isidentifier() and not keyword.iskeyword(name):
            space[name] = value


def _frame(path: Path) -> Any:
    """A table as pandas; dates become timestamps, which pandas can calculate with."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    for place, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.timestamp("us")))
    return table.to_pandas(split_blocks=True, self_destruct=True)


def _answer(value: Any, out: Path) -> dict[str, Any]:
    """What the cell shows and gives on, written to files where it is large."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from plotly.basedatatypes import BaseFigure

    if value is None:
        return {"kind": "nothing"}
    if isinstance(value, BaseFigure):
        return _figure(value, out)
    if isinstance(value, pa.Table):
        value = value.to_pandas()
    if isinstance(value, pd.Series):
        value = value.to_frame()
    if isinstance(value, np.ndarray) and value.ndim in (1, 2):
        value = pd.DataFrame(value)
    if isinstance(value, (pd.DataFrame, pd.Index)):
        return _table(value if isinstance(value, pd.DataFrame) else value.to_frame(index=False), out)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | int | float):
        return {"kind": "value", "value": value if not isinstance(value, int) or abs(value) <= 2**53 else str(value)}
    if isinstance(value, str):
        return {"kind": "text", "text": value[:TEXT]}
    return {"kind": "text", "text": repr(value)[:TEXT]}


def _figure(figure: Any, out: Path) -> dict[str, Any]:
    """The figure as JSON, without its template: colours are the browser's."""
    import plotly.io

    figure.layout.template = None
    if figure.layout.margin.to_plotly_json() == {"t": 60}:
        # Room that Plotly Express leaves for a title; a card has its own.
        figure.layout.margin = None
    (out / "figure.json").write_text(plotly.io.to_json(figure, validate=False, remove_uids=True), encoding="utf-8")
    return {"kind": "figure"}


def _table(frame: Any, out: Path) -> dict[str, Any]:
    """A frame as Parquet: a meaningful index becomes columns, names are texts and no two alike."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not isinstance(frame.index, pd.RangeIndex):
        names = [n is not None for n in frame.index.names]
        frame = frame.reset_index(drop=not any(names) and frame.index.is_integer() if
                                  hasattr(frame.index, "is_integer") else False)
    frame = frame.copy(deep=False)
    frame.columns = _names(frame.columns)
    columns = [_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    pq.write_table(pa.table(columns, names=list(frame.columns)), out / "table.parquet", compression="zstd",
                   compression_level=1)
    return {"kind": "table", "rows": len(frame)}


def _names(columns: Any) -> list[str]:
    """Column names as texts; tuples of a grouped header are joined, repeated names numbered."""
    seen: dict[str, int] = {}
    names = []
    for column in columns:
        name = "_".join(str(p) for p in column if str(p)) if isinstance(column, tuple) else str(column)
        name = name or "column"
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        names.append(name if seen[name.lower()] == 1 else f"{name}_{seen[name.lower()]}")
    return names


def _column(series: Any) -> Any:
    """A column as Arrow; what Arrow has no type for becomes text."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object if series.cat.categories.dtype == object else series.cat.categories.dtype)
    if isinstance(series.dtype, pd.PeriodDtype | pd.IntervalDtype) or series.dtype.kind in "mc":
        series = series.astype(str).where(series.notna(), None)
    try:
        made = pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        made = pa.array([None if _missing(v) else str(v) for v in series], pa.string())
    if pa.types.is_null(made.type):
        made = made.cast(pa.string())
    return made


def _missing(value: Any) -> bool:
    return value is None or value != value


def _told(problem: BaseException, code: str) -> dict[str, Any]:
    """An error as people read it: its words, the line of the cell, and the traceback from there on."""
    if isinstance(problem, PrintedTooMuch):
        return {"code": "printed_too_much", "message": "", "line": _line(problem), "trace": ""}
    if isinstance(problem, SyntaxError) and problem.filename == FILE:
        text = "".join(traceback.format_exception_only(problem))
        return {"code": "python_syntax", "message": f"{problem.msg} (line {problem.lineno})", "line": problem.lineno,
                "column": problem.offset, "trace": text[-4000:]}
    memory = isinstance(problem, MemoryError) or "malloc of size" in str(problem)
    kind = "out_of_memory" if memory else "python_exit" if isinstance(problem, SystemExit) else "python_failed"
    words = "".join(traceback.format_exception_only(type(problem), problem)).strip()
    line, name = _line(problem), getattr(problem, "name", None) if isinstance(problem, NameError) else None
    return {"code": kind, "message": words[:600], "line": line, "column": _column_of(name, line, code),
            "trace": _trace(problem)[-8000:], "name": name}


def _column_of(name: str | None, line: int | None, code: str) -> int | None:
    """Where a name that is not there stands in its line."""
    lines = code.splitlines()
    if not name or not line or line > len(lines):
        return None
    found = re.search(rf"\b{re.escape(name)}\b", lines[line - 1])
    return found.start() + 1 if found else None


def _line(problem: BaseException) -> int | None:
    """The last line of the cell that the error passed through."""
    lines = [f.lineno for f in traceback.extract_tb(problem.__traceback__) if f.filename == FILE]
    return lines[-1] if lines else None


def _trace(problem: BaseException) -> str:
    """The traceback from the cell's first line on, with paths cut to the package they lie in."""
    problem = problem.with_traceback(_from_cell(problem.__traceback__))
    text = "".join(traceback.format_exception(problem, chain=True, limit=40))
    for path in sorted({p for p in sys.path if p}, key=len, reverse=True):
        text = text.replace(path + os.sep, "").replace(os.path.realpath(path) + os.sep, "")
    return text


def _from_cell(trace: types.TracebackType | None) -> types.TracebackType | None:
    found = trace
    while found is not None and found.tb_frame.f_code.co_filename != FILE:
        found = found.tb_next
    return found or trace
