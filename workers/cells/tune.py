"""Tune a pipeline by hand: change its settings in a form, and see it beside all others.

Link the model of an AutoML cell and start from one of its pipelines, or from a learner as it comes. Run scores what
is in the form on the very folds that the others were judged by, and says with an interval how much better it is. The
locked rows stay locked: they were for one look, and that was had.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, Field

from workers.kind import CellKind, Params, Step, Work
from workers.ports import Model
from workers.tuning_cells import form, tune

_HIDDEN: dict[str, Any] = {"hidden": True}
Family = Literal["", "lightgbm", "catboost", "hist_boosting", "extra_trees", "ridge", "logistic", "neighbours"]
Settings = dict[str, str | float | int | bool | None]


class Added(BaseModel):
    """A pipeline put on the leaderboard before."""

    start: str = Field("", title="Started from", max_length=64)
    family: Family = Field("", title="Learner")
    settings: Settings = Field(default_factory=dict, title="Settings")


class TuneParams(Params):
    """What is in the form, and what was added to the leaderboard; all of it is set in the cell."""

    start: str = Field("", title="Start from", max_length=64, json_schema_extra=_HIDDEN)
    family: Family = Field("", title="Learner", json_schema_extra=_HIDDEN)
    settings: Settings = Field(default_factory=dict, title="Settings", max_length=64, json_schema_extra=_HIDDEN)
    added: list[Added] = Field(default_factory=list, title="Added", max_length=20, json_schema_extra=_HIDDEN)


class Kind(CellKind):
    """Fits one pipeline fold by fold; what was fitted before is taken from the store."""

    name, title, group, icon = "tune", "Tune", "Model", "settings"
    params, dear, queue, timeout = TuneParams, True, "searches", 3600.0
    inputs, outputs = {"model": Model}, {"model": Model}
    view, size = "tune", (860, 460)
    measures = frozenset({"fit_seconds", "predict_ms", "bytes"})

    def look(self, params: TuneParams, model: Model, *, work: Work) -> Step:
        """The form, and the leaderboard without it."""
        return form(params, model, work)

    def compute(self, params: TuneParams, model: Model, *, work: Work) -> Iterator[Step]:
        """The leaderboard as folds come in; the last step with the paired intervals, a report and code."""
        yield from tune(params, model, work)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A steeper line for who comes back."""
        return {"settings": {"C": 10.0}}, {"model": Model("example", "back")}
