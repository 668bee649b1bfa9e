"""A graph as code that people keep: plain pandas and Plotly, a block for each cell, the data in files beside it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workers import registry, resolve
from workers.engine.manifest import read_manifest
from workers.engine.pandas_code import PandasCode, reading, write
from workers.engine.tables import table_of
from workers.graph import Graph
from workers.kind import FILTERS, CellError, CellKind
from workers.ports import Column, Op, Predicate, Table
from workers.store import Store

LIBRARIES = ("pandas", "pyarrow", "numpy", "plotly", "scipy", "scikit-learn", "lightgbm", "catboost")


class Script(PandasCode):
    """A script whose variables stand for tables of the canvas."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, Table] = {}
        self.view: Mapping[str, Any] = {}
        """What the cell that is written shows on the canvas."""
        self._frames: dict[str, str] = {}
        self._run = uuid.uuid4().hex  # what is compiled is remembered by its names, so these must be of this script

    def hold(self, frame: str, table: Table) -> None:
        """Say which table a variable holds."""
        self.tables[frame] = table
        self._frames[f"{self._run}-{len(self._frames)}"] = frame
        self.declare(frame, {c.name: c.type for c in table.columns})

    def op(self, frame: str) -> Op | None:
        """The rows behind a variable, to look at while the code is written."""
        table = self.tables.get(frame)
        return table.op if table else None

    def stand_in(self, frame: str) -> Table:
        """The table of a variable as a source, so that only what comes after it is written out."""
        name = next(name for name, held in self._frames.items() if held == frame)
        return Table({"op": "stored", "fingerprint": name}, self.tables[frame].columns)

    def step(self, table: Table | Op, target: str = "") -> str:
        """Write out a table over stand-ins; gives its variable."""
        op = table.op if isinstance(table, Table) else table
        found = write(op, self, self._frames, self._schema, target or self.name(self.title or "table"))
        real = _with_rows(op, {name: self.tables[frame].op for name, frame in self._frames.items()})
        self.hold(found, table_of(real))
        return found

    def _schema(self, name: str) -> tuple[Column, ...]:
        return self.tables[self._frames[name]].columns


def _with_rows(op: Any, real: Mapping[str, Op]) -> Any:
    if isinstance(op, dict):
        if op.get("op") == "stored" and op.get("fingerprint") in real:
            return real[op["fingerprint"]]
        return {key: _with_rows(value, real) for key, value in op.items()}
    return [_with_rows(value, real) for value in op] if isinstance(op, (list, tuple)) else op


