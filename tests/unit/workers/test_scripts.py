"""An exported canvas runs where only pandas and Plotly are, and gives the numbers the canvas shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from canvas.demos import DEMOS
from canvas.demos.parts import cell_id
from tests.fixtures.exported import charts_of, differences, graph_of, ran, same_rows
from workers import registry
from workers.graph import Edge, Graph
from workers.kind import CellError
from workers.local import Canvas, run_graph
from workers.packing import pack
from workers.ports import Predicate, Table
from workers.resolve import read_page
from workers.scripts import Note, export
from workers.store import Store


@pytest.fixture(scope="module", params=DEMOS)
def demo_run(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Graph, Store, dict[str, Any]]:
    """A demo canvas, run."""
    store = Store(tmp_path_factory.mktemp("demo"))
    document = DEMOS[request.param].document()
    graph = graph_of(document)
    outcomes = run_graph(graph, store)
    assert {o.state for o in outcomes.values()} == {"done"}, outcomes
    return graph, store, document[0]


def test_a_demo_canvas_runs_elsewhere_and_gives_its_numbers(demo_run: Any, tmp_path: Path) -> None:
    graph, store, cells = demo_run
    prints = graph.fingerprints()
    titles = {cell: body["title"] for cell, body in cells.items()}
    question = cells[cell_id("question")]["code"]
    exported = export(graph, prints, store, titles=titles, notes=[Note(question, next(iter(graph.cells)))])
    text = exported.python()
    assert "workers" not in text and f"# {question.splitlines()[0]}" in text
    found = ran(exported, tmp_path)
    gives = {cell for cell in graph.cells if Table in registry.kind(graph.cells[cell].kind).outputs.values()}
    assert exported.variables.keys() == gives and charts_of(graph)
    assert differences(graph, prints, store, exported, found) == []


def canvas_of_every_step(store: Path) -> tuple[Canvas, dict[str, str]]:
    """One cell of each kind that makes tables, over the penguins and small tables of its own."""
    canvas = Canvas(str(store))
    birds = canvas.add("dataset", source="sample:penguins", name="penguins")
    heavy = canvas.add("filter", birds, column="body_mass_g", test=">", value=4000, name="heavy")
    made = {
        "kg": canvas.add("derive", birds, name="kg", expression="body_mass_g / 1000"),
        "by_island": canvas.add("aggregate", birds, by=["island"], name="by_island", measures=[
            {"function": "mean", "column": "body_mass_g", "name": "mass"}]),
        "wide": canvas.add("pivot", birds, rows=["island"], column="species", name="wide"),
        "long": canvas.add("unpivot", birds, columns=["bill_length_mm", "bill_depth_mm"], name="long"),
        "top": canvas.add("sort", birds, by=[{"column": "body_mass_g", "descending": True}], keep="top", rows=5,
                          name="top"),
        "drawn": canvas.add("sample", birds, rows=20, seed=4, name="drawn"),
        "ranked": canvas.add("window", birds, by=["species"], order=[{"column": "body_mass_g"}], name="ranked", values=[
            {"function": "rank", "name": "place"}, {"function": "share", "column": "body_mass_g", "name": "part"}]),
        "row": canvas.add("row_statistics", birds, columns=["bill_length_mm", "bill_depth_mm"], name="row"),
        "split": canvas.add("split", heavy, test=0.25, name="split"),
    }
    made["joined"] = canvas.add("join", birds, made["by_island"], keys=[{"left": "island", "right": "island"}],
                                name="joined")
    made["turned"] = canvas.add("transpose", made["by_island"], header="island", name="turned")
    made["view"] = canvas.add("table", made["joined"], sort="mass", columns=["island", "mass"], name="view")
    return canvas, made


def test_every_step_runs_elsewhere_and_gives_its_rows(tmp_path: Path) -> None:
    canvas, _ = canvas_of_every_step(tmp_path / "store")
    outcomes = canvas.run()
    assert {o.state for o in outcomes.values()} == {"done"}, outcomes
    graph = canvas.graph
    prints = graph.fingerprints()
    exported = export(graph, prints, canvas.store)
    assert len(exported.variables) == len(graph.cells), exported.python()
    found = ran(exported, tmp_path)
    for cell, frame in exported.variables.items():
        page = read_page(graph, cell, prints, canvas.store, 0)
        rows, shown = found[frame]["rows"], page["rows"]
        if cell in ("by_island", "wide", "view"):
            rows, shown = sorted(rows, key=str), sorted(shown, key=str)
        assert found[frame]["total"] == page["total"], (cell, exported.python())
        assert same_rows(rows, shown), (cell, rows[:2], shown[:2], exported.python())


def test_a_cell_brings_what_feeds_it_and_nothing_else(tmp_path: Path) -> None:
    canvas, made = canvas_of_every_step(tmp_path / "store")
    canvas.run()
    graph = canvas.graph
    exported = export(graph, graph.fingerprints(), canvas.store, [made["top"]])
    assert set(exported.variables) == {"penguins", "top"}
    assert exported.python().splitlines()[-1] == "print(top)"
    assert '.sort_values(["body_mass_g"], ascending=[False], kind="stable").head(5)' in exported.python()


def test_a_notebook_has_a_cell_for_each_block(tmp_path: Path) -> None:
    canvas, made = canvas_of_every_step(tmp_path / "store")
    canvas.run()
    graph = canvas.graph
    exported = export(graph, graph.fingerprints(), canvas.store, [made["top"]], notes=[Note("# Birds", "penguins")])
    book = json.loads(exported.notebook())
    kinds = [cell["cell_type"] for cell in book["cells"]]
    assert kinds == ["code", "markdown", "markdown", "code", "markdown", "code"]
    assert book["cells"][1]["source"] == "# Birds"
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            compile(cell["source"], "cell", "exec")


def test_what_has_not_run_is_left_out_with_its_reason(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "store"))
    birds = canvas.add("dataset", source="sample:penguins", name="penguins")
    canvas.add("filter", birds, name="unset")
    text = export(canvas.graph, canvas.graph.fingerprints(), canvas.store).python()
    assert "# Left out: penguins has no result yet. Run it first." in text
    assert "# Left out: penguins is not part of this script." in text


def test_a_filter_link_is_a_line_of_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workers import scripts

    canvas = Canvas(str(tmp_path / "store"))
    birds = canvas.add("dataset", source="sample:penguins", name="penguins")
    view = canvas.add("table", birds, name="view")
    canvas.run()
    graph = Graph(canvas.graph.cells, (*canvas.graph.edges, Edge("f", birds, "brush", view, "filters")))
    real = scripts.resolve.outputs_of
    test = {"fn": "=", "args": [{"col": "island"}, {"lit": "Dream"}]}

    def outputs(graph: Any, cell: str, *rest: Any, **more: Any) -> Any:
        return {**real(graph, cell, *rest, **more), "brush": Predicate(test)}

    monkeypatch.setattr(scripts.resolve, "outputs_of", outputs)
    text = export(graph, graph.fingerprints(), canvas.store).python()
    assert 'chosen_penguins = penguins[penguins["island"] == "Dream"]' in text


def test_too_much_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workers import packing

    canvas = Canvas(str(tmp_path / "store"))
    canvas.add("dataset", source="sample:penguins", name="penguins")
    canvas.run()
    monkeypatch.setattr(packing, "MAX_BYTES", 10)
    with pytest.raises(CellError, match="Filter or sample"):
        pack(export(canvas.graph, canvas.graph.fingerprints(), canvas.store), "py", tmp_path / "x.zip")


def test_code_that_people_wrote_is_shown_and_its_rows_come_along(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "store"))
    birds = canvas.add("dataset", source="sample:penguins", name="birds")
    query = "SELECT species, count(*) AS n\nFROM birds GROUP BY species ORDER BY species"
    asked = canvas.add("sql", birds, name="asked", code=query)
    counted = canvas.add("python", asked, name="counted", code="asked.assign(twice=asked.n * 2)")
    outcomes = canvas.run()
    assert {outcome.state for outcome in outcomes.values()} == {"done"}, outcomes
    exported = export(canvas.graph, canvas.graph.fingerprints(), canvas.store)
    assert "#   FROM birds GROUP BY species" in exported.python()
    told = ran(exported, tmp_path)
    assert same_rows(told["asked"]["rows"], canvas.rows(asked)) and len(told["asked"]["rows"]) == 3
    assert same_rows(told["counted"]["rows"], canvas.rows(counted))
