"""Find a model: pick what to predict, press Run, and watch pipelines compete.

The task, the metric and the role of each column are told before anything is trained, with warnings: columns that give
the answer away, identifiers, rare classes, rows that belong together. Then pipelines are tried fold by fold until the
budget is spent or you stop it; the best so far is always usable. A locked part of the rows is scored once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field
from pydantic.config import JsonDict

from workers.kind import BEST, CellKind, NeedsSettings, Params, Step, Work, pick_column, pick_columns
from workers.model_cells import glance, train
from workers.ports import Model, Table, literal_table
from workers.preview import column_of, columns_named

METRICS: JsonDict = {
    "auto": "Automatic", "roc_auc": "Area under the ROC curve", "average_precision": "Average precision",
    "log_loss": "Log loss", "accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy", "f1": "F1",
    "rmse": "Root mean squared error", "mae": "Mean absolute error", "r2": "R²"}
TASKS: JsonDict = {"auto": "Automatic", "binary": "Yes or no", "multiclass": "One of several classes",
                   "regression": "A number"}
SPLITS: JsonDict = {"random": "By chance", "time": "In order of time", "group": "By group"}
BUDGETS: JsonDict = {"10": "10 seconds", "30": "30 seconds", "60": "1 minute", "seconds": "Other time",
                     "trials": "Trials"}


class AutomlParams(Params):
    """What to predict, how to judge it, and how long to look."""

    target: str | None = pick_column(title="Target", description="The column to predict.")
    task: Literal["auto", "binary", "multiclass", "regression"] = Field(
        "auto", title="Task", json_schema_extra={"labels": TASKS})
    metric: Literal["auto", "roc_auc", "average_precision", "log_loss", "accuracy", "balanced_accuracy", "f1", "rmse",
                    "mae", "r2"] = Field("auto", title="Metric", json_schema_extra={"labels": METRICS})
    exclude: list[str] = pick_columns(title="Leave out", description="Columns no model may see.", max_length=2000)
    split: Literal["random", "time", "group"] = Field(
        "random", title="Split", description="How rows are parted into those learned from and those judged by.",
        json_schema_extra={"labels": SPLITS})
    split_by: str | None = pick_column(title="Split by", when={"split": ["time", "group"]})
    budget: Literal["10", "30", "60", "seconds", "trials"] = Field(
        "30", title="Budget", json_schema_extra={"labels": BUDGETS})
    seconds: int = Field(120, title="Seconds", ge=2, le=3600, json_schema_extra={"when": {"budget": ["seconds"]}})
    trials: int = Field(40, title="Trials", ge=1, le=2000, description="One trial fits one pipeline on one fold.",
                        json_schema_extra={"when": {"budget": ["trials"]}})
    seed: int = Field(0, title="Seed", ge=0, le=2**31 - 1, json_schema_extra={"advanced": True},
                      description="With a budget of trials the same seed gives the same leaderboard.")
    pipeline: str = Field(BEST, title="Pipeline", max_length=64, json_schema_extra={"hidden": True})


class Kind(CellKind):
    """Searches pipelines in trials that any worker may run."""

    name, title, group, icon, shortcut = "automl", "AutoML", "Model", "trophy", "M"
    params, dear, finishes, queue, timeout = AutomlParams, True, True, "searches", 4000.0
    inputs, outputs = {"table": Table}, {"model": Model}
    steers, view, size = frozenset({"pipeline"}), "leaderboard", (620, 460)
    measures = frozenset({"elapsed", "cpu_seconds", "seconds", "fit_seconds", "predict_ms", "pareto", "report_seconds"})

    def model_name(self, params: AutomlParams) -> str:
        """The pipeline somebody picked, or the best."""
        return params.pipeline

    def look(self, params: AutomlParams, table: Table, *, work: Work) -> Step:
        """Task, metric, roles and warnings, from a sample of the rows."""
        return glance(_checked(params, table), table, work)

    def compute(self, params: AutomlParams, table: Table, *, work: Work) -> Iterator[Step]:
        """Leaderboards, better and better; the last with the locked test score, reports and code."""
        yield from train(_checked(params, table), table, work)

    def python(self, params: AutomlParams, inputs: Mapping[str, str], code: Any) -> Mapping[str, str]:
        """The pipeline that was picked, as a function that trains it again, and its model."""
        from textwrap import indent

        scripts = code.view.get("code", {})
        script = scripts.get(code.view.get("best") if params.pipeline == BEST else params.pipeline)
        if script is None:
            code.line("# Its code is written when the search has ended, and for the leading pipelines.")
            return {}
        body = script.partition('\n"""\n')[2].partition('\n\n\nif __name__ == "__main__":')[0].strip("\n")
        model = code.name(code.title)
        code.line(f"def pipelines_of_{model}():\n{indent(body, '    ')}\n\n    return train, predict\n\n")
        code.line(f"train_{model}, predict_{model} = pipelines_of_{model}()")
        code.line(f"{model} = train_{model}({inputs['table']})")
        return {}

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Which of sixty days were warm, in six trials."""
        rows: list[list[Any]] = []
        for day in range(60):
            noon, sky = round(10 + 12 * (day * 37 % 60) / 60, 1), "dry" if day % 3 else "wet"
            rows.append([day % 7, noon, sky, "warm" if noon + day % 4 + day % 3 % 2 > 18 else "cool"])
        table = literal_table({"weekday": "integer", "noon": "number", "sky": "text", "felt": "text"}, rows)
        return {"target": "felt", "budget": "trials", "trials": 6}, {"table": table}


def _checked(params: AutomlParams, table: Table) -> AutomlParams:
    if not params.target:
        raise NeedsSettings("Pick the column to predict", missing=("Pick the column to predict.",))
    column_of(params.target, table.columns, "target")
    columns_named(params.exclude, table.columns, "exclude")
    if params.split != "random":
        if not params.split_by:
            raise NeedsSettings("Pick the column to split by", missing=("Pick the column to split by.",))
        column_of(params.split_by, table.columns, "split_by")
    return params