@dataclass
class Block:
    """A titled piece of the script: code, or Markdown."""

    title: str
    lines: list[str] = field(default_factory=list)
    markdown: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A text cell; it stands before the block of the cell it lies beside."""

    text: str
    before: str | None = None


@dataclass
class Exported:
    """Blocks of a script, its imports, and the files it reads: {path beside the script: file in the store}."""

    blocks: list[Block]
    preamble: list[str]
    files: dict[str, Path]
    variables: dict[str, str]

    def python(self) -> str:
        """One file of Python."""
        parts = ["\n".join(self.preamble).rstrip() + "\n"]
        for block in self.blocks:
            head = "\n".join(f"# {line}".rstrip() for line in block.title.splitlines())
            parts.append("\n".join([head, *([] if block.markdown else block.lines)]) + "\n")
        return "\n\n".join(parts)

    def notebook(self) -> str:
        """A Jupyter notebook, not run yet."""
        cells = [_cell("code", "\n".join(self.preamble).rstrip())]
        for block in self.blocks:
            if block.markdown:
                cells.append(_cell("markdown", block.title))
                continue
            cells.append(_cell("markdown", f"### {block.title}"))
            cells.append(_cell("code", "\n".join(block.lines)))
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"
        kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1,
                          ensure_ascii=False)

    def requirements(self) -> str:
        """What to install, in the versions the canvas was computed with."""
        from importlib.metadata import version

        text = "\n".join([*self.preamble, *[line for block in self.blocks for line in block.lines]])
        named = {"scikit-learn": "sklearn"}
        used = [name for name in LIBRARIES if name in ("pandas", "pyarrow")
                or re.search(rf"(import|from) {named.get(name, name)}\b", text)]
        return "".join(f"{name}=={version(name)}\n" for name in used)


def _cell(kind: str, source: str) -> dict[str, Any]:
    more: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


class _Writer:
    def __init__(self, graph: Graph, prints: Mapping[str, str], store: Store, titles: Mapping[str, str]) -> None:
        self.graph, self.prints, self.store, self.titles = graph, prints, store, titles
        self.code = Script()
        self.outputs: dict[tuple[str, str], str] = {}
        self.files: dict[str, Path] = {}

    def block(self, cell_id: str, shown: bool) -> Block:
        """The code of one cell."""
        cell, kind = self.graph.cells[cell_id], registry.kind(self.graph.cells[cell_id].kind)
        self.code.title, self.code.lines = cell.name or self.titles.get(cell_id) or kind.title, []
        self.code.view = (self.store.final(self.prints[cell_id]) or {}).get("view") or {}
        block = Block(self.titles.get(cell_id) or cell.name or kind.title, self.code.lines)
        try:
            ports = self._ports(cell_id, kind)
        except CellError as error:
            self.code.line(f"# Left out: {' '.join(error.message.split())}")
            return block
        for port, frame in ports.items():
            self.outputs[cell_id, port] = frame
        if shown and ports:
            self.code.line(f"print({next(iter(ports.values()))})")
        if not block.lines:
            self.code.line("# Shown on the canvas only.")
        return block

    def _ports(self, cell_id: str, kind: CellKind) -> dict[str, str]:
        if not any(port in kind.inputs for port in (e.target_port for e in self.graph.inputs_of(cell_id))):
            return self._saved(cell_id, kind)
        params = resolve.params_of(self.graph, cell_id, self.prints, self.store, steered=True)
        if kind.code:
            return self._saved(cell_id, kind, f"{kind.title} that people wrote; the rows it gave are read from a file:",
                               written=str(params.model_dump().get("code", "")))
        inputs = self._inputs(cell_id, kind)
        written = kind.python(params, inputs, self.code)
        if written is not None:
            return self._held(cell_id, written)
        if not kind.has_plan():
            return self._saved(cell_id, kind, "Its steps are not in pandas: the rows it gave are read from a file.")
        given = {port: self._stand_ins(value) for port, value in inputs.items()}
        found = {}
        for port, value in kind.plan(params, **given).items():
            if isinstance(value, Table) and self._is_read(cell_id, port, kind):
                several = [p for p in kind.outputs if kind.outputs[p] is Table]
                name = f"{self.code.title}_{port}" if len(several) > 1 else self.code.title
                found[port] = self.code.step(value, self.code.name(name))
        return found

    def _is_read(self, cell_id: str, port: str, kind: CellKind) -> bool:
        """Whether a table is used further on; the first one is always written."""
        used = any(e.source == cell_id and e.source_port == port for e in self.graph.edges)
        return used or port == next(iter(kind.outputs))

    def _held(self, cell_id: str, written: Mapping[str, str]) -> dict[str, str]:
        for port, frame in written.items():
            if frame not in self.code.tables:
                known = resolve.outputs_of(self.graph, cell_id, self.prints, self.store).get(port)
                if isinstance(known, Table):
                    self.code.hold(frame, known)
        return dict(written)

    def _stand_ins(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.code.stand_in(frame) for name, frame in value.items()}
        return None if value is None else self.code.stand_in(value)

    def _inputs(self, cell_id: str, kind: CellKind) -> dict[str, Any]:
        """The variable of each table that comes in, with filter links applied; models and values are no tables."""
        found: dict[str, Any] = dict.fromkeys(kind.optional_inputs)
        found |= {port: {} for port in kind.many_inputs}
        for edge in self.graph.inputs_of(cell_id):
            source = self.graph.cells[edge.source]
            if kind.inputs.get(edge.target_port) is not Table:
                continue
            frame = self.outputs.get((edge.source, edge.source_port))
            if frame is None:
                raise CellError("left_out", f"{source.name or source.kind} is not part of this script.")
            if edge.target_port in kind.many_inputs:
                found[edge.target_port][source.name] = frame
            else:
                found[edge.target_port] = frame
        if lacking := [port for port, takes in kind.inputs.items() if takes is Table and port not in found]:
            raise CellError("left_out", f"nothing is connected to its {lacking[0]}.")
        return self._filtered(cell_id, found)

    def _filtered(self, cell_id: str, inputs: dict[str, Any]) -> dict[str, Any]:
        for edge in self.graph.inputs_of(cell_id):
            if edge.target_port != FILTERS:
                continue
            carried = resolve.outputs_of(self.graph, edge.source, self.prints, self.store)[edge.source_port]
            if isinstance(carried, Predicate) and carried.expression:
                inputs = {port: self._chosen(value, carried) for port, value in inputs.items()}
        return inputs

    def _chosen(self, value: Any, predicate: Predicate) -> Any:
        from workers.engine.expression import columns_in

        if isinstance(value, dict):
            return {name: self._chosen(frame, predicate) for name, frame in value.items()}
        if value is None or not columns_in(predicate.expression) <= {*self.code.types(value)}:
            return value
        op = {"op": "filter", "input": self.code.stand_in(value).op, "expression": predicate.expression}
        return self.code.step(op, self.code.name(f"chosen_{value}"))

    def _saved(self, cell_id: str, kind: CellKind, why: str = "", written: str = "") -> dict[str, str]:
        """The rows of a source, or of a cell that is no pandas, as a file beside the script; `written` as a comment."""
        ports = [port for port, gives in kind.outputs.items() if gives is Table]
        if not ports:
            params = resolve.params_of(self.graph, cell_id, self.prints, self.store)
            return dict(kind.python(params, {}, self.code) or {})
        table = resolve.stored_table(self.store, self.prints[cell_id])
        if table is None:
            raise CellError("not_landed", f"{self.code.title} has no result yet. Run it first.")
        frame = self.code.name(self.code.title)
        folder = self.store.folder(self.prints[cell_id])
        parts = read_manifest(folder).parts
        if why:
            self.code.line("\n".join([f"# {why}", *(f"#   {line}" for line in written.splitlines())]))
        for number, part in enumerate(parts):
            name = f"data/{frame}.parquet" if len(parts) == 1 else f"data/{frame}/part-{number:04}.parquet"
            self.files[name] = folder / part
        path = f"data/{frame}.parquet" if len(parts) == 1 else f"data/{frame}"
        reading(frame, path, table.columns, self.code)
        self.code.hold(frame, table)
        return dict.fromkeys(ports, frame)


def export(graph: Graph, prints: Mapping[str, str], store: Store, cells: Iterable[str] = (), *,
           titles: Mapping[str, str] | None = None, notes: Sequence[Note] = (),
           order: Sequence[str] = ()) -> Exported:
    """The code of some cells and all that feeds them; of the whole graph when none are named.

    `order` is how people read the cells; code keeps to it where it can. Tables that nothing reads are printed.
    """
    resolve.open_engine(store)
    wanted = graph.ancestors(cells) if cells else set(graph.cells)
    writer = _Writer(graph, prints, store, titles or {})
    blocks: list[Block] = []
    for cell_id in _reading_order(graph, [c for c in order if c in wanted], wanted):
        blocks += [Block(note.text, markdown=True) for note in notes if note.before == cell_id]
        read = any(e.source == cell_id and e.target in wanted for e in graph.edges)
        blocks.append(writer.block(cell_id, shown=not read))
    blocks += [Block(note.text, markdown=True) for note in notes if note.before not in wanted and not cells]
    variables = {cell: frame for (cell, port), frame in reversed([*writer.outputs.items()])}
    return Exported(blocks, writer.code.preamble(), writer.files, variables)


def _reading_order(graph: Graph, order: Sequence[str], wanted: set[str]) -> list[str]:
    """Cells as people read them, but each after what feeds it."""
    place = {cell: number for number, cell in enumerate(order)}
    todo = sorted(wanted, key=lambda cell: (place.get(cell, len(place)), graph.order().index(cell)))
    done: list[str] = []
    while todo:
        ready = next(c for c in todo if all(e.source in done for e in graph.inputs_of(c)))
        done.append(ready)
        todo.remove(ready)
    return done
