"""Made-up rows: predicted at once, honest about what was never seen, with scenarios and goals."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workers.automl import models
from workers.explain.training import Training, training_of
from workers.explain.whatif import WhatIf, form_of
from workers.kind import CellError


def test_a_made_up_row_gets_the_models_prediction(leaving, spending, plans):
    asked = WhatIf(leaving.lens, leaving.training).ask({"age": 30, "city": "Oslo"})
    row = pd.DataFrame([leaving.training.usual() | {"age": 30, "city": "Oslo"}])
    assert asked.probabilities["yes"] == pytest.approx(float(leaving.predictor.scores(row)[0]))
    assert asked.prediction == leaving.predictor.predict(row)[0]
    money = WhatIf(spending.lens, spending.training).ask({"visits": 9}, 0.8)
    assert money.low < money.prediction < money.high
    assert sum(WhatIf(plans.lens, plans.training).ask({}).probabilities.values()) == pytest.approx(1)


def test_what_lies_outside_the_training_data_is_said(leaving):
    ask = WhatIf(leaving.lens, leaving.training).ask
    assert ask({}).outside == []
    assert ask({"age": 140}).outside[0].startswith("age is above all of training (18 to 7")
    assert ask({"city": "Atlantis"}).outside == ["city was never “Atlantis” in training"]
    assert ask({"age": None}).outside == ["age was never missing in training"]
    assert ask({"income": None}).outside == []
    assert ask({"since": "1999-01-01"}).outside[0].startswith("since is below all of training (2021-")
    usual = [ask({n: leaving.frame[n].iloc[r] for n in leaving.lens.columns if n != "vip"}).distance
             for r in range(5)]
    assert max(usual) < 1


def test_what_is_no_value_is_refused(leaving):
    what_if = WhatIf(leaving.lens, leaving.training)
    for values, code in (({"age": "old"}, "bad_value"), ({"since": "one day"}, "bad_value"), ({"shoe": 1},
                                                                                              "unknown_column")):
        with pytest.raises(CellError) as refused:
            what_if.ask(values)
        assert refused.value.code == code


def test_scenarios_are_the_same_question_asked_over_a_grid(spending):
    what_if = WhatIf(spending.lens, spending.training)
    found = what_if.scenarios({"age": 40}, ["visits", "city"], 4)
    assert np.shape(found["values"]) == (len(found["grid"][0]), 4)
    visits, city = found["grid"][0][1], found["grid"][1][2]
    again = what_if.ask({"age": 40, "visits": visits, "city": city})
    assert found["values"][1][2] == pytest.approx(again.prediction)


def test_a_goal_is_sought_along_one_column(spending):
    what_if = WhatIf(spending.lens, spending.training)
    now = what_if.ask({"visits": 3}).prediction
    found = what_if.seek({"visits": 3}, "visits", at_least=now + 4)
    assert found.reached and found.prediction >= now + 4
    assert what_if.ask({"visits": found.value - 1}).prediction < now + 4
    assert not what_if.seek({}, "visits", at_least=1e6).reached
    assert what_if.seek({}, "city", at_most=1e6).reached


def test_a_kept_model_remembers_its_training(leaving):
    kept = replace(leaving.predictor, training=leaving.training.json())
    again = models.load(models.dump(kept))
    assert Training.of(again.training).columns == leaving.training.columns
    assert models.load(models.dump(leaving.predictor)).training is None
    assert (again.scores(leaving.frame) == leaving.predictor.scores(leaving.frame)).all()


def test_what_is_remembered_of_training_survives_being_written_out(leaving):
    again = Training.of(json.loads(json.dumps(leaving.training.json())))
    assert again.columns == leaving.training.columns
    assert np.allclose(leaving.predictor.scores(again.frame()), leaving.predictor.scores(leaving.training.frame()))
    fields = {f["name"]: f for f in form_of(again)}
    assert fields["vip"]["role"] == "boolean"
    assert fields["age"]["low"] >= 18 and fields["age"]["whole"]
    assert set(fields["city"]["levels"]) == {"Lyon", "Oslo", "Kyiv", "Bonn"}
    assert training_of(leaving.frame, leaving.predictor.problem, rows=50).sample["left"][:3]
