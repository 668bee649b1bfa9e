"""The whole recipe: steps read leniently, planned in order over a table, with what each one is and does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from workers.engine.recipe import columns, numbers, texts
from workers.engine.recipe.step import CleaningStep
from workers.engine.tables import columns_of
from workers.kind import CellError, NeedsSettings
from workers.ports import Column, Op, Table

KEY = "step:"
"""How a step is keyed among the params of a document: one key each, so two people never write the same one."""
MAX_STEPS = 200

STEPS: tuple[type[CleaningStep], ...] = tuple(
    each for family in (columns, texts, numbers) for each in vars(family).values()
    if isinstance(each, type) and issubclass(each, CleaningStep) and "do" in each.model_fields
    and each.__module__ == family.__name__)


class Broken(CleaningStep):
    """A step that cannot be read: kept in its place, so that the others show and it can be mended or deleted."""

    title, group, icon = "Unreadable step", "Columns", "triangle-alert"
    do: Literal["broken"] = "broken"
    why: str = Field("", max_length=500)

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """Raises CellError `bad_step`."""
        raise CellError("bad_step", self.why or "This step cannot be read.")


if TYPE_CHECKING:
    AnyStep = CleaningStep
else:
    AnyStep = Annotated[Union[(*STEPS, Broken)], Field(discriminator="do")]
_ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyStep)


def lenient(value: Any) -> Any:
    """A list of steps in which each unreadable one became a Broken step that says why; hostile input otherwise."""
    if not isinstance(value, (list, tuple)):
        return []
    out: list[Any] = []
    for raw in value[:MAX_STEPS]:
        if isinstance(raw, BaseModel):
            out.append(raw)
            continue
        try:
            out.append(_ADAPTER.validate_python(raw))
        except ValidationError as error:
            out.append(_broken(raw, error))
    return out


def _broken(raw: Any, error: ValidationError) -> Broken:
    given = raw if isinstance(raw, Mapping) else {}
    first = error.errors()[0]
    place = str(first["loc"][-1]) if first["loc"] else "do"
    names = {each.model_fields["do"].default for each in STEPS}
    why = f"{place.replace('_', ' ').capitalize()}: {first['msg']}."
    if not isinstance(given.get("do"), str) or given["do"] not in names:
        why = f"This server knows no step “{str(given.get('do'))[:40]}”."
    where = given.get("id")
    return Broken(id=where if isinstance(where, str) and len(where) <= 64 else "", on=given.get("on") is not False,
                  why=why[:500])


def looks_around(steps: Any) -> bool:
    """Whether a recipe, as JSON, holds a step that looks at more than one row: then the cell keeps its table."""
    return any(step.on and not step.lacks() and step.whole() for step in lenient(steps))


@dataclass
class Line:
    """One step in its place: the ops it became, the columns before and after it, and why it does nothing, if so."""

    step: CleaningStep
    before: tuple[Column, ...]
    source: Op
    ops: list[Op] = field(default_factory=list)
    after: tuple[Column, ...] = ()
    lacks: str = ""

    @property
    def idle(self) -> bool:
        """Whether it leaves the table as it is for now."""
        return not self.step.on or bool(self.lacks) or not self.ops

    def result(self) -> Op:
        """The table behind it."""
        return stacked(self.source, self.ops)


def stacked(source: Op, ops: Sequence[Op]) -> Op:
    """Ops on top of a table."""
    for op in ops:
        source = {**op, "input": source}
    return source


class Recipe:
    """Steps planned over a table, one line each. Raises the CellError of the first step that does not fit."""

    def __init__(self, steps: Sequence[CleaningStep], table: Table) -> None:
        self.lines: list[Line] = []
        self.table = table
        op, now = table.op, table.columns
        for step in steps:
            line = Line(step, now, op, lacks=step.lacks())
            self.lines.append(line)
            if step.on and not line.lacks:
                line.ops = self._ops(line)
                op = line.result()
                now = self._columns(line, op) if line.ops else now
            line.after = now
        self.result = Table(op, now)

    def _ops(self, line: Line) -> list[Op]:
        try:
            return line.step.ops(line.before)
        except NeedsSettings as needs:
            line.lacks = needs.message
            return []
        except CellError as error:
            raise located(self._since(error), line.step) from error

    def _since(self, error: CellError) -> CellError:
        """A column that an earlier step took away is said to be gone, and by which step."""
        name = quoted(error.message)
        for number, line in enumerate(self.lines, 1):
            names = {c.name for c in line.before}
            if error.code == "unknown_column" and name in names and name not in {c.name for c in line.after}:
                rest = error.message.partition(".")[2]
                error.message = f"“{name}” is gone since step {number}, “{line.step.title}”.{rest}"
        return error

    def _columns(self, line: Line, op: Op) -> tuple[Column, ...]:
        # Types are worked out over a stand-in of the columns before, so a long recipe costs no more than its steps.
        stand_in: Op = {"op": "inline", "rows": [], "columns": [
            {"name": c.name, "type": "text" if c.type == "other" else c.type} for c in line.before]}
        try:
            return columns_of(stacked(stand_in, line.ops))
        except CellError as error:
            raise located(error, line.step) from error


def located(error: CellError, step: CleaningStep) -> CellError:
    """The error of a step: it points at the step, says which one, and mends that step alone."""
    key = f"{KEY}{step.id}" if step.id else "steps"
    name = error.param if error.param in type(step).model_fields else None
    offered = error.fix or {}
    value = offered.get("params", {}).get(name) if name else None
    fix = None
    if value is not None and step.id:
        fix = {"label": offered["label"], "params": {key: {str(name): mended(step, str(name), error, value)}}}
    return CellError(error.code, f"{step.title}: {error.message}", param=key, fix=fix, detail=error.detail)


def mended(step: CleaningStep, name: str, error: CellError, value: Any) -> Any:
    """The field's value with the wrong name replaced: a list keeps its other names."""
    now = getattr(step, name)
    if not isinstance(now, list):
        return value
    wrong = quoted(error.message)
    return [value if v == wrong else v for v in now]


def quoted(message: str) -> str | None:
    """The first name a message quotes."""
    return message.partition("“")[2].partition("”")[0] or None
