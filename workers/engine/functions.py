"""Every function of expressions once: its name, arity, help and meaning; `ibis` is handed in by the compiler."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from workers.kind import CellError

Build = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class ExpressionFunction:
    """`build(ibis, *args)` gives the value; `takes` names the argument types accepted ("any" or type words)."""

    name: str
    low: int
    high: int
    help: str
    build: Build
    takes: str = "any"


FUNCTIONS: dict[str, ExpressionFunction] = {}


def _function(name: str, low: int, high: int, help: str, takes: str = "any") -> Callable[[Build], Build]:
    def add(build: Build) -> Build:
        FUNCTIONS[name] = ExpressionFunction(name, low, high, help, build, takes)
        return build

    return add


def word_of(value: Any) -> str:
    """Our type word for an Ibis value."""
    kind = value.type()
    checks = (
        ("boolean", kind.is_boolean()),
        ("integer", kind.is_integer()),
        ("number", kind.is_numeric()),
        ("text", kind.is_string()),
        ("date", kind.is_date()),
        ("datetime", kind.is_timestamp()),
        ("time", kind.is_time()),
    )
    return next((word for word, yes in checks if yes), "missing" if kind.is_null() else "other")


def _float(value: Any) -> Any:
    return value.cast("float64")


def as_integer(value: Any) -> Any:
    """True and False as 1 and 0; PostgreSQL knows only the way through 32 bits."""
    return value.cast("int32").cast("int64")


DIALECT: ContextVar[str] = ContextVar("dialect", default="duckdb")
"""The engine that expressions are built for, while the compiler builds them."""
_NUMERAL = r"^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?\s*$"


def rounded(value: Any) -> Any:
    """The nearest whole number; halves go away from zero."""
    near = value.round()
    if DIALECT.get() != "postgres":
        return near
    # It takes halves of doubles to the even one; what is not exactly a half it rounds as all do.
    away = (value > 0).ifelse(value.ceil(), value.floor())
    return (value - value.floor() == 0.5).ifelse(away, near)


def try_cast(value: Any, to: str) -> Any:
    """Another type, missing where a value does not fit; PostgreSQL would stop there, so it looks at texts first."""
    if DIALECT.get() != "postgres":
        return value.try_cast(to)
    if word_of(value) == "boolean" and to in ("int64", "float64"):
        return as_integer(value).cast(to)
    if word_of(value) != "text" or to not in ("int64", "float64"):
        return value.cast(to)
    fits = value.re_search(_NUMERAL)
    number = fits.ifelse(value, None).cast("float64")
    return number if to == "float64" else rounded(number).cast("int64")


def _number(value: Any) -> Any:
    return as_integer(value) if word_of(value) == "boolean" else value


def _nullable(ibis: Any, bad: Any, value: Any) -> Any:
    return ibis.ifelse(bad, ibis.null(value.type()), value)


def _plus(ibis: Any, a: Any, b: Any) -> Any:
    words = {word_of(a), word_of(b)}
    if words <= {"text", "missing"}:
        return a.cast("string") + b.cast("string")
    if not words <= {"integer", "number", "boolean", "missing"}:
        raise CellError(
            "type_mismatch", f"“+” cannot add {word_of(a)} and {word_of(b)}. Use number(…) or text(…) first."
        )
    return _number(a) + _number(b)


_function("+", 2, 2, "Sum of numbers, or two texts joined")(_plus)
_function("-", 1, 2, "Difference", "number")(
    lambda ibis, a, b=None: -_number(a) if b is None else _number(a) - _number(b)
)
_function("*", 2, 2, "Product", "number")(lambda ibis, a, b: _number(a) * _number(b))


@_function("/", 2, 2, "Quotient; dividing by zero gives missing", "number")
def _divide(ibis: Any, a: Any, b: Any) -> Any:
    return _float(_number(a)) / _float(_number(b)).nullif(0.0)


@_function("%", 2, 2, "Remainder, with the sign of the left number; by zero gives missing", "number")
def _remainder(ibis: Any, a: Any, b: Any) -> Any:
    return _number(a) % _number(b).nullif(0)


@_function("**", 2, 2, "Power; missing where it has no real value", "number")
def _power(ibis: Any, a: Any, b: Any) -> Any:
    a, b = _float(_number(a)), _float(_number(b))
    bad = ((a < 0) & (b != b.floor())) | ((a == 0) & (b < 0))
    # The base is made harmless first, since the engine may evaluate both branches.
    return _nullable(ibis, bad, ibis.ifelse(bad, ibis.literal(1.0), a) ** b)


def _comparable(a: Any, b: Any, sign: str) -> tuple[Any, Any]:
    left, right = word_of(a), word_of(b)
    numbers, moments = {"integer", "number", "boolean"}, {"date", "datetime"}
    if left in moments and right == "text":
        return a, b.cast("timestamp" if left == "datetime" else "date")
    if right in moments and left == "text":
        return a.cast("timestamp" if right == "datetime" else "date"), b
    if left == "time" and right == "text":
        return a, b.cast("time")
    same = left == right or {left, right} <= numbers or {left, right} <= moments or "missing" in (left, right)
    if not same:
        raise CellError("type_mismatch", f"“{sign}” cannot compare {left} with {right}. Change one of them first.")
    return (_number(a), _number(b)) if {left, right} == {"boolean", "integer"} else (a, b)


def _compare(sign: str, help: str, test: Callable[[Any, Any], Any]) -> None:
    _function(sign, 2, 2, help)(lambda ibis, a, b: test(*_comparable(a, b, sign)))


_compare("=", "Equal", lambda a, b: a == b)
_compare("!=", "Not equal", lambda a, b: a != b)
_compare("<", "Less than", lambda a, b: a < b)
_compare("<=", "At most", lambda a, b: a <= b)
_compare(">", "Greater than", lambda a, b: a > b)
_compare(">=", "At least", lambda a, b: a >= b)


@_function("between", 3, 3, "From low to high, both included")
def _between(ibis: Any, value: Any, low: Any, high: Any) -> Any:
    a, b = _comparable(value, low, "between")
    c, d = _comparable(value, high, "between")
    return (a >= b) & (c <= d)


@_function("in", 2, 10_001, "One of the values")
def _one_of(ibis: Any, value: Any, *choices: Any) -> Any:
    return value.isin([_comparable(value, choice, "in")[1] for choice in choices])


def _fold(sign: str, a: Any, rest: tuple[Any, ...]) -> Any:
    for value in (a, *rest):
        if word_of(value) not in ("boolean", "missing"):
            raise CellError("type_mismatch", f"“{sign}” needs conditions, not {word_of(value)}.")
    for value in rest:
        a = (a & value) if sign == "and" else (a | value)
    return a


_function("and", 1, 200, "All hold")(lambda ibis, a, *rest: _fold("and", a, rest))
_function("or", 1, 200, "Any holds")(lambda ibis, a, *rest: _fold("or", a, rest))
_function("not", 1, 1, "Does not hold; missing stays missing")(lambda ibis, a: ~_fold("not", a, ()))


@_function("if", 3, 3, "if(condition, then, else)")
def _if(ibis: Any, test: Any, yes: Any, no: Any) -> Any:
    _fold("if", test, ())
    words = {word_of(yes), word_of(no)} - {"missing"}
    if len(words) > 1 and not words <= {"integer", "number", "boolean"} and not words <= {"date", "datetime"}:
        raise CellError("type_mismatch", f"“if” has two kinds of result: {' and '.join(sorted(words))}.")
    return ibis.ifelse(test, yes, no)


_function("coalesce", 1, 50, "The first value that is not missing")(lambda ibis, *args: ibis.coalesce(*args))
_function("is_missing", 1, 1, "Whether the value is missing")(lambda ibis, a: a.isnull())
_function("min", 1, 50, "Smallest of several values")(lambda ibis, *args: ibis.least(*args))
_function("max", 1, 50, "Largest of several values")(lambda ibis, *args: ibis.greatest(*args))



def _whole(value: Any) -> Any:
    """A value that is whole already: rounding it through a float would lose digits."""
    return _number(value) if word_of(value) in ("integer", "boolean") else None


_function("abs", 1, 1, "Distance from zero", "number")(lambda ibis, a: _number(a).abs())
_function("exp", 1, 1, "e to the power", "number")(lambda ibis, a: _nullable(ibis, _float(a) > 700, _float(a).exp()))
_function("floor", 1, 1, "Rounded down", "number")(
    lambda ibis, a: _number(a).floor() if _whole(a) is None else _whole(a)
)
_function("ceil", 1, 1, "Rounded up", "number")(
    lambda ibis, a: _number(a).ceil() if _whole(a) is None else _whole(a)
)


@_function("round", 1, 2, "Rounded to digits after the point; halves go away from zero", "number")
def _round(ibis: Any, a: Any, digits: Any = None) -> Any:
    if digits is not None:
        return _number(a).round(digits)
    return rounded(_number(a)) if _whole(a) is None else _whole(a)


@_function("sqrt", 1, 1, "Square root; missing below zero", "number")
def _sqrt(ibis: Any, a: Any) -> Any:
    a = _float(_number(a))
    return _nullable(ibis, a < 0, ibis.ifelse(a < 0, ibis.literal(0.0), a).sqrt())


@_function("log", 1, 2, "Natural logarithm, or to a base; missing at zero and below", "number")
def _log(ibis: Any, a: Any, base: Any = None) -> Any:
    a = _float(_number(a))
    value = ibis.ifelse(a <= 0, ibis.literal(1.0), a).ln()
    if base is not None:
        bottom = _float(base).ln()
        value = _nullable(ibis, bottom == 0, value / bottom)
    return _nullable(ibis, a <= 0, value)


_function("lower", 1, 1, "In small letters", "text")(lambda ibis, a: a.lower())
_function("upper", 1, 1, "In capital letters", "text")(lambda ibis, a: a.upper())
_function("trim", 1, 1, "Without blanks at the ends", "text")(lambda ibis, a: a.strip())
_function("length", 1, 1, "Number of characters", "text")(lambda ibis, a: a.length())
_function("contains", 2, 2, "Whether a text holds another", "text")(lambda ibis, a, b: a.contains(b))
_function("starts_with", 2, 2, "Whether a text starts so", "text")(lambda ibis, a, b: a.startswith(b))
_function("ends_with", 2, 2, "Whether a text ends so", "text")(lambda ibis, a, b: a.endswith(b))
_function("replace", 3, 3, "Every occurrence replaced", "text")(lambda ibis, a, b, c: a.replace(b, c))


def _part(name: str, help: str, read: Callable[[Any], Any]) -> None:
    _function(name, 1, 1, help, "moment")(lambda ibis, a: read(a).cast("int64"))


_part("year", "Year", lambda a: a.year())
_part("quarter", "Quarter 1-4", lambda a: a.quarter())
_part("month", "Month 1-12", lambda a: a.month())
_part("day", "Day of the month", lambda a: a.day())
_part("day_of_week", "Day of the week, Monday is 0", lambda a: a.day_of_week.index())
_part("hour", "Hour 0-23", lambda a: a.hour())
_part("minute", "Minute 0-59", lambda a: a.minute())

_function("number", 1, 1, "As a number; missing if it is none")(
    lambda ibis, a: try_cast(a, "float64") if word_of(a) in ("text", "boolean") else _float(a)
)
_function("integer", 1, 1, "As a whole number; missing if it is none")(lambda ibis, a: try_cast(a, "int64"))
_function("text", 1, 1, "As text")(lambda ibis, a: a.cast("string"))
_function("date", 1, 1, "As a date; missing if it is none")(
    lambda ibis, a: try_cast(a, "date") if word_of(a) == "text" else a.cast("date")
)


@_function("bin", 3, 3, "bin(value, start, width): number of the bin, counted from 0", "number")
def _bin(ibis: Any, value: Any, start: Any, width: Any) -> Any:
    return ((_float(_number(value)) - _float(start)) / _float(width).nullif(0.0)).floor().cast("int64")


UNITS = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D", "hour": "h", "minute": "m"}
ALIASES = {
    "==": "=",
    "≠": "!=",
    "<>": "!=",
    "≤": "<=",
    "≥": ">=",
    "is missing": "is_missing",
    "len": "length",
    "ln": "log",
    "round_": "round",
    "str": "text",
    "int": "integer",
    "float": "number",
}


def time_key(value: Any, unit: str) -> Any:
    """A date cut to a unit ("month"), or a part of it ("day_of_week"); other values as they are."""
    if unit == "none" or word_of(value) not in ("date", "datetime"):
        return value
    if unit == "day_of_week":
        return value.day_of_week.index().cast("int64")
    if unit == "hour_of_day":
        return value.hour().cast("int64") if word_of(value) == "datetime" else value.month() * 0
    if word_of(value) == "date" and unit in ("hour", "minute"):
        return value
    return value.truncate(UNITS[unit])
