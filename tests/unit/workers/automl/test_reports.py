"""The views of pipelines count right, and the planner spends a budget wisely; nothing is fitted here."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from workers.automl import reports, space
from workers.automl.ensemble import greedy
from workers.automl.leaderboard import Leaderboard
from workers.automl.metrics import METRICS
from workers.automl.plan import Search, plan
from workers.automl.problem import Problem, Split
from workers.automl.standing import Standing
from workers.automl.trial import TrialResult, TrialSpec
from workers.automl.tuning import ENOUGH, suggestion
from workers.kind import CellError

ROWS, FOLDS = 600, 3
RNG = np.random.default_rng(4)
TRUTH = {"binary": RNG.integers(0, 2, ROWS), "regression": RNG.normal(size=ROWS)}
CLASSES = {"binary": ("no", "yes"), "regression": ()}


def result(standing: Standing, spec: space.PipelineSpec, fold: int, noise: float, seconds: float = 1.0) -> TrialResult:
    """What a trial would have found whose predictions are off by `noise`."""
    valid = np.array_split(np.arange(ROWS), standing.folds)[fold]
    y = standing.y[valid]
    rng = np.random.default_rng(int(noise * 1000) + fold)
    p = y + rng.normal(0, noise, len(y))
    p = 1 / (1 + np.exp(-3 * (p - 0.5))) if standing.metric.name == "roc_auc" else p
    score = standing.metric.score(y, p)
    loss = -score if standing.metric.greater_is_better else score
    return TrialResult(TrialSpec(spec, fold), score, loss, p, valid, None, seconds, seconds, 0.01 * noise, 50, 10)


def board_of(task: str, metric: str, *noises: float) -> Leaderboard:
    """A leaderboard of whole pipelines."""
    problem = Problem("y", task, metric, CLASSES[task], (), Split(folds=FOLDS), ROWS)
    standing = Standing([0.0 if task == "binary" else 3.0] * FOLDS, METRICS[metric], TRUTH[task])
    for number, noise in enumerate(noises):
        for fold in range(FOLDS):
            standing.add(result(standing, space.lightgbm(f"number {number}", num_leaves=5 + number), fold, noise))
    standing.mix()
    return Leaderboard(problem, standing, best=dict(standing.best()))


def test_the_report_of_a_class_agrees_with_scikit_learn():
    board = board_of("binary", "roc_auc", 0.8, 1.1)
    shown = json.loads(json.dumps(reports.report(board)))
    y, p = board.out_of_fold()
    assert shown["confusion"] == reference.confusion_matrix(y, p >= 0.5).tolist()
    assert shown["scores"]["roc_auc"] == pytest.approx(reference.roc_auc_score(y, p))
    assert shown["scores"]["log_loss"] == pytest.approx(reference.log_loss(y, p))
    assert shown["scores"]["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(y, p >= 0.5))
    assert np.trapezoid(shown["roc"]["true_positive"], shown["roc"]["false_positive"]) == pytest.approx(
        shown["scores"]["roc_auc"], abs=0.01)
    assert sum(b["rows"] for b in shown["calibration"]) == ROWS
    assert all(b["low"] <= b["came"] <= b["high"] for b in shown["calibration"])
    half = shown["thresholds"][50]
    assert [[half["true_negative"], half["false_positive"]], [half["false_negative"], half["true_positive"]]] == \
        shown["confusion"]
    assert len(json.dumps(shown)) < 64_000


def test_a_score_is_said_without_powers_of_ten():
    said = [METRICS["rmse"].said(score) for score in (26_083.4, 0.69712, 0.0)]
    assert said == [f"root mean squared error {figure}" for figure in ("26,100", "0.697", "0")]


def test_the_threshold_follows_the_cost():
    counts = reports.report(board_of("binary", "roc_auc", 0.8))["thresholds"]
    even = reports.cheapest(counts, {"false_positive": 1, "false_negative": 1})["threshold"]
    careful = reports.cheapest(counts, {"false_positive": 1, "false_negative": 20})["threshold"]
    assert careful < even < reports.cheapest(counts, {"false_positive": 20, "false_negative": 1})["threshold"]


def test_residuals_and_scores_of_a_number_agree_with_scikit_learn():
    board = board_of("regression", "rmse", 0.5)
    shown, (y, p) = reports.report(board), board.out_of_fold()
    assert shown["scores"]["r2"] == pytest.approx(reference.r2_score(y, p))
    assert shown["scores"]["mae"] == pytest.approx(reference.mean_absolute_error(y, p))
    assert sum(shown["residuals"]["histogram"]["counts"]) == ROWS
    assert len(json.dumps(shown)) < 64_000


def test_a_comparison_tells_a_real_difference_from_chance():
    board = board_of("regression", "rmse", 0.5, 0.51, 0.9)
    by_name = {r["name"]: r["id"] for r in board.rows()}
    ids = [by_name[f"LightGBM, number {n}"] for n in range(3)]
    clear = reports.compare(board, ids[0], ids[2])
    assert clear["clear"]
    assert 0 < clear["low"] < clear["better_by"] < clear["high"]
    assert not reports.compare(board, ids[0], ids[1])["clear"]
    assert reports.compare(board, ids[2], ids[0])["better_by"] == pytest.approx(-clear["better_by"])
    with pytest.raises(CellError, match="no fitted pipeline"):
        reports.compare(board, ids[0], "none")


def test_pareto_marks_what_nothing_else_beats():
    board = board_of("regression", "rmse", 0.3, 0.5, 0.9)
    front = {r["name"]: r["best"] for r in reports.pareto(board)}
    assert front["LightGBM, number 0"]
    slow = next(r["id"] for r in board.rows() if r["name"].endswith("2"))
    board.standing.entries[slow].results[0].predict_seconds = 9
    assert not {r["name"]: r["best"] for r in reports.pareto(board)}["LightGBM, number 2"]


def test_a_greedy_blend_is_never_worse_than_its_best_member():
    y = TRUTH["regression"]
    members = [y + RNG.normal(0, s, ROWS) for s in (0.6, 0.7, 0.8, 3.0)]
    weights = greedy(members, y, METRICS["rmse"])
    mixed = sum(w * m for w, m in zip(weights, members, strict=True))
    assert sum(weights) == pytest.approx(1)
    assert weights[3] == 0
    assert METRICS["rmse"].loss(y, mixed) < min(METRICS["rmse"].loss(y, m) for m in members)


def test_a_blend_is_scored_by_fold_like_all_others():
    board = board_of("regression", "rmse", 0.4, 0.5)
    for entry in board.standing.entries.values():
        entry.results[0].predictions *= 3
    board.standing.blend = {}
    board.standing.mix()
    row = next(r for r in board.rows() if r["family"] == "blend")
    assert row["score"] == pytest.approx(np.mean(row["folds"]))


def simulated(seconds_left: float | None, trials_left: int | None, noise: Any, cost: float = 1.0, *,
              skewed: bool = False, hardness: tuple[float, ...] = (1.0,) * FOLDS) -> Search:
    """A search run to its end with made-up results, two slots, each trial `cost` seconds."""
    problem = Problem("y", "regression", "rmse", (), (), Split(folds=len(hardness)), ROWS, log_target=skewed)
    standing = Standing([3.0] * len(hardness), METRICS["rmse"], TRUTH["regression"])
    search = Search(standing, space.portfolio(problem), 0, 2, seconds_left, trials_left)
    for _ in range(400):
        started = plan(search)
        if not started:
            return search
        for spec in started:
            promoted = spec.pipeline.id in standing.entries
            off = noise(spec.pipeline) * hardness[spec.fold]
            standing.add(result(standing, spec.pipeline, spec.fold, off, cost))
            search.explored_seconds += 0 if promoted else cost
            search.promoted_seconds += cost if promoted else 0
        if search.trials_left is not None:
            search.trials_left -= len(started)
        else:
            search.seconds_left -= cost
    raise AssertionError("the search did not end")


def test_the_planner_keeps_its_budget_and_finishes_the_best():
    search = simulated(12.0, None, lambda spec: 0.4 if spec.family == "catboost" else 0.8)
    assert search.seconds_left >= 0
    assert "catboost" in [spec.family for spec in whole(search)]
    assert simulated(None, 17, lambda spec: 0.5).trials_left == 0


def whole(search: Search) -> list[space.PipelineSpec]:
    """The pipelines of which every fold is known."""
    return [e.spec for e in search.standing.entries.values() if search.standing.complete(e)]


@pytest.mark.parametrize("seconds", [20.0, 40.0])
def test_folds_that_are_harder_do_not_send_the_planner_on_to_the_next_pipeline(seconds):
    def off(spec: space.PipelineSpec) -> float:
        return 0.5 + 0.001 * len(spec.name)

    even = whole(simulated(seconds, None, off, hardness=(1.0,) * 8))
    uneven = whole(simulated(seconds, None, off, hardness=(1.0, 1.3, 1.6, 2.0, 1.2, 1.4, 0.9, 1.0)))
    assert len(uneven) >= len(even) - 1 >= 2


def test_a_fold_of_luck_does_not_keep_the_best_from_being_finished():
    def finished(seed: int) -> int:
        rng = np.random.default_rng(seed)
        return len(whole(simulated(40.0, None, lambda spec: 0.5 + 0.1 * rng.random(), hardness=(1.0,) * 8)))

    assert sum(finished(seed) for seed in (1, 2, 3)) >= 9


def test_an_easy_fold_decides_nothing():
    standing = Standing([1.0, 1.0, 1.0], METRICS["log_loss"], TRUTH["binary"])
    known, newcomer = space.lightgbm("known"), space.lightgbm("newcomer", num_leaves=7)
    for fold, loss in enumerate((0.001, 0.3, 0.3)):
        standing.add(TrialResult(TrialSpec(known, fold), loss, loss, np.zeros(1), np.zeros(1)))
    standing.add(TrialResult(TrialSpec(newcomer, 0), 0.02, 0.02, np.zeros(1), np.zeros(1)))
    assert standing.estimate(standing.entries[newcomer.id]) < 0.25


def test_what_the_best_leans_on_is_varied():
    def varied(family: str) -> int:
        search = simulated(60.0, None, lambda spec: 0.4 if spec.family == family else 0.8)
        return sum("variation" in e.spec.name and e.spec.family == "catboost"
                   for e in search.standing.entries.values())

    assert varied("catboost") > 4 > varied("lightgbm")


def test_small_folds_are_put_together_until_they_can_carry_a_blend():
    board = board_of("regression", "rmse", 0.5, 0.55, 0.6)
    for number, entry in enumerate(board.standing.entries.values()):
        del entry.results[2]
        if number:
            del entry.results[1]
    board.standing.blend, board.standing.blend_folds = {}, ()
    board.standing.mix()
    assert not board.standing.blend  # 200 rows are too few, and only one pipeline has 400
    second = list(board.standing.entries.values())[1]
    board.standing.add(result(board.standing, second.spec, 1, 0.55))
    board.standing.mix()
    assert board.standing.blend_folds == (0, 1)
    assert len(board.standing.blend) == 2
    assert board.standing.blend_loss < min(board.standing.estimate(e) for e in board.standing.entries.values())


@pytest.mark.parametrize("larger", [True, False])
def test_trees_of_the_size_that_did_worse_are_tried_last(larger):
    def size(spec: space.PipelineSpec) -> int:
        return spec.params.get("num_leaves", 25) if "extra_trees" not in spec.params else 25

    search = simulated(9.0, None, lambda spec: 0.4 if (size(spec) > 30) == larger else 0.8)
    tried = [size(e.spec) for e in search.standing.entries.values()][4:]
    assert tried and all(leaves >= 20 if larger else leaves <= 31 for leaves in tried)


@pytest.mark.parametrize("logs", [True, False])
def test_catboost_is_tried_first_on_the_scale_of_the_target_that_did_better(logs):
    search = simulated(40.0, None, lambda spec: 0.4 if spec.log_target == logs else 0.8, skewed=True)
    tried = [e.spec.log_target for e in search.standing.entries.values() if e.spec.family == "catboost"]
    assert tried[0] == logs
    plain = simulated(40.0, None, lambda spec: 0.5)
    assert not any(e.spec.log_target for e in plain.standing.entries.values())


def test_nothing_is_started_that_would_not_end_in_time():
    search = simulated(4.0, None, lambda spec: 0.5, cost=3.0)
    assert sum(len(e.results) for e in search.standing.entries.values()) == 2


def test_the_same_state_gives_the_same_trials():
    runs = [simulated(None, 60, lambda spec: 0.5 + 0.01 * len(spec.name)) for _ in range(2)]
    assert [list(r.standing.entries) for r in runs] == [list(r.standing.entries) for r in runs][::-1]
    assert any("variation" in e.spec.name for e in runs[0].standing.entries.values())


def test_a_long_history_is_modelled():
    known = [(space.lightgbm(f"n{i}", num_leaves=4 + 7 * i, learning_rate=0.05), abs(4 + 7 * i - 60) / 60)
             for i in range(ENOUGH)]
    told = [suggestion(known, seed).params["num_leaves"] for seed in range(5)]
    assert told == [suggestion(known, seed).params["num_leaves"] for seed in range(5)]
    assert 30 < np.median(told) < 120
