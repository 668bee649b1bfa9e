"""The leaderboard a search yields: ranked pipelines with their folds, the best-so-far curve, the best model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workers.automl.calibration import absolute_errors, recalibration
from workers.automl.estimators import Blend
from workers.automl.predictor import Predictor
from workers.automl.problem import Problem
from workers.automl.processes import opened
from workers.automl.standing import Entry, Standing
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
        if self.standing.blend:
            found.append(self._blend_row())
        found.append({"id": "baseline", "name": "Always the usual answer", "family": "dummy", "folds": [],
                      "score": self._turned(self.standing.baseline), "complete": True, "loss": self.standing.baseline,
                      "quick": False, "fit_seconds": 0.0, "predict_ms": 0.0, "bytes": 0, "params": {}, "weight": 0.0})
        whole = any(not r["quick"] for r in found[:-1])
        found.sort(key=lambda r: (r["quick"] and whole, r["loss"]))
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
        entries = [(self.standing.entries.get(key), w) for key, w in weights.items()]
        if not entries or any(e is None or not e.results for e, _ in entries):
            raise CellError("no_pipeline", "There is no fitted pipeline of that name yet.")
        pipelines, shares = [], []
        for entry, weight in entries:
            assert entry is not None
            for fold in sorted(entry.results):
                result = entry.results[fold]
                result.model = opened(result.model)
                pipelines.append(result.model)
                shares.append(weight / len(entry.results))
        share_preparations(pipelines)
        classes = len(self.problem.classes)
        residuals, slope = self.uncertainty(weights)
        return Predictor(self.problem, Blend(pipelines, shares, classes), dict(weights), residuals, slope)

    def sealed(self) -> Any:
        """Predictions of the best for the locked test rows; the search looks at them once, at its end."""
        from workers.automl.calibration import recalibrated

        entries = [(self.standing.entries[key], w) for key, w in self.best.items()]
        p = sum(w * r.sealed / len(e.results) for e, w in entries for r in e.results.values())
        return recalibrated(p, self.trained.slope if self.trained else self.uncertainty(self.best)[1])

    def out_of_fold(self, weights: Mapping[str, float] | None = None) -> tuple[Any, Any]:
        """(truth, predictions) over the folds that all pipelines of `weights` (default: the best) have in common."""
        entries = [(self.standing.entries[key], w) for key, w in (weights or self.best).items()]
        quick = {e.spec.rows is not None for e, _ in entries}
        if not entries or len(quick) > 1 or not set.intersection(*[set(e.results) for e, _ in entries]):
            raise CellError("no_pipeline", "These pipelines have no fold in common yet.")
        return self._common(entries)

    def _common(self, entries: list[tuple[Entry, float]]) -> tuple[Any, Any]:
        folds = tuple(sorted(set.intersection(*[set(e.results) for e, _ in entries])))
        y = self.standing.truth(entries[0][0], folds)
        return y, sum(w * self.standing.out_of_fold(e, folds) for e, w in entries)

    def uncertainty(self, weights: Mapping[str, float]) -> tuple[Any, tuple[float, ...]]:
        """(sorted absolute errors, ()) of a regression, (None, recalibration) of classes, from out-of-fold rows."""
        y, p = self._common([(self.standing.entries[key], w) for key, w in weights.items()])
        if self.problem.task == "regression":
            return absolute_errors(y, p), ()
        return None, recalibration(y, p)

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
