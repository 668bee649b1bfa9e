"""A predictor seen column by column: matrices prepared once, and the raw column each of theirs is from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workers.automl.estimators import raw_predictions
from workers.automl.predictor import Predictor
from workers.explain.origins import origins_of

Matrices = list[Any]
"""One prepared matrix for each distinct preparation of a predictor."""

SMALL = 1e-6
"""Probabilities nearer to 0 or 1 than this count as this far away when their log-odds are taken."""


@dataclass(frozen=True, slots=True)
class Member:
    """One fitted learner: which preparation feeds it, and its share of the blend."""

    preparation: int
    model: Any
    weight: float


@dataclass(slots=True)
class Lens:
    """What explanations look through. `origins[k][j]` is the raw column that column j of matrix k comes from.

    Preparations treat rows one by one and columns one by one, so changing a raw column of a row changes exactly the
    prepared columns that come from it: explanations copy those instead of preparing tables again and again.
    """

    predictor: Predictor
    columns: tuple[str, ...]
    preparations: list[Any]
    origins: list[Any]
    members: list[Member]

    @classmethod
    def of(cls, predictor: Predictor) -> Lens:
        """Look at a predictor."""
        columns = tuple(f.name for f in predictor.problem.used)
        preparations: list[Any] = []
        members = []
        total = sum(predictor.blend.weights)
        for pipeline, weight in zip(predictor.blend.pipelines, predictor.blend.weights, strict=True):
            prepare = pipeline.steps[0][1]
            place = next((i for i, known in enumerate(preparations) if known is prepare), len(preparations))
            if place == len(preparations):
                preparations.append(prepare)
            members.append(Member(place, pipeline.steps[-1][1], weight / total))
        return cls(predictor, columns, preparations, [origins_of(p, columns) for p in preparations], members)

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes told apart; empty for a regression."""
        return self.predictor.problem.classes

    @property
    def outputs(self) -> int:
        """How many raw scores a row has: one, or one for each of three and more classes."""
        return len(self.classes) if len(self.classes) > 2 else 1

    @property
    def logged(self) -> bool:
        """Whether every learner was taught the logarithm of the target: raw scores are then logarithms."""
        return all(_logged(m.model) for m in self.members)

    @property
    def scale(self) -> str:
        """What raw scores are, in words."""
        if self.classes:
            return "log-odds" if self.outputs == 1 else "log-odds of each class"
        target = self.predictor.problem.target
        return f"logarithm of 1 + {target}" if self.logged else target

    def place(self, column: str) -> int:
        """The position of a raw column among those the model uses; raises KeyError for others."""
        try:
            return self.columns.index(column)
        except ValueError:
            raise KeyError(column) from None

    def matrices(self, frame: Any) -> Matrices:
        """A raw table, prepared."""
        frame = self.predictor.ready(frame)
        return [prepare.transform(frame) for prepare in self.preparations]

    def scores(self, matrices: Matrices) -> Any:
        """What the predictor says of prepared rows: values, or calibrated (n,) or (n, classes) probabilities."""
        from workers.automl.calibration import recalibrated

        total: Any = 0.0
        for member in self.members:
            total = total + member.weight * raw_predictions(member.model, matrices[member.preparation],
                                                            len(self.classes))
        return recalibrated(total, self.predictor.slope)

    def likelihood(self, matrices: Matrices, label: int | None = None) -> Any:
        """(n,) values, or probabilities of class number `label` (by default the last of two)."""
        scores = self.scores(matrices)
        if scores.ndim == 2:
            return scores[:, label or 0]
        return 1 - scores if self.classes and label == 0 else scores

    def raw(self, matrices: Matrices) -> Any:
        """(n, outputs) raw scores: the weighted mean of what each learner says before it becomes a probability."""
        return sum(m.weight * self.margin(m)(matrices[m.preparation]) for m in self.members)

    def margin(self, member: Member) -> Callable[[Any], Any]:
        """The raw score of one learner as a function of its matrix, (n, outputs)."""
        return lambda x: margin(inner(member.model) if self.logged else member.model, x, len(self.classes))

    def merged(self, values: Any, preparation: int) -> Any:
        """Values of prepared columns (last axis), added up over the raw column they come from."""
        import numpy as np

        total = np.zeros((*values.shape[:-1], len(self.columns)))
        for position, origin in enumerate(self.origins[preparation]):
            total[..., origin] += values[..., position]
        return total

    def exchange(self, matrices: Matrices, column: int, other: Matrices) -> Matrices:
        """Copies of the matrices whose raw column holds what it is in the rows of `other`."""
        found = []
        for x, y, origins in zip(matrices, other, self.origins, strict=True):
            taken = origins == column
            x = x.copy()
            x[:, taken] = y[:, taken]
            found.append(x)
        return found

    def assembled(self, source: Matrices, drawn: Any) -> Matrices:
        """Rows put together column by column: raw column c of new row i is that of row `drawn[i, c]` of `source`."""
        import numpy as np

        return [np.take_along_axis(x, drawn[:, origins], axis=0) for x, origins in zip(source, self.origins,
                                                                                      strict=True)]


def rows_of(matrices: Matrices, rows: Any) -> Matrices:
    """Some rows of prepared matrices."""
    return [x[rows] for x in matrices]


def stacked(parts: Sequence[Matrices]) -> Matrices:
    """Prepared matrices one below the other."""
    import numpy as np

    return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]


def inner(model: Any) -> Any:
    """The learner itself, without the one that takes its target's logarithm back."""
    return model.regressor_ if _logged(model) else model


def _logged(model: Any) -> bool:
    return type(model).__name__ == "TransformedTargetRegressor"


def margin(model: Any, x: Any, classes: int) -> Any:
    """(n, outputs) raw scores of one learner: log-odds for classes, else its values."""
    import numpy as np

    outputs = classes if classes > 2 else 1
    if not classes:
        return np.asarray(model.predict(x), dtype="float64").reshape(len(x), 1)
    seen = np.asarray(model.classes_).astype(int)
    if len(seen) == (2 if outputs == 1 else classes):
        if hasattr(model, "booster_"):
            return np.asarray(model.booster_.predict(x, raw_score=True), dtype="float64").reshape(len(x), outputs)
        if hasattr(model, "tree_count_"):
            raw = model.predict(x, prediction_type="RawFormulaVal", thread_count=1)
            return np.asarray(raw, dtype="float64").reshape(len(x), outputs)
        if hasattr(model, "decision_function"):
            return np.asarray(model.decision_function(x), dtype="float64").reshape(len(x), outputs)
    p = np.clip(raw_predictions(model, x, classes), SMALL, 1 - SMALL)
    return np.log(p / (1 - p)).reshape(len(x), outputs)
