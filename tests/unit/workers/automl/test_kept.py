"""Models of a leaderboard kept and opened again; trials left on the shelf by one process and taken by another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from workers.automl import explore, problem_of
from workers.automl.kept import keep_board
from workers.automl.models import restore
from workers.automl.processes import Here
from workers.automl.shelf import Shelf, frame_of
from workers.automl.space import PipelineSpec
from workers.automl.trial import TrialResult, TrialSpec, trial
from workers.kind import CellError
from workers.store import Store

HERE, ROWS = "ab" * 32, "cd" * 32
QUICK = [PipelineSpec("Boosting", "lightgbm", {"n_estimators": 20, "num_leaves": 4, "learning_rate": 0.2}),
         PipelineSpec("Line", "logistic", {"C": 1.0}, "linear")]


class Elsewhere(Here):
    """Runs trials here, but leaves them on a shelf as a worker would, and takes them from there."""

    def __init__(self, shelf: Shelf, stop: Any) -> None:
        super().__init__(shelf.material(), stop)
        self.shelf = shelf

    def wait(self, timeout: float | None) -> list[TrialResult]:
        """The next result, as it comes back from the store."""
        for result in super().wait(timeout):
            self.shelf.put(result)
            found = self.shelf.get(result.spec)
            assert found is not None
            return [found]
        return []


@pytest.fixture(scope="module")
def frame() -> Any:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 3))
    return pd.DataFrame(x, columns=list("abc")).assign(hit=np.where(x[:, 0] + rng.normal(0, 0.5, 300) > 0, "yes", "no"))


@pytest.fixture
def shelf(frame: Any, tmp_path: Path) -> Shelf:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    return Shelf.laid(Store(tmp_path), ROWS, table, problem_of(frame, "hit", folds=2))


@pytest.mark.parametrize("elsewhere", [False, True])
def test_kept_models_predict_what_the_leaderboard_predicts(frame: Any, shelf: Shelf, elsewhere: bool) -> None:
    def recruit(material: Any, over: Any) -> Any:
        return Elsewhere(shelf, over) if elsewhere else Here(material, over)

    board = [*explore(problem_of(frame, "hit", folds=2), frame, trials=8, threads=1, pipelines=QUICK,
                      recruit=recruit)][-1]
    names = keep_board(board, shelf.store, HERE)
    assert shelf.store.has_parts(HERE, ["model"]) and len(names) > 2 and names[0] == "best"
    for name in names:
        wanted = board.model(None if name == "best" else name)
        assert np.allclose(restore(shelf.store, f"{HERE}/{name}").scores(frame), wanted.scores(frame), atol=1e-12)


def test_a_changed_pipeline_is_not_opened(frame: Any, shelf: Shelf) -> None:
    board = [*explore(problem_of(frame, "hit", folds=2), frame, trials=2, threads=1, pipelines=QUICK[:1],
                      recruit=Here)][-1]
    keep_board(board, shelf.store, HERE)
    for path in (shelf.store.folder(HERE) / "pipelines").iterdir():
        path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(CellError) as refused:
        restore(shelf.store, f"{HERE}/best")
    assert refused.value.code == "bad_model"


def test_a_trial_on_the_shelf_is_the_trial_that_was_run(shelf: Shelf) -> None:
    spec = TrialSpec(QUICK[0], 1)
    assert shelf.get(spec) is None
    result = trial(spec, shelf.material())
    shelf.put(result)
    again = shelf.get(spec)
    assert again is not None and again.score == result.score and again.iterations == result.iterations
    assert np.array_equal(again.predictions, result.predictions) and np.array_equal(again.sealed, result.sealed)
    assert shelf.get(TrialSpec(QUICK[0], 0)) is None
    failed = TrialSpec(QUICK[1], 0)
    shelf.put(TrialResult(failed, error="ValueError: no"))
    assert getattr(shelf.get(failed), "error", "") == "ValueError: no"


def test_another_problem_about_the_same_rows_shares_no_trial(frame: Any, shelf: Shelf) -> None:
    other = Shelf.laid(shelf.store, ROWS, pa.Table.from_pandas(frame), problem_of(frame, "hit", folds=3))
    assert other.key(TrialSpec(QUICK[0], 0)) != shelf.key(TrialSpec(QUICK[0], 0))


def test_rows_keep_their_dates_and_decimals() -> None:
    import datetime
    import decimal

    table = pa.table({"day": [datetime.date(2024, 1, 2)], "price": pa.array([decimal.Decimal("1.50")])})
    frame = frame_of(table)
    assert frame["day"].dtype.kind == "M" and frame["price"].tolist() == [1.5]
