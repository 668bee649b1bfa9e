"""Exported code runs in a clean environment and predicts the same; models survive the store, others do not."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.unit.workers.automl.tables import shop
from workers.automl import models, problem_of, search, space, trial
from workers.automl.export import code_of
from workers.automl.leaderboard import Leaderboard
from workers.automl.learners import FAMILIES
from workers.automl.material import Material
from workers.automl.standing import Standing
from workers.kind import CellError
from workers.store import Store


def every_family(target: str, **how: Any) -> Any:
    """A leaderboard whose best is an even blend of one pipeline of each family and preparation, two folds of each."""
    frame = shop(180)
    problem = problem_of(frame, target, **how)
    material = Material.of(problem, frame)
    standing = Standing([1.0] * 3, problem.measure, material.y)
    seen = set()
    for spec in [*space.quick(problem), *space.portfolio(problem)]:
        mark = (spec.family, spec.preparation, spec.log_target, bool(spec.rows))
        trees = "iterations" if spec.family == "catboost" else "n_estimators"
        small = {trees: 12} if trees in spec.params else {}
        for fold in (0, 2) if spec.family in ("lightgbm", "catboost") and not spec.rows else (0,):
            if mark not in seen:
                small_spec = replace(spec, params=dict(spec.params) | small)
                standing.add(trial.trial(trial.TrialSpec(small_spec, fold), material))
        seen.add(mark)
    entries = list(standing.entries.values())
    assert [e.failed for e in entries] == [""] * len(entries)
    assert {e.spec.family for e in entries} >= set(FAMILIES) - {"ridge", "logistic"}
    return frame, Leaderboard(problem, standing, best={e.spec.id: 1 / len(entries) for e in entries})


RUNNER = """
import runpy, sys
for name in sys.argv[1:]:
    sys.argv = [name, name + ".known", name + ".new", name + ".csv"]
    runpy.run_path(name + ".py", run_name="__main__")
"""


def run_scripts(folder: Any, names: list[str]) -> list[Any]:
    """The predictions of scripts, run in a Python that sees neither this project nor its environment."""
    done = subprocess.run([sys.executable, "-I", "-W", "ignore", "-c", RUNNER, *names], cwd=folder, text=True,
                          env={"PATH": os.environ["PATH"]}, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [pd.read_csv(folder / f"{name}.csv").to_numpy() for name in names]


def test_exported_code_of_every_family_predicts_the_same(tmp_path):
    cases = {"left": {"folds": 3}, "plan": {"group": "street", "folds": 3}, "spent": {"time": "since", "folds": 3}}
    expected = []
    for target, how in cases.items():
        frame, board = every_family(target, **how)
        new = shop(40, seed=9).drop(columns=[target])
        new.loc[3, ["city", "income", "since"]] = ["Rome", np.inf, None]
        (tmp_path / f"{target}.py").write_text(code_of(board))
        frame.to_parquet(tmp_path / f"{target}.known")
        new.to_parquet(tmp_path / f"{target}.new")
        predictor = board.model()
        scores = predictor.scores(new)
        expected.append(scores if target == "spent" else predictor.predict_proba(new))
        assert (models.load(models.dump(predictor)).scores(new) == scores).all()
    for here, there in zip(expected, run_scripts(tmp_path, list(cases)), strict=True):
        assert np.abs(there - here.reshape(40, -1)).max() < 1e-9


def test_a_model_is_kept_and_restored_by_reference(tmp_path):
    board = list(search(shop(160), "spent", trials=1, threads=1))[-1]
    store, fingerprint = Store(tmp_path), "ab" * 16
    ref = models.save(board.model(), store, fingerprint)
    again = models.restore(store, ref)
    new = shop(30, seed=2)
    assert (again.predict(new) == board.model().predict(new)).all()
    assert again.interval(new, 0.8)[0].tolist() == board.model().interval(new, 0.8)[0].tolist()
    assert models.about(store, ref)["problem"]["target"] == "spent"
    path = store.folder(fingerprint) / "best.skops"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(CellError, match="changed since"):
        models.restore(store, ref)
    with pytest.raises(CellError, match="no longer kept"):
        models.restore(store, "cd" * 16 + "/best")


def test_a_file_from_elsewhere_is_refused_and_never_run(tmp_path):
    from skops.io import dumps

    class Payload:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "broken-in"),)

    foreign = dumps({"pipelines": [subprocess.Popen], "shares": [1.0]})
    for content, code in [(b"not a zip", "bad_model"), (foreign, "foreign_model"),
                          (dumps({"Payload": Payload()}), "foreign_model"), (dumps({"a": 1}), "bad_model")]:
        with pytest.raises(CellError) as failure:
            models.load(content)
        assert failure.value.code == code
    assert not (tmp_path / "broken-in").exists()


def test_a_file_that_blows_up_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * 30_000_000)
    with pytest.raises(CellError, match="unpacks to more"):
        models.load(target.getvalue())
