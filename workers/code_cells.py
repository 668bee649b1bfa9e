"""What SQL and Python cells do around the sandbox: hand tables in, keep what comes out, word the errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from workers.engine import tables as engine_tables
from workers.kind import CellError, Step, Work
from workers.ports import Column, Table, Value
from workers.preview import table_steps
from workers.sandbox.answers import Answer, marks_of, read_answer, read_figure, read_table
from workers.sandbox.client import Allowance, finish, sandbox
from workers.sandbox.job import Job

DESCRIBE = Allowance(memory=512, seconds=10.0)
_WHOLE = ("HUGEINT", "UHUGEINT", "UBIGINT")


def named_values(values: Mapping[str, Value]) -> dict[str, Any]:
    """The values of linked cells, by name."""
    return {name: value.value for name, value in values.items()}


# SQL --------------------------------------------------------------------------------------------------------


def planned_select(sql: str, tables: Mapping[str, Table], values: Mapping[str, Any]) -> Table:
    """A table of no rows with the columns a query will have. Raises CellError for what is wrong with the query."""
    known = tuple((name, table.columns or engine_tables.columns_of(table)) for name, table in tables.items())
    columns = _described(sql, known, tuple(sorted(values.items())))
    words = [{"name": c.name, "type": c.type} for c in columns]
    return Table({"op": "inline", "columns": words, "rows": []}, columns)


@lru_cache(maxsize=256)
def _described(sql: str, known: tuple[tuple[str, tuple[Column, ...]], ...],
               values: tuple[tuple[str, Any], ...]) -> tuple[Column, ...]:
    from workers.engine.headers import clean_names
    from workers.engine.readers import word_of_sql
    from workers.kind import Cancel

    views = [{"name": name, "sql": _empty(columns)} for name, columns in known]
    wanted = {"sql": sql, "views": views, "values": dict(values), "memory": 256, "spill": 1, "describe": True}
    with sandbox.start("sql", wanted, {}, DESCRIBE, Cancel()) as running:
        for _ in finish(running, Cancel()):
            pass
        answer = read_answer(running.folder)
    if not answer.ok:
        raise sql_error(answer, dict(known))
    names, _ = clean_names([name for name, _ in answer.columns])
    kinds = ["integer" if kind in _WHOLE else word_of_sql(kind) for _, kind in answer.columns]
    return tuple(Column(name, kind) for name, kind in zip(names, kinds, strict=True))  # type: ignore[arg-type]


def _empty(columns: Sequence[Column]) -> str:
    from workers.engine.duck import sql_name
    from workers.engine.manifest import SQL_TYPES

    picks = ", ".join(f"CAST(NULL AS {SQL_TYPES[c.type]}) AS {sql_name(c.name)}" for c in columns)
    return f"SELECT {picks or 'NULL AS nothing'} WHERE false"


def run_select(sql: str, tables: Mapping[str, Table], values: Mapping[str, Any], limits: Mapping[str, int],
               work: Work) -> Iterator[Step]:
    """Run a query over tables in the sandbox, keep what it gives, and show it."""
    views, files = views_of(tables)
    wanted = {"sql": sql, "views": views, "values": dict(values), "memory": limits["memory"] * 3 // 4, "spill": 4096,
              "describe": False}
    with sandbox.start("sql", wanted, files, _allowance(limits), work.cancel) as running:
        for _ in _finished(running, limits, work):
            pass
        answer = read_answer(running.folder)
        if not answer.ok:
            raise sql_error(answer, {name: table.columns for name, table in tables.items()})
        kept = _keep(running, work)
    yield from table_steps(kept)


def views_of(tables: Mapping[str, Table]) -> tuple[list[dict[str, Any]], dict[str, Path]]:
    """Views that make up some tables, in the order to create them, and the Parquet files they read, by name.

    A lazy table is its SQL over stored ones, so it stays fused with the query behind it.
    """
    from workers.engine.duck import engine, inline_sql
    from workers.engine.ops import Inline, Stored

    views: dict[str, dict[str, Any]] = {}
    files: dict[str, Path] = {}
    for name, table in tables.items():
        compiled = engine_tables.compiled(table)
        for source, view in compiled.names:
            if isinstance(source, Stored) and view not in views:
                folder, parts = engine().locate(source.fingerprint), engine().manifest(source.fingerprint).parts
                named = {f"{len(files) + place}.parquet": folder / part for place, part in enumerate(parts)}
                files |= named
                views[view] = {"name": view, "files": list(named)}
            elif isinstance(source, Inline):
                views[view] = {"name": view, "sql": inline_sql(source)}
        views[f"table {name}"] = {"name": name, "sql": compiled.sql}
    return list(views.values()), files


def sql_error(answer: Answer, known: Mapping[str, Sequence[Column]]) -> CellError:
    """A refusal or a DuckDB error in our words, with its place and the nearest name that exists."""
    text, code = answer.message, answer.code
    place = {"line": answer.line, "column": answer.column or 1} if answer.line else None
    columns = sorted({c.name for columns in known.values() for c in columns})
    if code == "unknown_value":
        message = f"There is no value ${text}. Link a cell that gives a value and is called “{text}”."
    elif table := re.match(r"Table with name (.+?) does not exist", text):
        code, message = "unknown_table", _no_table(table.group(1), known)
    elif column := re.match(r'Referenced column "(.+?)" (?:not found|was not found)', text):
        code, message = "unknown_column", f"There is no column “{column.group(1)}”.{_near(column.group(1), columns)}"
    elif code == "not_allowed":
        message = "The query may read the connected tables and nothing else: no files, addresses or settings."
    elif code == "out_of_memory":
        message = "This needs more memory than the cell may use. Filter or group first, or raise the limit."
    else:
        message = text.splitlines()[0] if text else "The query failed."
    return CellError(code, _with_line(message, place), detail=text[:2000], place=place)


def _no_table(name: str, known: Mapping[str, Any]) -> str:
    others = _near(name, sorted(known)) or (" Connect the cell of that name." if known else
                                            " Connect a cell, and write its name after FROM.")
    return f"No table “{name}” is connected.{others}"


def _near(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name.lower(), [n.lower() for n in names], 1, 0.6)
    match = next((n for n in names if close and n.lower() == close[0]), None)
    return f" Did you mean “{match}”?" if match else ""


def _with_line(message: str, place: Mapping[str, Any] | None) -> str:
    return f"Line {place['line']}: {message}" if place else message


# Python -----------------------------------------------------------------------------------------------------


def run_python(code: str, tables: Mapping[str, Table], values: Mapping[str, Any], limits: Mapping[str, int],
               work: Work) -> Iterator[Step]:
    """Run code in the sandbox; steps show what it prints, the last one what it gives."""
    with ExitStack() as stack:
        files = {f"{place}.parquet": _as_file(table, work, stack)
                 for place, (_, table) in enumerate(used(code, tables).items())}
        names = dict(zip(used(code, tables), files, strict=True))
        wanted = {"code": code, "tables": names, "values": dict(values)}
        with sandbox.start("python", wanted, files, _allowance(limits), work.cancel) as running:
            for text in _finished(running, limits, work):
                yield Step(view={"type": "printed", "printed": _printed(text, len(text))}, fraction=0.1, exact=False)
            answer, text = read_answer(running.folder), running.printed()
            if not answer.ok:
                raise python_error(answer, text, [*tables, *values])
            last, show = _given(answer, running, work)
    extra = {"printed": _printed(text, answer.printed)} if text else {}
    if last is not None:
        yield from (_with_view(step, extra) for step in table_steps(last))
    else:
        outputs = {"value": Value(answer.value)} if answer.kind == "value" else {}
        yield Step(view={**show, **extra}, outputs=outputs)


def used(code: str, tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables that code mentions; the others need not be read."""
    every = re.search(r"\btables\b", code)
    return {n: t for n, t in tables.items() if every or re.search(rf"(?<!\w){re.escape(n)}(?!\w)", code)}


