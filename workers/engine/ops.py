"""The JSON op spec of tables: each op once, checked as hostile input, with what it does to rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, ValidationError

from workers.engine.expression import check_expression, columns_in
from workers.engine.quartiles import QUARTILES, WHISKERS, boxed
from workers.kind import CellError
from workers.ports import Op

MAX_DEPTH = 120
MAX_INLINE_CELLS = 100_000

Name = Annotated[str, Field(min_length=1, max_length=500)]
TypeWord = Literal["integer", "number", "boolean", "text", "date", "datetime", "time"]
Function = Literal[
    "count", "sum", "mean", "median", "min", "max", "distinct", "stddev", "missing", "first", "q1", "q3",
    "whisker_low", "whisker_high",
]
TimeUnit = Literal["none", "year", "quarter", "month", "week", "day", "hour", "minute", "day_of_week", "hour_of_day"]
REGISTRY: dict[str, type[OpNode]] = {}


class OpNode(BaseModel):
    """One op. A subclass is the only place a new op touches: its shape, whether it is row-wise, and `apply`.

    `apply(sources, c)` gets input tables as Ibis expressions and the compiler `c` (c.lower, c.column, c.ibis).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    row_wise: ClassVar[bool] = False
    keeps_rows: ClassVar[bool] = False
    version: ClassVar[int] = 1
    op: str

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        REGISTRY[get_args(cls.model_fields["op"].annotation)[0]] = cls

    def inputs(self) -> tuple[OpNode, ...]:
        """Tables this op reads."""
        given = getattr(self, "input", None)
        return (given,) if given is not None else ()

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The output as an Ibis expression; each op says its own."""
        raise TypeError(f"the op {self.op} does not say what it computes")

    def walk(self) -> Iterator[OpNode]:
        """This op and all below it."""
        stack: list[OpNode] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(node.inputs())

    def origin_of(self, column: str) -> str | None:
        """The input column that `column` is an unchanged copy of, or None."""
        return column if self.row_wise else None


def _nested(value: Any) -> OpNode:
    return value if isinstance(value, OpNode) else _parse(value)


def _expression(value: Any) -> dict[str, Any]:
    return check_expression(value)


Input = Annotated[SerializeAsAny[OpNode], BeforeValidator(_nested)]
Expression = Annotated[dict[str, Any], BeforeValidator(_expression)]


class Stored(OpNode):
    """A table in the store, named by the fingerprint of the result that wrote it."""

    op: Literal["stored"]
    fingerprint: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True


class InlineColumn(BaseModel):
    """Name and type word of a literal column."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name
    type: TypeWord


class Inline(OpNode):
    """A small literal table, for examples and tests."""

    op: Literal["inline"]
    columns: tuple[InlineColumn, ...]
    rows: tuple[tuple[str | int | float | bool | None, ...], ...] = ()
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True


class Filter(OpNode):
    """Keep the rows where the expression is true (missing counts as not true)."""

    op: Literal["filter"]
    input: Input
    expression: Expression
    row_wise: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Rows that pass."""
        return sources[0].filter(c.condition(self.expression, sources[0]))


class Derive(OpNode):
    """Add a column, or replace one of that name, computed from others."""

    op: Literal["derive"]
    input: Input
    name: Name
    expression: Expression
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All columns and the new one."""
        return sources[0].mutate(**{self.name: c.lower(self.expression, sources[0])})

    def origin_of(self, column: str) -> str | None:
        """The derived column has no single origin, unless it is a plain copy."""
        return column if column != self.name else self.expression.get("col")


class Select(OpNode):
    """Keep these columns, in this order."""

    op: Literal["select"]
    input: Input
    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=2000)]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Those columns."""
        return sources[0].select(*[c.column(sources[0], name) for name in dict.fromkeys(self.columns)])


class Rename(OpNode):
    """Give columns other names: {old: new}."""

    op: Literal["rename"]
    input: Input
    names: dict[Name, Name]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns under new names. Raises CellError `duplicate_column`."""
        for old in self.names:
            c.column(sources[0], old)
        after = [self.names.get(name, name) for name in sources[0].columns]
        twice = sorted({name for name in after if after.count(name) > 1})
        if twice:
            raise CellError("duplicate_column", f"Two columns would both be named “{twice[0]}”.", param="names")
        return sources[0].rename({new: old for old, new in self.names.items()})

    def origin_of(self, column: str) -> str | None:
        """The old name."""
        back = {new: old for old, new in self.names.items()}
        return back.get(column, None if column in self.names else column)


