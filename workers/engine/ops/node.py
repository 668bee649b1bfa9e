"""One op of the JSON op spec: its base class, the registry, and reading a tree of ops as hostile input."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, ValidationError

from workers.engine.expression import check_expression, columns_in
from workers.kind import CellError
from workers.ports import Op

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

MAX_DEPTH = 120

Name = Annotated[str, Field(min_length=1, max_length=500)]
TypeWord = Literal["integer", "number", "boolean", "text", "date", "datetime", "time"]
REGISTRY: dict[str, type[OpNode]] = {}
NamesOf = Callable[["OpNode"], list[str]]
"""Names of the columns that an op gives."""


class OpNode(BaseModel):
    """One op. A subclass in a file of this package is the only place a new op touches.

    It says its shape; whether it is `row_wise` (a uniform sample of the input gives one of the output) and `keeps_rows`
    (as many as the input has); `apply(sources, c)`, which gets input tables as Ibis expressions and the compiler `c`
    (c.lower, c.column, c.ibis); and `pandas(frames, code)`, the same in pandas source (code.expression, code.line).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    row_wise: ClassVar[bool] = False
    keeps_rows: ClassVar[bool] = False
    needs_order: ClassVar[bool] = False  # the answer depends on the order rows come in
    cannot: ClassVar[Mapping[str, str]] = {}  # {dialect: what another engine cannot do like DuckDB, in a sentence}
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

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """The output as a pandas expression over the variables that hold the inputs; each op says its own."""
        raise TypeError(f"the op {self.op} does not say what it is in pandas")

    def check(self) -> None:
        """Raise CellError `bad_op` for what its shape cannot say."""

    def bounds_on(self, column: str) -> Iterator[tuple[str, Any]]:
        """Bounds (test, literal) that this op puts on an output column."""
        yield from ()

    def walk(self) -> Iterator[OpNode]:
        """This op and all below it."""
        stack: list[OpNode] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(node.inputs())

    def origin_of(self, column: str) -> str | None:
        """The input column whose values, or some of them, `column` holds unchanged; or None."""
        return column if self.row_wise else None

    def clips(self, column: str) -> tuple[str, Any, Any] | None:
        """(column of the input, low, high) where a column is that one pulled in to ends; None is no end."""
        return None

    def origin(self, column: str, names_of: NamesOf) -> tuple[OpNode, str] | None:
        """The input and its column that `origin_of` speaks of; ops with several inputs say it here."""
        below = self.origin_of(column) if len(self.inputs()) == 1 else None
        return None if below is None else (self.inputs()[0], below)

    def sampled_input(self) -> OpNode | None:
        """The input of which a uniform sample gives one of the output while all others are read whole; or None."""
        return self.inputs()[0] if self.row_wise and len(self.inputs()) == 1 else None

    def counted_input(self) -> OpNode | None:
        """An input that has as many rows as the output, or None."""
        return self.inputs()[0] if self.keeps_rows and self.inputs() else None

    def needs(self, wanted: set[str] | None) -> set[str] | None:
        """Columns of its one input that it reads when only `wanted` of its own are (None is all); None is all."""
        return None


def _nested(value: Any) -> OpNode:
    return value if isinstance(value, OpNode) else _parse(value)


def _expression(value: Any) -> dict[str, Any]:
    return check_expression(value)


Input = Annotated[SerializeAsAny[OpNode], BeforeValidator(_nested)]
Expression = Annotated[dict[str, Any], BeforeValidator(_expression)]


def _parse(value: Any) -> OpNode:
    if not isinstance(value, dict) or value.get("op") not in REGISTRY:
        raise CellError("bad_op", f"Unknown table step {str(value)[:80]!r}.")
    return REGISTRY[value["op"]].model_validate(value)


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= MAX_DEPTH * 4:
        depth += 1
        within: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                within.extend(item.values())
            elif isinstance(item, (list, tuple)) and not (item and isinstance(item[0], (str, int, float))):
                within.extend(item)
        level = within
    return depth


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
        part.check()
    return node


def canonical(op: Op | OpNode) -> str:
    """One text for one meaning: the key of caches."""
    return json.dumps(parse(op).model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sources_of(node: OpNode) -> tuple[OpNode, ...]:
    """The source ops of a tree, each once."""
    found = {canonical(n): n for n in node.walk() if not n.inputs()}
    return tuple(found.values())


def sampled_source(node: OpNode) -> OpNode | None:
    """The source of which a uniform sample gives a uniform sample of the output, or None when there is no such one."""
    while node.inputs():
        below = node.sampled_input()
        if below is None:
            return None
        node = below
    return node if node.row_wise else None


def is_row_wise(node: OpNode) -> bool:
    """Whether a uniform sample of a source gives a uniform sample of the output."""
    return sampled_source(node) is not None


def traced(node: OpNode, column: str, names_of: NamesOf) -> tuple[OpNode, str, list[tuple[str, Any]]]:
    """The deepest op, and its column, whose values `column` holds unchanged, or some of them.

    With it the bounds (test, literal) that filters on the way put on them, for tightening axis ranges.
    """
    bounds: list[tuple[str, Any]] = []
    while node.inputs():
        bounds += node.bounds_on(column)
        below = node.origin(column, names_of)
        if below is None:
            break
        node, column = below
    return node, column, bounds


def referenced(node: OpNode, get: Callable[[OpNode], Any] | None = None) -> set[str]:
    """Names of columns that expressions of a tree read."""
    names: set[str] = set()
    for part in node.walk():
        expression = getattr(part, "expression", None)
        if expression:
            names |= columns_in(expression)
    return names
