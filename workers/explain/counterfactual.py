"""The smallest change that flips a prediction: greedy steps and random donors, made sparse; seen values only.

After the random method of DiCE (Mothilal, Sharma & Tan 2020): every value comes from a row that was seen, columns that
must stay are left alone, and whatever is not needed for the flip is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workers.automl.problem import plain
from workers.explain.lens import Lens, rows_of
from workers.explain.local import MISSING, scale, words_of
from workers.explain.training import Training
from workers.kind import CellError

TRIED = 24
"""Seen values tried for each column in a greedy step."""
DONORS = 12
MOST_CHANGES = 5
GIVEN = 3


@dataclass(frozen=True, slots=True)
class Goal:
    """What a prediction should become: class number `label`, or a value of at least / at most `value`."""

    label: int | None = None
    at_least: float | None = None
    at_most: float | None = None

    def gain(self, scores: Any) -> Any:
        """(n,) how near predictions are to the goal; above 0 it is reached."""
        import numpy as np

        if self.label is not None:
            if scores.ndim == 1:
                return scores - 0.5 if self.label == 1 else 0.5 - scores - 1e-12
            others = np.delete(scores, self.label, axis=1).max(axis=1)
            return scores[:, self.label] - others
        return scores - self.at_least if self.at_least is not None else self.at_most - scores


@dataclass(slots=True)
class Counterfactual:
    """`changes` by column: (value before, value after); `prediction` the score afterwards; `distance` its size."""

    changes: dict[str, tuple[Any, Any]]
    prediction: Any
    distance: float


def counterfactuals(lens: Lens, training: Training, row: Any, goal: Goal, *, fixed: Sequence[str] = (),
                    seed: int = 0, frame: Any = None) -> list[Counterfactual]:
    """Up to three ways to reach the goal, smallest first; raises `cannot_flip` when nothing seen does."""
    search = _Search(lens, training, row, goal, set(fixed), seed, frame)
    found: dict[frozenset[tuple[int, int]], Counterfactual] = {}
    if float(goal.gain(lens.scores(search.here))[0]) > 0:
        raise CellError("already_so", "The prediction of this row is that already.", param="wanted")
    for change in search.candidates():
        change = search.nearer(search.sparse(change))
        found.setdefault(frozenset(change.items()), search.told(change))
    if not found:
        raise CellError("cannot_flip", "No change to values seen in the data, in the columns that may change, gives "
                                       "that prediction.", param="fixed")
    ranked = sorted(found.values(), key=lambda c: (len(c.changes), c.distance))
    chosen: list[Counterfactual] = []
    for one in ranked:
        if all(set(one.changes) != set(other.changes) for other in chosen):
            chosen.append(one)
    return chosen[:GIVEN]


class _Search:
    """A change is {column: row of the seen rows whose value is taken}."""

    def __init__(self, lens: Lens, training: Training, row: Any, goal: Goal, fixed: set[str], seed: int,
                 frame: Any) -> None:
        import numpy as np

        self.lens, self.goal, self.row = lens, goal, row
        self.frame = training.frame() if frame is None else frame
        self.seen, self.here = lens.matrices(self.frame), lens.matrices(row)
        self.rng = np.random.default_rng(seed)
        # Another free text is no change one could make, so texts stay.
        self.whole = {name for name, known in training.columns.items() if known.whole}
        self.free = [i for i, name in enumerate(lens.columns)
                     if name not in fixed and training.columns[name].role != "text"]
        self.far = {i: _distances(self.frame, row, lens.columns[i], training.columns[lens.columns[i]].role)
                    for i in self.free}

    def scored(self, changes: Sequence[dict[int, int]]) -> Any:
        """How near each change brings the row to the goal."""
        import numpy as np

        many = [x.copy() for x in rows_of(self.here, np.zeros(len(changes), dtype=int))]
        for at, change in enumerate(changes):
            for column, donor in change.items():
                for x, y, origins in zip(many, self.seen, self.lens.origins, strict=True):
                    wide = origins == column
                    x[at, wide] = y[donor, wide]
        return self.goal.gain(self.lens.scores(many))

    def candidates(self) -> list[dict[int, int]]:
        """Changes that reach the goal: greedy ones from each good first step, and whole rows that are there already."""
        import numpy as np

        reached = [c for c in self._greedy() if c]
        gains = self.goal.gain(self.lens.scores(self.seen))
        there = np.flatnonzero(gains > 0)
        if len(there):
            total = sum(self.far[i][there] for i in self.free)
            near = there[np.argsort(total, kind="stable")[:DONORS]]
            wide = self.rng.permutation(there)[:DONORS]
            donors = [{i: int(d) for i in self.free if self.far[i][d] > 0} for d in dict.fromkeys([*near, *wide])]
            reached += [d for d, gain in zip(donors, self.scored(donors), strict=True) if gain > 0]
        return reached

    def _greedy(self) -> list[dict[int, int]]:
        import numpy as np

        steps = [{i: int(d)} for i in self.free for d in self._tried(i)]
        if not steps:
            return []
        gains = self.scored(steps)
        singles = [s for s, g in zip(steps, gains, strict=True) if g > 0]
        change = dict(steps[int(np.argmax(gains))])
        found = sorted(singles, key=lambda s: sum(self.far[i][d] for i, d in s.items()))[:2 * GIVEN]
        while not found and len(change) < MOST_CHANGES:
            more = [{**change, **s} for s in steps if not set(s) <= set(change)]
            if not more:
                break
            gains = self.scored(more)
            change = more[int(np.argmax(gains))]
            if gains.max() > 0:
                found = [change]
        return found

    def _tried(self, column: int) -> list[int]:
        """Seen rows whose values spread over what is seen in a column, each value once."""
        import numpy as np

        order = np.argsort(self.far[column], kind="stable")
        values = words_of(self.frame[self.lens.columns[column]]).astype(str)[order]
        _, first = np.unique(values, return_index=True)
        order = order[np.sort(first)]
        order = order[self.far[column][order] > 0]
        if len(order) <= TRIED:
            return [int(i) for i in order]
        return [int(i) for i in order[np.unique(np.linspace(0, len(order) - 1, TRIED).astype(int))]]

    def sparse(self, change: dict[int, int]) -> dict[int, int]:
        """The change without what is not needed, the largest steps taken back first."""
        kept = dict(change)
        for column in sorted(change, key=lambda i: -self.far[i][change[i]]):
            less = {i: d for i, d in kept.items() if i != column}
            if less and self.scored([less])[0] > 0:
                kept = less
        return kept

    def nearer(self, change: dict[int, int]) -> dict[int, int]:
        """The change with each value replaced by the nearest seen one that still does."""
        import numpy as np

        kept = dict(change)
        for column in change:
            far = self.far[column]
            closer = np.flatnonzero((far > 0) & (far < far[kept[column]]))
            order = closer[np.argsort(far[closer], kind="stable")]
            order = order[np.unique(np.linspace(0, len(order) - 1, 4 * TRIED).astype(int))] if len(order) else order
            if len(order):
                gains = self.scored([{**kept, column: int(d)} for d in order])
                works = np.flatnonzero(gains > 0)
                if len(works):
                    kept[column] = int(order[works[0]])
        return kept

    def told(self, change: dict[int, int]) -> Counterfactual:
        """A change in raw values."""
        names = {i: self.lens.columns[i] for i in change}
        changes = {names[i]: (self._plain(self.row, names[i], 0), self._plain(self.frame, names[i], d))
                   for i, d in change.items()}
        after = self.row.copy()
        for name, (_, value) in changes.items():
            after[name] = after[name].astype(object)
            after.loc[after.index[0], name] = value
        return Counterfactual(changes, self.lens.scores(self.lens.matrices(after))[0],
                              float(sum(self.far[i][d] for i, d in change.items())))

    def _plain(self, frame: Any, name: str, at: int) -> Any:
        """One raw value as JSON carries it."""
        value = frame[name].iloc[at]
        if value is None or value != value:
            return None
        value = value.isoformat() if hasattr(value, "isoformat") else plain(value)
        return int(value) if name in self.whole and isinstance(value, float) else value


def _distances(frame: Any, row: Any, name: str, role: str) -> Any:
    """How far the values of a column are from that of the row: in spreads, or 1 for another category."""
    import numpy as np

    if role in ("number", "date"):
        values, here = scale(frame[name], role), float(scale(row[name], role)[0])
        low, high = np.nanquantile(values, [0.05, 0.95]) if (~np.isnan(values)).any() else (0.0, 1.0)
        far = np.abs(values - here) / ((high - low) or 1.0)
        return np.where(np.isnan(values), 0.0 if np.isnan(here) else 2.0, np.where(np.isnan(far), 2.0, far))
    texts, here_text = words_of(frame[name]), words_of(row[name])[0]
    return np.where(texts == here_text, 0.0, np.where(texts == MISSING, 2.0, 1.0))
