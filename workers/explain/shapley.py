"""Shapley values on raw columns: a learner's own where it has them, exact for lines, sampled for others.

Lundberg & Lee 2017; sampled as by Castro, Gómez & Tejada 2009, each row walked from the same background rows, so that
values add up to the raw score exactly however few permutations are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from workers.explain.lens import Lens, Matrices, inner, rows_of

BACKGROUND = 8
"""Background rows of the sampled kind; each is walked through one permutation and its reverse."""
AT_ONCE = 2_000_000
"""Cells of the largest matrix handed to a learner at once."""
ROWS = 1_000
EFFORT = 12_000_000.0
"""Leaves times rows that a summary may cost; dearer models are summarised over fewer rows, at least `FEWEST`."""
FEWEST = 60


@dataclass(slots=True)
class Contributions:
    """`values` (rows, outputs, columns) and `base` (outputs,): base + the sum over columns is the raw score.

    `exact` is False when some learner's share was sampled; the sum holds all the same.
    """

    values: Any
    base: Any
    scale: str
    exact: bool

    def of(self, label: int = 0) -> Any:
        """(rows, columns) values of one output."""
        return self.values[:, min(label, self.values.shape[1] - 1)]


def contributions(lens: Lens, matrices: Matrices, background: Matrices, seed: int = 0) -> Contributions:
    """Shapley values of prepared rows, for a blend the weighted sum of its learners'."""
    import numpy as np

    rows = len(matrices[0])
    values, base = np.zeros((rows, lens.outputs, len(lens.columns))), np.zeros(lens.outputs)
    exact = True
    for member in lens.members:
        x, few = matrices[member.preparation], background[member.preparation]
        model = inner(member.model) if lens.logged else member.model
        own = native(model, x, few, lens)
        if own is not None:
            part, start = own
            part = lens.merged(part, member.preparation)
        else:
            exact = False
            part, start = sampled(lens.margin(member), x, few, lens.origins[member.preparation], len(lens.columns),
                                  seed)
        values += member.weight * part
        base += member.weight * start
    return Contributions(values, base, lens.scale, exact)


def native(model: Any, x: Any, background: Any, lens: Lens) -> tuple[Any, Any] | None:
    """(values by prepared column (n, outputs, p), base) where the learner gives them itself, else None."""
    import numpy as np

    if lens.classes and len(model.classes_) != len(lens.classes):
        return None
    if hasattr(model, "booster_"):
        found = np.asarray(model.booster_.predict(x, pred_contrib=True), dtype="float64")
        found = found.reshape(len(x), lens.outputs, x.shape[1] + 1)
        # A booster that learned nothing gives its constant as the base of every row alike.
        return found[..., :-1], found[0, :, -1] if len(x) else np.zeros(lens.outputs)
    if hasattr(model, "tree_count_"):
        from catboost import Pool

        found = model.get_feature_importance(Pool(x), type="ShapValues", thread_count=1)
        found = np.asarray(found, dtype="float64").reshape(len(x), lens.outputs, x.shape[1] + 1)
        return found[..., :-1], found[0, :, -1] if len(x) else np.zeros(lens.outputs)
    if hasattr(model, "coef_") and hasattr(model, "intercept_"):
        slopes = np.atleast_2d(model.coef_).astype("float64")
        usual = np.asarray(background, dtype="float64").mean(axis=0)
        values = (np.asarray(x, dtype="float64") - usual)[:, None, :] * slopes[None]
        return values, slopes @ usual + np.ravel(model.intercept_)
    return None


def sampled(score: Callable[[Any], Any], x: Any, background: Any, origins: Any, columns: int,
            seed: int) -> tuple[Any, Any]:
    """(values (n, outputs, columns), base): mean gain of each column over walks from background rows to each row."""
    import numpy as np

    rng = np.random.default_rng(seed)
    starts = background[np.sort(rng.permutation(len(background))[:BACKGROUND])]
    orders = [rng.permutation(columns) for _ in starts]
    walks = [(s, order) for s, one in zip(starts, orders, strict=True) for order in (one, one[::-1])]
    at_start = np.asarray(score(starts), dtype="float64")
    values: Any = None
    step = max(1, AT_ONCE // ((columns + 1) * max(1, x.shape[1])))
    parts = []
    for first in range(0, len(x), step):
        block = x[first:first + step]
        values = np.zeros((len(block), at_start.shape[1], columns))
        for start, order in walks:
            values += _walk(score, block, start, order, origins)
        parts.append(values / len(walks))
    whole = np.concatenate(parts) if parts else np.zeros((0, at_start.shape[1], columns))
    return whole, at_start.mean(axis=0)


def _walk(score: Callable[[Any], Any], block: Any, start: Any, order: Any, origins: Any) -> Any:
    """What each column adds when the columns of `start` turn into those of each row, one after another."""
    import numpy as np

    columns = len(order)
    rank: Any = np.empty(columns, dtype=int)
    rank[order] = np.arange(columns)
    taken = rank[origins][None, :] < np.arange(columns + 1)[:, None]
    path = np.where(taken[None], block[:, None, :], start[None, None, :])
    scores = np.asarray(score(path.reshape(-1, block.shape[1])), dtype="float64")
    scores = scores.reshape(len(block), columns + 1, -1)
    gains = np.diff(scores, axis=1)
    found = np.empty((len(block), gains.shape[2], columns))
    found[:, :, order] = gains.transpose(0, 2, 1)
    return found


def affordable(lens: Lens, wanted: int = ROWS) -> int:
    """How many rows a summary covers: fewer for models with more trees, the same number every time."""
    return int(min(wanted, max(FEWEST, EFFORT / max(1.0, effort(lens)))))


def effort(lens: Lens) -> float:
    """About what the Shapley values of one row cost, in leaves of a boosted tree."""
    walks = 2.0 * BACKGROUND * (len(lens.columns) + 1)
    total = 0.0
    for member in lens.members:
        model = inner(member.model)
        if hasattr(model, "booster_"):
            total += model.booster_.num_trees() * float(model.get_params().get("num_leaves", 31))
        elif hasattr(model, "tree_count_"):
            total += model.tree_count_ * 2.0 ** model.get_params()["depth"]
        elif hasattr(model, "estimators_"):
            total += walks * len(model.estimators_) * 0.5
        elif hasattr(model, "n_iter_") and hasattr(model, "_predictors"):
            total += walks * model.n_iter_ * lens.outputs * 0.5
        elif not hasattr(model, "coef_"):
            total += walks * 50
    return total


def summaries(lens: Lens, matrices: Matrices, background: Matrices, seed: int = 0) -> Iterator[Contributions]:
    """Contributions of ever more of the rows: a tenth of them first, then all."""
    import numpy as np

    rows = len(matrices[0])
    edges = sorted({max(1, rows // 10), max(1, rows // 3), rows})
    found: Contributions | None = None
    for first, last in zip([0, *edges], edges, strict=False):
        more = contributions(lens, rows_of(matrices, slice(first, last)), background, seed)
        found = more if found is None else Contributions(np.concatenate([found.values, more.values]), found.base,
                                                         found.scale, found.exact)
        yield found
