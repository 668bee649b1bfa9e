"""A search yields better and better leaderboards, keeps its budget, and repeats by seed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.unit.workers.automl.tables import shop
from workers.automl import search
from workers.automl.space import PipelineSpec

TARGETS = [("left", "binary", "roc_auc"), ("plan", "multiclass", "log_loss"), ("spent", "regression", "rmse")]


@pytest.mark.parametrize(("target", "task", "metric"), TARGETS)
def test_a_table_with_every_kind_of_column_gets_a_ranked_leaderboard(target, task, metric):
    frame = shop()
    boards = list(search(frame, target, trials=4, threads=1, seed=1))
    last = json.loads(json.dumps(boards[-1].json()))
    assert (last["task"], last["metric"]["name"], last["state"]) == (task, metric, "done")
    assert [row["rank"] for row in last["rows"]] == list(range(1, len(last["rows"]) + 1))
    assert last["failed"] == []
    names = [row["name"] for row in last["rows"]]
    assert names.index("Always the usual answer") > 0
    assert last["test"]["low"] <= last["test"]["score"] <= last["test"]["high"]
    predicted = boards[-1].model().predict(frame.head(5))
    assert len(predicted) == 5
    assert task == "regression" or set(predicted) <= set(frame[target])


def test_the_first_pipeline_comes_before_the_first_whole_trial():
    boards = list(search(shop(), "left", trials=2, threads=1))
    assert [b.trials for b in boards[:3]] == [0, 0, 0]
    assert not boards[0].best
    assert boards[1].best
    assert boards[1].model().predict(shop(7)).tolist()


def test_a_seed_repeats_exactly_whatever_the_number_of_processes():
    frame = shop(160)
    runs = [list(search(frame, "left", trials=6, threads=threads, seed=3))[-1] for threads in (1, 2)]
    seen = [[(r["name"], r["score"], r["folds"], r["weight"]) for r in run.rows()] for run in runs]
    assert seen[0] == seen[1]
    assert runs[0].test == runs[1].test
    assert (runs[0].model().scores(frame) == runs[1].model().scores(frame)).all()


def test_stopping_keeps_the_best_so_far():
    frame, seen = shop(160), []
    for board in search(frame, "spent", trials=50, threads=1, stop=lambda: len(seen) > 3):
        seen.append(board)
    assert seen[-1].state == "stopped"
    assert seen[-1].trials < 10
    assert seen[-1].test["rows"] > 0
    assert len(seen[-1].model().predict(frame)) == len(frame)


def test_closing_the_generator_ends_its_processes():
    import multiprocessing

    steps = search(shop(160), "left", budget=30.0, threads=2)
    for board in steps:
        if board.trials:
            break
    assert multiprocessing.active_children()
    steps.close()
    assert not multiprocessing.active_children()


def test_a_pipeline_of_ones_own_joins_the_leaderboard():
    mine = PipelineSpec("Mine", "lightgbm", {"num_leaves": 5, "n_estimators": 30})
    last = list(search(shop(160), "left", trials=1, threads=1, pipelines=[mine]))[-1]
    assert "Mine" in [row["name"] for row in last.rows()]


def test_a_pipeline_that_cannot_cope_does_not_end_the_search():
    broken = PipelineSpec("Broken", "ridge", {"solver": "none such"})
    last = list(search(shop(), "spent", trials=4, threads=1, pipelines=[broken]))[-1].json()
    assert [failure["name"] for failure in last["failed"]] == ["Broken"]
    assert last["rows"][0]["name"] != "Always the usual answer"


def test_a_killed_process_costs_no_more_than_its_trial():
    import multiprocessing

    frame, killed, last = shop(160), 0, None
    for last in search(frame, "left", trials=5, threads=2, seed=3):
        if last.trials and not killed:
            multiprocessing.active_children()[0].kill()
            killed += 1
    quiet = list(search(frame, "left", trials=5, threads=2, seed=3))[-1]
    assert killed
    assert last is not None
    assert last.json()["failed"] == []
    assert last.trials == 5
    assert [(r["name"], r["score"]) for r in last.rows()] == [(r["name"], r["score"]) for r in quiet.rows()]


def test_in_the_order_of_time_the_locked_rows_are_the_last_and_the_model_learns_from_all():
    frame = shop(300).sort_values("since", ignore_index=True)
    mine = PipelineSpec("Mine", "ridge", {"alpha": 1.0}, "linear")
    last = list(search(frame, "spent", trials=6, threads=1, folds=3, time_column="since", pipelines=[mine]))[-1]
    assert last.test["rows"] == 60
    fits = [part for key in last.best for part in last.parts(key)]
    assert [part.spec.fold for part in fits] == [last.standing.folds] * len(last.best)
    assert all(part.iterations == last.standing.entries[key].results[2].iterations
               for key in last.best for part in last.parts(key) if 2 in last.standing.entries[key].results)
    y = frame["spent"].to_numpy()[-60:]
    unseen = abs(np.sqrt(np.mean((last.sealed() - y) ** 2)))
    assert last.test["score"] == pytest.approx(unseen), "the score is that of models that have not seen the last rows"
    assert np.sqrt(np.mean((last.model().predict(frame.tail(60)) - y) ** 2)) < unseen
