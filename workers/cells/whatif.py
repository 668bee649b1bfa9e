"""Ask a model what if: move the columns of one row and watch its prediction, live.

Sliders and lists stand for the columns; the prediction comes with its probability or interval, and with a warning where
the row is beyond anything in the training data. One column is followed over its range; give a goal, and the value that
reaches it is sought.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.kind import CellKind, Params, Step, Work
from workers.model_rows import open_model, what_if_view
from workers.ports import Model

_HIDDEN: dict[str, Any] = {"hidden": True}


class WhatIfParams(Params):
    """The made-up row, what is followed and what is sought; all of it is set in the cell."""

    values: dict[str, str | float | int | bool | None] = Field(default_factory=dict, title="Values",
                                                               json_schema_extra=_HIDDEN)
    along: str | None = Field(None, title="Follow", json_schema_extra=_HIDDEN)
    beside: str | None = Field(None, title="And", json_schema_extra=_HIDDEN)
    goal: float | None = Field(None, title="Goal", json_schema_extra=_HIDDEN)
    label: str = Field("", title="Class", max_length=200, json_schema_extra=_HIDDEN)
    level: float = Field(0.9, title="Certainty", ge=0.5, le=0.99,
                         description="How often the interval of a predicted number shall hold the truth.")


class Kind(CellKind):
    """Answers one made-up row at a time."""

    name, title, group, icon = "whatif", "What if", "Model", "sliders-horizontal"
    params, prompt = WhatIfParams, True
    inputs, outputs = {"model": Model}, {}
    view, size = "whatif", (620, 440)

    def compute(self, params: WhatIfParams, model: Model, *, work: Work) -> Iterator[Step]:
        """One step: the answer."""
        yield Step(view=what_if_view(open_model(model, work), model.ref, params.model_dump()))

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Would a customer of Oslo with seven visits come back?"""
        return {"values": {"visits": 7, "city": "Oslo"}}, {"model": Model("example", "back")}
