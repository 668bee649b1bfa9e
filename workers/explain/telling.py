"""Explanations as views tell them: small JSON, better step by step, each tab of an explainer on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workers.automl.problem import plain
from workers.explain import importance, shapley
from workers.explain.counterfactual import Goal, counterfactuals
from workers.explain.dependence import POINTS_OF_TWO, dependence, grid_of
from workers.explain.lens import rows_of
from workers.explain.local import local, scale
from workers.explain.subject import Subject
from workers.explain.trees import Leaf, segments, surrogate
from workers.kind import CellError

SHOWN = 15
"""Columns that a picture shows; the rest is added up as “other columns”."""
DOTS = 140
CURVES = 30
ROWS_OF_TWO = 300

Told = tuple[float, dict[str, Any]]
"""How much of the work is done, and what to show now."""


def head(subject: Subject, label: int | None) -> dict[str, Any]:
    """What every tab shows: whom it is about."""
    problem = subject.lens.predictor.problem
    said = None if not problem.classes else str(problem.classes[1 if label is None else label])
    return {"type": "explainer", "target": problem.target, "task": problem.task, "label": said,
            "classes": [str(c) for c in problem.classes[:50]], "columns": list(subject.lens.columns),
            "rows": len(subject.whole), "on": subject.words, "scale": subject.lens.scale}


def tell_importance(subject: Subject, seed: int) -> Iterator[Told]:
    """Gain at once, then permutation, one round after another."""
    lens = subject.lens
    first = importance.gain(lens)
    if first is not None:
        yield (1.0 if subject.truth is None else 0.1), {"importance": _bars(subject, first)}
    if subject.truth is None:
        if first is None:
            found = list(_summaries(subject, seed))[-1]
            yield 1.0, {"importance": _bars(subject, importance.shap(found))}
        return
    for one in importance.permutation(lens, subject.matrices, subject.truth, seed=seed):
        yield 0.1 + 0.9 * one.rounds / importance.REPEATS, {"importance": _bars(subject, one)}


def _bars(subject: Subject, found: importance.Importance) -> dict[str, Any]:
    order = found.order()[:2 * SHOWN]
    rows = [{"column": subject.lens.columns[i], "value": _slim(found.values[i]), "low": _slim(found.low[i]),
             "high": _slim(found.high[i])} for i in order]
    return {"kind": found.kind, "words": found.words, "rounds": found.rounds, "bars": rows}


def _summaries(subject: Subject, seed: int) -> Iterator[shapley.Contributions]:
    rows = shapley.affordable(subject.lens, len(subject.frame))
    return shapley.summaries(subject.lens, rows_of(subject.matrices, slice(0, rows)), subject.matrices, seed)


def tell_beeswarm(subject: Subject, label: int | None, seed: int) -> Iterator[Told]:
    """Shapley values of ever more rows, a dot for each row and column."""
    import numpy as np

    wanted = shapley.affordable(subject.lens, len(subject.frame))
    for found in _summaries(subject, seed):
        values = found.of(label or 0)
        order = [int(i) for i in np.argsort(-np.abs(values).mean(axis=0), kind="stable")][:SHOWN]
        kept = np.unique(np.linspace(0, len(values) - 1, min(DOTS, len(values))).astype(int))
        lanes = [{"column": subject.lens.columns[i], "mean": _slim(np.abs(values[:, i]).mean()),
                  "dots": [[_slim(values[row, i]), shade, subject.numbers[row]] for row, shade in
                           zip(kept, _shades(subject, i, kept), strict=True)]} for i in order]
        yield len(values) / wanted, {"beeswarm": {"lanes": lanes, "rows": len(values), "exact": found.exact}}


def _shades(subject: Subject, column: int, rows: Any) -> list[float | None]:
    """Low to high as 0 to 1, by rank; None for categories, texts and gaps."""
    import numpy as np
    from scipy.stats import rankdata

    name = subject.lens.columns[column]
    role = subject.training.columns[name].role
    if role not in ("number", "date"):
        return [None] * len(rows)
    values = scale(subject.frame[name].iloc[rows], role)
    present = ~np.isnan(values)
    ranks = rankdata(values[present]) if present.any() else np.array([])
    shades: Any = np.full(len(values), np.nan)
    spread = ranks.max() - ranks.min() if len(ranks) else 0
    shades[present] = (ranks - ranks.min()) / spread if spread else 0.5
    return [None if np.isnan(v) else round(float(v), 2) for v in shades]


def tell_dependence(subject: Subject, columns: Sequence[str], label: int | None) -> Iterator[Told]:
    """The curve over one column, or the field over two; the most important column when none is picked."""
    picked = [name for name in columns if name] or [_leading(subject)]
    for name in picked:
        if name not in subject.lens.columns:
            raise CellError("unknown_column", f"The model does not use {name}.", param="column",
                            fix={"label": f"Show {_leading(subject)}", "params": {"column": None, "second": None}})
    grids = [grid_of(subject.training, name, *([POINTS_OF_TWO] if len(picked) > 1 else [])) for name in picked]
    rows = [200, len(subject.frame)] if len(picked) == 1 else [60, ROWS_OF_TWO]
    for place, count in enumerate(sorted({min(n, len(subject.frame)) for n in rows})):
        few = subject.frame.head(count)
        found = dependence(subject.lens, few, picked, grids, label, rows_of(subject.matrices, slice(0, count)))
        told: dict[str, Any] = {"columns": picked, "grid": [[plain(v) for v in g] for g in grids],
                                "roles": [_role(subject, name) for name in picked],
                                "mean": [[_slim(v) for v in row] for row in found.mean] if found.mean.ndim == 2 else
                                [_slim(v) for v in found.mean], "rows": found.rows}
        if found.curves is not None:
            told["curves"] = [[_slim(v) for v in curve] for curve in found.curves[:CURVES]]
        yield (place + 1) / 2 if count < len(subject.frame) and place == 0 else 1.0, {"dependence": told}


def _role(subject: Subject, name: str) -> str:
    known = subject.training.columns[name]
    return "boolean" if known.boolean else known.role


def _leading(subject: Subject) -> str:
    first = importance.gain(subject.lens)
    order = first.order() if first is not None else range(len(subject.lens.columns))
    return next((subject.lens.columns[i] for i in order
                 if subject.training.columns[subject.lens.columns[i]].role != "text"), subject.lens.columns[0])


def tell_row(subject: Subject, number: int, label: int | None, seed: int) -> Iterator[Told]:
    """The waterfall of a row, then the line fitted round it."""
    row = subject.row(number)
    matrices = subject.lens.matrices(row)
    found = shapley.contributions(subject.lens, matrices, subject.matrices, seed)
    values = found.of(label or 0)[0]
    out = min(label or 0, subject.lens.outputs - 1)
    order = sorted(range(len(values)), key=lambda i: -abs(values[i]))
    pushes = [{"column": subject.lens.columns[i], "value": _text(row[subject.lens.columns[i]].iloc[0]),
               "push": _slim(values[i])} for i in order[:SHOWN]]
    rest = float(sum(values[i] for i in order[SHOWN:]))
    told: dict[str, Any] = {"row": number, "base": _slim(found.base[out]), "pushes": pushes, "rest": _slim(rest),
                            "others": len(order[SHOWN:]), "exact": found.exact,
                            "score": _slim(found.base[out] + values.sum()), **_said(subject, matrices, label)}
    yield 0.4, {"row": told}
    line = local(subject.lens, subject.training, row, label, seed=seed, frame=subject.frame)
    terms = [{"condition": line.conditions[i], "weight": _slim(line.weights[i]), "error": _slim(line.errors[i])}
             for i in line.order[:8]]
    yield 1.0, {"row": {**told, "line": {"terms": terms, "fit": _slim(line.fit), "samples": line.samples}}}


def _said(subject: Subject, matrices: Any, label: int | None) -> dict[str, Any]:
    likelihood = float(subject.lens.likelihood(matrices, label)[0])
    if not subject.lens.classes:
        return {"prediction": _slim(likelihood)}
    scores = subject.lens.scores(matrices)
    said = int(scores[0] >= 0.5) if scores.ndim == 1 else int(scores[0].argmax())
    return {"prediction": str(subject.lens.classes[said]), "probability": _slim(likelihood)}


def tell_counterfactual(subject: Subject, number: int, wanted: str, fixed: Sequence[str], seed: int) -> Iterator[Told]:
    """The smallest changes of a row that give another prediction."""
    row = subject.row(number)
    matrices = subject.lens.matrices(row)
    goal, words = _goal(subject, subject.lens.scores(matrices)[0], wanted)
    now = _said(subject, matrices, goal.label)
    told: dict[str, Any] = {"row": number, "wanted": words, "fixed": list(fixed), **now, "ways": []}
    told["values"] = {name: _text(row[name].iloc[0]) for name in subject.lens.columns}
    found = counterfactuals(subject.lens, subject.training, row, goal, fixed=fixed, seed=seed, frame=subject.frame)
    for way in found:
        after = way.prediction
        score = float(after[goal.label or 0]) if getattr(after, "ndim", 0) else float(after)
        if subject.lens.classes and goal.label == 0 and len(subject.lens.classes) == 2:
            score = 1 - score
        told["ways"].append({"score": _slim(score), "changes": [
            {"column": name, "before": _text(before), "after": _text(value)}
            for name, (before, value) in way.changes.items()]})
    yield 1.0, {"counterfactual": told}


def _goal(subject: Subject, score: Any, wanted: str) -> tuple[Goal, str]:
    """The goal that `wanted` names: a class, or a number to rise to or fall to; by default the other side."""
    classes = [str(c) for c in subject.lens.classes]
    if not classes:
        now = float(score)
        try:
            value = float(wanted) if wanted else now * 1.1 if now > 0 else now + abs(now) * 0.1 + 1
        except ValueError as wrong:
            raise CellError("bad_value", f"“{wanted[:40]}” is no number.", param="wanted") from wrong
        words = f"at {'least' if value >= now else 'most'} {value:,.4g}"
        return (Goal(at_least=value) if value >= now else Goal(at_most=value)), words
    if wanted and wanted not in classes:
        raise CellError("bad_value", f"There is no class {wanted[:40]}.", param="wanted",
                        fix={"label": f"Ask for {classes[0]}", "params": {"wanted": classes[0]}})
    if wanted:
        return Goal(label=classes.index(wanted)), wanted
    if getattr(score, "ndim", 0):
        other = int(score.argsort()[-2])
    else:
        other = int(float(score) < 0.5)
    return Goal(label=other), classes[other]


def tell_segments(subject: Subject, seed: int) -> Iterator[Told]:
    """Where errors are most frequent or largest."""
    if subject.truth is None:
        raise CellError("no_target", f"To find errors, the table needs {subject.lens.predictor.problem.target}. "
                                     "Connect one that has it.")
    found = segments(subject.lens, subject.training, subject.frame, seed=seed)
    yield 1.0, {"segments": {"leaves": [_leaf(leaf) for leaf in found.leaves], "overall": _slim(found.overall),
                             "words": found.words}}


def tell_surrogate(subject: Subject, label: int | None, seed: int) -> Iterator[Told]:
    """The model in a few rules."""
    found = surrogate(subject.lens, subject.training, subject.frame, label, seed=seed)
    yield 1.0, {"surrogate": {"leaves": [_leaf(leaf) for leaf in found.leaves], "fidelity": _slim(found.fidelity),
                              "words": found.words}}


def _leaf(leaf: Leaf) -> dict[str, Any]:
    return {"rule": leaf.rule, "rows": leaf.rows, "share": _slim(leaf.share), "mean": _slim(leaf.mean),
            "low": _slim(leaf.low), "high": _slim(leaf.high)}


def tell(subject: Subject, params: Mapping[str, Any]) -> Iterator[Told]:
    """One tab, with the params of an explainer."""
    label = label_of(subject, str(params["label"]))
    show, seed = params["show"], int(params["seed"])
    tabs = {
        "importance": lambda: tell_importance(subject, seed),
        "beeswarm": lambda: tell_beeswarm(subject, label, seed),
        "dependence": lambda: tell_dependence(subject, [params["column"], params["second"]], label),
        "row": lambda: tell_row(subject, int(params["row"]), label, seed),
        "counterfactual": lambda: tell_counterfactual(subject, int(params["row"]), str(params["wanted"]),
                                                      list(params["fixed"]), seed),
        "segments": lambda: tell_segments(subject, seed),
        "surrogate": lambda: tell_surrogate(subject, label, seed),
    }
    start = head(subject, label) | {"show": show}
    for share, told in tabs[show]():
        yield share, start | told


def label_of(subject: Subject, label: str) -> int | None:
    """The number of the class that is explained: the one named, else the first of many, the second of two."""
    classes = [str(c) for c in subject.lens.classes]
    if len(classes) < 3:
        return None
    return classes.index(label) if label in classes else 0


def _slim(value: Any) -> float:
    return float(f"{float(value):.5g}")


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    value = plain(value)
    if isinstance(value, float):
        return f"{value:,.4g}" if value != round(value) else f"{int(value)}"
    return str(value)[:80]
