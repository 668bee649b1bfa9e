"""What the AutoML cell does around the search: rows in, glances and leaderboards out, models and code kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workers.engine import tables
from workers.kind import Cancelled, CellError, Step, Work
from workers.ports import Model, Table

if TYPE_CHECKING:
    from workers.automl.closing import Closing
    from workers.automl.leaderboard import Leaderboard
    from workers.automl.problem import Problem

GLANCE_ROWS = 20_000
SHOW_SECONDS, FIRST_TRIALS = 0.25, 3
"""How often a leaderboard is told, after the first ones: as often as a browser hears of steps."""
CURVE = 150
RENAMED = {"time": "split_by", "group": "split_by", "columns": "exclude"}


def glance(params: Any, table: Table, work: Work) -> Step:
    """What is known before training, in words: task, metric, split, roles of columns, warnings."""
    from workers.automl.shelf import frame_of

    frame = frame_of(tables.arrow_of(_some(table, GLANCE_ROWS)))
    problem = _problem(frame, params)
    return Step({**_about(problem, params), "type": "leaderboard", "state": "ready", "rows": [], "curve": [],
                 "rows_seen": len(frame)}, fraction=0.0, exact=False)


def train(params: Any, table: Table, work: Work) -> Iterator[Step]:
    """Search until the budget is spent or somebody stops it; the last step keeps models, reports and code."""
    from workers.automl import explore
    from workers.automl.closing import Closing
    from workers.automl.processes import Here
    from workers.automl.shelf import Shelf, digest, frame_of
    from workers.explain.training import training_of

    clock = time.perf_counter()
    arrow = tables.arrow_of(table)
    frame = frame_of(arrow)
    problem = _problem(frame, params)
    yield Step({**_about(problem, params), "type": "leaderboard", "state": "starting", "rows": [], "curve": []},
               fraction=0.0, exact=False)
    rows, limit, cancel = digest(table.op, [[c.name, c.type] for c in table.columns]), _limit(params), work.cancel
    end = clock + limit["budget"] if "budget" in limit else None
    closing = Closing(work.store, work.fingerprint, training_of(frame, problem).json(), end)

    def recruit(material: Any, over: Callable[[], bool]) -> Any:
        shelf = Shelf.laid(work.store, rows, arrow, material.problem)
        closing.material, closing.shelf = material, shelf
        found = work.trials(shelf, over) if work.trials is not None else None
        return found if found is not None else Here(material, over)

    steps = explore(problem, frame, **limit, threads=1, clock=clock, recruit=recruit, reserve=closing.seconds,
                    stop=lambda: cancel.is_set() or cancel.enough)
    board, shown = None, 0.0
    with work.store.lease(rows):
        for board in steps:
            cancel.check()
            if board.state == "searching":
                if board.elapsed - shown > SHOW_SECONDS or board.trials < FIRST_TRIALS:
                    shown = board.elapsed
                    yield Step({**board.json(), **_about(problem, params), "curve": _thin(board.curve)},
                               fraction=min(board.fraction, 0.99), exact=False)
                closing.ahead(board)
        cancel.check()
        assert board is not None
        yield _last(board, closing, params, work)


def _last(board: Leaderboard, closing: Closing, params: Any, work: Work) -> Step:
    if not board.best:
        failed = next((e.failed for e in board.standing.entries.values() if e.failed), "")
        if board.state == "stopped":
            raise Cancelled("stopped")  # before the first score: there is nothing to keep
        raise CellError("no_pipeline", "No pipeline could learn from this table within the budget. Give it more time, "
                                       "or leave out columns.", detail=failed)
    found = closing.finish(board)
    view = {**board.json(), **_about(board.problem, params), "curve": _thin(board.curve), **found}
    model = Model(f"{work.fingerprint}/best", board.problem.target)
    score = board.test["score"] if board.test else board.rows()[0]["score"]
    words = "Stopped early" if board.state == "stopped" else ""
    return Step(view, {"model": model}, note=words, interval=_interval(board, score))


def _interval(board: Leaderboard, score: float) -> str:
    from workers.automl.metrics import figure

    said = board.problem.measure.said(score)
    if not board.test:
        return said
    return f"{said} on {board.test['rows']:,} locked rows ({figure(board.test['low'])} to {figure(board.test['high'])})"


def _some(table: Table, rows: int) -> Table:
    """About so many rows of a table, drawn evenly; all of a small one."""
    if tables.count(table) <= rows:
        return table
    return Table({"op": "sample", "input": table.op, "rows": rows, "seed": 0}, table.columns)


def _problem(frame: Any, params: Any) -> Problem:
    from workers.automl import problem_of

    task = None if params.task == "auto" else params.task
    metric = None if params.metric == "auto" else params.metric
    try:
        return problem_of(frame, params.target, task=task, metric=metric, exclude=params.exclude,
                          time=params.split_by if params.split == "time" else None,
                          group=params.split_by if params.split == "group" else None, seed=params.seed)
    except CellError as error:
        error.param = RENAMED.get(error.param or "", error.param)
        if error.fix:
            error.fix = {**error.fix, "params": {RENAMED.get(k, k): "auto" if v is None else v
                                                 for k, v in error.fix["params"].items()}}
        raise


def _limit(params: Any) -> dict[str, Any]:
    if params.budget == "trials":
        return {"trials": params.trials}
    seconds = float(params.seconds if params.budget == "seconds" else params.budget)
    return {"budget": seconds}


def _about(problem: Problem, params: Any) -> dict[str, Any]:
    """What every step says of the problem, with repairs in the params of this cell."""
    metric = problem.measure
    roles: dict[str, list[str]] = {}
    for feature in problem.features:
        roles.setdefault(feature.role, []).append(feature.name)
    budget = {"trials": params.trials} if params.budget == "trials" else {
        "seconds": float(params.seconds if params.budget == "seconds" else params.budget)}
    return {"target": problem.target, "task": problem.task, "reason": problem.reason, "table_rows": problem.rows,
            "classes": [str(c) for c in problem.classes[:50]],
            "metric": {"name": metric.name, "words": metric.words, "greater_is_better": metric.greater_is_better},
            "split": {k: getattr(problem.split, k) for k in ("kind", "test", "folds", "column")},
            "roles": {role: names[:60] for role, names in roles.items()}, "budget": budget,
            "guards": [_guard(g.json(), params) for g in problem.guards[:12]]}


def _guard(said: dict[str, Any], params: Any) -> dict[str, Any]:
    """A warning whose one-click repair sets this cell's params."""
    fix = said["fix"]
    if not fix:
        return said
    told: Mapping[str, Any] = fix["params"]
    if "exclude" in told:
        more = [column for column in told["exclude"] if column not in params.exclude]
        wanted: dict[str, Any] = {"exclude": [*params.exclude, *more]}
    else:
        kind, column = next(iter(told.items()))
        wanted = {"split": kind, "split_by": column}
    return {**said, "fix": {"label": fix["label"], "params": wanted}}


def _thin(curve: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best-so-far curve with at most so many points, the last among them."""
    if len(curve) <= CURVE:
        return curve
    every = len(curve) / (CURVE - 1)
    return [*(curve[int(i * every)] for i in range(CURVE - 1)), curve[-1]]
