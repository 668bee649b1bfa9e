"""What cells that use a model share: the model opened, and a table as the rows it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workers.engine import tables
from workers.kind import Work
from workers.ports import Model, Table

if TYPE_CHECKING:
    from workers.automl.predictor import Predictor

MOST = 200_000
"""Rows of a table that are looked at to explain a model; of larger ones a sample is."""


def open_model(model: Model, work: Work) -> Predictor:
    """The predictor a Model port names; raises no_model when it is no longer kept."""
    from workers.explain.subject import EXAMPLE, example_model

    if model.ref == EXAMPLE:
        return example_model()
    predictor: Predictor = work.load_model(model)
    return predictor


def frame_of(table: Table, predictor: Predictor) -> Any:
    """The rows of a table, of which only columns the model may know are read."""
    from workers.explain.matching import names_in

    names = [c.name for c in table.columns]
    kept = set(names_in(predictor, names).values()) | {predictor.problem.target}
    op: dict[str, Any] = {"op": "select", "input": table.op, "columns": [n for n in names if n in kept]}
    if not op["columns"]:
        op = table.op
    rows = tables.count(table)
    if rows > MOST:
        op = {"op": "sample", "input": op, "rows": MOST, "seed": 0}
    return pandas_of(tables.arrow_of(op))


def pandas_of(arrow: Any) -> Any:
    """An Arrow table as pandas reads it best: texts as objects."""
    return arrow.to_pandas()
