"""The leaderboard a search yields: ranked pipelines with their folds, the best-so-far curve, the best model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workers.automl.calibration import absolute_errors, enough, recalibration
from workers.automl.estimators import Blend
from workers.automl.predictor import Predictor
from workers.automl.problem import Problem
from workers.automl.processes import opened
from workers.automl.standing import Entry, Standing
from workers.automl.trial import TrialResult
from workers.kind import CellError

BLEND = "blend"


@dataclass(slots=True)
class Leaderboard:
    """One moment of a search. `state` is searching, done or stopped; `best` the weights of the pipelines to use now."""

    problem: Problem
    standing: Standing
    state: str = "searching"
    elapsed: float = 0.0
    cpu_seconds: float = 0.0
    trials: int = 0
    fraction: float = 0.0
    curve: list[dict[str, Any]] = field(default_factory=list)
    test: dict[str, Any] | None = None
    best: Mapping[str, float] = field(default_factory=dict)
    trained: Predictor | None = None

    def rows(self) -> list[dict[str, Any]]:
        """The rows in order of rank, the blend and the dummy among them."""
        found = [self._row(e) for e in self.standing.entries.values() if e.results]
        if len(self.standing.blend) > 1:
            found.append(self._blend_row())
        found.append({"id": "baseline", "name": "Always the usual answer", "family": "dummy", "folds": [],
                      "score": self._turned(self.standing.baseline), "complete": True, "loss": self.standing.baseline,
                      "quick": False, "fit_seconds": 0.0, "predict_ms": 0.0, "bytes": 0, "params": {}, "weight": 0.0})
        whole = any(not r["quick"] for r in found[:-1])
        sure = min((r["loss"] for r in found[:-1] if r["complete"] and not r["quick"]), default=float("-inf"))

        def place(row: dict[str, Any]) -> tuple[Any, ...]:
            # Who has met some folds only is not above the best that met all. Ids: the same in any order of results.
            loss = row["loss"]
            hasty = not row["complete"] and loss <= sure
            return row["quick"] and whole, sure if hasty else loss, hasty, loss, row["id"]

        found.sort(key=place)
        return [{"rank": rank + 1} | {k: v for k, v in row.items() if k != "loss"} for rank, row in enumerate(found)]

    def json(self) -> dict[str, Any]:
        """Everything a view shows, small enough to be sent with every step."""
        metric = self.problem.measure
        rows = self.rows()
        failed = [{"name": e.spec.name, "error": e.failed} for e in self.standing.entries.values() if e.failed]
        return {"type": "leaderboard", "state": self.state, "task": self.problem.task, "target": self.problem.target,
                "reason": self.problem.reason, "classes": list(self.problem.classes)[:50],
                "metric": {"name": metric.name, "words": metric.words, "greater_is_better": metric.greater_is_better},
                "split": {"kind": self.problem.split.kind, "test": self.problem.split.test,
                          "folds": self.problem.split.folds, "column": self.problem.split.column},
                "rows": rows[:40], "pipelines": len(rows), "trials": self.trials, "failed": failed[:10],
                "elapsed": round(self.elapsed, 3), "cpu_seconds": round(self.cpu_seconds, 2),
                "fraction": round(self.fraction, 3), "curve": self.curve, "test": self.test,
                "best": BLEND if len(self.best) > 1 else next(iter(self.best), ""),
                "guards": [g.json() for g in self.problem.guards]}

    def model(self, pipeline: str | None = None) -> Predictor:
        """The best model so far, or the one of a row (its id, or `blend`); raises `no_pipeline` before the first."""
        if pipeline is None and self.trained is not None:
            return self.trained
        weights = {BLEND: self.standing.blend, None: self.best}.get(pipeline) or {str(pipeline): 1.0}
        pipelines, shares = [], []
        for key, weight in weights.items():
            found = self.parts(key)
            for result in found:
                result.model = opened(result.model)
                pipelines.append(result.model)
                shares.append(weight / len(found))
        share_preparations(pipelines)
        classes = len(self.problem.classes)
        residuals, slope = self.uncertainty(weights)
        return Predictor(self.problem, Blend(pipelines, shares, classes), dict(weights), residuals, slope)

    def parts(self, pipeline: str) -> list[TrialResult]:
        """The fits that make the model of a pipeline: all its folds; in the order of time the one that saw most.

        Raises `no_pipeline` if it has none.
        """
        entry = self.standing.entries.get(pipeline)
        if entry is None or not entry.results:
            raise CellError("no_pipeline", "There is no fitted pipeline of that name yet.")
        if self.problem.split.kind == "time":
            return [entry.refit or entry.results[max(entry.results)]]
        return [entry.results[fold] for fold in sorted(entry.results)]

    def sealed(self) -> Any:
        """Predictions of the best for the locked test rows; the search looks at them once, at its end.

        In the order of time they are those of the last fold: a fit on all rows has seen the locked ones.
        """
        from workers.automl.calibration import recalibrated

        p: Any = 0.0
        for key, weight in self.best.items():
            results = self.standing.entries[key].results
            asked = [results[max(results)]] if self.problem.split.kind == "time" else list(results.values())
            p = p + weight * sum(r.sealed for r in asked) / len(asked)
        return recalibrated(p, self.trained.slope if self.trained else self.uncertainty(self.best)[1])

    def shared(self, *pipelines: str) -> tuple[int, ...]:
        """The folds that pipelines have in common; raises `no_pipeline` if there are none."""
        folds = self._common(pipelines)
        if not folds or len({self.standing.entries[key].spec.rows is not None for key in pipelines}) > 1:
            raise CellError("no_pipeline", "These pipelines have no fold in common yet.")
        return folds

    def _common(self, pipelines: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted(set.intersection(*[set(self.standing.entries[key].results) for key in pipelines])))

    def out_of_fold(self, weights: Mapping[str, float] | None = None,
                    folds: Sequence[int] | None = None) -> tuple[Any, Any]:
        """(truth, predictions) over some folds, or all that the pipelines of `weights` (default: the best) share."""
        entries = [(self.standing.entries[key], w) for key, w in (weights or self.best).items()]
        folds = tuple(folds or self.shared(*(weights or self.best)))
        y = self.standing.truth(entries[0][0], folds)
        return y, sum(w * self.standing.out_of_fold(e, folds) for e, w in entries)

    def uncertainty(self, weights: Mapping[str, float]) -> tuple[Any, tuple[float, ...]]:
        """(sorted absolute errors, ()) of a regression, (None, recalibration) of classes, from out-of-fold rows."""
        folds = self._common(weights)
        key = ("uncertainty", *sorted(weights.items()), folds)
        if key not in self.standing.known:
            y, p = enough(*self.out_of_fold(weights, folds))
            self.standing.known[key] = \
                (absolute_errors(y, p), ()) if self.problem.task == "regression" else (None, recalibration(y, p))
        found: tuple[Any, tuple[float, ...]] = self.standing.known[key]
        return found

    def _turned(self, loss: float) -> float:
        return -loss if self.problem.measure.greater_is_better else loss

    def _row(self, entry: Entry) -> dict[str, Any]:
        results = [entry.results[f] for f in sorted(entry.results)]
        checked = sum(len(r.valid) for r in results)
        loss = self.standing.estimate(entry) if entry.spec.rows is None else entry.loss()
        return {"id": entry.spec.id, "name": entry.spec.name, "family": entry.spec.family, "loss": loss,
                "score": self._turned(loss), "folds": [r.score for r in results],
                "complete": self.standing.complete(entry), "quick": entry.spec.rows is not None,
                "fit_seconds": round(sum(r.fit_seconds for r in results), 3),
                "predict_ms": round(sum(r.predict_seconds for r in results) / checked * 1e6 * len(results), 3),
                "bytes": sum(r.bytes for r in results), "params": dict(entry.spec.params),
                "weight": round(self.standing.blend.get(entry.spec.id, 0.0), 3)}

    def _blend_row(self) -> dict[str, Any]:
        rows = [(self._row(self.standing.entries[key]), w) for key, w in self.standing.blend.items()]
        members = [(self.standing.entries[key], w) for key, w in self.standing.blend.items()]
        metric, folds = self.problem.measure, []
        for fold in self.standing.blend_folds:
            p = sum(w * e.results[fold].predictions for e, w in members)
            folds.append(metric.score(self.standing.truth(members[0][0], (fold,)), p))
        return {"id": BLEND, "name": f"Blend of {len(rows)}", "family": BLEND, "loss": self.standing.blend_loss,
                "score": self._turned(self.standing.blend_loss), "folds": folds, "quick": False,
                "complete": len(folds) == self.standing.folds, "params": {},
                "fit_seconds": round(sum(r["fit_seconds"] for r, _ in rows), 3),
                "predict_ms": round(sum(r["predict_ms"] for r, _ in rows), 3),
                "bytes": sum(r["bytes"] for r, _ in rows), "weight": 0.0,
                "members": [{"id": r["id"], "name": r["name"], "weight": round(w, 3)} for r, w in rows]}


def share_preparations(pipelines: list[Any]) -> None:
    """Make pipelines whose preparations were fitted alike share one object, so that a blend transforms rows once."""
    from multiprocessing.reduction import ForkingPickler

    seen: dict[bytes, Any] = {}
    for pipeline in pipelines:
        mark = bytes(ForkingPickler.dumps(pipeline.steps[0][1]))
        pipeline.steps[0] = ("prepare", seen.setdefault(mark, pipeline.steps[0][1]))
