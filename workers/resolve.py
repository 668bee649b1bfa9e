"""What a cell reads and gives: params, input tables fused into plans, schemas and pages."""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from workers import registry
from workers.engine import duck, exporting, tables
from workers.engine.ops import Stored, parse
from workers.events import CellFailed, CellSchema, ColumnInfo
from workers.filters import filtered
from workers.graph import Cell, Edge, Graph
from workers.kind import BEST, FILTERS, PARAM, Cancel, CellError, CellKind, NeedsSettings, Params
from workers.ports import Column, Model, Op, Predicate, Table, Value, literal_table
from workers.store import Store

PAGE_ROWS = 200
MODELS_OPEN = 4
STORED_PAGES = 5
"""Pages of a table kept with its result, so that people who may only view can read them without computing."""


_opened: dict[str, Any] = {"root": None, "pid": 0}


def open_engine(store: Store) -> None:
    """Point the engine of this process at a store; a no-op when it reads that one already."""
    here = {"root": store.root.resolve(), "pid": os.getpid()}
    if _opened != here:
        duck.use_store(store.folder)
        _opened.update(here)


def load() -> None:
    """Import what every query needs; nothing is opened, so a process may fork after it."""
    from importlib import import_module

    registry.kinds()
    for name in ("duckdb", "ibis", "ibis.backends.sql.compilers.duckdb", "workers.engine.figures"):
        import_module(name)


def warm(store: Store) -> None:
    """Open the engine and draw tiny charts through all of it, so that the first one of a person is fast."""
    from workers.engine.figures import draw

    open_engine(store)
    few = literal_table({"what": "text", "when": "datetime", "much": "number"}, [["a", "2020-01-01", 1.5]])
    tables.page(few)
    some = {"op": "filter", "input": few.op, "expression": {"fn": ">", "args": [{"col": "much"}, {"lit": 1}]}}
    for spec in ({"mark": "bar", "x": "what", "y": "much", "aggregate": "mean"}, {"mark": "line", "x": "when"}):
        list(draw(some, spec))


def params_of(graph: Graph, cell_id: str, prints: Mapping[str, str], store: Store, *, planned: bool = False,
              steered: bool = False) -> Params:
    """The params of a cell with the values that links bring to them; `steered` adds those that steer its outputs.

    Raises CellError bad_params.
    """
    cell, linked = graph.cells[cell_id], {}
    for edge in graph.inputs_of(cell_id):
        if edge.target_port.startswith(PARAM):
            value = _carried(graph, edge, prints, store, planned)
            # A control that nobody set yet leaves the param as it is.
            if value.value is not None:
                linked[edge.target_port.removeprefix(PARAM)] = value.value
    return parsed_params(registry.kind(cell.kind), cell, {**(cell.steering if steered else {}), **linked})


def parsed_params(kind: CellKind, cell: Cell, more: Mapping[str, Any] | None = None) -> Params:
    """The params of a cell, and `more`, as the kind's own type, brought up to its version; raises bad_params."""
    raw = dict(cell.params)
    if cell.version < kind.version:
        raw = kind.migrate(raw, cell.version)
    raw |= more or {}
    try:
        return kind.params.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else None
        title = (kind.params.model_fields[name].title or name) if name in kind.params.model_fields else name
        raise CellError("bad_params", f"{title}: {first['msg']}", param=name) from error


def outputs_of(graph: Graph, cell_id: str, prints: Mapping[str, str], store: Store, *,
               planned: bool = False) -> dict[str, Any]:
    """The output ports of a cell: its stored table, else its plan; raises CellError not_landed when neither exists.

    `planned` takes plans also where the table must land before it is read: enough to know its columns.
    """
    cell, kind = graph.cells[cell_id], registry.kind(graph.cells[cell_id].kind)
    stored = stored_table(store, prints[cell_id])
    models = _kept_models(graph, cell_id, prints, store)
    if stored is not None or models is not None:
        return {**(models or {}),
                **dict.fromkeys((n for n, p in kind.outputs.items() if p is Table and stored), stored)}
    if not (kind.is_lazy(cell.params) or (planned and kind.has_plan())):
        return _varying(kind, cell.name, store.final(prints[cell_id]))
    inputs = inputs_of(graph, cell_id, prints, store, planned=planned)
    ports = kind.plan(params_of(graph, cell_id, prints, store, planned=planned, steered=True), **inputs)
    return {name: _with_columns(value, prints[cell_id], name, store) for name, value in ports.items()}


def _carried(graph: Graph, edge: Edge, prints: Mapping[str, str], store: Store, planned: bool) -> Any:
    """What an edge carries; a cell whose outputs vary may not have given it this time."""
    outputs = outputs_of(graph, edge.source, prints, store, planned=planned)
    if edge.source_port not in outputs:
        called = graph.cells[edge.source].name or "That cell"
        if registry.kind(graph.cells[edge.source].kind).outputs.get(edge.source_port) is Model:
            raise CellError("no_pipeline", f"The pipeline picked in {called} is not among those of its newest result. "
                                           "Pick another one there.")
        raise CellError("gives_nothing", f"{called} gives no {edge.source_port}: its last line gives something else.")
    return outputs[edge.source_port]


