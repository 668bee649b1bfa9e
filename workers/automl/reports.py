"""What the views of a pipeline show: confusion, curves, calibration, residuals, cost, Pareto, comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workers.automl.leaderboard import BLEND, Leaderboard
from workers.automl.material import Material
from workers.automl.metrics import METRICS, labels_of
from workers.automl.space import PipelineSpec
from workers.automl.trial import TrialSpec, trial
from workers.kind import CellError

POINTS = 200
"""The most points a curve keeps."""
DOTS = 1_000
"""The most rows a residual plot shows."""


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


def compare(board: Leaderboard, first: str, second: str, level: float = 0.95, draws: int = 300) -> dict[str, Any]:
    """How much better `first` is than `second` on the same rows, with a paired bootstrap interval."""
    import numpy as np

    one, other = weights_of(board, first), weights_of(board, second)
    y, p = board.out_of_fold({**dict.fromkeys(other, 0.0), **one})
    y, q = board.out_of_fold({**dict.fromkeys(one, 0.0), **other})
    metric, rng, n = board.problem.measure, np.random.default_rng(board.problem.split.seed), len(y)
    size = min(n, 4000)
    point = metric.loss(y, q) - metric.loss(y, p)
    apart = []
    for _ in range(draws):
        rows = rng.integers(0, n, size)
        apart.append(metric.loss(y[rows], q[rows]) - metric.loss(y[rows], p[rows]))
    around = (np.asarray(apart) - point) * (size / n) ** 0.5 + point
    low, high = (float(v) for v in np.quantile(around, [(1 - level) / 2, (1 + level) / 2]))
    return {"metric": metric.name, "better_by": point, "low": low, "high": high, "level": level, "rows": n,
            "clear": bool(low > 0 or high < 0)}


def learning_curve(material: Material, spec: PipelineSpec, steps: int = 5) -> Iterator[dict[str, float]]:
    """The score of a pipeline on the first fold when it learns from more and more rows, up to all."""
    import numpy as np

    most = len(material.folds[0][0])
    for rows in np.unique(np.geomspace(min(100, most), most, steps).astype(int)):
        result = trial(TrialSpec(replace(spec, rows=None if rows == most else int(rows)), 0), material)
        if not result.error:
            yield {"rows": int(rows), "score": result.score, "fit_seconds": round(result.fit_seconds, 3)}
