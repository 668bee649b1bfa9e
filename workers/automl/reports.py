"""What the views of a pipeline show: confusion, curves, calibration, residuals, cost, Pareto, comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workers.automl.leaderboard import BLEND, Leaderboard
from workers.automl.material import Material, some
from workers.automl.metrics import DRAWN_ROWS, METRICS, Drawn, Metric, drawn_losses, labels_of
from workers.automl.space import QUICK_ROWS, PipelineSpec
from workers.automl.standing import Entry
from workers.automl.trial import TrialSpec, trial
from workers.kind import CellError

POINTS = 200
"""The most points a curve keeps."""
DOTS = 1_000
"""The most rows a residual plot shows."""
FEWEST_LEARNED = 40
"""Training rows below which a point of a learning curve would say nothing."""


def report(board: Leaderboard, pipeline: str | None = None) -> dict[str, Any]:
    """Everything known of one row (or the best) from its out-of-fold predictions; JSON."""
    y, p = board.out_of_fold(weights_of(board, pipeline))
    task = board.problem.task
    scores = {m.name: m.score(y, p) for m in METRICS.values() if task in m.tasks}
    shown: dict[str, Any] = {"type": "pipeline_report", "task": task, "rows": len(y), "scores": scores}
    if task == "regression":
        return shown | {"residuals": residuals(y, p)}
    labels = [str(label) for label in board.problem.classes]
    shown |= {"classes": labels[:50], "confusion": confusion(y, labels_of(p), len(labels))}
    if task == "binary":
        shown |= {"roc": roc(y, p), "precision_recall": precision_recall(y, p), "calibration": calibration_bins(y, p),
                  "thresholds": thresholds(y, p)}
    return shown


def weights_of(board: Leaderboard, pipeline: str | None) -> Mapping[str, float]:
    """The pipelines behind a row of the leaderboard, with their weights; raises `no_pipeline` if there are none."""
    weights = {BLEND: board.standing.blend, None: board.best}.get(pipeline) or {str(pipeline): 1.0}
    known = board.standing.entries
    if any(key not in known or not known[key].results for key in weights):
        raise CellError("no_pipeline", "There is no fitted pipeline of that name yet.")
    return weights


def confusion(y: Any, guess: Any, classes: int) -> list[list[int]]:
    """Rows are the true class, columns the predicted one; the first 50 classes."""
    import numpy as np

    table: Any = np.zeros((classes, classes), dtype=int)
    np.add.at(table, (y, guess), 1)
    return [[int(v) for v in row[:50]] for row in table[:50]]


def _thinned(*series: Any) -> list[list[float]]:
    import numpy as np

    length = len(series[0])
    kept = np.unique(np.linspace(0, length - 1, min(length, POINTS)).astype(int))
    return [[round(float(v), 5) for v in np.asarray(s)[kept]] for s in series]


def roc(y: Any, p: Any) -> dict[str, list[float]]:
    """The ROC curve, thinned."""
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(y, p)
    return dict(zip(("false_positive", "true_positive"), _thinned(false, true), strict=True))


def precision_recall(y: Any, p: Any) -> dict[str, list[float]]:
    """The precision-recall curve, thinned."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(y, p)
    return dict(zip(("precision", "recall"), _thinned(precision, recall), strict=True))


def calibration_bins(y: Any, p: Any, bins: int = 10) -> list[dict[str, float]]:
    """How often the second class came, beside how often it was said, in bins of equal size, with a 95 % interval."""
    import numpy as np

    found = []
    for rows in np.array_split(np.argsort(p, kind="stable"), min(bins, len(p))):
        n, came = len(rows), float(np.mean(y[rows]))
        middle, z2 = (came + 1.92 / n) / (1 + 3.84 / n), 3.84 / n  # Wilson's interval
        half = 1.96 * ((came * (1 - came) / n + z2 / (4 * n)) ** 0.5) / (1 + z2)
        found.append({"said": round(float(np.mean(p[rows])), 5), "came": round(came, 5), "rows": n,
                      "low": round(max(middle - half, 0), 5), "high": round(min(middle + half, 1), 5)})
    return found


def thresholds(y: Any, p: Any) -> list[dict[str, float]]:
    """The four counts at thresholds 0, 0.01 .. 1: a form prices them without asking again."""
    import numpy as np

    cuts: Any = np.arange(101) / 100
    hits, alarms = np.sort(p[y == 1]), np.sort(p[y == 0])
    missed: Any = np.searchsorted(hits, cuts)
    right: Any = np.searchsorted(alarms, cuts)
    return [{"threshold": float(c), "true_positive": int(len(hits) - m), "false_negative": int(m),
             "false_positive": int(len(alarms) - r), "true_negative": int(r)}
            for c, m, r in zip(cuts, missed, right, strict=True)]


def cheapest(counts: Sequence[Mapping[str, float]], costs: Mapping[str, float]) -> dict[str, float]:
    """The threshold with the lowest mean cost; `costs` by outcome ("false_positive": 5), gains are negative."""
    total = sum(counts[0][k] for k in ("true_positive", "false_negative", "false_positive", "true_negative"))
    priced = [(sum(costs.get(k, 0.0) * row[k] for k in row if k != "threshold") / total, row["threshold"])
              for row in counts]
    cost, threshold = min(priced, key=lambda c: (c[0], abs(c[1] - 0.5)))
    return {"threshold": threshold, "cost_per_row": cost}


