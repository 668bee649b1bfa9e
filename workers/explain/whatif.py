"""What if a row were different: prediction and interval, a warning beyond the training data, goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workers.explain.dependence import dependence, grid_of
from workers.explain.lens import Lens
from workers.explain.local import MISSING, scale, short, words_of
from workers.explain.training import Known, Training
from workers.kind import CellError

STEPS = 200
"""Values tried along a number when a goal is sought."""
TYPICAL = 200
"""Training rows whose distance to their nearest other one tells what is usual."""


@dataclass(slots=True)
class Answer:
    """What the model says of one made-up row; `outside` lists in words what lies beyond the training data."""

    prediction: Any
    probabilities: dict[str, float] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    outside: list[str] = field(default_factory=list)
    distance: float = 0.0

    def json(self) -> dict[str, Any]:
        """For a view."""
        return {"prediction": self.prediction, "probabilities": self.probabilities, "low": self.low,
                "high": self.high, "outside": self.outside, "distance": round(self.distance, 3)}


@dataclass(slots=True)
class Sought:
    """The value of `column` nearest to the present one that reaches a goal; else the `value` that comes closest."""

    column: str
    value: Any
    prediction: float
    reached: bool


class WhatIf:
    """A model asked about single rows; keeps what it needs, so that the next question is answered at once."""

    def __init__(self, lens: Lens, training: Training) -> None:
        self.lens, self.training = lens, training
        self._near: _Nearest | None = None

    def row(self, values: Mapping[str, Any]) -> Any:
        """A table of one row: given values, and usual ones where none is given. Raises unknown_column, bad_value."""
        import pandas as pd

        unknown = [name for name in values if name not in self.training.columns]
        if unknown:
            raise CellError("unknown_column", f"The model does not use {unknown[0]}.", param="values")
        columns = {}
        for name, known in self.training.columns.items():
            value = _read(values[name], known) if name in values else known.usual
            columns[name] = pd.Series([value], dtype="float64" if isinstance(value, (int, float)) else object)
        return pd.DataFrame(columns)

    def ask(self, values: Mapping[str, Any], level: float = 0.9) -> Answer:
        """The prediction of a made-up row."""
        from workers.automl.calibration import half_width

        row = self.row(values)
        score = self.lens.scores(self.lens.matrices(row))[0]
        outside, distance = self.outside(row)
        problem = self.lens.predictor.problem
        if problem.task == "regression":
            residuals = self.lens.predictor.residuals
            width = half_width(residuals, level) if residuals is not None else None
            low, high = (float(score) - width, float(score) + width) if width is not None else (None, None)
            return Answer(float(score), {}, low, high, outside, distance)
        p = [1 - float(score), float(score)] if len(problem.classes) == 2 else [float(v) for v in score]
        most = max(range(len(p)), key=lambda k: p[k])
        said = 1 if len(p) == 2 and p[1] >= 0.5 else most
        return Answer(problem.classes[said], {str(c): v for c, v in zip(problem.classes, p, strict=True)},
                      outside=outside, distance=distance)

    def outside(self, row: Any) -> tuple[list[str], float]:
        """(what lies beyond the training data in words, distance to the nearest row: 1 is usual)."""
        found = []
        for name, known in self.training.columns.items():
            if said := _beyond(row[name], known):
                found.append(said)
        if self._near is None:
            self._near = _Nearest(self.training)
        distance = self._near.of(row)
        if not found and distance > 2:
            found.append(f"No training row is like this one: the nearest is {distance:.1f} times as far as usual")
        return found, distance

    def scenarios(self, values: Mapping[str, Any], columns: Sequence[str], points: int = 9,
                  label: int | None = None) -> dict[str, Any]:
        """Predictions over a grid of one or two columns, everything else as in the row: {columns, grid, values}."""
        row = self.row(values)
        grids = [grid_of(self.training, name, points) for name in columns]
        found = dependence(self.lens, row, columns, grids, label)
        return {"columns": list(columns), "grid": found.grid, "values": found.mean.tolist()}

    def seek(self, values: Mapping[str, Any], column: str, *, at_least: float | None = None,
             at_most: float | None = None, label: int | None = None) -> Sought:
        """The value of one column, nearest to that of the row, with which the prediction reaches a goal."""
        import numpy as np

        known = self.training.columns.get(column)
        if known is not None and known.role in ("number", "date"):
            grid = _dense(known)
        elif known is not None and known.role == "category":
            grid = [level for level, _ in known.levels]
        else:
            grid = grid_of(self.training, column)
        assert known is not None
        row = self.row(values)
        scores = dependence(self.lens, row, [column], [grid], label).mean
        short_by = (at_least - scores) if at_least is not None else (scores - (at_most or 0.0))
        reached = np.flatnonzero(short_by <= 0)
        if not len(reached):
            best = int(np.argmin(short_by))
            return Sought(column, grid[best], float(scores[best]), False)
        if known.role in ("number", "date"):
            import pandas as pd

            here = float(scale(row[column], known.role)[0])
            far = np.abs(scale(pd.Series(grid), known.role) - (0.0 if np.isnan(here) else here))
            best = int(reached[np.argmin(far[reached])])
        else:
            best = int(reached[0])
        return Sought(column, grid[best], float(scores[best]), True)


def form_of(training: Training) -> list[dict[str, Any]]:
    """What a form needs to ask for each column: its role, range, levels and usual value."""
    fields = []
    for known in training.columns.values():
        told = {"name": known.name, "role": "boolean" if known.boolean else known.role, "usual": known.usual,
                "whole": known.whole, "missing": known.missing > 0}
        if known.quantiles:
            told |= {"low": known.quantiles[0], "high": known.quantiles[-1], "common": [known.quantiles[2],
                                                                                       known.quantiles[-3]]}
        if known.levels:
            told["levels"] = [level for level, _ in known.levels[:100]]
        fields.append(told)
    return fields


def _dense(known: Known) -> list[Any]:
    import numpy as np

    if known.role == "date" or known.boolean:
        return known.spread(STEPS)
    if not known.quantiles:
        return []
    steps = np.linspace(float(known.quantiles[0]), float(known.quantiles[-1]), STEPS)
    return sorted({round(float(v)) for v in steps}) if known.whole else [float(v) for v in steps]


def _read(value: Any, known: Known) -> Any:
    """A value of a form in the type of the column; raises bad_value."""
    if value is None or value == "":
        return None
    try:
        if known.role == "number":
            return float(value)
        if known.role == "date":
            import pandas as pd

            return pd.Timestamp(value).isoformat()
    except (TypeError, ValueError) as failure:
        kind = "number" if known.role == "number" else "date"
        raise CellError("bad_value", f"{known.name}: “{str(value)[:40]}” is no {kind}.", param="values") from failure
    return str(value)


def _beyond(column: Any, known: Known) -> str:
    """What is beyond the training data in one column of one row, or nothing."""
    import numpy as np
    import pandas as pd

    value = column.iloc[0]
    if value is None or value != value:
        return "" if known.missing > 0 else f"{known.name} was never missing in training"
    if known.role in ("number", "date") and known.quantiles and not known.boolean:
        here = float(scale(column, known.role)[0])
        ends = scale(pd.Series([known.quantiles[0], known.quantiles[-1]]), known.role)
        low, high = float(ends[0]), float(ends[1])
        if np.isnan(here) or low <= here <= high:
            return ""
        side = "below" if here < low else "above"
        return f"{known.name} is {side} all of training ({short(low, known.role)} to {short(high, known.role)})"
    if known.role == "category" and known.all_levels and str(value) not in {str(level) for level, _ in known.levels}:
        return f"{known.name} was never “{str(value)[:40]}” in training"
    return ""


class _Nearest:
    """How far a row is from the nearest training row, beside how far those are from each other."""

    def __init__(self, training: Training) -> None:
        import numpy as np

        self.known = [k for k in training.columns.values() if k.role != "text"]
        self.frame = training.frame()
        self.columns = [self._coded(self.frame[k.name], k) for k in self.known]
        some = np.linspace(0, len(self.frame) - 1, min(TYPICAL, len(self.frame))).astype(int)
        near = []
        for row in some:
            far = self._far([codes[row] for codes in self.columns])
            far[row] = np.inf
            near.append(far.min())
        usual = np.quantile([n for n in near if np.isfinite(n)] or [1.0], 0.9)
        self.usual = float(usual) if usual > 0 else 1.0

    def of(self, row: Any) -> float:
        """Distance to the nearest training row; 1 is that of a rather lonely training row."""
        here = [self._coded(row[k.name], k)[0] for k in self.known]
        far = self._far(here)
        return float(far.min()) / self.usual if len(far) else 0.0

    def _coded(self, column: Any, known: Known) -> Any:
        import numpy as np
        import pandas as pd

        if known.role == "category":
            return words_of(column)
        values = scale(column, known.role)
        ends = scale(pd.Series([known.quantiles[2], known.quantiles[-3]]), known.role) if known.quantiles else [0, 1]
        spread = float(ends[1] - ends[0]) or 1.0
        return np.asarray(values) / spread

    def _far(self, here: list[Any]) -> Any:
        import numpy as np

        total = np.zeros(len(self.frame))
        for value, codes, known in zip(here, self.columns, self.known, strict=True):
            if known.role == "category":
                total += (codes != value) & (codes != MISSING)
                continue
            away = np.minimum(np.abs(codes - value), 2.0)
            total += np.where(np.isnan(away), 0.0 if np.isnan(value) else 0.5, away)
        return total
