"""Steps on whole columns and rows: rename, keep, drop, change type, split, merge, repeats, gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from workers.engine.ops.cleaning import check_pattern
from workers.engine.recipe.step import (
    CleaningStep,
    Name,
    Scalar,
    call,
    chosen,
    col,
    listing,
    lit,
    literal,
    one_column,
    some_columns,
)
from workers.kind import CellError
from workers.ports import Column, Op


class Rename(CleaningStep):
    """Give a column another name."""

    title, group, icon = "Rename", "Columns", "pencil"
    do: Literal["rename"] = "rename"
    column: Name | None = one_column()
    to: Name = Field("", title="New name")

    def lacks(self) -> str:
        """The column and its new name."""
        return "Pick a column" if not self.column else "" if self.to.strip() else "Write its new name"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A rename."""
        old, new = chosen([str(self.column)], columns, param="column")[0].name, self.to.strip()
        if any(c.name.lower() == new.lower() and c.name != old for c in columns):
            raise CellError("duplicate_column", f"There is a column “{new}” already.", param="to")
        return [] if old == new else [{"op": "rename", "names": {old: new}}]

    def words(self) -> str:
        """Rename `a` to `b`."""
        return f"Rename `{self.column or '…'}` to `{self.to or '…'}`"


class Keep(CleaningStep):
    """Keep only these columns, in this order."""

    title, group, icon = "Keep columns", "Columns", "check"
    do: Literal["keep"] = "keep"
    columns: list[Name] = some_columns()

    def lacks(self) -> str:
        """The columns."""
        return "" if self.columns else "Pick the columns to keep"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A selection."""
        return [{"op": "select", "columns": [c.name for c in chosen(self.columns, columns)]}]

    def words(self) -> str:
        """Keep `a`, `b` and 3 more."""
        return f"Keep {listing(self.columns, 'columns')}"


class Drop(CleaningStep):
    """Drop these columns."""

    title, group, icon = "Drop columns", "Columns", "trash"
    do: Literal["drop"] = "drop"
    columns: list[Name] = some_columns()

    def lacks(self) -> str:
        """The columns."""
        return "" if self.columns else "Pick the columns to drop"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A selection of the others."""
        return without({c.name for c in chosen(self.columns, columns)}, columns)

    def words(self) -> str:
        """Drop `a`, `b` and 3 more."""
        return f"Drop {listing(self.columns, 'columns')}"


class DropSparse(CleaningStep):
    """Drop columns that are mostly missing. Those found stay listed, so the columns of the table are known at once."""

    title, group, icon = "Drop empty columns", "Columns", "trash"
    do: Literal["drop_sparse"] = "drop_sparse"
    share: Annotated[float, Field(gt=0, le=1)] = Field(0.5, title="Emptier than", description="Share of missing values")
    columns: list[Name] = some_columns("Found", description="Filled in from what the step finds")

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A selection of the others."""
        return without({c.name for c in columns} & set(self.columns), columns)

    def words(self) -> str:
        """Drop columns emptier than 50 %."""
        return f"Drop columns emptier than {100 * self.share:.3g} %"


def without(names: set[str], columns: Sequence[Column]) -> list[Op]:
    """A selection of all other columns; none is left out when none is named."""
    kept = [c.name for c in columns if c.name not in names]
    if not kept:
        raise CellError("no_columns", "This would leave no column at all.", param="columns")
    return [{"op": "select", "columns": kept}] if len(kept) < len(columns) else []


class Cast(CleaningStep):
    """Change the type of columns. What does not fit becomes missing, and is counted."""

    title, group, icon = "Change type", "Columns", "type"
    do: Literal["cast"] = "cast"
    columns: list[Name] = some_columns()
    to: Literal["text", "integer", "number", "boolean", "date", "datetime", "time"] = Field("number", title="Type")
    format: Literal["plain", "amount", "decimal comma", "year first", "day first", "month first"] = Field(
        "plain", title="Written as", json_schema_extra={
            "labels": {"plain": "as it is", "amount": "amounts: $1,234.50", "decimal comma": "decimal comma: 1.234,50",
                       "year first": "year, month, day", "day first": "day, month, year",
                       "month first": "month, day, year"},
            "when": {"to": ["number", "integer", "date"]}})

    def lacks(self) -> str:
        """The columns."""
        return "" if self.columns else "Pick the columns to change"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A reading of texts first, if they are written in a way of their own, then the cast."""
        picked = chosen(self.columns, columns)
        texts = [c.name for c in picked if c.type == "text"]
        out: list[Op] = []
        order = {"amount": "number"}.get(self.format, self.format)
        fits = order in ("number", "decimal comma") if self.to in ("number", "integer") else self.to == "date"
        if texts and self.format != "plain" and fits:
            out.append({"op": "read_text", "columns": texts, "order": order})
        read = texts if out and self.to != "integer" else []
        types = {c.name: self.to for c in picked if c.name not in read}
        return [*out, {"op": "cast", "types": types}] if types else out

    def touches(self, columns: Sequence[Column]) -> list[str]:
        """The columns."""
        return list(self.columns)

    def words(self) -> str:
        """Read `a` as number."""
        return f"Read {listing(self.columns, 'columns')} as {self.to}"


