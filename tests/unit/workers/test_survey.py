"""The full profile of a table: its facts beside pandas, its stages, what goes together, and two tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.fixtures.subscribers import REPEATS
from workers.engine.associations import v_of
from workers.engine.drift import drift
from workers.engine.parquet import write_table
from workers.engine.survey import spread_of, survey
from workers.engine.tables import arrow_of, columns_of
from workers.ports import Column, Table, literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]


def last(table, **more):
    *_, found = survey(table, **more)
    return found


@pytest.fixture(scope="module")
def frame(stored_subscribers):
    return stored_subscribers, arrow_of(stored_subscribers).to_pandas()


def test_numbers_are_those_of_pandas(frame):
    table, data = frame
    facts = last(table).facts
    for name in ("tenure", "monthly", "age"):
        column = data[name].dropna()
        one = facts[name]
        wanted = np.quantile(column, [0.05, 0.25, 0.5, 0.75, 0.95])
        assert list(one["quantiles"].values()) == pytest.approx(list(wanted), rel=1e-6)
        assert one["std"] == pytest.approx(column.std(), rel=1e-6)
        assert one["mean"] == pytest.approx(column.mean(), rel=1e-6)
        assert one["missing"] == pytest.approx(data[name].isna().mean(), abs=1e-6)
        assert one["distinct"] == column.nunique()
        assert sum(one["histogram"]["counts"]) == len(column)


def test_correlations_are_those_of_pandas(frame):
    table, data = frame
    found = last(table).correlations
    numbers = found["numbers"]
    assert numbers == ["tenure", "monthly", "age"]
    for method in ("pearson", "spearman"):
        wanted = data[numbers].astype(float).corr(method).to_numpy()
        if method == "spearman":  # pandas ranks each pair anew where values are missing
            wanted = data[numbers].astype(float).rank().corr().to_numpy()
        assert np.array(found[method]) == pytest.approx(wanted, abs=1e-3)


def test_cramers_v_is_one_for_copies_and_nothing_for_chance():
    assert v_of([("a", "x", 50), ("b", "y", 50)]) == 1.0
    assert v_of([("a", "x", 25), ("a", "y", 25), ("b", "x", 25), ("b", "y", 25)]) == 0.0
    assert v_of([("a", "x", 10), ("a", "y", 90)]) is None


def test_repeated_rows_are_counted(frame):
    table, data = frame
    assert last(table).duplicates == REPEATS == int(data.duplicated().sum())


def test_a_column_that_knows_the_target_is_called_out(frame):
    found = last(frame[0], target="churn").target["with"]
    assert found[0]["column"] == "left_on" and found[0]["leak"]
    assert "left_on" in found[0]["words"] and "missing" in found[0]["words"]
    assert not any(one["leak"] for one in found[1:])


def test_a_large_table_is_shown_from_drawn_rows_first(engine_store):
    fingerprint, folder = engine_store()
    columns = (Column("n", "integer"), Column("word", "text"), Column("x", "number"))
    write_table("SELECT i AS n, 'w' || i % 7 AS word, (i % 1000) / 10.0 AS x FROM range(250_000) t(i)", columns, folder)
    stages = list(survey({"op": "stored", "fingerprint": fingerprint}))
    assert stages[0].level is not None and 8_000 < stages[0].level[0] < 12_000 and stages[0].level[1] == 250_000
    assert stages[0].facts["x"]["quantiles"]["median"] == pytest.approx(49.95, abs=3)
    assert [s.level for s in stages[1:]] == [None] * (len(stages) - 1)
    assert [s.fraction for s in stages] == sorted(s.fraction for s in stages)
    final = stages[-1].facts
    assert final["n"]["unique"] and final["n"]["distinct"] == 250_000
    assert final["x"]["distinct"] == 1000 and final["x"]["quantiles"]["median"] == pytest.approx(49.95)
    assert final["word"]["top"][0] == ["w0", 35715]


@pytest.mark.parametrize("rows", [[], [[None, None, None]], [[None, None, None]] * 3])
def test_empty_and_all_missing_tables_have_a_profile(engine_store, rows):
    table = literal_table({"Größe": "number", "λ λ": "text", "day": "date"}, rows)
    found = last(table, target="Größe").json()
    assert found["rows"] == len(rows)
    assert [c["name"] for c in found["columns"]] == ["Größe", "λ λ", "day"]
    assert all(c["missing"] == (1.0 if rows else 0.0) for c in found["columns"])


def test_spread_of_counted_values_is_that_of_the_values():
    values = [(-2.0, 3), (0.0, 1), (5.0, 2)]
    flat = np.repeat([v for v, _ in values], [k for _, k in values])
    found = spread_of(values)
    assert list(found["quantiles"].values()) == pytest.approx(list(np.quantile(flat, [0.05, 0.25, 0.5, 0.75, 0.95])))
    assert found["std"] == pytest.approx(flat.std(ddof=1))
    assert (found["zeros"], found["negative"]) == (1, 3)


def test_two_tables_side_by_side(engine_store):
    types = {"same": "integer", "moved": "number", "word": "text", "gone": "text", "kind": "integer"}
    before = literal_table(types, [[i % 10, i / 10, "ab"[i % 2], "x", i] for i in range(400)])
    types = {"same": "integer", "moved": "number", "word": "text", "kind": "text", "fresh": "text"}
    after = literal_table(types, [[i % 10, i / 10 + 30, "abc"[i % 3], str(i), "y"] for i in range(400)])
    found = {one["column"]: one for one in drift(last(before), last(after), before, after)}
    assert found["same"]["strength"] == "none" and found["same"]["index"] < 0.01
    assert found["moved"]["strength"] == "large" and found["moved"]["mean"][1] > found["moved"]["mean"][0]
    assert sum(found["moved"]["counts"]) == 400
    assert found["word"]["fresh"] == ["c"] and "new values c" in found["word"]["words"]
    assert (found["gone"]["change"], found["kind"]["change"], found["fresh"]["change"]) == ("gone", "type", "new")


def test_a_hundred_columns_are_profiled_and_the_rest_are_counted(engine_store):
    table = literal_table({f"c{i}": "integer" for i in range(120)}, [list(range(120))] * 2)
    found = last(Table(table.op, columns_of(table))).json()
    assert len(found["columns"]) == 100 and found["left_out"] == 20


def test_frames_of_pandas_agree_on_missing(frame):
    table, data = frame
    assert pd.Series({n: f["missing"] for n, f in last(table).facts.items()}).to_numpy() == pytest.approx(
        data.isna().mean().to_numpy(), abs=1e-6)
