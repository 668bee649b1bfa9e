"""Shallow trees over raw columns, in words: where the model is worst, and the model itself in rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workers.automl.problem import Problem, encoded
from workers.explain.lens import Lens
from workers.explain.local import scale, short, words_of
from workers.explain.training import Training
from workers.kind import CellError

DEPTH = 3
FEWEST_ROWS = 40
NAMED = 4
"""Levels of a category that a rule names before it counts the others."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One end of a tree: its conditions in words, the rows in it, the mean there and its 95 % interval."""

    rule: str
    rows: int
    share: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Segments:
    """Where errors are largest first; `overall` is the mean error of all rows, `words` says what an error is."""

    leaves: list[Leaf]
    overall: float
    words: str


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A small tree that says about the same as the model; `fidelity` on rows it was not grown on, `words` names it."""

    leaves: list[Leaf]
    fidelity: float
    words: str


def segments(lens: Lens, training: Training, frame: Any, *, seed: int = 0) -> Segments:
    """Grow a tree on the errors of half of the rows, measure them on the other half; `frame` holds the target."""
    y = encoded(frame[lens.predictor.problem.target], lens.predictor.problem)
    errors, words = _errors(y, lens.scores(lens.matrices(frame)), lens.predictor.problem)
    _enough(len(frame))
    leaves, _ = _grown(lens, training, frame, errors, seed, measured=errors)
    leaves.sort(key=lambda leaf: -leaf.mean)
    return Segments(leaves, float(errors.mean()), words)


def surrogate(lens: Lens, training: Training, frame: Any, label: int | None = None, *, seed: int = 0) -> Surrogate:
    """Grow a tree on what the model says of half of the rows, compare on the other half."""
    import numpy as np

    said = lens.likelihood(lens.matrices(frame), label)
    _enough(len(frame))
    leaves, (truth, guess) = _grown(lens, training, frame, said, seed, measured=said)
    leaves.sort(key=lambda leaf: -leaf.mean)
    total = float(((truth - truth.mean()) ** 2).sum())
    fidelity = 1 - float(((truth - guess) ** 2).sum()) / total if total > 0 else 1.0
    if lens.classes:
        same = float(np.mean((guess >= 0.5) == (truth >= 0.5)))
        return Surrogate(leaves, fidelity, f"follows {max(0.0, fidelity):.0%} of the model's ups and downs; says the "
                                           f"same of {same:.0%} of rows")
    return Surrogate(leaves, fidelity, f"follows {max(0.0, fidelity):.0%} of the model's ups and downs")


def _enough(rows: int) -> None:
    if rows < FEWEST_ROWS:
        raise CellError("too_few_rows", f"Only {rows} rows; at least {FEWEST_ROWS} are needed to grow a tree on one "
                                        "half and measure it on the other.")


def _errors(y: Any, scores: Any, problem: Problem) -> tuple[Any, str]:
    import numpy as np

    if problem.task == "regression":
        return np.abs(y - scores), "mean absolute error"
    said = (scores >= 0.5).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
    return (said != y).astype("float64"), "share of wrong predictions"


def _grown(lens: Lens, training: Training, frame: Any, target: Any, seed: int,
           measured: Any) -> tuple[list[Leaf], tuple[Any, Any]]:
    """(leaves with figures of the half the tree has not seen, (truth, prediction) of that half)."""
    import numpy as np
    from sklearn.tree import DecisionTreeRegressor

    order = np.random.default_rng(seed).permutation(len(frame))
    grow, check = order[:len(order) // 2], order[len(order) // 2:]
    codes, levels = _coded(lens, training, frame, target, grow)
    tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=max(10, len(grow) // 20), random_state=seed)
    tree.fit(codes[grow], target[grow])
    ends = tree.apply(codes[check])
    found = []
    for end, rule in _rules(tree.tree_, lens, training, levels).items():
        values = measured[check][ends == end]
        if len(values) >= 5:
            mean, low, high = _interval(values)
            found.append(Leaf(rule, len(values), len(values) / len(check), mean, low, high))
    return found, (target[check], tree.predict(codes[check]))


def _interval(values: Any) -> tuple[float, float, float]:
    """(mean, low, high) at 95 %: Wilson's for shares of 0 and 1, else by the normal law."""
    import numpy as np

    mean, n = float(values.mean()), len(values)
    if set(np.unique(values)) <= {0.0, 1.0}:
        z = 1.96
        middle, half = (mean + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * np.sqrt(
            mean * (1 - mean) / n + z * z / (4 * n * n))
        return mean, float(middle - half), float(middle + half)
    half = 1.96 * float(values.std(ddof=1)) / np.sqrt(n)
    return mean, mean - float(half), mean + float(half)


def _coded(lens: Lens, training: Training, frame: Any, target: Any, grow: Any) -> tuple[Any, dict[int, list[str]]]:
    """(columns as numbers, levels of each category in the order of their codes: by mean target)."""
    import numpy as np
    import pandas as pd

    codes, levels = np.zeros((len(frame), len(lens.columns))), {}
    for place, name in enumerate(lens.columns):
        role = training.columns[name].role
        if role in ("number", "date"):
            codes[:, place] = scale(frame[name], role)
        elif role == "category":
            texts = words_of(frame[name])
            groups = pd.Series(target[grow]).groupby(texts[grow])
            # The mean of a few rows is chance: rare levels stand together, in the middle.
            means = groups.mean()[groups.size() >= max(10, len(grow) // 50)].sort_values(kind="stable")
            levels[place] = [str(level) for level in means.index]
            usual = float(np.searchsorted(means.to_numpy(), target[grow].mean())) - 0.5
            at = {level: float(at) for at, level in enumerate(levels[place])}
            codes[:, place] = [at.get(text, usual) for text in texts]
    return codes, levels


def _rules(tree: Any, lens: Lens, training: Training, levels: dict[int, list[str]]) -> dict[int, str]:
    """The conditions on the way to each leaf, folded column by column."""
    found: dict[int, str] = {}

    def down(node: int, bounds: dict[int, tuple[float, float]], gaps: dict[int, bool]) -> None:
        if tree.children_left[node] < 0:
            said = [_said(lens, training, levels, c, b, gaps.get(c)) for c, b in bounds.items()]
            found[node] = " and ".join(said) or "all rows"
            return
        column, cut = int(tree.feature[node]), float(tree.threshold[node])
        low, high = bounds.get(column, (float("-inf"), float("inf")))
        left = bool(tree.missing_go_to_left[node])
        down(int(tree.children_left[node]), {**bounds, column: (low, min(high, cut))}, {**gaps, column: left})
        down(int(tree.children_right[node]), {**bounds, column: (max(low, cut), high)}, {**gaps, column: not left})

    down(0, {}, {})
    return found


def _said(lens: Lens, training: Training, levels: dict[int, list[str]], column: int, bounds: tuple[float, float],
          missing: bool | None) -> str:
    name, (low, high) = lens.columns[column], bounds
    known = training.columns[name]
    if column in levels:
        inside = [level for at, level in enumerate(levels[column]) if low < at <= high]
        outside = [level for level in levels[column] if level not in inside]
        if len(outside) == 1 and len(inside) > 1:
            return f"{name} is not {outside[0]}"
        more = f" or {len(inside) - NAMED} more" if len(inside) > NAMED else ""
        return f"{name} is {' or '.join(inside[:NAMED])}{more}"
    if known.boolean:
        return f"{name} is {'yes' if low >= 0 else 'no'}"
    gap = " or missing" if missing and known.missing > 0 else ""
    if known.whole and known.role == "number":
        low, high = (low if low == float("-inf") else float(int(low // 1)),
                     high if high == float("inf") else float(int(high // 1)))
    if low == float("-inf"):
        return f"{name} ≤ {short(high, known.role)}{gap}" if high != float("inf") else f"{name} is missing"
    if high == float("inf"):
        return f"{name} > {short(low, known.role)}{gap}"
    return f"{short(low, known.role)} < {name} ≤ {short(high, known.role)}{gap}"