class Cast(OpNode):
    """Change types: {column: type}. What does not fit becomes missing."""

    op: Literal["cast"]
    input: Input
    types: dict[Name, TypeWord]
    row_wise: ClassVar[bool] = True
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same columns with those types."""
        return sources[0].mutate(**{n: c.cast(c.column(sources[0], n), word) for n, word in self.types.items()})

    def origin_of(self, column: str) -> str | None:
        """A cast column is another one."""
        return None if column in self.types else column


class Measure(BaseModel):
    """One aggregate: a function of a column (`count` needs none), under a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    function: Function
    column: Name | None = None
    name: str = ""

    def output(self) -> str:
        """The name of the result column."""
        return self.name or (f"{self.function} of {self.column}" if self.column else self.function)


class Aggregate(OpNode):
    """Group rows; dates among `by` are cut to `time_unit` first. Without `by`, one row."""

    op: Literal["aggregate"]
    input: Input
    by: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    measures: Annotated[tuple[Measure, ...], Field(max_length=200)] = ()
    time_unit: TimeUnit = "none"

    def apply(self, sources: list[Any], c: Any) -> Any:
        """One row a group."""
        table = sources[0]
        keys = [c.time_key(c.column(table, name), self.time_unit).name(name) for name in self.by]
        outputs = [m.output() for m in self.measures]
        clash = next((n for n in outputs if n in self.by or len(set(outputs)) < len(outputs)), None)
        if clash is not None:
            raise CellError("duplicate_column", f"Two result columns would both be named “{clash}”.", param="measures")
        if any(m.function in WHISKERS for m in self.measures):
            return self._boxes(table, keys, c)
        values = {m.output(): c.measure(table, m.function, m.column) for m in self.measures}
        if not keys and not values:
            raise CellError("nothing_to_group", "Choose a column to group by or a value to compute.", param="measures")
        if not values:
            return table.select(*keys).distinct()
        return table.group_by(keys).aggregate(**values) if keys else table.aggregate(**values)

    def _boxes(self, table: Any, keys: list[Any], c: Any) -> Any:
        """Groups with the quartiles and whiskers of one column."""
        asked = {m.output(): str(m.function) for m in self.measures if m.function in (*QUARTILES, *WHISKERS)}
        columns = {m.column for m in self.measures if m.output() in asked}
        if len(columns) != 1 or not keys:
            raise CellError("bad_op", "Boxes need a column to group by and one column of values.")
        plain = {m.output(): c.measure(table, m.function, m.column) for m in self.measures if m.output() not in asked}
        found = boxed(table, keys, plain, c.numbers(table, columns.pop(), "quartile"), asked)
        return found.select(*self.by, *[m.output() for m in self.measures])


class SortKey(BaseModel):
    """A column to sort by."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    column: Name
    descending: bool = False


class Sort(OpNode):
    """Order rows; missing values last."""

    op: Literal["sort"]
    input: Input
    by: Annotated[tuple[SortKey, ...], Field(min_length=1, max_length=20)]
    keeps_rows: ClassVar[bool] = True

    def apply(self, sources: list[Any], c: Any) -> Any:
        """The same rows in order."""
        return sources[0].order_by([c.sort_key(c.column(sources[0], k.column), k.descending) for k in self.by])


class Limit(OpNode):
    """Keep at most `rows` rows, after `offset`."""

    op: Literal["limit"]
    input: Input
    rows: Annotated[int, Field(ge=0, le=1_000_000_000)]
    offset: Annotated[int, Field(ge=0, le=1_000_000_000_000)] = 0

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Those rows."""
        return sources[0].limit(self.rows, offset=self.offset)


