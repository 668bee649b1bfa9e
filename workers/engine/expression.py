"""The user's formula language: parsed with Python's `ast` into expression JSON, with errors that name the place."""

from __future__ import annotations

import ast
import difflib
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from workers.engine.functions import ALIASES, FUNCTIONS
from workers.kind import CellError
from workers.ports import Column

MAX_LENGTH = 10_000
MAX_PARTS = 2_000
MAX_NESTING = 60

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_CONSTANTS = {"true": True, "false": False, "missing": None, "null": None, "none": None}


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The closest known name, compared without case, or None."""
    known = {n.lower(): n for n in names}
    found = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.5)
    return known[found[0]] if found else None


def unknown_column(name: str, names: Sequence[str], *, param: str | None = None) -> CellError:
    """The error for a column that is not there: names the nearest one, and offers it as a repair."""
    close = nearest(name, names)
    hint = f" Did you mean “{close}”?" if close else f" There {'is' if len(names) == 1 else 'are'}: {_some(names)}."
    fix = {"label": f"Use {close}", "params": {param: close}} if close and param else None
    return CellError("unknown_column", f"There is no column “{name}”.{hint}", param=param, fix=fix)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "") if names else "none"


def check_expression(value: Any) -> dict[str, Any]:
    """Canonical form of expression JSON. Raises CellError `bad_expression`."""
    budget = [MAX_PARTS * 8]
    return _check(value, 0, budget)


def _check(value: Any, depth: int, budget: list[int]) -> dict[str, Any]:
    budget[0] -= 1
    if depth > MAX_NESTING or budget[0] < 0:
        raise CellError("bad_expression", "The formula is too large.")
    if not isinstance(value, dict):
        raise CellError("bad_expression", f"Expected a part of a formula, not {str(value)[:60]!r}.")
    if set(value) == {"col"} and isinstance(value["col"], str):
        return {"col": value["col"]}
    if "lit" in value and set(value) <= {"lit", "type"}:
        return _literal(value)
    if set(value) == {"fn", "args"} and isinstance(value["args"], (list, tuple)):
        name = ALIASES.get(str(value["fn"]), str(value["fn"]))
        check_call(name, len(value["args"]))
        return {"fn": name, "args": [_check(arg, depth + 1, budget) for arg in value["args"]]}
    raise CellError("bad_expression", f"Malformed part of a formula: {str(value)[:60]!r}.")


def _literal(value: dict[str, Any]) -> dict[str, Any]:
    lit, word = value["lit"], value.get("type")
    fine = (
        lit is None
        or isinstance(lit, (str, bool))
        or (isinstance(lit, int) and abs(lit) < 2**63)
        or (isinstance(lit, float) and math.isfinite(lit))
    )
    if not fine or word not in (None, "date", "datetime", "time"):
        raise CellError("bad_expression", f"{str(lit)[:60]!r} is no usable value.")
    return {"lit": lit} if word is None else {"lit": lit, "type": word}


def check_call(name: str, count: int) -> None:
    """Raise CellError unless the function exists and takes that many values."""
    function = FUNCTIONS.get(name)
    if function is None:
        close = nearest(name, FUNCTIONS)
        raise CellError(
            "unknown_function", f"There is no function “{name}”." + (f" Did you mean “{close}”?" if close else "")
        )
    if not function.low <= count <= function.high:
        wants = str(function.low) if function.low == function.high else f"{function.low} to {function.high}"
        raise CellError("bad_expression", f"“{name}” takes {wants} value{'s' if wants != '1' else ''}, not {count}.")


def columns_in(expression: dict[str, Any]) -> set[str]:
    """Names of the columns an expression reads."""
    names: set[str] = set()
    stack = [expression]
    while stack:
        part = stack.pop()
        if "col" in part:
            names.add(part["col"])
        stack.extend(part.get("args", ()))
    return names


_QUOTED = re.compile(r"`([^`]*)`|\[([^\[\]]+)\]|(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")


def parse_formula(text: str, columns: Sequence[Column] = ()) -> dict[str, Any]:
    """Expression JSON of a formula such as `if(dep_delay > 15, "late", "on time")`.

    Columns are written by name; names with blanks in backquotes or brackets: [Total Charges]. When `columns` is given,
    unknown names raise CellError `unknown_column` with the nearest one; bad syntax raises `bad_formula` with the place.
    """
    if not text.strip():
        raise CellError("needs_settings", "Write a formula, for example: price * 2.", param="expression")
    if len(text) > MAX_LENGTH:
        raise CellError("bad_formula", f"The formula is longer than {MAX_LENGTH:,} characters.", param="expression")
    source, quoted = _prepare(text)
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        place = getattr(error, "offset", None)
        raise _at(text, (place or 1) - 1, "The formula cannot be read") from error
    try:
        expression = check_expression(_Translator(text, quoted, [c.name for c in columns]).visit(tree, 0))
    except CellError as error:
        error.param = error.param or "expression"
        raise
    return expression


def _prepare(text: str) -> tuple[str, dict[str, str]]:
    """Python source: quoted column names become identifiers of the same length; `if(` and a lone `=` are respelled."""
    quoted: dict[str, str] = {}

    def hide(match: re.Match[str]) -> str:
        after_in = match.group(2) is not None and re.search(r"\bin\s*$", match.string[: match.start()], re.IGNORECASE)
        if match.group(3) is not None or after_in:
            return match.group(0)
        name = match.group(1) if match.group(1) is not None else match.group(2)
        token = f"q{len(quoted)}".ljust(len(match.group(0)), "_")
        quoted[token] = name
        return token

    source = _QUOTED.sub(hide, text.replace("\n", " ").replace("\r", " ").replace("\t", " "))
    return _outside_strings(source), quoted


_STRINGS = re.compile(r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")


def _outside_strings(source: str) -> str:
    pieces = _STRINGS.split(source)
    for index in range(0, len(pieces), 2):
        piece = re.sub(r"\bif(?=\s*\()", "i_", pieces[index])
        piece = re.sub(r"(?<![<>=!])=(?!=)", "==", piece)
        piece = piece.replace("≠", "!=").replace("≤", "<=").replace("≥", ">=").replace("<>", "!=").replace("^", "**")
        pieces[index] = re.sub(r"\b(AND|OR|NOT|IN)\b", lambda m: m.group(1).lower(), piece)
    return "".join(pieces).strip()


def _at(text: str, place: int, what: str) -> CellError:
    place = max(0, min(place, len(text)))
    near = text[max(0, place - 12) : place + 12].strip()
    return CellError("bad_formula", f"{what} near character {place + 1}: “{near}”.", param="expression")


class _Translator:
    """Walks Python's tree and allows only what a formula may hold."""

    def __init__(self, text: str, quoted: dict[str, str], columns: list[str]) -> None:
        self.text, self.quoted, self.columns = text, quoted, columns

    def visit(self, node: ast.AST, depth: int) -> dict[str, Any]:
        """Expression JSON of one node."""
        if depth > MAX_NESTING:
            raise CellError("bad_formula", "The formula is nested too deeply.")
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise _at(self.text, getattr(node, "col_offset", 0), f"{type(node).__name__} is not part of formulas")
        result: dict[str, Any] = method(node, depth + 1)
        return result

    def _constant(self, node: ast.Constant, depth: int) -> dict[str, Any]:
        if not isinstance(node.value, (str, int, float, bool)) and node.value is not None:
            raise _at(self.text, node.col_offset, "Only texts and numbers can be written here")
        return {"lit": node.value}

    def _name(self, node: ast.Name, depth: int) -> dict[str, Any]:
        name = self.quoted.get(node.id, node.id)
        if name in self.columns or node.id in self.quoted:
            return self._column(name)
        if name.lower() in _CONSTANTS:
            return {"lit": _CONSTANTS[name.lower()]}
        return self._column(name)

    def _column(self, name: str) -> dict[str, Any]:
        if self.columns and name not in self.columns:
            raise unknown_column(name, self.columns, param="expression")
        return {"col": name}

    def _binop(self, node: ast.BinOp, depth: int) -> dict[str, Any]:
        sign = _BINARY.get(type(node.op))
        if sign is None:
            raise _at(self.text, node.col_offset, f"The operator {type(node.op).__name__} is not part of formulas")
        return {"fn": sign, "args": [self.visit(node.left, depth), self.visit(node.right, depth)]}

    def _unaryop(self, node: ast.UnaryOp, depth: int) -> dict[str, Any]:
        if isinstance(node.op, ast.UAdd):
            return self.visit(node.operand, depth)
        if (
            isinstance(node.op, ast.USub)
            and isinstance(node.operand, ast.Constant)
            and isinstance(node.operand.value, (int, float))
        ):
            return {"lit": -node.operand.value}
        sign = "not" if isinstance(node.op, ast.Not) else "-"
        return {"fn": sign, "args": [self.visit(node.operand, depth)]}

    def _boolop(self, node: ast.BoolOp, depth: int) -> dict[str, Any]:
        return {
            "fn": "and" if isinstance(node.op, ast.And) else "or",
            "args": [self.visit(v, depth) for v in node.values],
        }

    def _compare(self, node: ast.Compare, depth: int) -> dict[str, Any]:
        tests, left = [], node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            tests.append(self._one_test(left, sign, right, depth))
            left = right
        return tests[0] if len(tests) == 1 else {"fn": "and", "args": tests}

    def _one_test(self, left: ast.expr, sign: ast.cmpop, right: ast.expr, depth: int) -> dict[str, Any]:
        if isinstance(sign, (ast.In, ast.NotIn)):
            if not isinstance(right, (ast.Tuple, ast.List)):
                raise _at(self.text, right.col_offset, "After “in” write values in parentheses, such as (1, 2)")
            test = {"fn": "in", "args": [self.visit(v, depth) for v in (left, *right.elts)]}
            return test if isinstance(sign, ast.In) else {"fn": "not", "args": [test]}
        if type(sign) not in _COMPARE:
            raise _at(self.text, left.col_offset, "“is” is not part of formulas; use is_missing(…)")
        return {"fn": _COMPARE[type(sign)], "args": [self.visit(left, depth), self.visit(right, depth)]}

    def _ifexp(self, node: ast.IfExp, depth: int) -> dict[str, Any]:
        return {"fn": "if", "args": [self.visit(v, depth) for v in (node.test, node.body, node.orelse)]}

    def _call(self, node: ast.Call, depth: int) -> dict[str, Any]:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise _at(self.text, node.col_offset, "A function is called as name(value, value)")
        name = "if" if node.func.id == "i_" else node.func.id.lower()
        name = ALIASES.get(name, name)
        check_call(name, len(node.args))
        return {"fn": name, "args": [self.visit(arg, depth) for arg in node.args]}