def _as_file(table: Table, work: Work, stack: ExitStack) -> Path:
    """A table as one Parquet file: the stored one as it is, else written for this run."""
    import tempfile

    from workers.engine.duck import engine, sql_text
    from workers.engine.parquet import FORM

    if table.op.get("op") == "stored":
        fingerprint = str(table.op["fingerprint"])
        parts = engine().manifest(fingerprint).parts
        if len(parts) == 1:
            return Path(engine().locate(fingerprint)) / parts[0]
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=work.store.temporary, prefix="table-")))
    target = folder / "table.parquet"
    with engine().cursor() as cursor:
        cursor.execute(f"COPY ({engine_tables.sql_of(table)}) TO {sql_text(str(target))} ({FORM})")
    return target


def _given(answer: Answer, running: Job, work: Work) -> tuple[Table | None, dict[str, Any]]:
    """The kept table, or what is shown instead of one."""
    if answer.kind == "table":
        return _keep(running, work), {}
    if answer.kind == "figure":
        figure = read_figure(running.folder)
        kinds = sorted({str(t.get("type", "scatter")) for t in figure["data"]})
        return None, {"type": "figure", "figure": figure, "marks": marks_of(figure), "level": None, "mark": "own",
                      "summary": f"Figure drawn by Python: {', '.join(kinds)}."}
    if answer.kind == "value":
        return None, {"type": "value", "value": answer.value}
    return None, {"type": "printed", "text": answer.text if answer.kind == "text" else ""}


