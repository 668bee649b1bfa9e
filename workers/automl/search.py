"""The search: quick pair first, then trials in child processes as the planner says; yields leaderboards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workers.automl import space
from workers.automl.leaderboard import Leaderboard
from workers.automl.material import Material
from workers.automl.metrics import interval
from workers.automl.plan import Search, plan
from workers.automl.problem import Problem, problem_of
from workers.automl.processes import Executor, Recruit, executor
from workers.automl.space import PipelineSpec
from workers.automl.standing import Standing
from workers.automl.trial import TrialResult, TrialSpec, seal, trial

CELLS_PER_SECOND, FEWEST_CELLS = 100_000, 400_000
"""Rows times columns learned from for each second of budget: beyond that a sample beats fewer, slower trials."""
ATTEMPTS = 2
"""How often a trial whose process died is started before its pipeline is given up."""


def search(frame: Any, target: str, *, task: str | None = None, metric: str | None = None, budget: float | None = None,
           trials: int | None = None, threads: int = 2, seed: int = 0, exclude: Sequence[str] = (),
           time_column: str | None = None, group: str | None = None, test: float | None = None,
           folds: int | None = None, pipelines: Sequence[PipelineSpec] = (),
           stop: Callable[[], bool] = lambda: False) -> Iterator[Leaderboard]:
    """Yield better and better leaderboards until `budget` seconds (default 10) or `trials` fold fits are spent.

    `frame` is a DataFrame; `exclude` are columns to leave out; `time_column` or `group` choose an honest split; `test`
    is the locked share, scored once at the end (0 if you hold one yourself); `pipelines` are tried before all others.
    `stop` is asked between results. Closing the generator ends the search at once. Raises CellError for bad input.
    """
    clock = time.perf_counter()
    problem = problem_of(frame, target, task=task, metric=metric, exclude=exclude, time=time_column, group=group,
                         test=test, folds=folds, seed=seed)
    yield from explore(problem, frame, budget=budget, trials=trials, threads=threads, pipelines=pipelines, stop=stop,
                       clock=clock)


def explore(problem: Problem, frame: Any, *, budget: float | None = None, trials: int | None = None, threads: int = 2,
            pipelines: Sequence[PipelineSpec] = (), stop: Callable[[], bool] = lambda: False,
            clock: float | None = None, recruit: Recruit | None = None,
            reserve: Callable[[], float] = lambda: 0.0) -> Iterator[Leaderboard]:
    """`search` for a problem already understood. Trials that `recruit` runs keep their models: none is opened here.

    `reserve` says how many seconds of the budget the caller wants for itself after the last leaderboard.
    """
    if budget is None and trials is None:
        budget = 10.0
    most = None if budget is None else int(max(CELLS_PER_SECOND * budget, FEWEST_CELLS) / len(problem.used))
    if most is not None and problem.rows * (1 - problem.split.test) > most:
        problem = replace(problem, split=replace(problem.split, most=most),
                          reason=f"{problem.reason}; {most:,} rows fit the budget")
    run = _Run(problem, Material.of(problem, frame), budget, trials, threads, stop,
               clock if clock is not None else time.perf_counter(), list(pipelines), recruit, reserve)
    try:
        yield from run.steps()
    finally:
        run.close()


@dataclass(slots=True)
class _Run:
    """One search under way in this process."""

    problem: Problem
    material: Material
    budget: float | None
    trials: int | None
    threads: int
    stop: Callable[[], bool]
    started: float
    first: list[PipelineSpec]
    recruit: Recruit | None = None
    reserve: Callable[[], float] = lambda: 0.0
    done: int = 0
    cpu: float = 0.0
    mixing: float = 0.0
    curve: list[dict[str, Any]] = field(default_factory=list)
    attempts: dict[tuple[str, int], int] = field(default_factory=dict)
    workers: Executor | None = None
    state: Search = field(init=False)

    def __post_init__(self) -> None:
        standing = Standing(dummy_losses(self.material), self.problem.measure, self.material.y)
        known = [*self.first, *space.portfolio(self.problem)]
        self.state = Search(standing, known, self.problem.split.seed, self.threads)

    def steps(self) -> Iterator[Leaderboard]:
        yield self._leaderboard()
        self.workers = self._recruited(self._over)
        # The first pair is fitted here: children on all processors would double its time.
        self.state.slots = self.workers.slots if self.recruit else max(self.workers.slots - 1, 1)
        self._start()
        for spec in space.quick(self.problem):
            if not self._over():
                self._take(self._here(TrialSpec(spec, 0)))
                yield self._leaderboard()
        self.state.slots = self.workers.slots
        while not self._over():
            self._start()
            if not self.state.in_flight:
                break
            results = self.workers.wait(self._seconds_left())
            for result in sorted(results, key=lambda r: r.spec.pipeline.id):
                self._take(result)
            if results:
                yield self._leaderboard()
        self.workers.close()
        self._refit()
        yield self._last()

    def _recruited(self, over: Callable[[], bool]) -> Executor:
        return self.recruit(self.material, over) if self.recruit else \
            executor(self.material, self.threads, self.budget is not None, over)

    def _refit(self) -> None:
        """In the order of time, fit the best once more on all rows: the last ones tell most of what comes."""
        standing = self.state.standing
        entries = [standing.entries[key] for key in standing.best()]
        if self.problem.split.kind != "time" or not entries:
            return
        end = None if self.budget is None else self.budget - self._reserve() + self._refitting()
        self.workers = crew = self._recruited(lambda: end is not None and self._elapsed() > end)
        waiting = len(entries)
        for entry in entries:
            last = entry.results[max(entry.results)]
            crew.start(TrialSpec(entry.spec, standing.folds, last.iterations))
        while waiting:
            results = crew.wait(None if end is None else max(end - self._elapsed(), 0.0))
            for result in results:
                standing.entries[result.spec.pipeline.id].refit = None if result.error else result
            waiting = waiting - len(results) if results else 0
        crew.close()

    def _refitting(self) -> float:
        """Seconds that fitting the best on all rows should take."""
        if self.problem.split.kind != "time":
            return 0.0
        entries = [self.state.standing.entries[key] for key in self.state.standing.best()]
        more = len(self.material.whole) / len(self.material.folds[-1][0])
        alone = [1.2 * more * e.results[max(e.results)].wall for e in entries]
        return max([*alone, sum(alone) / max(self.state.slots, 1)], default=0.0)

    def _start(self) -> None:
        """Hand the workers what the planner wants next."""
        assert self.workers is not None
        self._tell_budget()
        for planned in plan(self.state):
            self.workers.start(planned)
            self.state.in_flight.append(planned)

    def _here(self, spec: TrialSpec) -> TrialResult:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            return trial(spec, self.material, hurried=True)

    def _take(self, result: TrialResult) -> None:
        if result.error == "lost" and self._again(result.spec):
            return
        if result.spec in self.state.in_flight:
            self.state.in_flight.remove(result.spec)
        if result.error == "stopped":
            return
        standing, spent = self.state.standing, result.wall
        self.cpu += result.fit_seconds + result.predict_seconds
        entry = standing.entries.get(result.spec.pipeline.id)
        if entry and entry.results:
            self.state.promoted_seconds += spent
        else:
            self.state.explored_seconds += spent
        standing.add(result)
        if result.spec.pipeline.rows is None:
            self.done += 1
            # Until two pipelines are whole the blend lives on the first folds; afterwards a new whole one changes it.
            entry = standing.entries[result.spec.pipeline.id]
            if not result.error and (len(standing.blend_folds) < standing.folds or standing.complete(entry)):
                began = time.perf_counter()
                standing.mix()
                self.mixing = max(self.mixing, time.perf_counter() - began)
        self._mark()

    def _again(self, spec: TrialSpec) -> bool:
        """Start a trial once more whose process died, unless that happened before."""
        key = (spec.pipeline.id, spec.fold)
        self.attempts[key] = self.attempts.get(key, 0) + 1
        if self.attempts[key] >= ATTEMPTS or self.workers is None:
            return False
        self.workers.start(spec)
        return True

    def _mark(self) -> None:
        standing = self.state.standing
        best = standing.best()
        if not best:
            return
        loss = standing.blend_loss if standing.blend else standing.entries[next(iter(best))].loss()
        score = -loss if self.problem.measure.greater_is_better else loss
        self.curve.append({"seconds": round(self._elapsed(), 3), "trials": self.done, "score": score})

    def _elapsed(self) -> float:
        return time.perf_counter() - self.started

    def _reserve(self) -> float:
        """Seconds to keep for the end: a last blend, the fitted pipelines of the best, what the caller wants."""
        entries = [self.state.standing.entries[key] for key in self.state.standing.best()]
        results = [r for e in entries for r in e.results.values()]
        cpu = sum(r.fit_seconds + r.predict_seconds for r in results)
        # On a busy machine the end takes longer too, as much as the trials did.
        slower = min(max(sum(r.wall for r in results) / cpu, 1.0), 5.0) if cpu > 0.05 else 1.0
        opening = 0.0 if self.recruit else 2e-8 * sum(r.bytes for r in results)
        return slower * (0.04 + opening + self.mixing) + self._refitting() + self.reserve()

    def _seconds_left(self) -> float | None:
        return None if self.budget is None else max(self.budget - self._elapsed() - self._reserve(), 0.0)

    def _over(self) -> bool:
        left = self._seconds_left()
        return self.stop() or left == 0.0 or (self.trials is not None and self.done >= self.trials)

    def _tell_budget(self) -> None:
        self.state.seconds_left = self._seconds_left()
        self.state.trials_left = None if self.trials is None else self.trials - self.done - len(self.state.in_flight)

    def _leaderboard(self, state: str = "searching") -> Leaderboard:
        used = [self._elapsed() / self.budget] if self.budget else []
        used += [self.done / self.trials] if self.trials else []
        return Leaderboard(self.problem, self.state.standing, state, self._elapsed(), self.cpu, self.done,
                           min(max(used), 1.0), list(self.curve), None, dict(self.state.standing.best()))

    def _last(self) -> Leaderboard:
        board = self._leaderboard("stopped" if self.stop() else "done")
        board.fraction = 1.0
        if board.best:
            board.trained = board.model() if self.recruit is None else None
            if len(self.material.test):
                for key in board.best:
                    for result in board.standing.entries[key].results.values():
                        seal(result, self.material)
                board.test = _test_score(board, self.material)
        board.elapsed = self._elapsed()
        return board

    def close(self) -> None:
        if self.workers is not None:
            self.workers.close()


def _test_score(board: Leaderboard, material: Material) -> dict[str, Any]:
    """The one look at the locked rows."""
    metric, y = board.problem.measure, material.y[material.test]
    p = board.sealed()
    low, high = interval(metric, y, p, seed=board.problem.split.seed)
    return {"score": metric.score(y, p), "low": low, "high": high, "rows": len(y), "level": 0.95}


def dummy_losses(material: Material) -> list[float]:
    """The loss of the usual answer by fold: the mean (the median for absolute errors), or the shares of the classes."""
    import numpy as np

    problem, losses = material.problem, []
    for train, valid in material.folds:
        y, classes = material.y[train], len(problem.classes)
        if not classes:
            usual = np.median(y) if problem.metric == "mae" else y.mean()
            p = np.full(len(valid), usual)
        else:
            shares = np.bincount(y, minlength=classes) / len(y)
            p = np.full(len(valid), shares[1]) if classes == 2 else np.tile(shares, (len(valid), 1))
        losses.append(problem.measure.loss(material.y[valid], p))
    return losses
