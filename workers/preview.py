"""Steps that show a table: its first rows at once, then how its columns are made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workers.engine import profile, tables
from workers.kind import CellError, Step
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
    for known in profile.profile(table):
        yield Step(view={**view, "profile": known}, fraction=0.6, exact=False, rows=page["total"])
    total = tables.count(table)
    yield Step(view={**view, "profile": known, "total": total}, outputs={"table": table}, rows=total)


def column_of(name: str, columns: Sequence[Column], param: str) -> Column:
    """The column of that name; raises CellError unknown_column with the nearest one as a one-click fix."""
    from workers.engine.expression import unknown_column

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