def _kept_models(graph: Graph, cell_id: str, prints: Mapping[str, str], store: Store) -> dict[str, Any] | None:
    """The models a result came with, by port: those its params pick; None when it came with none."""
    kind = registry.kind(graph.cells[cell_id].kind)
    ports = [name for name, takes in kind.outputs.items() if takes is Model]
    if not ports or not store.has_parts(prints[cell_id], ["model"]):
        return None
    name = kind.model_name(params_of(graph, cell_id, prints, store, steered=True))
    found = kept_model(store, prints[cell_id], name)
    return dict.fromkeys(ports, found) if found else {}


def _varying(kind: CellKind, name: str, final: Mapping[str, Any] | None) -> dict[str, Any]:
    """The outputs of a result that came without a table: its value, if it shows one."""
    view = final["view"] if final is not None else {}
    if view.get("type") == "value":
        return {port: Value(view["value"]) for port, takes in kind.outputs.items() if takes is Value}
    called = name or kind.title
    if final is None:
        raise CellError("not_landed", f"{called} has no result yet. Run it first.")
    raise CellError("gives_nothing", f"{called} gives no table and no value: let its last line be one.")


def inputs_of(graph: Graph, cell_id: str, prints: Mapping[str, str], store: Store, *,
              planned: bool = False) -> dict[str, Any]:
    """What arrives at the input ports; lazy cells above fuse into one plan. Raises NeedsSettings for a free port.

    Filter links are already applied to the tables: kinds know nothing of them.
    """
    kind = registry.kind(graph.cells[cell_id].kind)
    found: dict[str, Any] = dict.fromkeys(kind.optional_inputs)
    found |= {port: {} for port in kind.many_inputs}
    filters: list[Predicate] = []
    for edge in graph.inputs_of(cell_id):
        if edge.target_port not in kind.accepts():
            continue
        value = _carried(graph, edge, prints, store, planned)
        if edge.target_port == FILTERS:
            filters.append(value)
        elif edge.target_port in kind.many_inputs:
            _put_named(found[edge.target_port], graph.cells[edge.source].name, value)
        else:
            found[edge.target_port] = value
    free = [n for n in kind.inputs if n not in found or (found[n] == {} and n not in kind.optional_inputs)]
    if free:
        raise NeedsSettings(f"Connect a {free[0]}", missing=tuple(f"Connect a {n}" for n in free))
    return filtered(found, filters)


def _put_named(port: dict[str, Any], name: str, value: Any) -> None:
    if name in port:
        raise CellError("same_name", f"Two inputs are called “{name}”. Change the output name of one of them.")
    port[name] = value


def stored_table(store: Store, fingerprint: str) -> Table | None:
    """The table kept under a fingerprint, as rows or as a plan, or None."""
    kept = store.manifest(fingerprint)
    op: Op = {"op": "stored", "fingerprint": fingerprint}
    if kept is None:
        kept = store.plan(fingerprint)
        if kept is None:
            return None
        op = kept["op"]
    return Table(op, tuple(Column(c["name"], c["type"]) for c in kept["columns"]))


def _with_columns(value: Any, fingerprint: str, port: str, store: Store) -> Any:
    if not isinstance(value, Table) or value.columns:
        return value
    known = (store.schema(fingerprint) or {}).get("outputs", {}).get(port)
    if known is not None:
        return Table(value.op, tuple(Column(c["name"], c["type"]) for c in known))
    return Table(value.op, tables.columns_of(value.op))


def describe(graph: Graph, fingerprints: Mapping[str, str], cells: Iterable[str], store: Store) -> list[BaseModel]:
    """Columns of each table output, compiled without reading data and kept in the store.

    CellSchema for cells that compile, CellFailed for those with a wrong column or formula; nothing for cells that
    still lack settings or wait for a table that has not landed.
    """
    events: list[BaseModel] = []
    open_engine(store)
    for cell in cells:
        if event := _described(graph, fingerprints, cell, store):
            events.append(event)
    return events


def _described(graph: Graph, prints: Mapping[str, str], cell_id: str, store: Store) -> BaseModel | None:
    fingerprint = prints[cell_id]
    known = store.schema(fingerprint)
    if known and "outputs" in known:
        return CellSchema(cell=cell_id, fingerprint=fingerprint, outputs=known["outputs"])
    if known and "failed" in known:
        return CellFailed(cell=cell_id, fingerprint=fingerprint, **known["failed"])
    if graph.cells[cell_id].kind not in registry.kinds():
        return None
    try:
        outputs = schema_of(outputs_of(graph, cell_id, prints, store, planned=True))
    except NeedsSettings:
        return None
    except CellError as error:
        if error.code == "not_landed":
            return None
        failed = {k: v for k, v in error_fields(error).items() if k != "missing"}
        store.put_schema(fingerprint, {"failed": failed})
        return CellFailed(cell=cell_id, fingerprint=fingerprint, **failed)
    if not outputs:
        return None
    store.put_schema(fingerprint, {"outputs": outputs})
    return CellSchema(cell=cell_id, fingerprint=fingerprint,
                      outputs={n: [ColumnInfo(**c) for c in columns] for n, columns in outputs.items()})


