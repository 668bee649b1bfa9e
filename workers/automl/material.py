"""The rows of a problem, ready for trials: parsed once, split once, the matrices of each fold kept."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from workers.automl.learners import FitData
from workers.automl.preparation import categorical_positions, preparation, tidy
from workers.automl.problem import Problem, Split, encoded, named, usable_target
from workers.automl.space import QUICK_ROWS

MOST_KEPT = 16
MOST_TESTED = 20_000
"""Locked test rows that are scored at most: more would only cost time, the interval is narrow by then."""


@dataclass(slots=True)
class Material:
    """A problem with its rows: `frame` (tidy features), `y`, the locked `test` rows and the folds over the others.

    In the order of time `whole` are all rows, the locked ones too: what a model for the future learns from at last.
    """

    problem: Problem
    frame: Any
    y: Any
    test: Any
    folds: list[tuple[Any, Any]]
    whole: Any = None
    _kept: OrderedDict[Any, Any] = field(default_factory=OrderedDict)

    @classmethod
    def of(cls, problem: Problem, table: Any) -> Material:
        """Parse and split a raw table."""
        import numpy as np

        table = named(table)
        rows = table[usable_target(table[problem.target])]
        y = encoded(rows[problem.target], problem)
        test, folds = parts(problem.split, rows, y)
        whole = latest(test, folds, problem.split.most) if problem.split.kind == "time" else np.arange(0)
        test = some(test, MOST_TESTED)
        used = np.unique(np.concatenate([test, whole, *[part for fold in folds for part in fold]]))
        if len(used) < len(rows):  # a big table: keep and parse only what is learned from
            places: Any = np.zeros(len(rows), dtype="int64")
            places[used] = np.arange(len(used))
            rows, y, test = rows.iloc[used], y[used], places[test]
            folds, whole = [(places[a], places[b]) for a, b in folds], places[whole]
        return cls(problem, tidy(rows, problem.used), y, test, folds, whole)

    @property
    def covered(self) -> Any:
        """The rows some fold validates, in the order of the folds."""
        import numpy as np

        return np.concatenate([valid for _, valid in self.folds])

    def sealed(self, prepare: Any) -> Any:
        """The matrix of the locked test rows."""
        key = ("sealed", id(prepare))
        if key not in self._kept:
            self._kept[key] = (prepare, prepare.transform(self.frame.iloc[self.test]))
        return self._kept[key][1]

    def prepared(self, kind: str, fold: int, rows: int | None) -> tuple[Any, FitData, Any]:
        """(fitted preparation, matrices, validated rows) of a fold; fitted on its training rows alone."""
        key = (kind, fold, rows)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        train, valid = self.folds[fold] if fold < len(self.folds) else (self.whole, self.whole[:0])
        if rows is not None:
            train, valid = some(train, rows), some(valid, min(rows, QUICK_ROWS))
        prepare = preparation(kind, self.problem.used, self.problem.task, self.problem.split.seed)
        x = prepare.fit_transform(self.frame.iloc[train], self.y[train])
        x_valid = prepare.transform(self.frame.iloc[valid]) if len(valid) else x[:0]
        codes = tuple(categorical_positions(self.problem.used)) if kind == "tree" else ()
        self._kept[key] = found = prepare, FitData(x, self.y[train], x_valid, self.y[valid], codes), valid
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found


def some(rows: Any, count: int) -> Any:
    """At most `count` of the row numbers, evenly spaced over a shuffled fold."""
    import numpy as np

    if len(rows) <= count:
        return rows
    return rows[np.linspace(0, len(rows) - 1, count).astype(int)]


def fewer(rows: Any, most: int | None, seed: int) -> Any:
    """At most `most` of the row numbers, drawn by chance, in their order."""
    import numpy as np

    if most is None or len(rows) <= most:
        return rows
    return rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:most])]


Folds = list[tuple[Any, Any]]


def latest(test: Any, folds: Folds, most: int | None) -> Any:
    """All rows in the order of time, at most the last `most`."""
    import numpy as np

    train, valid = folds[-1]
    return np.concatenate([train, valid, test])[-(most or 0):]


def parts(split: Split, rows: Any, y: Any) -> tuple[Any, Folds]:
    """(locked test rows, folds as row numbers); exported code says the same in scikit-learn."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if split.kind == "time":
            return _by_time(split, _moments(rows[split.column]))
        if split.kind == "group":
            return _by_group(split, y, rows[split.column].astype(str).to_numpy())
        return _by_chance(split, y)


def _by_time(split: Split, moments: Any) -> tuple[Any, Folds]:
    import numpy as np
    from sklearn.model_selection import TimeSeriesSplit

    order = np.argsort(moments, kind="stable")
    learn, test = np.split(order, [len(order) - round(split.test * len(order))])
    learn = learn[-split.most:] if split.most else learn
    return test, [(learn[a], learn[b]) for a, b in TimeSeriesSplit(split.folds).split(learn)]


def _by_group(split: Split, y: Any, groups: Any) -> tuple[Any, Folds]:
    import numpy as np
    from sklearn.model_selection import GroupKFold, GroupShuffleSplit

    learn, test = np.arange(len(y)), np.arange(0)
    if split.test:
        learn, test = next(GroupShuffleSplit(1, test_size=split.test, random_state=split.seed).split(y, y, groups))
    learn = fewer(learn, split.most, split.seed)
    folds = GroupKFold(split.folds, shuffle=True, random_state=split.seed).split(learn, y[learn], groups[learn])
    return test, [(learn[a], learn[b]) for a, b in folds]


def _by_chance(split: Split, y: Any) -> tuple[Any, Folds]:
    import numpy as np
    from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

    learn, test = np.arange(len(y)), np.arange(0)
    strata = y if split.kind == "stratified" and np.bincount(y)[np.unique(y)].min() > 1 else None
    if split.test:
        learn, test = train_test_split(learn, test_size=split.test, random_state=split.seed, stratify=strata)
    learn = fewer(learn, split.most, split.seed)
    kind = StratifiedKFold if split.kind == "stratified" else KFold
    folds = kind(split.folds, shuffle=True, random_state=split.seed).split(learn, y[learn])
    return test, [(learn[a], learn[b]) for a, b in folds]


def _moments(column: Any) -> Any:
    import pandas as pd

    if column.dtype.kind in "iuf":
        return column.to_numpy()
    return pd.to_datetime(column, errors="coerce", utc=True, format="mixed").to_numpy()
