"""Steps that show a table, first rows before its profile; the progress of long work."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workers.engine import duck, tables
from workers.engine.expression import unknown_column
from workers.engine.profile import profile
from workers.kind import CellError, Step, Work
from workers.ports import Column, Table

ROWS = 200


def table_steps(table: Table, *, source: Mapping[str, Any] | None = None) -> Iterator[Step]:
    """First the first 200 rows, then profile headers as they become known; the last step is exact."""
    page = tables.page(table, 0, ROWS, total=False)
    view: dict[str, Any] = {"type": "table", "columns": page["columns"], "rows": page["rows"], "total": page["total"]}
    if source:
        view["source"] = dict(source)
    yield Step(view=view, fraction=0.2, exact=False, rows=page["total"])
    known: dict[str, Any] = {}
    for known in profile(table):
        yield Step(view={**view, "profile": known}, fraction=0.6, exact=False, rows=page["total"])
    total = tables.count(table)
    yield Step(view={**view, "profile": known, "total": total}, outputs={"table": table}, rows=total)


def column_of(name: str, columns: Sequence[Column], param: str) -> Column:
    """The column of that name; raises CellError unknown_column with the nearest one as a one-click fix."""
    for column in columns:
        if column.name == name:
            return column
    raise unknown_column(name, [c.name for c in columns], param=param)


def columns_named(names: Sequence[str], columns: Sequence[Column], param: str) -> list[str]:
    """The names, checked; the fix of an unknown one keeps the others."""
    for place, name in enumerate(names):
        try:
            column_of(name, columns, param)
        except CellError as error:
            if error.fix:
                error.fix["params"] = {param: [*names[:place], error.fix["params"][param], *names[place + 1:]]}
            raise
    return list(names)


def with_progress(work: Work, do: Callable[[Callable[[float], None]], None]) -> Iterator[float]:
    """Run `do(progress)` in a thread of the same run and give the shares it tells; raises what it raises."""
    told: queue.SimpleQueue[float | None] = queue.SimpleQueue()
    failure: list[BaseException] = []

    def inside() -> None:
        try:
            with duck.engine().run_scope(work.run):
                do(told.put)
        except BaseException as error:  # noqa: BLE001 - handed to the thread of the run, where it is classified
            failure.append(error)
        finally:
            told.put(None)

    threading.Thread(target=inside, name="progress", daemon=True).start()
    while True:
        work.cancel.check()
        try:
            share = told.get(timeout=0.05)
        except queue.Empty:
            continue
        if share is None:
            break
        yield min(max(share, 0.0), 1.0)
    if failure:
        raise failure[0]