def schema_of(outputs: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Name and type of the columns of each table among some outputs."""
    return {name: [{"name": c.name, "type": c.type} for c in value.columns]
            for name, value in outputs.items() if isinstance(value, Table)}


def read_page(graph: Graph, cell: str, fingerprints: Mapping[str, str], store: Store, number: int,
              rows: int = PAGE_ROWS) -> dict[str, Any]:
    """Page `number` of a cell's table: {"columns", "rows", "offset", "total"}; stored ones are not computed."""
    if (kept := store.page(fingerprints[cell], number)) is not None:
        return kept
    if Table not in registry.kind(graph.cells[cell].kind).outputs.values():
        raise CellError("no_table", "This cell gives out no table.")
    open_engine(store)
    found = [v for v in outputs_of(graph, cell, fingerprints, store).values() if isinstance(v, Table)]
    return tables.page(found[0], number * rows, rows)


def export(graph: Graph, cell: str, fingerprints: Mapping[str, str], store: Store, run: str, form: exporting.Format,
           raw: bool, cancel: Cancel) -> None:
    """Write the table of a cell as a file into the store's exports, under the name of the run that asked for it."""
    open_engine(store)
    table = next((v for v in outputs_of(graph, cell, fingerprints, store).values() if isinstance(v, Table)), None)
    if table is None:
        raise CellError("no_table", "This cell gives no table to export.")
    store.sweep_exports()
    path = store.export_path(run)
    # Written under another name in the same folder, which is what the reader follows while it grows.
    with duck.engine().run_scope(run):
        cancel.on_set(lambda: duck.interrupt(run))
        exporting.export(table, form, path.with_suffix(".part"), raw=raw, cancel=cancel)
    os.replace(path.with_suffix(".part"), path)


def keep_table(table: Table, fingerprint: str, store: Store) -> Table:
    """Write the rows of a table to the store."""
    with store.staging(fingerprint) as folder:
        tables.materialise(table, folder)
    return kept_table(fingerprint, store)


def keep_plan(table: Table, fingerprint: str, store: Store) -> Table:
    """Let a table stand as its plan: its rows are read through the stored ones below, and nothing is copied."""
    below = {node.fingerprint for node in parse(table.op).walk() if isinstance(node, Stored)}
    columns = [{"name": c.name, "type": c.type} for c in table.columns or tables.columns_of(table)]
    store.put_plan(fingerprint, {"op": dict(table.op), "columns": columns, "reads": sorted(below)})
    kept = stored_table(store, fingerprint)
    assert kept is not None
    return kept


def kept_table(fingerprint: str, store: Store) -> Table:
    """The table just written under a fingerprint; what was remembered of an older copy is forgotten."""
    duck.engine().forget(fingerprint)
    kept = stored_table(store, fingerprint)
    assert kept is not None
    return kept


def keep_model(predictor: Any, fingerprint: str, store: Store, name: str = BEST) -> Model:
    """Keep a fitted predictor with a result; the one called `best` is what its Model output gives at first."""
    from workers.automl import models

    return Model(models.save(predictor, store, fingerprint, name), predictor.problem.target)


def kept_model(store: Store, fingerprint: str, name: str) -> Model | None:
    """The model of a result, by name; None when its last run kept none of that name."""
    from workers.automl import models

    known = models.about(store, f"{fingerprint}/{name}")
    return Model(f"{fingerprint}/{name}", known["problem"]["target"]) if known else None


_models: OrderedDict[tuple[str, str], Any] = OrderedDict()


def load_model(store: Store, model: Model) -> Any:
    """The predictor a Model names; the last few stay open in this process, since a reference never changes its meaning.

    Raises CellError no_model or bad_model.
    """
    from workers.automl import models

    key = (str(store.root), model.ref)
    if key not in _models:
        _models[key] = models.restore(store, model.ref)
        while len(_models) > MODELS_OPEN:
            _models.popitem(last=False)
    _models.move_to_end(key)
    return _models[key]


def keep_pages(table: Table, fingerprint: str, store: Store) -> None:
    """Store the first thousand rows in pages."""
    page = tables.page(table, 0, PAGE_ROWS * STORED_PAGES)
    for number in range(max(1, math.ceil(len(page["rows"]) / PAGE_ROWS))):
        offset = number * PAGE_ROWS
        rows = page["rows"][offset:offset + PAGE_ROWS]
        store.put_page(fingerprint, number, {**page, "rows": rows, "offset": offset})


def error_fields(error: CellError) -> dict[str, Any]:
    """What is told of an error: to the browser, and to the row of the run."""
    return {"code": error.code, "message": error.message, "param": error.param, "fix": error.fix,
            "detail": error.detail, "place": error.place, "missing": list(getattr(error, "missing", ()))}
