"""The model a search ends with: labels, probabilities and intervals for raw tables, checked first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workers.automl.estimators import Blend
from workers.automl.metrics import labels_of
from workers.automl.problem import Problem, named
from workers.kind import CellError


@dataclass(slots=True)
class Predictor:
    """A blend of fitted pipelines and the problem it answers; `residuals` and `slope` make its intervals honest.

    `residuals` are the sorted absolute out-of-fold errors (regression), on the scale of `spread` if that is given.
    `slope` are the two numbers of a logistic recalibration (binary) or one temperature (multiclass).
    `training` is what it remembers of the rows it learned from, as `workers.explain.training` says it in JSON.
    """

    problem: Problem
    blend: Blend
    weights: Mapping[str, float] = field(default_factory=dict)
    residuals: Any = None
    slope: tuple[float, ...] = ()
    training: Mapping[str, Any] | None = None

    def ready(self, frame: Any) -> Any:
        """The columns the pipelines want; raises `missing_columns` when the table lacks some."""
        frame = named(frame)
        wanted = [f.name for f in self.problem.used]
        missing = [name for name in wanted if name not in frame.columns]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            raise CellError("missing_columns", f"The table lacks {', '.join(missing[:5])}{more}, "
                                               "which the model was trained on.")
        return frame[wanted]

    def scores(self, frame: Any) -> Any:
        """Calibrated predictions in the shape of the metrics: values, (n,) or (n, classes) probabilities."""
        from workers.automl.calibration import recalibrated

        frame = self.ready(frame)
        if not len(frame):
            import numpy as np

            return np.empty((0, len(self.problem.classes)) if len(self.problem.classes) > 2 else (0,))
        return recalibrated(self.blend.scores(frame), self.slope)

    def predict(self, frame: Any, threshold: float = 0.5) -> Any:
        """Values, or labels; `threshold` is the probability from which the second of two classes is said."""
        import numpy as np

        scores = self.scores(frame)
        if self.problem.task == "regression":
            return scores
        places = (scores >= threshold).astype(int) if scores.ndim == 1 else labels_of(scores)
        kind = None if isinstance(self.problem.classes[0], (bool, int, float)) else object
        return np.array(self.problem.classes, dtype=kind)[places]

    def predict_proba(self, frame: Any) -> Any:
        """Probabilities, (n, classes), in the order of `problem.classes`."""
        import numpy as np

        p = self.scores(frame)
        return np.column_stack([1 - p, p]) if p.ndim == 1 else p

    def interval(self, frame: Any, level: float = 0.9) -> tuple[Any, Any]:
        """(low, high) that hold the truth in `level` of new rows; regression only."""
        from workers.automl.calibration import half_width

        if self.problem.task != "regression":
            raise CellError("no_interval", "Intervals are for numbers; a class has a probability instead.")
        scores = self.scores(frame)
        width = half_width(self.residuals, level)
        return scores - width, scores + width
