"""How much each raw column matters: gain at once, then permutation with bars, then mean Shapley values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workers.explain.lens import Lens, Matrices, inner, rows_of
from workers.explain.shapley import Contributions

REPEATS = 5
ROWS = 1_000


@dataclass(slots=True)
class Importance:
    """`values` by raw column, larger matters more; `low` and `high` their spread over repeats or learners.

    `kind` is gain, permutation or shap; `rounds` how many repeats are in it; `words` says what a value is.
    """

    kind: str
    values: Any
    low: Any
    high: Any
    rounds: int
    words: str

    def order(self) -> list[int]:
        """Positions of the columns, the most important first."""
        import numpy as np

        return [int(i) for i in np.argsort(-self.values, kind="stable")]


def gain(lens: Lens) -> Importance | None:
    """Shares of what the learners themselves count (gain of splits, size of slopes); None if none of them does."""
    import numpy as np

    shares, weights = [], []
    for member in lens.members:
        own = _own(inner(member.model))
        if own is None or not own.sum() > 0:
            continue
        merged = lens.merged(own, member.preparation)
        shares.append(merged / merged.sum())
        weights.append(member.weight)
    if not shares:
        return None
    values = np.average(shares, axis=0, weights=weights)
    return Importance("gain", values, np.min(shares, axis=0), np.max(shares, axis=0), len(shares),
                      "share of the gain of all splits")


def _own(model: Any) -> Any:
    import numpy as np

    if hasattr(model, "booster_"):
        return np.asarray(model.booster_.feature_importance("gain"), dtype="float64")
    if hasattr(model, "coef_"):
        # Prepared columns of linear models are scaled, so slopes compare.
        return np.abs(np.atleast_2d(model.coef_)).sum(axis=0)
    found = getattr(model, "feature_importances_", None)
    return None if found is None else np.asarray(found, dtype="float64")


def permutation(lens: Lens, matrices: Matrices, y: Any, *, repeats: int = REPEATS,
                seed: int = 0) -> Iterator[Importance]:
    """How much worse the metric gets when one column is shuffled (Breiman 2001), after each round of repeats.

    `y` are encoded targets (floats, or class numbers). Bars span the smallest and largest round.
    """
    import numpy as np

    metric = lens.predictor.problem.measure
    usual = metric.loss(y, lens.scores(matrices))
    losses: list[Any] = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat])
        found = np.empty(len(lens.columns))
        for column in range(len(lens.columns)):
            order = rng.permutation(len(y))
            changed = lens.exchange(matrices, column, rows_of(matrices, order))
            found[column] = metric.loss(y, lens.scores(changed)) - usual
        losses.append(found)
        rounds = np.array(losses)
        yield Importance("permutation", rounds.mean(axis=0), rounds.min(axis=0), rounds.max(axis=0), repeat + 1,
                         f"how much worse {metric.words} gets when the column is shuffled")


def shap(found: Contributions) -> Importance:
    """Mean size of the Shapley values, over classes added up; bars are 95 % intervals of the mean."""
    import numpy as np

    sizes = np.abs(found.values).sum(axis=1)
    mean = sizes.mean(axis=0)
    spread = 1.96 * sizes.std(axis=0) / np.sqrt(max(1, len(sizes)))
    return Importance("shap", mean, mean - spread, mean + spread, len(sizes), f"mean push on the {found.scale}")
