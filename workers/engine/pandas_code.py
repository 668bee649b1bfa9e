"""Op trees as pandas source that a person would write: used by export, by “explain”, and as oracle in tests."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from workers.engine import pandas_functions
from workers.engine.compile import SchemaOf, compile_op
from workers.engine.ops import OpNode, Stored, parse
from workers.engine.pandas_expression import Call, Piece, Translator
from workers.engine.pandas_text import listed, quote
from workers.ports import Column, Op

LIBRARIES: Mapping[str, str] = {
    "pd": "import pandas as pd", "np": "import numpy as np", "datetime": "import datetime",
    "px": "import plotly.express as px", "go": "import plotly.graph_objects as go",
    "hashlib": "import hashlib",
}
_TAKEN = {*keyword.kwlist, *dir(builtins), *LIBRARIES}


class PandasCode:
    """A script under construction: its lines, names, imports and helper functions; `title` of the cell at hand."""

    def __init__(self) -> None:
        self.title = ""
        self.lines: list[str] = []
        self.imports: set[str] = {LIBRARIES["pd"]}
        self.helpers: dict[str, str] = {}
        self._names: set[str] = set()
        self._types: dict[str, dict[str, str]] = {}
        self._ops: dict[str, Op] = {}

    def line(self, text: str) -> None:
        """Add a statement before the one being written."""
        self.lines.append(text)

    def needs(self, statement: str) -> None:
        """Ask for an import."""
        self.imports.add(statement)

    def ask(self, name: str) -> str:
        """Ask for a library by its short name, or for a helper function; gives the name."""
        if name in LIBRARIES:
            self.needs(LIBRARIES[name])
        elif name not in self.helpers:
            self.helpers[name] = helper_source()[name]
            for short in ("np", "datetime", "hashlib"):
                if re.search(rf"\b{short}\.", self.helpers[name]):
                    self.needs(LIBRARIES[short])
        return name

    def name(self, prefix: str) -> str:
        """A fresh name of a variable that reads like `prefix`."""
        base = re.sub(r"\W+", "_", prefix.strip().lower()).strip("_") or "table"
        base = f"table_{base}" if base[0].isdigit() else base
        wanted, number = base, 2
        while wanted in self._names or wanted in _TAKEN or wanted in self.helpers or wanted in helper_source():
            wanted, number = f"{base}_{number}", number + 1
        self._names.add(wanted)
        return wanted

    def declare(self, frame: str, types: Mapping[str, str], op: Op | None = None) -> None:
        """Say which columns a frame has, and which op tree its rows are."""
        self._types[frame] = dict(types)
        if op is not None:
            self._ops[frame] = op

    def op(self, frame: str) -> Op | None:
        """The op tree behind a frame, for what must look at the rows to say itself; None when it was not told."""
        return self._ops.get(frame)

    def types(self, frame: str) -> dict[str, str]:
        """Type words of the columns of a frame, in order."""
        return self._types[frame]

    def column(self, frame: str, name: str) -> Piece:
        """A column of a frame. Raises CellError `unknown_column`."""
        return self._translator(frame).piece({"col": name})

    def expression(self, expression: Mapping[str, Any], frame: str) -> str:
        """Our expression language as pandas source over a frame."""
        return self.piece(expression, frame).text

    def piece(self, expression: Mapping[str, Any], frame: str) -> Piece:
        """An expression with its type."""
        return self._translator(frame).piece(expression)

    def series(self, expression: Mapping[str, Any], frame: str) -> Piece:
        """An expression as a column of its own type, also where it is one value for all rows."""
        translator = self._translator(frame)
        found = translator.piece(expression)
        return Call(translator, "", False).series(found, "text" if found.word == "missing" else "")

    def condition(self, expression: Mapping[str, Any], frame: str) -> str:
        """A condition for choosing rows: “unknown” may be told as False, since both are dropped."""
        translator = self._translator(frame)
        found = translator.piece(expression, lax=True)
        return Call(translator, "", True).series(found, "boolean").text if found.scalar else found.text

    def cast(self, frame: str, name: str, word: str) -> Piece:
        """A column as another type."""
        return pandas_functions.cast(Call(self._translator(frame), "", False), self.column(frame, name), word)

    def time_key(self, frame: str, name: str, unit: str) -> Piece:
        """A column as a key of groups."""
        return pandas_functions.time_key(self.column(frame, name), unit)

    def _translator(self, frame: str) -> Translator:
        return Translator(frame, self._types[frame], self.ask)

    def script(self) -> str:
        """The whole text: imports, helpers, statements."""
        return "\n".join([*self.preamble(), *self.lines]) + "\n"

    def preamble(self) -> list[str]:
        """Imports and helper functions."""
        plain = sorted(line for line in self.imports if line.count(".") == 0 and " as " not in line)
        renamed = sorted(line for line in self.imports if line not in plain)
        blocks = [*plain, *([""] if plain and renamed else []), *renamed]
        for source in self.helpers.values():
            blocks += ["", "", *source.splitlines()]
        return [*blocks, *(["", ""] if self.helpers else [""])]


def _bare(line: str) -> str:
    """A line without the annotations of a signature."""
    if not line.lstrip().startswith("def "):
        return line
    return re.sub(r": (Any|int|str|bool|float)( (?==))?|(?<==) (?=\S+[,)])| -> Any", "", line)


@cache
def helper_source() -> dict[str, str]:
    """Source of each helper function, without its annotations."""
    text = Path(__file__).with_name("pandas_helpers.py").read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            source = ast.get_source_segment(text, node) or ""
            found[node.name] = "\n".join(_bare(line) for line in source.splitlines())
    return found


def write(op: Op | OpNode, code: PandasCode, frames: Mapping[str, str], schema_of: SchemaOf, target: str) -> str:
    """Add the statements of an op tree; gives the name of the variable that holds its rows.

    `frames` names the variable of each stored table, by fingerprint; `target` is a fresh name for the result.
    """
    root = parse(op)
    done: dict[int, str] = {}
    homes = _homes(root, target, code)
    for node in _bottom_up(root):
        if isinstance(node, Stored):
            done[id(node)] = frames[node.fingerprint]
        else:
            home = homes[id(node)]
            code.line(f"{home} = {node.pandas([done[id(n)] for n in node.inputs()], code)}")
            done[id(node)] = home
        columns = compile_op(node, schema_of).columns
        code.declare(done[id(node)], {c.name: c.type for c in columns}, node.model_dump(mode="json"))
    return done[id(root)]


def _homes(root: OpNode, target: str, code: PandasCode) -> dict[int, str]:
    """A variable for each op: one for a chain, another for each side that joins it."""
    homes, stack = {}, [(root, target)]
    while stack:
        node, home = stack.pop()
        if id(node) in homes:
            continue
        homes[id(node)] = home
        for place, below in enumerate(node.inputs()):
            fresh = place > 0 and bool(below.inputs())
            stack.append((below, code.name(f"{target}_{place + 1}") if fresh else home))
    return homes


def _bottom_up(root: OpNode) -> list[OpNode]:
    found: list[OpNode] = []
    seen: set[int] = set()
    stack: list[tuple[OpNode, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            found.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((below, False) for below in reversed(node.inputs()))
    return found


def explain(op: Op | OpNode, schema_of: SchemaOf, called: Callable[[str], str] = lambda fingerprint: "table") -> str:
    """What an op tree does, as pandas code for people to read."""
    code, root = PandasCode(), parse(op)
    frames: dict[str, str] = {}
    for node in root.walk():
        if isinstance(node, Stored) and node.fingerprint not in frames:
            frames[node.fingerprint] = code.name(called(node.fingerprint))
    write(root, code, frames, schema_of, code.name("result"))
    return code.script()



def reading(frame: str, path: str, columns: Iterable[Column], code: PandasCode) -> None:
    """Statements that read an exported Parquet file into nullable columns; dates become moments at midnight."""
    named = {c.name: c.type for c in columns}
    dates = [name for name, word in named.items() if word == "date"]
    code.line(f"{frame} = {code.ask('read_table')}({quote(path)}{f', dates={listed(dates)}' if dates else ''})")
    code.declare(frame, named)
