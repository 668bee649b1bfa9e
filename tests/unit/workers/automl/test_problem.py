"""Problems are understood from the table, warned about, and refused in words when nothing can be learned."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets

from tests.unit.workers.automl.tables import shop
from workers.automl import Problem, problem_of, search
from workers.kind import CellError

ROWS = 200
RNG = np.random.default_rng(1)
X = RNG.normal(size=ROWS)


def table(**columns: Any) -> Any:
    """A table with a useful column `x` and the given ones."""
    return pd.DataFrame({"x": X} | columns)


BAD = {
    "one_class": table(y=["a"] * ROWS),
    "one_row_per_class": table(y=[f"row {i}" for i in range(ROWS)]),
    "target_missing": table(y=[None] * ROWS),
    "too_many_classes": pd.DataFrame({"x": np.tile(X, 100), "y": [f"c{i % 10_000}" for i in range(20_000)]}),
    "text_target": pd.DataFrame({"x": np.tile(X, 2), "y": [f"a long note on visit {i % 300}" for i in range(400)]}),
    "too_few_rows": table(y=X).head(12),
    "no_features": pd.DataFrame({"y": X, "same": 1.0, "empty": np.nan, "id": np.arange(ROWS)}),
    "date_target": table(y=pd.date_range("2024-01-01", periods=ROWS)),
    "duplicate_columns": pd.DataFrame(np.column_stack([X, X, X]), columns=["x", "x", "y"]),
}


@pytest.mark.parametrize("code", BAD)
def test_what_cannot_be_learned_is_refused_in_words(code):
    with pytest.raises(CellError) as failure:
        next(iter(search(BAD[code], "y", trials=1)))
    assert failure.value.code == code
    assert failure.value.message.endswith(".")


@pytest.mark.parametrize(("how", "code", "fix"), [
    ({"target": "yy"}, "unknown_column", {"target": "y"}),
    ({"target": "y", "metric": "rmse"}, "unknown_metric", None),
    ({"target": "y", "task": "ranking"}, "unknown_task", None),
    ({"target": "y", "time": "w"}, "unknown_column", None),
    ({"target": "y", "task": "regression"}, "text_target", None),
    ({"target": "y", "test": 0.9}, "bad_test_share", None),
    ({"target": "x", "task": "binary"}, "not_binary", {"task": None}),
])
def test_a_choice_that_does_not_fit_is_refused_with_a_repair(how, code, fix):
    with pytest.raises(CellError) as failure:
        problem_of(table(y=np.where(X > 0, "a", "b")), **how)
    assert failure.value.code == code
    assert fix is None or failure.value.fix["params"] == fix


def test_a_hostile_table_is_learned_from_all_the_same():
    frame = table(
        **{'{"bad": [name], "a,b": 1}': RNG.normal(size=ROWS), "x copy": X, "all null": [None] * ROWS, "same": "s",
           "infinite": np.where(RNG.random(ROWS) < 0.2, np.inf, X), "lists": [[1, 2]] * ROWS,
           "spaces": [" 1.5 "] * 100 + ["2"] * 99 + [" "], "mixed": [1, "one", None, 2.5] * 50,
           "flag": pd.array([True, False, None, True] * 50, dtype="boolean"),
           "whole": pd.array([1, None, 3, 4] * 50, dtype="Int64"),
           "gap": pd.to_timedelta(np.arange(ROWS) % 7, unit="h"), "kind": pd.Categorical(["u", "v"] * 100),
           "zoned": pd.date_range("2024-01-01", periods=ROWS, tz="Europe/Kyiv")})
    frame[7] = RNG.normal(size=ROWS)
    frame["y"] = np.where(RNG.random(ROWS) < 0.1, np.inf, X * 2 + RNG.normal(size=ROWS))
    last = list(search(frame, "y", trials=5, threads=1))[-1]
    assert last.json()["failed"] == []
    assert last.rows()[0]["family"] != "dummy"
    reasons = {f.name: f.reason for f in last.problem.features if f.role == "unused"}
    assert reasons["x copy"] == "it is a copy of x"
    assert reasons["lists"] == "it holds lists or records"
    assert len(last.model().predict(frame.head(3).astype({"x": object}))) == 3


def test_a_new_table_without_the_columns_is_refused_by_name():
    last = list(search(shop(120), "left", trials=1, threads=1))[-1]
    with pytest.raises(CellError, match="lacks age, visits") as failure:
        last.model().predict(pd.DataFrame({"city": ["Oslo"]}))
    assert failure.value.code == "missing_columns"
    assert len(last.model().predict(shop(5).iloc[:0])) == 0


def guards(frame: Any, target: str, **how: Any) -> dict[str, list[list[str]]]:
    """Columns of the guards by kind."""
    found: dict[str, list[list[str]]] = {}
    for guard in problem_of(frame, target, **how).guards:
        found.setdefault(guard.kind, []).append(guard.columns)
    return found


def test_leaks_are_found():
    frame = shop(600)
    noise = np.random.default_rng(3).normal(size=600)
    parts = pd.DataFrame({"here": frame["visits"] * 3.0, "there": frame["age"] * 1.0})
    word = frame.assign(gone=frame["left"].map({"yes": "gone", "no": "stays"}))
    assert guards(word, "left")["leak"] == [["gone"]]
    near = frame.assign(bill=frame["spent"] * 1.2 + noise * 0.05)
    assert guards(near, "spent")["leak"] == [["bill"]]
    bent = frame.assign(log_bill=np.log(frame["spent"]))
    assert guards(bent, "spent")["leak"] == [["log_bill"]]
    total = frame.assign(fee=frame["age"] * 0.5 + noise, bill=frame["spent"] + frame["age"] * 0.5 + noise)
    assert guards(total, "spent")["leak"] == [["bill"]]
    both = parts.assign(all=parts.sum(axis=1), city=frame["city"])
    assert [sorted(c) for c in guards(both, "all")["leak"]] == [["here", "there"]]
    assert "leak" not in guards(word, "left", exclude=["gone"])
    classes = frame.assign(code=frame["plan"].map({"gold": 3, "silver": 2, "basic": 1}))
    assert guards(classes, "plan")["leak"] == [["code"]]


def test_identifiers_constants_and_copies_are_set_aside():
    frame = shop(300).assign(customerID=[f"C-{i:05}" for i in range(300)], row=np.arange(300), same=1,
                             user_id=RNG.permutation(10_000)[:300], again=lambda d: d["income"])
    found = guards(frame, "left")
    assert found["id"] == [["customerID"], ["row"], ["user_id"]]
    assert "group" not in guards(frame.assign(humid=frame["visits"] * 7), "left")
    assert (found["constant"], found["copy"]) == ([["same"]], [["again"]])


def test_imbalance_few_rows_time_and_groups_are_told():
    rng = np.random.default_rng(5)
    rare = shop(900).assign(fraud=np.arange(900) % 40 == 0)
    assert guards(rare, "fraud")["imbalance"] == [["fraud"]]
    assert "few_rows" in guards(shop(60), "left")
    days = pd.date_range("2023-01-01", periods=500, freq="h")
    walk = pd.DataFrame({"when": days, "x": rng.normal(size=500), "load": np.cumsum(rng.normal(size=500))})
    assert guards(walk, "load")["time"] == [["when"]]
    assert "time" not in guards(walk, "load", time="when")
    patients = np.repeat(np.arange(60), 6)
    panel = pd.DataFrame({"patient_id": patients, "age": rng.integers(20, 80, 60)[patients],
                          "dose": rng.normal(size=360),
                          "pressure": rng.normal(120, 15, 60)[patients] + rng.normal(0, 3, 360)})
    assert guards(panel, "pressure")["group"] == [["patient_id"]]


CLEAN = {"iris": "target", "wine": "target", "breast_cancer": "target", "diabetes": "target", "linnerud": "Weight"}


@pytest.mark.parametrize("name", CLEAN)
def test_clean_tables_raise_no_alarm(name):
    data = getattr(sklearn.datasets, f"load_{name}")(as_frame=True)
    frame = pd.concat([data.data, data.target], axis=1) if name == "linnerud" else data.frame
    assert {"leak", "id", "time", "group", "constant"}.isdisjoint(guards(frame, CLEAN[name]))


def test_bundled_tables_raise_no_alarm_but_the_known():
    import palmerpenguins
    import plotly.data

    assert guards(palmerpenguins.load_penguins(), "species") == {}
    assert guards(plotly.data.tips(), "tip") == {}
    assert set(guards(plotly.data.gapminder(), "lifeExp")) == {"group"}
    for target in ("left", "plan", "spent"):
        assert guards(shop(400), target) == {}


def test_the_task_is_inferred_and_said():
    frame = shop(300).assign(stars=RNG.integers(1, 6, 300), flag=[True, False] * 150, label=["0", "1", "2"] * 100)
    found = {t: problem_of(frame, t).task for t in ("left", "plan", "spent", "stars", "flag", "age", "label")}
    assert found == {"left": "binary", "plan": "multiclass", "spent": "regression", "stars": "multiclass",
                     "flag": "binary", "age": "regression", "label": "multiclass"}
    assert "5 whole values" in problem_of(frame, "stars").reason
    assert problem_of(frame, "stars", task="regression").metric == "rmse"
    roles = {f.name: f.role for f in problem_of(frame, "left").features}
    assert {roles[n] for n in ("since", "note", "city", "income", "vip")} == {"date", "text", "category", "number"}


def test_a_problem_survives_json():
    problem = problem_of(shop(200), "plan")
    assert Problem.of(json.loads(json.dumps(problem.json()))) == problem
