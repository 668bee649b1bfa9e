"""One row explained: LIME as the `lime` package says it, repeated exactly; small changes that flip it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lime.lime_tabular import LimeTabularExplainer

from workers.automl import search
from workers.explain.counterfactual import Goal, counterfactuals
from workers.explain.lens import Lens
from workers.explain.local import local
from workers.explain.training import training_of
from workers.kind import CellError


def test_top_five_agree_with_the_lime_package():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(500, 8)), columns=[f"x{i}" for i in range(8)])
    frame["colour"] = rng.choice(["red", "green", "blue"], 500)
    push = frame["x0"] * 2 + frame["x1"] - 1.5 * frame["x2"] + 0.8 * frame["x3"] + 1.2 * (frame["colour"] == "red")
    frame["bought"] = np.where(push + rng.normal(0, 0.5, 500) > 0, "yes", "no")
    predictor = list(search(frame, "bought", trials=2, threads=1))[-1].model()
    lens, training = Lens.of(predictor), training_of(frame, predictor.problem)
    colours = ["blue", "green", "red"]
    coded = frame[list(lens.columns)].assign(colour=frame["colour"].map(colours.index)).to_numpy(dtype=float)

    def said(rows: np.ndarray) -> np.ndarray:
        table = pd.DataFrame(rows, columns=list(lens.columns))
        return predictor.predict_proba(table.assign(colour=[colours[int(c)] for c in table["colour"]]))

    theirs = LimeTabularExplainer(coded, feature_names=list(lens.columns), categorical_features=[8],
                                  categorical_names={8: colours}, random_state=1)
    shared = []
    for row in (3, 40, 77):
        explained = theirs.explain_instance(coded[row], said, num_features=9, num_samples=5000)
        top = [column for column, _ in explained.as_map()[1][:5]]
        ours = local(lens, training, frame.iloc[[row]])
        shared.append(len(set(top) & set(ours.order[:5])) / 5)
        signs = {column: np.sign(weight) for column, weight in explained.as_map()[1][:3]}
        assert all(np.sign(ours.weights[c]) == sign for c, sign in signs.items())
    assert np.mean(shared) >= 0.8, shared


def test_the_same_row_is_explained_the_same_way_each_time(leaving):
    row = leaving.frame.iloc[[7]]
    first, again = (local(leaving.lens, leaving.training, row, samples=800) for _ in range(2))
    assert (first.weights == again.weights).all() and first.conditions == again.conditions
    other = local(leaving.lens, leaving.training, row, samples=800, seed=1)
    assert (first.weights != other.weights).any()
    assert first.prediction == pytest.approx(float(leaving.predictor.scores(row)[0]))


def test_conditions_are_said_in_words(leaving):
    row = leaving.frame.iloc[[7]].assign(income=None)
    found = local(leaving.lens, leaving.training, row, samples=400)
    said = dict(zip(leaving.lens.columns, found.conditions, strict=True))
    assert said["city"] == f"city = {row['city'].iloc[0]}"
    assert said["income"] == "income is missing"
    assert said["vip"] in ("vip = yes", "vip = no")
    assert "visits" in said["visits"] and any(sign in said["visits"] for sign in "<>≤")


def test_a_counterfactual_flips_the_prediction_with_values_that_were_seen(leaving):
    scores = leaving.predictor.scores(leaving.frame)
    row = leaving.frame.iloc[[int(np.flatnonzero(scores < 0.35)[0])]]
    found = counterfactuals(leaving.lens, leaving.training, row, Goal(label=1), fixed=["age"])
    assert 1 <= len(found) <= 3
    sizes = [len(one.changes) for one in found]
    assert sizes == sorted(sizes)
    for one in found:
        changed = row.copy()
        for name, (before, after) in one.changes.items():
            assert name not in ("age", "note")
            assert before != after
            assert after in set(leaving.frame[name])
            changed[name] = after
        assert leaving.predictor.scores(changed)[0] == pytest.approx(one.prediction)
        assert leaving.predictor.predict(changed)[0] == "yes"


def test_a_number_can_be_asked_to_rise(spending):
    row = spending.frame.iloc[[0]]
    now = float(spending.predictor.scores(row)[0])
    found = counterfactuals(spending.lens, spending.training, row, Goal(at_least=now + 5))
    assert found[0].prediction >= now + 5


def test_what_cannot_flip_says_so(leaving):
    scores = leaving.predictor.scores(leaving.frame)
    row = leaving.frame.iloc[[int(np.argmin(scores))]]
    with pytest.raises(CellError, match="No change to values seen"):
        counterfactuals(leaving.lens, leaving.training, row, Goal(label=1), fixed=list(leaving.lens.columns))
    with pytest.raises(CellError, match="already"):
        counterfactuals(leaving.lens, leaving.training, row, Goal(label=0))