class Split(CleaningStep):
    """Split a text into new columns at a separator. Parts beyond the last new column are left out."""

    title, group, icon = "Split a column", "Columns", "split"
    do: Literal["split"] = "split"
    column: Name | None = one_column(types=("text",))
    by: Annotated[str, Field(max_length=200)] = Field(",", title="At")
    pattern: bool = Field(False, title="As a pattern", description="Read the separator as a regular expression")
    into: Annotated[int, Field(ge=2, le=100)] = Field(2, title="Into")
    keep: bool = Field(True, title="Keep the column")

    def lacks(self) -> str:
        """The column and the separator."""
        return "Pick a column" if not self.column else "" if self.by else "Write what to split at"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """The parts under numbered names."""
        if self.pattern:
            with_param(self.by, "by")
        name = chosen([str(self.column)], columns, ("text",), "column")[0].name
        into = fresh_names([f"{name}_{i}" for i in range(1, self.into + 1)], columns)
        out: list[Op] = [{"op": "split_text", "column": name, "by": self.by, "pattern": self.pattern, "into": into}]
        if not self.keep:
            out.append({"op": "select", "columns": [*(c.name for c in columns if c.name != name), *into]})
        return out

    def words(self) -> str:
        """Split `a` at “,” into 2."""
        return f"Split `{self.column or '…'}` at “{self.by}” into {self.into}"


def with_param(pattern: str, param: str) -> None:
    """Check a pattern; the error points at its field."""
    try:
        check_pattern(pattern)
    except CellError as error:
        error.param = param
        raise


