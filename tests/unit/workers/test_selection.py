"""Selections: bins are half open, "other" is the complement, dates and polygons work, inversion keeps the rest."""

from __future__ import annotations

from typing import Any

import pytest

from workers.cells.chart import ChartParams
from workers.cells.chart import Kind as Chart
from workers.cells.table import Kind as TableKind
from workers.cells.table import TableParams
from workers.engine import rows_of, table_of
from workers.engine.selection import Selection, predicate_of, words_of
from workers.filters import filtered
from workers.graph import Cell, Edge, Graph
from workers.kind import CellError
from workers.ports import literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]
COLUMNS = {"who": "text", "n": "integer", "v": "number", "day": "date", "ok": "boolean"}
ROWS: list[list[Any]] = [
    ["a", 1, 0.5, "2024-01-31", True],
    ["b", 2, 1.0, "2024-02-01", False],
    ["c", 3, 1.5, "2024-02-29", None],
    ["d", 4, None, "2024-03-01", True],
    [None, 5, 2.0, "2024-03-04", False],
]


def passing(*conditions: dict[str, Any], invert: bool = False) -> list[int]:
    """The numbers of the rows that pass."""
    table = literal_table(COLUMNS, ROWS)
    selection = Selection.model_validate({"conditions": conditions, "invert": invert})
    found = filtered({"table": table}, [predicate_of(selection, table.columns)])["table"]
    return sorted(row[1] for row in rows_of(table_of(found.op)))


@pytest.fixture(autouse=True)
def _engine(engine_store: Any) -> None:
    engine_store()


@pytest.mark.parametrize(("conditions", "numbers"), [
    ([{"column": "v", "spans": [{"low": 0.5, "high": 1.5}]}], [1, 2]),
    ([{"column": "v", "spans": [{"low": 0.5, "high": 1.5, "last": True}]}], [1, 2, 3]),
    ([{"column": "v", "spans": [{"low": None, "high": 1}, {"low": 2}]}], [1, 5]),
    ([{"column": "who", "values": ["a", "c"]}], [1, 3]),
    ([{"column": "who", "values": ["a"], "missing": True}], [1, 5]),
    ([{"column": "who", "others": ["a", "b"]}], [3, 4, 5]),
    ([{"column": "who", "others": ["a", "missing"]}], [2, 3, 4]),
    ([{"column": "who", "values": ["a"], "others": ["a", "b", "c"]}], [1, 4, 5]),
    ([{"column": "day", "spans": [{"low": "2024-02-01", "high": "2024-03-01"}]}], [2, 3]),
    ([{"column": "day", "unit": "day_of_week", "values": ["Thursday", "Monday"]}], [2, 3, 5]),
    ([{"column": "ok", "values": ["true"]}], [1, 4]),
    ([{"column": "n", "values": ["2", 3]}, {"column": "who", "values": ["b"]}], [2]),
    ([{"column": "n", "against": "v", "polygon": [[0, 0], [2.5, 0], [2.5, 2], [0, 2]]}], [1, 2]),
    ([{"column": "n"}], []),
])
def test_conditions_choose_rows_and_their_inversion_the_rest(conditions: Any, numbers: list[int]) -> None:
    assert passing(*conditions) == numbers
    assert passing(*conditions, invert=True) == sorted({1, 2, 3, 4, 5} - set(numbers))


def test_nothing_selected_lets_all_pass() -> None:
    table = literal_table(COLUMNS, ROWS)
    assert predicate_of(None, table.columns).expression == {}
    assert predicate_of(Selection(), table.columns).expression == {}


def test_words() -> None:
    said = Selection.model_validate({"conditions": [{"column": "dep_delay", "spans": [{"low": 15, "high": 60}]},
                                                    {"column": "carrier", "values": list("abcde")}], "invert": True})
    assert words_of(said) == "all but dep_delay 15 to 60, carrier a or b or c or 2 more"


def test_a_column_that_is_gone_is_named() -> None:
    with pytest.raises(CellError, match="“who”"):
        passing({"column": "whom", "values": ["a"]})


@pytest.mark.parametrize(("kind", "params"), [(Chart(), ChartParams), (TableKind(), TableParams)])
def test_brushing_changes_what_follows_and_never_the_brushed_cell(kind: Any, params: Any) -> None:
    prints = []
    for values in (["a"], ["b"]):
        selection = {"conditions": [{"column": "who", "values": values}]}
        chosen = params.model_validate({"x": "who", "selection": selection})
        plan = kind.plan(chosen, literal_table(COLUMNS, ROWS))
        assert plan["selection"].words == f"who {values[0]}"
        clean = chosen.model_dump(mode="json")
        steering = {"selection": clean.pop("selection")}
        source = Cell("s", kind.name, kind.version, clean, steering=steering, steered=kind.steered())
        target = Cell("t", "chart", 1, {"x": "who"})
        edges = (Edge("e", "s", "selection", "t", "filters"),)
        prints.append(Graph({"s": source, "t": target}, edges).fingerprints())
    assert prints[0]["s"] == prints[1]["s"] and prints[0]["t"] != prints[1]["t"]
