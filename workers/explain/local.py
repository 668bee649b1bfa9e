"""One row explained by a line fitted round it: our own LIME (Ribeiro et al. 2016), the same each time.

Columns are cut at the quartiles of the training rows; new rows draw each column from those rows on its own; a weighted
ridge on "the same as in this row" tells what holds the prediction up. As the `lime` package does it, without its dice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workers.explain.lens import Lens, Matrices, rows_of, stacked
from workers.explain.training import Training

SAMPLES = 5_000
AT_ONCE = 50_000
MISSING = "missing"


@dataclass(slots=True)
class Local:
    """`weights` (columns,) with their standard errors, and the condition each stands for, in words.

    `fit` is the R² of the line among the new rows, `prediction` the model's and `fitted` the line's for the row.
    """

    weights: Any
    errors: Any
    conditions: list[str]
    intercept: float
    fit: float
    prediction: float
    fitted: float
    samples: int = SAMPLES
    order: list[int] = field(default_factory=list)


def local(lens: Lens, training: Training, row: Any, label: int | None = None, *, samples: int = SAMPLES,
          seed: int = 0, frame: Any = None) -> Local:
    """Explain the one row of `row`; `frame` are rows to draw from (default: the training sample)."""
    import numpy as np

    frame = training.frame() if frame is None else frame
    source = lens.matrices(frame)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(frame), (samples - 1, len(lens.columns)))
    same, conditions = _same(lens, training, frame, row)
    z = np.vstack([np.ones((1, len(lens.columns))), same[drawn, np.arange(len(lens.columns))]])
    new = stacked([lens.matrices(row), lens.assembled(source, drawn)])
    scores = _in_blocks(lens, new, label)
    near = np.sqrt(np.exp(-((z - z[0]) ** 2).sum(axis=1) / (0.5625 * z.shape[1])))
    weights, intercept, errors, fit = _ridge(z, scores, near)
    order = [int(i) for i in np.argsort(-np.abs(weights), kind="stable")]
    return Local(weights, errors, conditions, intercept, fit, float(scores[0]), float(intercept + weights.sum()),
                 samples, order)


def _in_blocks(lens: Lens, matrices: Matrices, label: int | None) -> Any:
    import numpy as np

    rows = len(matrices[0])
    return np.concatenate([lens.likelihood(rows_of(matrices, slice(at, at + AT_ONCE)), label)
                           for at in range(0, rows, AT_ONCE)])


def _ridge(z: Any, y: Any, w: Any) -> tuple[Any, float, Any, float]:
    """Weighted ridge with alpha 1, as the package fits its last line: (slopes, intercept, their errors, R²)."""
    import numpy as np

    share = w / w.sum()
    centre, level = share @ z, float(share @ y)
    a, b = z - centre, y - level
    gram = (a * w[:, None]).T @ a + np.eye(z.shape[1])
    inverse = np.linalg.inv(gram)
    slopes = inverse @ ((a * w[:, None]).T @ b)
    left = b - a @ slopes
    total = float(w @ b**2)
    fit = 1 - float(w @ left**2) / total if total > 0 else 1.0
    bread = (a * (w * left)[:, None]).T @ (a * (w * left)[:, None])
    errors = np.sqrt(np.clip(np.diag(inverse @ bread @ inverse), 0, None))
    return slopes, level - float(slopes @ centre), errors, fit


def _same(lens: Lens, training: Training, frame: Any, row: Any) -> tuple[Any, list[str]]:
    """((rows, columns) whether a row of `frame` falls where `row` does, the condition of each column in words)."""
    import numpy as np

    found = np.zeros((len(frame), len(lens.columns)))
    words = []
    for place, name in enumerate(lens.columns):
        known = training.columns[name]
        if known.role in ("number", "date"):
            values, number = scale(frame[name], known.role), float(scale(row[name], known.role)[0])
            found[:, place], said = _same_number(values, number, name, known.role)
            if known.boolean and number == number:
                found[:, place], said = values == number, f"{name} = {'yes' if number else 'no'}"
        else:
            here = words_of(row[name])[0]
            found[:, place] = words_of(frame[name]) == here
            said = f"{name} is missing" if here == MISSING else f"{name} = {here[:60]}"
        words.append(said)
    return found, words


def _same_number(values: Any, here: float, name: str, role: str) -> tuple[Any, str]:
    import numpy as np

    if np.isnan(here):
        return np.isnan(values), f"{name} is missing"
    present = values[~np.isnan(values)]
    cuts = np.unique(np.percentile(present, [25, 50, 75])) if len(present) else np.array([])
    place = int(np.searchsorted(cuts, here))
    inside = np.searchsorted(cuts, values) == place
    inside &= ~np.isnan(values)
    low, high = cuts[place - 1] if place else None, cuts[place] if place < len(cuts) else None
    shown = [None if cut is None else short(cut, role) for cut in (low, high)]
    if shown[0] is None:
        return inside, f"{name} ≤ {shown[1]}" if shown[1] is not None else name
    return inside, f"{name} > {shown[0]}" if shown[1] is None else f"{shown[0]} < {name} ≤ {shown[1]}"


def scale(column: Any, role: str) -> Any:
    """A raw number or date column as floats (dates in seconds), missing as NaN."""
    import numpy as np
    import pandas as pd

    from workers.automl.preparation import as_numbers

    if role != "date":
        return as_numbers(column.to_frame())[:, 0]
    dates = pd.to_datetime(column, errors="coerce", utc=True, format="mixed")
    return (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(dtype="float64", na_value=np.nan)


def words_of(column: Any) -> Any:
    """A raw category column as an array of texts, a gap as “missing”."""
    import numpy as np

    return np.array([MISSING if v is None or v != v else str(v) for v in column.astype(object)], dtype=object)


def short(value: float, role: str = "number") -> str:
    """A number or a date (in seconds) for people."""
    from workers.explain.training import _iso

    if role == "date":
        return _iso(value)[:10]
    if value == round(value) and abs(value) < 1e12:
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
