"""Links that are no tables: filter links narrow, values take the place of params, names tell inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import Field

from workers import registry
from workers.graph import Cell, Edge, Graph
from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, pick_column
from workers.ports import Predicate, Table, Value, literal_table
from workers.preview import table_steps
from workers.resolve import inputs_of, open_engine, params_of
from workers.runner import run_cell
from workers.store import Store

DAYS = literal_table({"day": "text", "degrees": "integer"}, [["Mon", 17], ["Tue", 21], ["Wed", 24], ["Thu", None]])
PLACES = literal_table({"place": "text"}, [["Oslo"], ["Rome"]])


class NoParams(Params):
    """Nothing to set."""


class BrushParams(Params):
    low: int | None = Field(None, title="From")
    color: str = Field("red", title="Colour")


class AmountParams(Params):
    amount: int | str = Field(0, title="Amount")


class PickParams(Params):
    column: str | None = pick_column(title="Column")
    atleast: int = Field(0, title="At least", ge=0)


class Days(CellKind):
    """A table out of nowhere."""

    name, title, group, icon, params = "days", "Days", "Data", "x", NoParams
    outputs = {"table": Table}
    rows = DAYS

    def plan(self, params: Params) -> dict[str, Any]:
        """Four days."""
        return {"table": self.rows}

    def compute(self, params: Params) -> Iterator[Step]:
        """Four days."""
        yield from table_steps(self.rows)


class Places(Days):
    """Another table."""

    name, rows = "places", PLACES


class Brush(CellKind):
    """Passes a selection on."""

    name, title, group, icon, params = "brush", "Brush", "Explore", "x", BrushParams
    inputs, outputs = {"table": Table}, {"selection": Predicate}
    steers = frozenset({"low"})

    def plan(self, params: BrushParams, table: Table) -> dict[str, Any]:
        """Warm days."""
        test = {"fn": ">=", "args": [{"col": "degrees"}, {"lit": params.low}]}
        return {"selection": Predicate({} if params.low is None else test, f"degrees from {params.low}")}

    def compute(self, params: BrushParams, table: Table) -> Iterator[Step]:
        """Shows its table."""
        yield from table_steps(table)


class Amount(CellKind):
    """A number somebody sets."""

    name, title, group, icon, params = "amount", "Amount", "Explore", "x", AmountParams
    outputs = {"value": Value}

    def plan(self, params: AmountParams) -> dict[str, Any]:
        """The number."""
        return {"value": Value(params.amount)}

    def compute(self, params: AmountParams) -> Iterator[Step]:
        """The number."""
        yield Step({"type": "value", "value": params.amount})


class Warm(CellKind):
    """Keeps warm days."""

    name, title, group, icon, params = "warm", "Warm", "Prepare", "x", PickParams
    inputs, outputs = {"table": Table}, {"table": Table}

    def plan(self, params: PickParams, table: Table) -> dict[str, Any]:
        """Days of at least so many degrees."""
        test = {"fn": ">=", "args": [{"col": params.column or "degrees"}, {"lit": params.atleast}]}
        return {"table": Table({"op": "filter", "input": table.op, "expression": test}, table.columns)}

    def compute(self, params: PickParams, table: Table) -> Iterator[Step]:
        """Those days."""
        yield from table_steps(self.plan(params, table)["table"])


class Bag(CellKind):
    """Takes any number of tables."""

    name, title, group, icon, params = "bag", "Bag", "Prepare", "x", NoParams
    inputs = {"tables": Table}
    many_inputs = frozenset({"tables"})

    def compute(self, params: Params, tables: Mapping[str, Table]) -> Iterator[Step]:
        """Their names."""
        yield Step({"type": "value", "value": ", ".join(tables)})


FAKES = {k.name: k for k in (Days(), Places(), Brush(), Amount(), Warm(), Bag())}


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A server that knows these kinds only, and a store."""
    monkeypatch.setattr(registry, "kinds", lambda: MappingProxyType(FAKES))
    monkeypatch.setattr(registry, "kind", lambda name: FAKES[name])
    store = Store(tmp_path)
    open_engine(store)
    return store


def cell(cell_id: str, kind: str, name: str = "", steering: dict[str, Any] | None = None, **params: Any) -> Cell:
    """A cell as the projection makes it."""
    of = FAKES[kind]
    return Cell(cell_id, kind, 1, params, name or cell_id, steering=steering or {}, steered=of.steered(),
                named_ports=tuple(of.many_inputs))


def graph(cells: list[Cell], *edges: str) -> Graph:
    """A graph; edges are written "a.table > b.table"."""
    made = []
    for text in edges:
        (source, out), (target, into) = (end.strip().split(".", 1) for end in text.split(">"))
        made.append(Edge(text, source, out, target, into))
    return Graph({c.id: c for c in cells}, tuple(made))


BRUSHED = ("d.table > b.table", "d.table > w.table", "b.selection > w.filters")


