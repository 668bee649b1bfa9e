"""The settings of each learner, typed: their JSON Schema draws a form, and they check what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workers.automl.learners import learner
from workers.automl.space import PipelineSpec
from workers.kind import CellError


class Settings(BaseModel):
    """What a person may set of a learner; what is left alone has the default of the form."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class LightgbmSettings(Settings):
    """LightGBM: trees grown one after the other, each on the errors of those before."""

    num_leaves: int = Field(31, ge=2, le=1024, title="Leaves", description="Most leaves of a tree: more fit finer, and "
                            "sooner fit noise.")
    learning_rate: float = Field(0.08, ge=0.001, le=1, title="Learning rate", description="How much each tree may "
                                 "change: small steps want more trees.")
    n_estimators: int = Field(1000, ge=1, le=20_000, title="Most trees", description="The most trees; fewer are kept "
                              "when more do not help.")
    min_child_samples: int = Field(20, ge=1, le=10_000, title="Rows in a leaf", description="A leaf holds at least so "
                                   "many rows.")
    colsample_bytree: float = Field(1.0, ge=0.05, le=1, title="Share of columns", description="Each tree sees so many "
                                    "of the columns, drawn by chance.")
    subsample: float = Field(1.0, ge=0.05, le=1, title="Share of rows", description="Each tree sees so many of the "
                             "rows, drawn by chance.")
    subsample_freq: int = Field(0, ge=0, le=100, title="Draw rows every", description="Rows are drawn anew after so "
                                "many trees; 0 takes all rows.")
    reg_lambda: float = Field(0.0, ge=0, le=1000, title="L2 penalty", description="Pulls the answers of leaves towards "
                              "zero.")
    reg_alpha: float = Field(0.0, ge=0, le=1000, title="L1 penalty", description="Makes small answers of leaves zero.")
    max_depth: int = Field(-1, ge=-1, le=64, title="Most depth", description="Levels of a tree; -1 sets no limit.")
    extra_trees: bool = Field(False, title="Extra random", description="Cuts are drawn by chance: quicker, and less "
                              "sure of one column.")


class CatboostSettings(Settings):
    """CatBoost: trees that ask one question on each level, grown one after the other."""

    depth: int = Field(6, ge=1, le=12, title="Depth", description="Questions a row is asked in each tree: one more "
                       "doubles its leaves.")
    learning_rate: float = Field(0.1, ge=0.001, le=1, title="Learning rate", description="How much each tree may "
                                 "change: small steps want more trees.")
    iterations: int = Field(1000, ge=1, le=20_000, title="Most trees", description="The most trees; fewer are kept "
                            "when more do not help.")
    l2_leaf_reg: float = Field(3.0, ge=0, le=1000, title="L2 penalty", description="Pulls the answers of leaves "
                               "towards zero.")
    random_strength: float = Field(1.0, ge=0, le=100, title="Chance", description="How much chance is in the choice of "
                                   "a question: more fits noise later.")
    rsm: float = Field(1.0, ge=0.05, le=1, title="Share of columns", description="Each question may be about so many "
                       "of the columns, drawn by chance.")
    subsample: float = Field(0.8, ge=0.05, le=1, title="Share of rows", description="Each tree sees so many of the "
                             "rows, drawn by chance.")
    border_count: int = Field(128, ge=1, le=1024, title="Most cuts", description="Places of a column where a question "
                              "may cut it: fewer are quicker.")


class HistBoostingSettings(Settings):
    """Histogram boosting of scikit-learn."""

    learning_rate: float = Field(0.1, ge=0.001, le=1, title="Learning rate", description="How much each tree may "
                                 "change.")
    max_leaf_nodes: int = Field(31, ge=2, le=1024, title="Leaves", description="Most leaves of a tree.")
    min_samples_leaf: int = Field(20, ge=1, le=10_000, title="Rows in a leaf", description="A leaf holds at least so "
                                  "many rows.")
    l2_regularization: float = Field(0.0, ge=0, le=1000, title="L2 penalty", description="Pulls the answers of leaves "
                                     "towards zero.")
    max_features: float = Field(1.0, gt=0, le=1, title="Share of columns", description="Each cut sees so many of the "
                                "columns.")


