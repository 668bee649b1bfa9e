"""Turn the values of a column into columns.

Pick what makes the rows, the column whose values become columns, and what is computed where they meet. A column with
very many values asks before it becomes a very wide table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from workers.engine.tables import plain, rows_of
from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, Work, pick_column, pick_columns
from workers.ports import Column, Op, Table, literal_table
from workers.preview import column_of, columns_named, table_steps


class PivotParams(Params):
    """Rows, columns and what is computed."""

    rows: list[str] = pick_columns(title="Rows", description="One row for each combination of these.", max_length=20)
    column: str | None = pick_column(title="Columns from")
    function: Literal["count", "sum", "mean", "median", "min", "max", "distinct", "stddev"] = Field(
        "count", title="Value", json_schema_extra={"labels": {
            "count": "number of rows", "distinct": "distinct values", "stddev": "standard deviation"}})
    of: str | None = pick_column(title="Of", when={"function": [
        "sum", "mean", "median", "min", "max", "distinct", "stddev"]})
    most: int = Field(100, title="Most columns", ge=1, le=500)
    keep: Literal["all", "frequent"] = Field("all", title="If there are more", json_schema_extra={
        "labels": {"all": "say so", "frequent": "keep the most frequent"}})


class Kind(CellKind):
    """A materialising step: its columns are values, so they are known once it ran."""

    name, title, group, icon = "pivot", "Pivot", "Prepare", "layout-grid"
    params, prompt = PivotParams, True
    inputs, outputs = {"table": Table}, {"table": Table}

    def compute(self, params: PivotParams, table: Table, *, work: Work) -> Iterator[Step]:
        """The wide table, kept."""
        yield from table_steps(work.keep(Table(self._op(params, table, table.op))))

    def python(self, params: PivotParams, inputs: Mapping[str, str], code: Any) -> Mapping[str, str]:
        """The values found now are written out as columns."""
        frame = inputs["table"]
        return {"table": code.step(self._op(params, code.tables[frame], code.stand_in(frame).op))}

    def _op(self, params: PivotParams, table: Table, source: Op) -> Op:
        """The wide table over a source, with columns for the values that `table` has."""
        rows = columns_named(params.rows, table.columns, "rows")
        if not params.column:
            raise NeedsSettings("Pick the column whose values become columns", missing=("Columns from",))
        column = column_of(params.column, table.columns, "column")
        of = None
        if params.function != "count":
            if not params.of:
                raise NeedsSettings(f"Pick a column to compute the {params.function} of", missing=("Of",))
            of = column_of(params.of, table.columns, "of").name
        values = _values(params, column, table.op, {*rows})
        op: Op = {"op": "pivot", "input": source, "by": rows, "column": column.name, "values": values,
                  "function": params.function, "of": of}
        return {"op": "sort", "input": op, "by": [{"column": name} for name in rows]} if rows else op

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Sales by city and year."""
        sales = literal_table({"city": "text", "year": "integer", "sold": "integer"},
                              [["Oslo", 2023, 5], ["Oslo", 2024, 7], ["Lima", 2023, 2], ["Oslo", 2024, 1]])
        return {"rows": ["city"], "column": "year", "function": "sum", "of": "sold"}, {"table": sales}


def _values(params: PivotParams, column: Column, op: Op, taken: set[str]) -> list[dict[str, Any]]:
    """The values that become columns, each with its name."""
    counted: Op = {"op": "aggregate", "input": op, "by": [column.name],
                   "measures": [{"function": "count", "name": "__rows"}]}
    found = rows_of(counted, limit=10_000)
    if len(found) > params.most and params.keep == "all":
        raise CellError("too_many_columns", f"“{column.name}” has {len(found):,} values, and {params.most} columns are "
                        "the most.", param="column", fix={"label": f"Keep the {params.most} most frequent",
                                                          "params": {"keep": "frequent"}})
    if not found:
        raise CellError("empty_input", f"“{column.name}” has no values, so there is nothing to make columns of.")
    frequent = sorted(found, key=lambda row: -row[1])[: params.most]
    values, names = [], set(taken)
    for value, _ in sorted(frequent, key=lambda row: (row[0] is None, row[0] if row[0] is not None else 0)):
        text = "missing" if value is None else str(plain(value))
        name = (text.lower() if isinstance(value, bool) else text or "(empty)")[:480]
        while name in names:
            name += "_2"
        names.add(name)
        literal: dict[str, Any] = {"lit": value if isinstance(value, int) else plain(value)}
        if column.type in ("date", "datetime", "time") and value is not None:
            literal["type"] = column.type
        values.append({"value": literal, "name": name})
    return values