def rows_of(of: Graph, cell_id: str, store: Store) -> list[list[Any]]:
    """The rows a cell shows after a run."""
    outcome = run_cell(of, cell_id, of.fingerprints(), store, lambda event: None)
    assert outcome.state == "done", outcome.error
    kept = store.final(of.fingerprints()[cell_id])
    assert kept
    return kept["view"]["rows"]


def test_a_filter_link_narrows_what_it_reaches(fakes: Store) -> None:
    cells = [cell("d", "days"), cell("b", "brush", steering={"low": 22}), cell("w", "warm")]
    assert rows_of(graph(cells, *BRUSHED), "w", fakes) == [["Wed", 24]]
    assert len(rows_of(graph(cells, *BRUSHED[:2]), "w", fakes)) == 3


def test_filter_links_add_up_and_an_empty_one_lets_all_pass(fakes: Store) -> None:
    cells = [cell("d", "days"), cell("b", "brush", steering={"low": 20}), cell("c", "brush", steering={"low": 24}),
             cell("e", "brush"), cell("w", "warm")]
    edges = [*BRUSHED, "d.table > c.table", "d.table > e.table", "e.selection > w.filters"]
    assert len(rows_of(graph(cells, *edges), "w", fakes)) == 2
    assert rows_of(graph(cells, *edges, "c.selection > w.filters"), "w", fakes) == [["Wed", 24]]


def test_a_filter_that_fits_no_table_says_so(fakes: Store) -> None:
    cells = [cell("d", "days"), cell("p", "places"), cell("b", "brush", steering={"low": 20}), cell("w", "warm")]
    wrong = graph(cells, "d.table > b.table", "p.table > w.table", "b.selection > w.filters")
    with pytest.raises(CellError, match="degrees") as caught:
        inputs_of(wrong, "w", wrong.fingerprints(), fakes)
    assert caught.value.code == "unknown_column"


def test_brushing_reruns_what_follows_and_never_the_brushed_cell() -> None:
    before = graph([cell("d", "days"), cell("b", "brush", steering={"low": 1}), cell("w", "warm")], *BRUSHED)
    brushed = replace(before, cells={**before.cells, "b": cell("b", "brush", steering={"low": 2})})
    old, new = before.fingerprints(), brushed.fingerprints()
    assert old["b"] == new["b"] and old["w"] != new["w"]
    painted = replace(before, cells={**before.cells, "b": cell("b", "brush", steering={"low": 1}, color="blue")})
    assert painted.fingerprints()["b"] != old["b"] and painted.fingerprints()["w"] == old["w"]


def test_a_linked_value_takes_the_place_of_a_param(fakes: Store) -> None:
    cells = [cell("d", "days"), cell("a", "amount", amount=22), cell("w", "warm", atleast=0)]
    linked = graph(cells, "d.table > w.table", "a.value > w.param.atleast")
    assert params_of(linked, "w", linked.fingerprints(), fakes).model_dump()["atleast"] == 22
    assert rows_of(linked, "w", fakes) == [["Wed", 24]]
    other = graph([*cells[:1], cell("a", "amount", amount=18), cells[2]], "d.table > w.table",
                  "a.value > w.param.atleast")
    assert other.fingerprints()["w"] != linked.fingerprints()["w"]


def test_a_linked_value_that_does_not_fit_names_the_param(fakes: Store) -> None:
    cells = [cell("d", "days"), cell("a", "amount", amount="many"), cell("w", "warm")]
    linked = graph(cells, "d.table > w.table", "a.value > w.param.atleast")
    with pytest.raises(CellError) as caught:
        params_of(linked, "w", linked.fingerprints(), fakes)
    assert (caught.value.code, caught.value.param) == ("bad_params", "atleast")


def test_a_port_that_takes_many_knows_them_by_name(fakes: Store) -> None:
    def bag(first: str) -> Graph:
        return graph([cell("d", "days", first), cell("p", "places", "places"), cell("g", "bag")],
                     "d.table > g.tables", "p.table > g.tables")

    found = inputs_of(bag("days"), "g", bag("days").fingerprints(), fakes)
    assert {name: t.columns for name, t in found["tables"].items()} == {"days": DAYS.columns, "places": PLACES.columns}
    assert bag("days").fingerprints()["g"] != bag("week").fingerprints()["g"], "a name is part of what is computed"
    with pytest.raises(CellError, match="Two inputs are called"):
        inputs_of(bag("places"), "g", bag("places").fingerprints(), fakes)
    alone = graph([cell("g", "bag")])
    with pytest.raises(NeedsSettings):
        inputs_of(alone, "g", alone.fingerprints(), fakes)


def test_a_graph_survives_its_message() -> None:
    whole = graph([cell("d", "days"), cell("b", "brush", steering={"low": 1}), cell("w", "warm")], *BRUSHED)
    assert Graph.from_json(whole.to_json()) == whole
    assert Graph.from_json(whole.to_json()).fingerprints() == whole.fingerprints()
