"""Turn a small table on its side: rows become columns.

The new columns are named by the values of a column, or numbered. Values of unlike types become text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from workers.engine.tables import count, plain, rows_of
from workers.kind import CellError, CellKind, Params, Step, Work, pick_column, pick_columns
from workers.ports import Op, Table, literal_table
from workers.preview import column_of, columns_named, table_steps


class TransposeParams(Params):
    """Names and columns."""

    header: str | None = pick_column(title="Names from", description="Rows are numbered when empty.")
    columns: list[str] = pick_columns(title="Columns", description="All others when none is picked.", max_length=500)
    most: int = Field(50, title="Most rows", ge=1, le=500, description="Rows past these are left out.")


class Kind(CellKind):
    """A materialising step: its columns are rows, so they are known once it ran."""

    name, title, group, icon = "transpose", "Transpose", "Prepare", "rotate-cw"
    params = TransposeParams
    inputs, outputs = {"table": Table}, {"table": Table}

    def compute(self, params: TransposeParams, table: Table, *, work: Work) -> Iterator[Step]:
        """The turned table, kept."""
        yield from table_steps(work.keep(Table(self._op(params, table, table.op))))

    def python(self, params: TransposeParams, inputs: Mapping[str, str], code: Any) -> Mapping[str, str]:
        """The names found now are written out."""
        frame = inputs["table"]
        return {"table": code.step(self._op(params, code.tables[frame], code.stand_in(frame).op))}

    def _op(self, params: TransposeParams, table: Table, source: Op) -> Op:
        """The turned table over a source, with columns for the rows that `table` has."""
        chosen = columns_named(params.columns, table.columns, "columns")
        if params.header:
            column_of(params.header, table.columns, "header")
        columns = chosen or [c.name for c in table.columns if c.name != params.header]
        rows = min(count(table), params.most)
        if not rows or not columns:
            raise CellError("empty_input", "There are no rows to turn.")
        return {"op": "transpose", "input": source, "columns": columns, "names": _names(params, table, rows)}

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Two cities side by side."""
        cities = literal_table({"city": "text", "people": "integer", "area": "integer"},
                               [["Oslo", 709_000, 454], ["Turin", 851_000, 130]])
        return {"header": "city"}, {"table": cities}


def _names(params: TransposeParams, table: Table, rows: int) -> list[str]:
    """Names of the new columns, made different."""
    found = [f"row_{number + 1}" for number in range(rows)]
    if params.header:
        values = rows_of({"op": "select", "input": table.op, "columns": [params.header]}, limit=rows)
        found = ["missing" if v is None else str(plain(v)) or "(empty)" for (v,) in values]
    names: list[str] = []
    for name in found:
        unique, number = name[:480], 2
        while unique in (*names, "column"):
            unique, number = f"{name[:480]}_{number}", number + 1
        names.append(unique)
    return names