class ExtraTreesSettings(Settings):
    """Extra trees: many trees with cuts drawn by chance, averaged."""

    n_estimators: int = Field(100, ge=1, le=2000, title="Trees", description="How many trees are averaged.")
    min_samples_leaf: int = Field(1, ge=1, le=10_000, title="Rows in a leaf", description="A leaf holds at least so "
                                  "many rows.")
    max_features: float | Literal["sqrt"] | None = Field(0.5, title="Columns at a cut", description="“sqrt”, or the "
                                                         "share of columns that a cut may take.")


class RidgeSettings(Settings):
    """Ridge regression: a line with a penalty on large weights."""

    alpha: float = Field(1.0, ge=0, le=1e9, title="Penalty", description="How strongly large weights are held back.")
    fit_intercept: bool = Field(True, title="Own level", description="Whether the line may have a level of its own.")


class LogisticSettings(Settings):
    """Logistic regression: a line for the odds of each class."""

    C: float = Field(1.0, gt=0, le=1e9, title="Trust", description="The smaller, the more large weights are held back.")
    max_iter: int = Field(200, ge=1, le=10_000, title="Most steps", description="Steps until it has to be done.")
    class_weight: Literal["balanced"] | None = Field(None, title="Class weights", description="Balanced gives rare "
                                                     "classes as much say as common ones.")


class NeighboursSettings(Settings):
    """Nearest neighbours: the answers of the rows most alike."""

    n_neighbors: int = Field(5, ge=1, le=500, title="Neighbours", description="How many rows are asked.")
    weights: Literal["uniform", "distance"] = Field(
        "uniform", title="Weights", description="Whether nearer rows count more.",
        json_schema_extra={"labels": {"uniform": "All alike", "distance": "Nearer count more"}})
    p: int = Field(2, ge=1, le=2, title="Distance", description="1 adds up differences, 2 is the straight line.")


FORMS: dict[str, type[Settings]] = {
    "lightgbm": LightgbmSettings, "catboost": CatboostSettings, "hist_boosting": HistBoostingSettings,
    "extra_trees": ExtraTreesSettings, "ridge": RidgeSettings, "logistic": LogisticSettings,
    "neighbours": NeighboursSettings}
TITLES = {"lightgbm": "LightGBM", "catboost": "CatBoost", "hist_boosting": "Histogram boosting",
          "extra_trees": "Extra trees", "ridge": "Ridge regression", "logistic": "Logistic regression",
          "neighbours": "Nearest neighbours"}


def families(task: str) -> list[str]:
    """The learners that fit a task."""
    return [family for family in FORMS if family != ("logistic" if task == "regression" else "ridge")]


def settings_of(spec: PipelineSpec) -> dict[str, Any]:
    """Every setting of a pipeline's form, as its learner has it."""
    form = FORMS[spec.family]
    return form.model_validate({k: v for k, v in spec.params.items() if k in form.model_fields}).model_dump()


def spec_of(family: str, settings: Mapping[str, Any], start: PipelineSpec | None = None) -> PipelineSpec:
    """The pipeline that a form describes, prepared as `start` is; raises bad_setting for what its learner refuses."""
    form = FORMS[family]
    same = start is not None and start.family == family
    try:
        checked = form.model_validate({k: v for k, v in settings.items() if k in form.model_fields})
    except ValidationError as failure:
        first = failure.errors()[0]
        field = form.model_fields.get(str(first["loc"][0])) if first["loc"] else None
        words = first["msg"].removeprefix("Input ").replace("should be", "must be")
        name = field.title if field else "A setting"
        raise CellError("bad_setting", f"{name}: {words[:1].lower()}{words[1:]}.", param="settings") from failure
    kept = {k: v for k, v in start.params.items() if k not in form.model_fields} if start is not None and same else {}
    # What a learner does anyhow is not written, so that a pipeline left as it is stays the very pipeline it was.
    own = learner(PipelineSpec(family, family), "regression" if family == "ridge" else "binary", 0).get_params()
    told = start.params if start is not None and same else {}
    said = checked.model_dump()
    changed = {k: v for k, v in said.items() if k in told or v != own.get(k, form.model_fields[k].default)}
    trees = family in ("lightgbm", "catboost", "hist_boosting", "extra_trees")
    prepared = start.preparation if start is not None and same else "tree" if trees else "linear"
    return PipelineSpec(TITLES[family], family, {**kept, **changed}, prepared,
                        start.log_target if start is not None and same else False)
