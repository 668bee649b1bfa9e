"""What a cleaning step is: a typed line of a recipe that says its ops, its words and what it lacks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.expression import unknown_column
from workers.kind import CellError
from workers.ports import Column, Op

Group = Literal["Columns", "Rows", "Missing values", "Text", "Numbers", "Categories and dates"]
Scalar = Annotated[str, Field(max_length=1_000)] | int | float | bool | None
Name = Annotated[str, Field(max_length=500)]
NUMBERS = ("integer", "number")
MOMENTS = ("date", "datetime")


def one_column(title: str = "Column", types: tuple[str, ...] = (), **more: Any) -> Any:
    """A field that holds the name of a column as it stands before the step."""
    hints = {"picker": "column", "of": "table", "types": list(types), **more.pop("hints", {})}
    return Field(None, title=title, json_schema_extra=hints, max_length=500, **more)


def some_columns(title: str = "Columns", types: tuple[str, ...] = (), **more: Any) -> Any:
    """A field that holds names of columns as they stand before the step."""
    hints = {"picker": "columns", "of": "table", "types": list(types), **more.pop("hints", {})}
    return Field(default_factory=list, title=title, json_schema_extra=hints, max_length=500, **more)


class CleaningStep(BaseModel):
    """One line of a recipe. A subclass in a file of this package is the only place a new step touches.

    It declares `do`, a title, group and icon, and its fields; `lacks` says what to set first, in words (a step that
    lacks something does nothing); `ops(columns)` gives the ops, without their input, over the columns as they stand
    before it, or raises CellError with the field as `param`; `touches` names the columns whose values it may change;
    `whole` tells whether it looks at more than one row, so that the cell has to keep its table.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, str_max_length=10_000)
    title: ClassVar[str]
    group: ClassVar[Group]
    icon: ClassVar[str] = "wand"
    id: str = Field("", max_length=64, json_schema_extra={"hidden": True})
    on: bool = Field(True, title="On", json_schema_extra={"hidden": True})

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if "title" not in vars(cls):
            return
        about = " ".join((cls.__doc__ or "").split())
        cls.model_config["title"] = cls.title
        cls.model_config["json_schema_extra"] = {"group": cls.group, "icon": cls.icon, "help": about}
        cls.model_rebuild(force=True)

    def lacks(self) -> str:
        """What to set before the step does anything, or nothing."""
        return ""

    def whole(self) -> bool:
        """Whether it looks at more than one row at a time."""
        return False

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """The ops, each without its input."""
        raise TypeError(f"{type(self).__name__} says no ops")

    def touches(self, columns: Sequence[Column]) -> list[str]:
        """Columns whose values may change, among those that stay."""
        return []

    def words(self) -> str:
        """The line of the recipe, with column names in backquotes."""
        return self.title


def chosen(names: Iterable[str], columns: Sequence[Column], types: tuple[str, ...] = (), param: str = "columns",
           every: bool = False) -> list[Column]:
    """The named columns, or every one of the types when none is named and `every` says so.

    Raises CellError `unknown_column`, or `bad_type` for a column of another type.
    """
    known = {c.name: c for c in columns}
    out = []
    for name in dict.fromkeys(names):
        if name not in known:
            raise unknown_column(name, list(known), param=param)
        if types and known[name].type not in types:
            raise CellError("bad_type", f"“{name}” holds {known[name].type}; this step needs {_either(types)}.",
                            param=param)
        out.append(known[name])
    if not out and every:
        return [c for c in columns if not types or c.type in types]
    return out


def _either(types: tuple[str, ...]) -> str:
    if types == NUMBERS:
        return "numbers"
    return "dates" if types == MOMENTS else " or ".join(types)


def listing(names: Sequence[str], otherwise: str = "all columns") -> str:
    """Column names for a line of the recipe: two of them, then how many more."""
    if not names:
        return otherwise
    shown = ", ".join(f"`{n}`" for n in names[:2])
    return f"{shown} and {len(names) - 2} more" if len(names) > 2 else shown


def col(name: str) -> Op:
    """A column in an expression."""
    return {"col": name}


def lit(value: Any, word: str | None = None) -> Op:
    """A literal in an expression."""
    return {"lit": value, "type": word} if word in ("date", "datetime", "time") and value is not None else {
        "lit": value}


def call(name: str, *args: Op) -> Op:
    """A function in an expression."""
    return {"fn": name, "args": list(args)}


def literal(value: Scalar, column: Column, param: str) -> Op:
    """A value as a literal of the column's type. Raises CellError `bad_value`."""
    text = str(value).strip()
    if column.type in NUMBERS:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            message = f"“{text}” is not a number, and “{column.name}” holds numbers."
            raise CellError("bad_value", message, param=param)
        if column.type == "integer" and number.is_integer() and abs(number) < 2**63:
            return lit(int(number) if abs(number) < 2**53 else int(text))
        return lit(number)
    if column.type == "boolean":
        if text.lower() not in ("true", "yes", "1", "false", "no", "0"):
            raise CellError("bad_value", f"“{text}” is neither true nor false.", param=param)
        return lit(text.lower() in ("true", "yes", "1"))
    if column.type in ("date", "datetime", "time"):
        return lit(text, column.type)
    return lit(value if isinstance(value, str) else text)