def fresh_names(names: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """The names, numbered on where a column has one of them already."""
    taken, out = {c.name.lower() for c in columns}, []
    for name in names:
        free, k = name, 2
        while free.lower() in taken:
            free, k = f"{name}_{k}", k + 1
        taken.add(free.lower())
        out.append(free)
    return out


class Merge(CleaningStep):
    """Join columns as text into one. Missing values are left out."""

    title, group, icon = "Merge columns", "Columns", "merge"
    do: Literal["merge"] = "merge"
    columns: list[Name] = some_columns()
    separator: Annotated[str, Field(max_length=50)] = Field(" ", title="Between")
    to: Name = Field("merged", title="New column")
    keep: bool = Field(True, title="Keep the columns")

    def lacks(self) -> str:
        """Two columns and a name."""
        return "Pick two or more columns" if len(self.columns) < 2 else "" if self.to.strip() else "Name the new column"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """The joined column."""
        names, to = [c.name for c in chosen(self.columns, columns)], self.to.strip()
        out: list[Op] = [{"op": "merge_text", "columns": names, "separator": self.separator, "name": to}]
        if not self.keep:
            gone = set(names) - {to}
            kept = [c.name for c in columns if c.name not in gone]
            out.append({"op": "select", "columns": kept if to in kept else [*kept, to]})
        return out

    def words(self) -> str:
        """Merge `a` and `b` into `c`."""
        return f"Merge {listing(self.columns, 'columns')} into `{self.to}`"


class DropDuplicates(CleaningStep):
    """Drop rows that repeat another one, in all columns or in some. Without an order the row that sorts first stays."""

    title, group, icon = "Drop duplicates", "Rows", "copy"
    do: Literal["drop_duplicates"] = "drop_duplicates"
    columns: list[Name] = some_columns(description="All of them when none is picked")
    order: Name | None = one_column("Order by", hints={"when": {"columns": ["*"]}})
    keep: Literal["first", "last"] = Field("first", title="Keep the", json_schema_extra={"when": {"order": ["*"]}})

    def whole(self) -> bool:
        """Always."""
        return True

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """Each row once, or one of each group."""
        names = [c.name for c in chosen(self.columns, columns)]
        if not names:
            return [{"op": "distinct"}]
        order = chosen([self.order], columns, param="order")[0].name if self.order else None
        return [{"op": "dedupe", "columns": names, "order": order, "last": self.keep == "last"}]

    def words(self) -> str:
        """Drop duplicate `account_id`."""
        return f"Drop duplicate {listing(self.columns, 'rows')}"


class DropMissing(CleaningStep):
    """Drop rows with missing values."""

    title, group, icon = "Drop rows with gaps", "Rows", "x"
    do: Literal["drop_missing"] = "drop_missing"
    columns: list[Name] = some_columns(description="All of them when none is picked")
    when: Literal["any", "all"] = Field("any", title="Missing in", json_schema_extra={
        "labels": {"any": "any of them", "all": "all of them"}})

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A filter."""
        tests = [call("not", call("is_missing", col(c.name))) for c in chosen(self.columns, columns, every=True)]
        return [{"op": "filter", "expression": _joined("and" if self.when == "any" else "or", tests)}]

    def words(self) -> str:
        """Drop rows without `a`."""
        return f"Drop rows without {listing(self.columns, 'all their values')}"


def _joined(sign: str, tests: list[Op]) -> Op:
    # A call takes two hundred values at most: many columns are joined in bundles.
    while len(tests) > 1:
        tests = [call(sign, *tests[i:i + 150]) for i in range(0, len(tests), 150)]
    return tests[0]


class Fill(CleaningStep):
    """Fill missing values. Whole numbers are filled with a rounded mean or median and stay whole."""

    title, group, icon = "Fill missing values", "Missing values", "brush"
    do: Literal["fill"] = "fill"
    columns: list[Name] = some_columns()
    how: Literal["value", "mean", "median", "mode", "forward", "backward"] = Field("value", title="With", description=(
        "From the row before or after means: as the column to order by has them"), json_schema_extra={"labels": {
            "value": "a value", "mean": "the mean", "median": "the median", "mode": "the most frequent value",
            "forward": "the value before", "backward": "the value after"}})
    value: Scalar = Field(None, title="Value", json_schema_extra={
        "picker": "value", "of": "columns", "when": {"how": ["value"]}})
    order: Name | None = one_column("Order by", hints={"when": {"how": ["forward", "backward"]}})

    def lacks(self) -> str:
        """Columns, and a value or an order where it needs one."""
        if not self.columns:
            return "Pick the columns to fill"
        if self.how == "value" and self.value in (None, ""):
            return "Set the value to fill in"
        return "Pick a column to order by" if self.how in ("forward", "backward") and not self.order else ""

    def whole(self) -> bool:
        """Unless it fills in a value."""
        return self.how != "value"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A coalesce, or a fill."""
        numbers = self.how in ("mean", "median")
        picked = chosen(self.columns, columns, ("integer", "number") if numbers else ())
        if self.how == "value":
            return [{"op": "assign", "values": {
                c.name: call("coalesce", col(c.name), literal(self.value, c, "value")) for c in picked}}]
        order = chosen([self.order], columns, param="order")[0].name if self.order and not numbers else None
        return [{"op": "fill", "columns": [c.name for c in picked], "how": self.how, "order": order}]

    def touches(self, columns: Sequence[Column]) -> list[str]:
        """The columns."""
        return list(self.columns)

    def words(self) -> str:
        """Fill missing `plan` with “unknown”."""
        with_ = {"value": f"“{'…' if self.value is None else self.value}”", "mode": "the most frequent value",
                 "forward": "the value before", "backward": "the value after"}.get(self.how, f"the {self.how}")
        return f"Fill missing {listing(self.columns, 'values')} with {with_}"


class Blank(CleaningStep):
    """Make values missing that stand for nothing, such as “?” or “N/A”. An empty value means blanks only."""

    title, group, icon = "Mark as missing", "Missing values", "circle-dashed"
    do: Literal["blank"] = "blank"
    columns: list[Name] = some_columns(description="All of text when none is picked")
    values: list[Scalar] = Field(["?"], title="Values", max_length=100, json_schema_extra={
        "picker": "values", "of": "columns"})

    def lacks(self) -> str:
        """The values."""
        return "" if self.values else "Write the values that stand for missing"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """An if for each column."""
        picked = chosen(self.columns, columns) or [c for c in columns if c.type == "text"]
        values = {c.name: self._one(c) for c in picked}
        return [{"op": "assign", "values": values}] if values else []

    def _one(self, column: Column) -> Op:
        if column.type == "text":
            plain = call("trim", col(column.name))
            listed: list[Any] = [lit(str(v if v is not None else "").strip()) for v in self.values]
        else:
            plain, listed = col(column.name), [literal(v, column, "values") for v in self.values]
        return call("if", call("coalesce", call("in", plain, *listed), lit(False)), lit(None), col(column.name))

    def touches(self, columns: Sequence[Column]) -> list[str]:
        """The columns."""
        return list(self.columns) or [c.name for c in columns if c.type == "text"]

    def words(self) -> str:
        """Mark “?” as missing in `workclass`."""
        shown = ", ".join(f"“{v}”" if v not in ("", None) else "blanks" for v in self.values[:3])
        return f"Mark {shown or '…'} as missing in {listing(self.columns, 'all text')}"
