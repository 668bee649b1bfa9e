"""An exported canvas runs where only pandas and Plotly are, and gives the numbers the canvas shows."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from canvas.demos import delays
from workers import registry
from workers.graph import Cell, Edge, Graph
from workers.kind import CellError
from workers.local import Canvas, run_graph
from workers.packing import pack
from workers.ports import Predicate
from workers.resolve import read_page
from workers.samples import token_of
from workers.scripts import Exported, Note, export
from workers.store import Store

TELL = """
import json as _json, sys as _sys, pandas as _pd
def _plain(v):
    if v is None or v is _pd.NA or v is _pd.NaT or v != v: return None
    return v.isoformat() if hasattr(v, "isoformat") else v.item() if hasattr(v, "item") else v
_out = {"modules": sorted({name.partition(".")[0] for name in _sys.modules})}
for _name, _value in list(globals().items()):
    if isinstance(_value, _pd.DataFrame):
        _rows = [[_plain(v) for v in row] for row in _value.head(200).astype(object).itertuples(index=False)]
        _out[_name] = {"rows": _rows, "total": len(_value)}
    elif type(_value).__name__ == "Figure":
        _first = _value.data[0]
        _out[_name] = {"figure": {a: [[_plain(v) for v in r] if a == "z" else _plain(r) for r in
            (_first[a].tolist() if hasattr(_first[a], "tolist") else list(_first[a]))]
            for a in ("x", "y", "z") if a in _first and _first[a] is not None}}
open("told.json", "w").write(_json.dumps(_out))
"""
QUIET = "import plotly.graph_objects as _go\n_go.Figure.show = lambda self: None\n"


def graph_of(document: tuple[dict[str, Any], dict[str, Any]]) -> Graph:
    """The graph of cells and edges as they lie in a document."""
    cells = {}
    for cell_id, cell in document[0].items():
        kind = registry.kind(cell["kind"])
        if kind.computes:
            params = kind.params.model_validate(cell["params"]).model_dump(mode="json")
            source = str(params.get("source", ""))
            token = token_of(source) if source else ""
            cells[cell_id] = Cell(cell_id, cell["kind"], kind.version, params, cell["name"], token)
    edges = [Edge(e, v["from"], v["fromPort"], v["to"], v["toPort"]) for e, v in document[1].items()]
    return Graph(cells, tuple(edges))


def ran(exported: Exported, folder: Path) -> dict[str, Any]:
    """Unpack and run the script in a Python that sees neither this project nor its paths; what its variables hold."""
    pack(exported, "py", folder / "canvas.zip")
    with zipfile.ZipFile(folder / "canvas.zip") as archive:
        archive.extractall(folder)
    script = folder / "canvas.py"
    (folder / "run.py").write_text(QUIET + script.read_text(encoding="utf-8") + TELL, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run([sys.executable, "-I", "run.py"], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:] + script.read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads((folder / "told.json").read_text())
    assert not {"workers", "canvas", "duckdb", "ibis", "django"} & set(found.pop("modules"))
    return found


def close(a: Any, b: Any) -> bool:
    """Equal values; numbers within rounding, moments however they are spelled."""
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(a, str) and isinstance(b, str):
        return a.removesuffix("T00:00:00") == b.removesuffix("T00:00:00")
    return a == b


def same_rows(found: list[list[Any]], shown: list[list[Any]]) -> bool:
    """Equal tables."""
    return len(found) == len(shown) and all(
        len(one) == len(two) and all(map(close, one, two)) for one, two in zip(found, shown, strict=True))


def marks(trace: dict[str, Any]) -> dict[tuple[str, ...], float]:
    """What is drawn where: {place: height}; empty bars are no marks."""
    def place(value: Any) -> str:
        text = str(value).removesuffix(".000000").removesuffix("T00:00:00")
        return f"{float(value):.6g}" if isinstance(value, (int, float)) else text

    if trace.get("z"):
        return {(place(x), place(y)): float(z) for y, row in zip(trace["y"], trace["z"], strict=True)
                for x, z in zip(trace["x"], row, strict=True) if z is not None}
    return {(place(x),): float(y) for x, y in zip(trace["x"], trace["y"], strict=True) if y}


def same_marks(one: dict[tuple[str, ...], float], two: dict[tuple[str, ...], float]) -> bool:
    """Equal places, and heights that agree in the digits a browser is sent."""
    return one.keys() == two.keys() and all(math.isclose(v, two[k], rel_tol=2e-5) for k, v in one.items())


@pytest.fixture(scope="module", params=[delays], ids=["delays"])
def demo_run(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Graph, Store, dict[str, Any]]:
    """A demo canvas, run."""
    store = Store(tmp_path_factory.mktemp("demo"))
    document = request.param.demo().document()
    graph = graph_of(document)
    outcomes = run_graph(graph, store)
    assert {o.state for o in outcomes.values()} == {"done"}
    return graph, store, document[0]


def test_the_demo_canvas_runs_elsewhere_and_gives_its_numbers(demo_run: Any, tmp_path: Path) -> None:
    graph, store, cells = demo_run
    prints = graph.fingerprints()
    titles = {cell: body["title"] for cell, body in cells.items()}
    exported = export(graph, prints, store, titles=titles, notes=[Note(delays.QUESTION, next(iter(graph.cells)))])
    text = exported.python()
    assert "workers" not in text and "# Why do flights leave late?" in text
    found = ran(exported, tmp_path)
    compared = 0
    for cell, frame in exported.variables.items():
        page = read_page(graph, cell, prints, store, 0)
        assert found[frame]["total"] == page["total"], cell
        joined = any(graph.cells[c].kind == "join" for c in graph.ancestors([cell]))
        # A join promises no order of rows; the charts behind it compare its numbers.
        assert joined or same_rows(found[frame]["rows"], page["rows"]), (cell, found[frame]["rows"][:2])
        compared += 1
    assert compared >= 5
    charts = [cell for cell in graph.cells if graph.cells[cell].kind == "chart"]
    drawn = [marks(value["figure"]) for value in found.values() if "figure" in value]
    assert len(drawn) == len(charts) >= 5
    for cell in charts:
        shown = marks(store.final(prints[cell])["view"]["figure"]["data"][0])
        assert any(same_marks(shown, one) for one in drawn), (titles[cell], shown, drawn)


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
