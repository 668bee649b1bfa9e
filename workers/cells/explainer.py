"""Open up a model: what matters, which way, why one row is as it is, and where the model errs.

Importance, Shapley values, dependence, one row, the smallest change that flips it, segments with most errors, and the
model in a few rules. Link a table to explain the model on its rows; without one, rows it was trained on are taken. What
is shown is association, not cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.kind import CellKind, Params, Step, Work
from workers.model_rows import frame_of, open_model
from workers.ports import Model, Table

_HIDDEN: dict[str, Any] = {"hidden": True}
_TABS: dict[str, Any] = {
    "importance": "Importance", "beeswarm": "Beeswarm", "dependence": "Dependence", "row": "One row",
    "counterfactual": "What flips it", "segments": "Where it errs", "surrogate": "In rules"}


class ExplainerParams(Params):
    """What to show; most of it is chosen in the cell itself, and everybody sees the same."""

    show: Literal["importance", "beeswarm", "dependence", "row", "counterfactual", "segments", "surrogate"] = Field(
        "importance", title="Show", json_schema_extra={"labels": _TABS})
    row: int = Field(1, title="Row", ge=1, description="The row to explain, counted from 1.",
                     json_schema_extra={"when": {"show": ["row", "counterfactual"]}})
    label: str = Field("", title="Class", max_length=200, json_schema_extra=_HIDDEN)
    column: str | None = Field(None, title="Column", json_schema_extra=_HIDDEN)
    second: str | None = Field(None, title="Second column", json_schema_extra=_HIDDEN)
    wanted: str = Field("", title="Wanted prediction", max_length=200, json_schema_extra=_HIDDEN)
    fixed: list[str] = Field(default_factory=list, title="Columns that stay", max_length=2000,
                             json_schema_extra=_HIDDEN)
    seed: int = Field(0, title="Seed", ge=0, le=2**31 - 1, json_schema_extra={"advanced": True})


class Kind(CellKind):
    """Tells one tab at a time, better and better."""

    name, title, group, icon, shortcut = "explainer", "Explainer", "Model", "lightbulb", "E"
    params, prompt, timeout = ExplainerParams, True, 300.0
    inputs, outputs = {"model": Model, "table": Table}, {}
    optional_inputs = frozenset({"table"})
    view, size = "explainer", (560, 460)

    def compute(self, params: ExplainerParams, model: Model, table: Table | None = None, *,
                work: Work) -> Iterator[Step]:
        """The tab that is shown: a first answer at once, the last one exact."""
        from workers.explain.subject import subject_of
        from workers.explain.telling import tell

        predictor = open_model(model, work)
        subject = subject_of(predictor, frame_of(table, predictor) if table is not None else None, seed=params.seed)
        last: dict[str, Any] = {}
        for share, view in tell(subject, params.model_dump()):
            work.cancel.check()
            if share < 1:
                yield Step(view=view, fraction=share, exact=False)
            last = view
        yield Step(view=last)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What brings customers back."""
        return {"show": "importance"}, {"model": Model("example", "back")}
