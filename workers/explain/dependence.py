"""Partial dependence and individual curves over one or two raw columns (Friedman 2001, Goldstein 2015).

Equal to scikit-learn's `partial_dependence(method="brute")` on the same grid and rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workers.explain.lens import Lens, Matrices, rows_of
from workers.explain.training import Training
from workers.kind import CellError

POINTS = 20
POINTS_OF_TWO = 12
LEVELS = 12
AT_ONCE = 60_000


@dataclass(slots=True)
class Dependence:
    """`grid` holds the values of each column, `mean` the mean prediction there, `curves` (rows, points) of one column.

    `rows` is how many rows it is the mean of.
    """

    columns: tuple[str, ...]
    grid: list[list[Any]]
    mean: Any
    curves: Any
    rows: int


def grid_of(training: Training, column: str, points: int = POINTS) -> list[Any]:
    """Values to try: quantiles of a number or date, the most frequent levels of a category."""
    about = training.columns.get(column)
    if about is None:
        raise CellError("unknown_column", f"The model does not use {column}.", param="column")
    if about.role == "text":
        raise CellError("no_dependence", f"{column} is free text: there is no scale to move along.", param="column")
    if about.role == "category":
        return [level for level, _ in about.levels[:LEVELS]]
    return about.spread(points)


def dependence(lens: Lens, frame: Any, columns: Sequence[str], grids: Sequence[Sequence[Any]],
               label: int | None = None, matrices: Matrices | None = None) -> Dependence:
    """Predictions with one or two columns set to each value of their grids, all else as in the rows of `frame`."""
    import numpy as np

    places = [lens.place(name) for name in columns]
    matrices = lens.matrices(frame) if matrices is None else matrices
    tried = [_tried(lens, frame, name, grid) for name, grid in zip(columns, grids, strict=True)]
    rows, shape = len(frame), tuple(len(grid) for grid in grids)
    points = list(np.ndindex(*shape))
    found = np.empty((rows, len(points)))
    step = max(1, AT_ONCE // max(1, rows))
    for first in range(0, len(points), step):
        some = points[first:first + step]
        many = rows_of(matrices, np.tile(np.arange(rows), len(some)))
        for axis, (place, values) in enumerate(zip(places, tried, strict=True)):
            taken: Any = np.repeat([point[axis] for point in some], rows)
            for x, source, origins in zip(many, values, lens.origins, strict=True):
                wide = np.flatnonzero(origins == place)
                x[:, wide] = source[np.ix_(taken, wide)]
        found[:, first:first + len(some)] = lens.likelihood(many, label).reshape(len(some), rows).T
    mean = found.mean(axis=0).reshape(shape)
    return Dependence(tuple(columns), [list(g) for g in grids], mean, found if len(shape) == 1 else None, rows)


def _tried(lens: Lens, frame: Any, name: str, grid: Sequence[Any]) -> Matrices:
    """Prepared rows that hold each value of a grid in one column, and whatever in the others."""
    import pandas as pd

    one = lens.predictor.ready(frame).iloc[[0] * len(grid)].reset_index(drop=True)
    one[name] = pd.Series(list(grid), dtype=None if all(isinstance(v, (int, float)) for v in grid) else object)
    return lens.matrices(one)
