"""What an explanation is about: a model, the rows it is explained on, and where those came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workers.automl.predictor import Predictor
from workers.automl.problem import encoded, usable_target
from workers.explain.lens import Lens, Matrices
from workers.explain.matching import match
from workers.explain.training import Training, training_of
from workers.kind import CellError

ROWS = 1_000
EXAMPLE = "example"
"""The reference of a tiny model that is trained on the spot: examples of kinds need one before anybody trained any."""


@dataclass(slots=True)
class Subject:
    """`frame` are the raw rows explained and `numbers` their row numbers in the table (from 1); `whole` all rows.

    `truth` are their encoded targets, None if they are not known.
    """

    lens: Lens
    training: Training
    frame: Any
    numbers: list[int]
    whole: Any
    truth: Any = None
    words: str = ""
    _matrices: Matrices | None = field(default=None)

    @property
    def matrices(self) -> Matrices:
        """The explained rows, prepared once."""
        if self._matrices is None:
            self._matrices = self.lens.matrices(self.frame)
        return self._matrices

    def row(self, number: int) -> Any:
        """The one row of that number, from 1; raises no_row."""
        if not 1 <= number <= len(self.whole):
            raise CellError("no_row", f"There is no row {number:,}: the table has {len(self.whole):,}.", param="row",
                            fix={"label": "Show row 1", "params": {"row": 1}})
        return self.whole.iloc[[number - 1]]


def subject_of(predictor: Predictor, table: Any = None, *, seed: int = 0) -> Subject:
    """Explain a model on a table, or on the rows it remembers.

    Raises no_training when it remembers none and no table is given; missing_columns and others as `match` does.
    """
    problem = predictor.problem
    if table is None and predictor.training is None:
        raise CellError("no_training", "This model remembers none of its training rows. Connect a table to explain it "
                                       "on.")
    training = Training.of(predictor.training) if predictor.training is not None else None
    if table is None:
        assert training is not None
        frame, words = training.frame(), f"{len(next(iter(training.sample.values()), [])):,} of its training rows"
    else:
        frame, words = table, f"{min(len(table), ROWS):,} of {len(table):,} rows of the table"
    matched = match(predictor, training, frame).frame
    known = problem.target in frame.columns
    if training is None:
        training = training_of(matched.assign(**{problem.target: frame[problem.target]}) if known else
                               matched.assign(**{problem.target: 0}), problem)
    drawn = _drawn(len(frame), seed)
    truth = None
    if known:
        usable = usable_target(frame[problem.target])[drawn]
        drawn = drawn[usable] if usable.any() else drawn
        truth = encoded(frame[problem.target].iloc[drawn], problem) if usable.any() else None
        if truth is not None and problem.classes and (truth < 0).any():
            truth, drawn = truth[truth >= 0], drawn[truth >= 0]
    few = matched.iloc[drawn]
    if truth is not None:
        few = few.assign(**{problem.target: frame[problem.target].iloc[drawn].to_numpy()})
    return Subject(Lens.of(predictor), training, few.reset_index(drop=True), [int(i) + 1 for i in drawn],
                   matched.reset_index(drop=True), truth if truth is not None and len(truth) else None, words)


def _drawn(rows: int, seed: int) -> Any:
    import numpy as np

    return np.sort(np.random.default_rng(seed).permutation(rows)[:ROWS])


def example_frame() -> Any:
    """Who came back to a small shop: forty-eight customers."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(4)
    visits, city = rng.integers(1, 9, 120), rng.choice(["Oslo", "Lyon", "Bonn"], 120)
    spent = np.round(rng.gamma(3, 10, 120), 1)
    push = visits + 2 * (city == "Oslo") + spent / 30 + rng.normal(0, 1, 120)
    return pd.DataFrame({"visits": visits, "city": city, "spent": spent,
                         "back": np.where(push > np.median(push), "yes", "no")})


_example: list[Predictor] = []


def example_model() -> Predictor:
    """A tiny model of `example_frame`, the same every time."""
    if not _example:
        from workers.automl import problem_of
        from workers.automl.estimators import Blend
        from workers.automl.material import Material
        from workers.automl.space import PipelineSpec
        from workers.automl.trial import TrialSpec, trial

        frame = example_frame()
        problem = problem_of(frame, "back", folds=2)
        spec = PipelineSpec("Logistic regression", "logistic", {"C": 1.0}, "linear")
        fitted = trial(TrialSpec(spec, 0), Material.of(problem, frame)).model
        _example.append(Predictor(problem, Blend([fitted], [1.0], 2), {},
                                  training=training_of(frame, problem).json()))
    return _example[0]