def _with_view(step: Step, extra: Mapping[str, Any]) -> Step:
    return Step({**step.view, **extra}, step.outputs, step.fraction, step.exact, step.rows, step.interval, step.note)


def _printed(text: str, characters: int) -> dict[str, Any]:
    return {"text": text, "characters": max(characters, len(text))}


def python_error(answer: Answer, printed: str, names: Sequence[str]) -> CellError:
    """What the code raised, with its line, its traceback and what it had printed."""
    place = {"line": answer.line, "column": answer.column or 1} if answer.line else None
    message = answer.message
    if answer.code == "printed_too_much":
        message = "The code prints without end; it was stopped after 8 million characters."
    elif answer.code == "out_of_memory":
        message = "This needs more memory than the cell may use. Keep fewer rows or columns, or raise the limit."
    elif answer.code == "python_exit":
        message = "The code ended itself with exit(). Leave that out; the last line is what the cell gives."
    elif answer.name:
        known = _near(answer.name, names)
        message = f"There is no “{answer.name}” here.{known or ' Connect the cell of that name, or define it first.'}"
    detail = answer.trace + (f"\nPrinted before:\n{printed[-4000:]}" if printed else "")
    worded = message if answer.code == "python_syntax" else _with_line(message, place)
    return CellError(answer.code, worded, detail=detail.strip(), place=place)


# both -------------------------------------------------------------------------------------------------------


def _allowance(limits: Mapping[str, int]) -> Allowance:
    return Allowance(memory=limits["memory"], seconds=float(limits["seconds"]))


def _finished(running: Job, limits: Mapping[str, int], work: Work) -> Iterator[str]:
    """What a job prints until it ends; a limit it ran into says which, and offers to raise it."""
    try:
        yield from finish(running, work.cancel)
    except CellError as error:
        raise _limit_words(error, limits, running.printed()) from error


def _limit_words(error: CellError, limits: Mapping[str, int], printed: str) -> CellError:
    more: dict[str, Callable[[], tuple[str, int, str]]] = {
        "seconds": lambda: (f"Stopped after {limits['seconds']} s, the time limit of this cell.",
                            min(600, limits["seconds"] * 5), "s"),
        "memory": lambda: (f"This needs more than {limits['memory']} MB, the memory limit of this cell.",
                           min(8192, limits["memory"] * 2), "MB"),
    }
    if error.param not in more:
        return error
    message, raised, unit = more[error.param]()
    fix = {"label": f"Allow {raised} {unit}", "params": {error.param: raised}} if raised > limits[error.param] else None
    return CellError(error.code, message, param=error.param, fix=fix, detail=printed[-4000:])


def _keep(running: Job, work: Work) -> Table:
    """The table a job left, read as any uploaded file and written by our own engine."""
    from workers.engine.ingest import ingest

    path = read_table(running.folder)
    with work.store.staging(work.fingerprint) as folder:
        ingest(path, "table.parquet", folder)
    kept: Table = work.table()
    return kept
