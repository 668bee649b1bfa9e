"""Op specs to SQL, with Ibis as a compiler only: the output schema is known before anything runs."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from threading import Lock
from typing import Any

from workers.engine import functions
from workers.engine.expression import unknown_column
from workers.engine.literals import filled, lifted
from workers.engine.ops import Inline, OpNode, Stored, parse, sources_of
from workers.engine.pruning import pruned
from workers.kind import CellError
from workers.ports import Column, Op

SchemaOf = Callable[[str], tuple[Column, ...]]
"""Columns of a stored table, by fingerprint."""

_IBIS_TYPES = {
    "integer": "int64",
    "number": "float64",
    "boolean": "boolean",
    "text": "string",
    "date": "date",
    "datetime": "timestamp",
    "time": "time",
    "other": "string",
}
_CACHE: OrderedDict[str, Compiled] = OrderedDict()
_CACHE_SIZE = 2_000
_LOCK = Lock()


@dataclass(eq=False)
class Compiled:
    """SQL over views named by `names` (source op -> view), and the columns it gives.

    The SQL is printed when it is first asked for: many tables are only asked for their columns, which costs a third.
    """

    expression: Any
    columns: tuple[Column, ...]
    names: tuple[tuple[OpNode, str], ...]
    node: OpNode
    dialect: str = "duckdb"

    @cached_property
    def sql(self) -> str:
        """The query in the dialect of its engine."""
        return self._printed()

    def pretty(self) -> str:
        """The same for people to read, over several lines."""
        return self._printed(pretty=True)

    def _printed(self, **style: bool) -> str:
        with _typed_errors():
            return str(_printer(self.dialect).to_sqlglot(self.expression).sql(dialect=self.dialect, **style))


@dataclass(eq=False)
class Filled(Compiled):
    """SQL of an op that was compiled before with other numbers: `like` holds marks where `values` go."""

    like: Compiled | None = None
    values: dict[str, str] = field(default_factory=dict)

    def _printed(self, **style: bool) -> str:
        assert self.like is not None
        return filled(self.like._printed(**style) if style else self.like.sql, self.values)


def view_name(source: OpNode) -> str:
    """The view a source op reads; a sample level is another view beside it."""
    if isinstance(source, Stored):
        return f"t_{source.fingerprint}"
    return "i_" + hashlib.sha256(source.model_dump_json().encode()).hexdigest()[:32]


def compile_op(op: Op | OpNode, schema_of: SchemaOf, dialect: str = "duckdb") -> Compiled:
    """SQL and output columns of an op tree, cached by its JSON. Raises CellError, `unknown_column` with the nearest."""
    key = dialect + (
        op.model_dump_json()
        if isinstance(op, OpNode)
        else json.dumps(op, sort_keys=True, separators=(",", ":"), default=str)
    )
    with _LOCK:
        if key in _CACHE:
            _CACHE.move_to_end(key)
            return _CACHE[key]
    before = functions.DIALECT.set(dialect)
    try:
        compiled = _filled(op, key, schema_of, dialect) or _Compiler(parse(op), schema_of).run(dialect)
    finally:
        functions.DIALECT.reset(before)
    with _LOCK:
        _CACHE[key] = compiled
        while len(_CACHE) > _CACHE_SIZE:
            _CACHE.popitem(last=False)
    return compiled


def _filled(op: Op | OpNode, text: str, schema_of: SchemaOf, dialect: str) -> Compiled | None:
    """The same plan with other numbers in its filters, if it has any: compiled once for all of them."""
    if isinstance(op, OpNode):
        return None
    marked, values = lifted(op, text)
    if not values:
        return None
    like = compile_op(marked, schema_of, dialect)
    if isinstance(like, Filled):
        return None
    return Filled(like.expression, like.columns, like.names, parse(op), dialect, like, values)


@dataclass(frozen=True, slots=True)
class GroupedSelect:
    """The parts of a grouped SELECT: what it reads, its keys and its measures, as SQL."""

    source: str
    keys: tuple[str, ...]
    measures: tuple[str, ...]


def selects_over(table: Compiled, aggregates: Sequence[Op]) -> list[GroupedSelect]:
    """Aggregate ops (without their input) over a compiled table, each in parts; the numbers of filters are marks.

    Raises CellError where an aggregate does not fit the table.
    """
    found = []
    for aggregate in aggregates:
        node = parse({**aggregate, "input": table.node.model_dump(mode="json")})
        with _typed_errors():
            printed = _printer(table.dialect).to_sqlglot(node.apply([table.expression], _Compiler(node, _no_schema)))
        parts = [one.unalias().transform(_in_parts).sql(dialect=table.dialect) for one in printed.expressions]
        width = len(aggregate["by"])
        found.append(GroupedSelect(printed.args["from_"].this.sql(dialect=table.dialect), tuple(parts[:width]),
                                   tuple(parts[width:])))
    return found


def _in_parts(part: Any) -> Any:
    """A mean as its sum and count: in a scan for several questions these may be asked already."""
    from sqlglot import exp

    if not isinstance(part, exp.Avg):
        return part
    total, count = exp.Sum(this=part.this.copy()), exp.Count(this=part.this.copy(), big_int=True)
    return exp.Paren(this=exp.Div(this=total, expression=count))


def _no_schema(fingerprint: str) -> tuple[Column, ...]:
    raise LookupError(fingerprint)


@contextmanager
def _typed_errors() -> Iterator[None]:
    """Ibis raises many kinds of error for a typing problem: one typed error for all of them."""
    try:
        yield
    except CellError:
        raise
    except RecursionError as error:
        raise CellError("bad_op", "This chain of table steps is too deep.") from error
    except Exception as error:
        raise CellError(
            "type_mismatch",
            f"This does not fit the types of the columns: {_first_line(error)}",
            detail=str(error)[:2000],
        ) from error


class _Compiler:
    """What ops see as `c`: the vocabulary between the op spec and Ibis."""

    def __init__(self, node: OpNode, schema_of: SchemaOf) -> None:
        self.node, self.schema_of = node, schema_of

    @cached_property
    def ibis(self) -> Any:
        """The library, loaded on first use."""
        import ibis

        return ibis

    def run(self, dialect: str) -> Compiled:
        """Build bottom-up."""
        node = pruned(self.node, self._names)
        with _typed_errors():
            table = self._build(node)
            columns = tuple(
                Column(name, functions.word_of(table[name]).replace("missing", "text"))  # type: ignore[arg-type]
                for name in table.columns
            )
        return Compiled(table, columns, tuple((s, view_name(s)) for s in sources_of(node)), self.node, dialect)

    def _names(self, node: OpNode) -> list[str]:
        with _typed_errors():
            return list(self._build(node).columns)

    def _build(self, root: OpNode) -> Any:
        # An explicit stack: long chains of cells must not meet Python's recursion limit.
        built: dict[int, Any] = {}
        stack = [root]
        while stack:
            node = stack[-1]
            waiting = [n for n in node.inputs() if id(n) not in built]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if id(node) not in built:
                built[id(node)] = self._one(node, [built[id(n)] for n in node.inputs()])
        return built[id(root)]

    def _one(self, node: OpNode, sources: list[Any]) -> Any:
        if sources or node.inputs():
            return node.apply(sources, self)
        if isinstance(node, Inline):
            columns = tuple(Column(c.name, c.type) for c in node.columns)
        elif isinstance(node, Stored):
            columns = self.schema_of(node.fingerprint)
        else:
            raise CellError("bad_op", f"“{node.op}” is no source of rows.")
        return self.ibis.table({c.name: _IBIS_TYPES[c.type] for c in columns}, name=view_name(node))

    def column(self, table: Any, name: str) -> Any:
        """A column by name. Raises CellError `unknown_column`."""
        if name not in table.columns:
            raise unknown_column(name, list(table.columns))
        return table[name]

    def lower(self, expression: dict[str, Any], table: Any) -> Any:
        """An expression over a table's columns."""
        if "col" in expression:
            return self.column(table, expression["col"])
        if "lit" in expression:
            return self._literal(expression)
        function = functions.FUNCTIONS[expression["fn"]]
        args = [self.lower(arg, table) for arg in expression["args"]]
        for part, arg in zip(expression["args"], args, strict=True):
            _check_argument(function, part, arg)
        return function.build(self.ibis, *args)

    def condition(self, expression: dict[str, Any], table: Any) -> Any:
        """An expression that must be a condition."""
        value = self.lower(expression, table)
        if functions.word_of(value) not in ("boolean", "missing"):
            raise CellError("type_mismatch", f"A filter needs a condition, not {functions.word_of(value)}.")
        return value

    def _literal(self, part: dict[str, Any]) -> Any:
        value, word = part["lit"], part.get("type")
        if value is None:
            return self.ibis.null()
        if word is not None:
            try:
                return self.ibis.literal(value, type=_IBIS_TYPES[word])
            except Exception as error:
                raise CellError("bad_value", f"“{value}” is no {word}.", param="value") from error
        if isinstance(value, int) and not isinstance(value, bool):
            return self.ibis.literal(value, type="int64")
        return self.ibis.literal(value)

    def cast(self, column: Any, word: str) -> Any:
        """Another type; what does not fit becomes missing."""
        if functions.word_of(column) == word:
            return column
        if word == "integer" and functions.word_of(column) == "text":
            # Through a float would lose digits of long ids; "12.0" is still taken as 12.
            whole, real = functions.try_cast(column, "int64"), functions.try_cast(column, "float64")
            return self.ibis.coalesce(whole, functions.try_cast(real, "int64"))
        return functions.try_cast(column, _IBIS_TYPES[word])

    def word(self, column: Any) -> str:
        """The type word of a value."""
        return functions.word_of(column).replace("missing", "text")

    def nothing(self, word: str) -> Any:
        """A missing value of a type."""
        return self.ibis.null(_IBIS_TYPES[word])

    def widen(self, column: Any, word: str) -> Any:
        """A value as a type that holds it."""
        return column if self.word(column) == word else column.cast(_IBIS_TYPES[word])

    def numbered(self, table: Any) -> Any:
        """The table with the number of each row, from 0, in the order they come in, as `__row`."""
        return table.mutate(__row=self.ibis.row_number().over(self.ibis.window()))

    def total(self, table: Any) -> Any:
        """How many rows there are, beside each of them."""
        return table["__row"].count().over(self.ibis.window())

    def pick(self, column: Any, test: Any) -> Any:
        """The value of the one row that passes a test, as an aggregate."""
        if functions.word_of(column) == "boolean":
            return functions.as_integer(column).max(where=test).cast("int32").cast("boolean")
        return column.max(where=test)

    def time_key(self, column: Any, unit: str) -> Any:
        """A grouping key."""
        return functions.time_key(column, unit)

    def sort_key(self, column: Any, descending: bool) -> Any:
        """An order with missing values last."""
        return self.ibis.desc(column, nulls_first=False) if descending else self.ibis.asc(column, nulls_first=False)

    def numbers(self, table: Any, name: str, function: str) -> Any:
        """A column as numbers with fractions. Raises CellError `type_mismatch`."""
        column = self.column(table, name)
        word = functions.word_of(column)
        if word not in ("integer", "number", "boolean"):
            raise CellError(
                "type_mismatch", f"The {function} of “{name}” cannot be taken: it is {word}.", param="column"
            )
        return (functions.as_integer(column) if word == "boolean" else column).cast("float64")

    def measure(self, table: Any, function: str, name: str | None) -> Any:
        """An aggregate value."""
        if function == "count" and name is None:
            return table.count()
        if name is None:
            raise CellError("needs_settings", f"Choose the column of “{function}”.", param="measures")
        column = self.column(table, name)
        word = functions.word_of(column)
        if function in ("mean", "median", "stddev", "q1", "q3"):
            column = self.numbers(table, name, function)
        elif function == "sum" and word == "boolean":
            column, word = functions.as_integer(column), "integer"
        elif function == "sum":
            self.numbers(table, name, function)
        simple: dict[str, Callable[[], Any]] = {
            "count": column.count,
            "sum": lambda: column.sum().cast("float64") if word == "number" else column.sum(),
            "mean": lambda: column.mean(),
            "median": lambda: column.median(),
            "min": column.min,
            "max": column.max,
            "distinct": column.nunique,
            "first": lambda: column.first(),
            "stddev": lambda: column.std(how="sample"),
            "missing": lambda: self.ibis.coalesce(column.isnull().sum(), 0),
            "q1": lambda: column.quantile(0.25),
            "q3": lambda: column.quantile(0.75),
        }
        return simple[function]()


def _check_argument(function: functions.ExpressionFunction, part: dict[str, Any], value: Any) -> None:
    word = functions.word_of(value)
    accepted = {
        "number": ("integer", "number", "boolean", "missing"),
        "text": ("text", "missing"),
        "moment": ("date", "datetime", "missing"),
        "any": (),
    }[function.takes]
    if function.name in ("hour", "minute"):
        accepted = (*accepted, "time")
    if function.takes == "text" and word == "integer" and "lit" not in part:
        accepted = ("text", "missing")
    if accepted and word not in accepted:
        what = f"“{part['col']}” is {word}" if "col" in part else f"a value here is {word}"
        wants = {"number": "a number", "text": "text", "moment": "a date"}[function.takes]
        raise CellError("type_mismatch", f"“{function.name}” needs {wants}, but {what}.", param="expression")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


@cache
def _printer(dialect: str) -> Any:
    from importlib import import_module

    module = import_module(f"ibis.backends.sql.compilers.{dialect}")
    return module.compiler