class Distinct(OpNode):
    """Drop repeated rows."""

    op: Literal["distinct"]
    input: Input

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Each row once."""
        return sources[0].distinct()


def _parse(value: Any) -> OpNode:
    if not isinstance(value, dict) or value.get("op") not in REGISTRY:
        raise CellError("bad_op", f"Unknown table step {str(value)[:80]!r}.")
    return REGISTRY[value["op"]].model_validate(value)


def _depth(value: Any) -> int:
    deepest, stack = 0, [(value, 1)]
    while stack:
        item, depth = stack.pop()
        deepest = max(deepest, depth)
        if depth > MAX_DEPTH * 4:
            return depth
        if isinstance(item, dict):
            stack.extend((v, depth + 1) for v in item.values())
        elif isinstance(item, (list, tuple)) and not (item and isinstance(item[0], (str, int, float))):
            stack.extend((v, depth + 1) for v in item)
    return deepest


def parse(op: Op | OpNode) -> OpNode:
    """Check an op tree. Raises CellError `bad_op` on anything malformed, too deep or too large."""
    if isinstance(op, OpNode):
        return op
    if _depth(op) > MAX_DEPTH * 2:
        raise CellError("bad_op", "This chain of table steps is too deep.")
    try:
        node = _parse(op)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CellError("bad_op", f"A table step is malformed at {place or 'its top'}: {first['msg']}.") from error
    for part in node.walk():
        if isinstance(part, Inline):
            _check_inline(part)
    return node


def _check_inline(node: Inline) -> None:
    if len(node.rows) * max(1, len(node.columns)) > MAX_INLINE_CELLS:
        raise CellError("bad_op", f"A literal table holds at most {MAX_INLINE_CELLS:,} values.")
    if any(len(row) != len(node.columns) for row in node.rows):
        raise CellError("bad_op", "A literal table has rows of different lengths.")
    if len({c.name.lower() for c in node.columns}) < len(node.columns) or not node.columns:
        raise CellError("bad_op", "A literal table needs columns with different names.")


def canonical(op: Op | OpNode) -> str:
    """One text for one meaning: the key of caches."""
    return json.dumps(parse(op).model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sources_of(node: OpNode) -> tuple[OpNode, ...]:
    """The source ops of a tree, each once."""
    found = {canonical(n): n for n in node.walk() if not n.inputs()}
    return tuple(found.values())


def is_row_wise(node: OpNode) -> bool:
    """Whether a uniform sample of the one source gives a uniform sample of the output."""
    return all(n.row_wise and len(n.inputs()) <= 1 for n in node.walk())


def origin(node: OpNode, column: str) -> tuple[OpNode, str] | None:
    """(source, column) that an output column is an unchanged copy of, through ops that only drop or keep rows."""
    while node.inputs():
        below = node.origin_of(column) if len(node.inputs()) == 1 else None
        if below is None and isinstance(node, (Sort, Limit, Distinct)):
            below = column
        if below is None:
            return None
        node, column = node.inputs()[0], below
    return node, column


def conditions_on(node: OpNode, column: str) -> Iterator[tuple[str, Any]]:
    """Bounds (test, literal) that filters put on an output column, for tightening axis ranges."""
    name: str | None = column
    while node.inputs() and name is not None:
        if isinstance(node, Filter):
            yield from _bounds(node.expression, name)
        name = node.origin_of(name)
        node = node.inputs()[0]


def _bounds(expression: dict[str, Any], column: str) -> Iterator[tuple[str, Any]]:
    args = expression.get("args", [])
    if expression.get("fn") == "and":
        for arg in args:
            yield from _bounds(arg, column)
    elif expression.get("fn") in ("<", "<=", ">", ">=", "between") and args and args[0].get("col") == column:
        values = [a["lit"] for a in args[1:] if "lit" in a]
        if expression["fn"] == "between" and len(values) == 2:
            yield from ((">=", values[0]), ("<=", values[1]))
        elif len(values) == 1:
            yield expression["fn"], values[0]


def referenced(node: OpNode, get: Callable[[OpNode], Any] | None = None) -> set[str]:
    """Names of columns that expressions of a tree read."""
    names: set[str] = set()
    for part in node.walk():
        expression = getattr(part, "expression", None)
        if expression:
            names |= columns_in(expression)
    return names