def residuals(y: Any, p: Any) -> dict[str, Any]:
    """Predicted against true values of at most 1,000 rows, and the histogram of the errors of all."""
    import numpy as np

    drawn = np.sort(np.random.default_rng(0).permutation(len(y))[:DOTS])
    error = np.asarray(p) - np.asarray(y)
    low, high = np.quantile(error, [0.005, 0.995])
    counts, edges = np.histogram(np.clip(error, low, high), bins=40)
    return {"predicted": [float(v) for v in p[drawn]], "true": [float(v) for v in y[drawn]],
            "histogram": {"edges": [float(e) for e in edges], "counts": [int(c) for c in counts]},
            "bias": float(error.mean()), "spread": float(error.std())}


def pareto(board: Leaderboard) -> list[dict[str, Any]]:
    """Quality against predict milliseconds per 1,000 rows; `best` marks rows that no other beats in both."""
    up = board.problem.measure.greater_is_better
    rows = [r for r in board.rows() if r["family"] != "dummy" and not r["quick"]]
    found = []
    for row in rows:
        beaten = any((o["score"] >= row["score"] if up else o["score"] <= row["score"])
                     and o["predict_ms"] <= row["predict_ms"] and o is not row
                     and (o["score"], o["predict_ms"]) != (row["score"], row["predict_ms"]) for o in rows)
        found.append({k: row[k] for k in ("id", "name", "family", "score", "predict_ms", "bytes")})
        found[-1]["best"] = not beaten
    return found


def drawn(board: Leaderboard, weights: Mapping[str, float], folds: tuple[int, ...] = ()) -> Drawn:
    """The loss of a row on the same draws of the same rows for whoever is compared; kept with the standing."""
    folds = folds or board.shared(*weights)
    key, known = ("drawn", *sorted(weights.items()), folds), board.standing.known
    if key not in known:
        y, p = board.out_of_fold(weights, folds)
        known[key] = drawn_losses(board.problem.measure, y, p, seed=board.problem.split.seed)
    found: Drawn = known[key]
    return found


def compare(board: Leaderboard, first: str, second: str, level: float = 0.95) -> dict[str, Any]:
    """How much better `first` is than `second` on the same rows, with a paired bootstrap interval."""
    one, other = weights_of(board, first), weights_of(board, second)
    folds = board.shared(*one, *other)
    return apart(board.problem.measure, drawn(board, one, folds), drawn(board, other, folds), level)


def apart(metric: Metric, one: Drawn, other: Drawn, level: float = 0.95) -> dict[str, Any]:
    """How much less loss `one` has than `other`, whose draws are of the same rows."""
    import numpy as np

    point = other.loss - one.loss
    around = (other.losses - one.losses - point) * (min(one.rows, DRAWN_ROWS) / one.rows) ** 0.5 + point
    low, high = (float(v) for v in np.quantile(around, [(1 - level) / 2, (1 + level) / 2]))
    return {"metric": metric.name, "better_by": float(point), "low": low, "high": high, "level": level,
            "rows": one.rows, "clear": bool(low > 0 or high < 0)}


# learning curve ---------------------------------------------------------------------------------------------


def learned(material: Material) -> int:
    """The rows that a whole fold learns from, in the fold of the curve."""
    return len(material.folds[curve_folds(material)[0]][0])


def curve_folds(material: Material) -> tuple[int, ...]:
    """The folds a learning curve is drawn from; in the order of time the last, which has most rows to learn from."""
    return (len(material.folds) - 1,) if material.problem.split.kind == "time" else (0, 1)


def curve_points(material: Material) -> list[tuple[int, tuple[int, ...]]]:
    """(training rows, folds) of the points before the whole, cheapest first."""
    most = learned(material)
    return [(most // share, curve_folds(material)) for share in (16, 8, 4, 2) if most // share >= FEWEST_LEARNED]


def curve_point(material: Material, spec: PipelineSpec, rows: int) -> dict[str, Any] | None:
    """The score of a pipeline that learns from so many rows of each fold, on the same validated rows; None if none."""
    results = [trial(TrialSpec(replace(spec, rows=rows), fold), material) for fold in curve_folds(material)]
    scores = [result.score for result in results if not result.error]
    return _point(rows, scores) if scores else None


def whole_point(material: Material, entry: Entry) -> dict[str, Any]:
    """The last point of a learning curve: whole folds, on the rows that the others were validated by."""
    import numpy as np

    scores = []
    for fold in curve_folds(material):
        result = entry.results[fold]
        rows = some(np.arange(len(result.valid)), QUICK_ROWS)
        scores.append(material.problem.measure.score(material.y[result.valid[rows]], result.predictions[rows]))
    return _point(learned(material), scores)


def _point(rows: int, scores: Sequence[float]) -> dict[str, Any]:
    return {"rows": rows, "score": sum(scores) / len(scores), "folds": list(scores)}
