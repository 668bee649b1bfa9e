"""What is to be predicted from what: task, metric, features with roles, split; refuses what cannot be learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workers.automl.columns import Feature, feature_of, glance, tell_twins
from workers.automl.guards import Guard, guards_of
from workers.automl.metrics import DEFAULTS, METRICS, Metric
from workers.kind import CellError

TASKS = ("binary", "multiclass", "regression")
MOST_CLASSES = 200
FEWEST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Split:
    """How rows are parted: a locked test share, then folds; by chance, by group or in the order of time.

    `most` rows are learned from at most, drawn by chance (the latest, in the order of time).
    """

    kind: str = "random"
    test: float = 0.2
    folds: int = 5
    seed: int = 0
    column: str = ""
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that is known before training; JSON both ways."""

    target: str
    task: str
    metric: str
    classes: tuple[Any, ...]
    features: tuple[Feature, ...]
    split: Split
    rows: int
    guards: tuple[Guard, ...] = ()
    reason: str = ""
    log_target: bool = False

    @property
    def used(self) -> tuple[Feature, ...]:
        """The features a model sees."""
        return tuple(f for f in self.features if f.role != "unused")

    @property
    def measure(self) -> Metric:
        """The metric models are compared by."""
        return METRICS[self.metric]

    def json(self) -> dict[str, Any]:
        """Its JSON, for the browser and for `Problem.of`."""
        split = {k: getattr(self.split, k) for k in ("kind", "test", "folds", "seed", "column", "most")}
        return {"target": self.target, "task": self.task, "metric": self.metric, "classes": list(self.classes),
                "features": [f.json() for f in self.features], "split": split, "rows": self.rows,
                "guards": [g.json() for g in self.guards], "reason": self.reason, "log_target": self.log_target}

    @classmethod
    def of(cls, value: dict[str, Any]) -> Problem:
        """The problem that `json` wrote."""
        return cls(**{**value, "classes": tuple(value["classes"]), "split": Split(**value["split"]),
                      "features": tuple(Feature.of(f) for f in value["features"]),
                      "guards": tuple(Guard(**g) for g in value["guards"])})


def named(frame: Any) -> Any:
    """The table with text names; raises `duplicate_columns` when two columns share one."""
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise CellError("duplicate_columns", f"Two columns are called {twice[0]}. Rename one of them first.")
    return frame if names == list(frame.columns) else frame.set_axis(names, axis=1)


def problem_of(frame: Any, target: str, *, task: str | None = None, metric: str | None = None,
               exclude: Sequence[str] = (), time: str | None = None, group: str | None = None,
               test: float | None = None, folds: int | None = None, seed: int = 0) -> Problem:
    """Understand a table and a target column; raises CellError for whatever cannot be learned from."""
    frame = named(frame)
    _known(frame, target, "target")
    for name in (time, group):
        if name:
            _known(frame, name, "time" if name == time else "group")
    rows = frame[usable_target(frame[target])]
    task, reason = _task_of(rows[target], target, task)
    classes = _classes_of(rows[target], target, task)
    if metric is not None and (metric not in METRICS or task not in METRICS[metric].tasks):
        fitting = ", ".join(name for name, m in METRICS.items() if task in m.tasks)
        raise CellError("unknown_metric", f"{metric} does not fit a {task} target; use one of {fitting}.",
                        param="metric")
    features = _features_of(rows, target, exclude, group)
    split = _split_of(len(rows), classes, time, group, test, folds, seed)
    dropped = len(frame) - len(rows)
    problem = Problem(target, task, metric or DEFAULTS[task], classes, tuple(features), split, len(rows),
                      reason=reason + (f"; {dropped:,} rows without {target} are left out" if dropped else ""))
    y = encoded(rows[target], problem)
    return replace(problem, guards=tuple(guards_of(rows, y, problem)), log_target=task == "regression" and _skewed(y))


def _skewed(y: Any) -> bool:
    """Whether a target is one of sizes, never negative and with a long tail, that a logarithm evens out."""
    import numpy as np

    return bool(y.min() >= 0 and np.median(y) > 0 and y.mean() > 1.1 * np.median(y))


def usable_target(column: Any) -> Any:
    """Which rows have a target: not missing, not infinite, not blank."""
    import numpy as np

    present = column.notna().to_numpy()
    if column.dtype.kind == "f":
        return present & np.isfinite(column.to_numpy(dtype="float64", na_value=np.nan))
    if column.dtype.kind not in "iubMm":
        present = present & by_value(column, lambda v: not isinstance(v, str) or bool(v.strip()), False).astype(bool)
    return present


def by_value(column: Any, told: Callable[[Any], Any], missing: Any) -> Any:
    """What `told` says of each row's value, asked once for each different one; `missing` where there is none."""
    import numpy as np
    import pandas as pd

    try:
        codes, different = pd.factorize(column)
    except TypeError:  # lists and records have no hash
        return column.astype(object).map(told).to_numpy()
    return np.array([*map(told, different), missing])[codes]


def encoded(column: Any, problem: Problem) -> Any:
    """The target as numbers: floats for regression, the index of the class otherwise."""
    import numpy as np
    import pandas as pd

    if problem.task == "regression":
        return pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    places = {label: place for place, label in enumerate(problem.classes)}
    return by_value(column, lambda v: places.get(plain(v), -1), -1).astype("int64")


def plain(value: Any) -> Any:
    """A class label as JSON would carry it."""
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _known(frame: Any, name: str, param: str) -> None:
    import difflib

    if name not in frame.columns:
        near = difflib.get_close_matches(name, list(frame.columns), 1)
        fix = {"label": f"Use {near[0]}", "params": {param: near[0]}} if near else None
        raise CellError("unknown_column", f"There is no column {name}.", param=param, fix=fix)


def _task_of(column: Any, target: str, task: str | None) -> tuple[str, str]:
    if task is not None and task not in TASKS:
        raise CellError("unknown_task", f"The task must be one of {', '.join(TASKS)}.", param="task")
    if not len(column):
        raise CellError("target_missing", f"{target} has no values to learn from.", param="target")
    levels = int((column.astype(object) if column.dtype == object else column).nunique())
    if levels == 1:
        raise CellError("one_class", f"{target} is always {column.iloc[0]}: there is nothing to predict.",
                        param="target")
    if len(column) < FEWEST_ROWS:
        raise CellError("too_few_rows", f"Only {len(column)} rows have a value in {target}; "
                                        f"at least {FEWEST_ROWS} are needed.")
    numeric = column.dtype.kind in "iuf"
    if task == "regression":
        if not _reads_as_numbers(column):
            raise CellError("text_target", f"{target} holds text; a number is needed for regression.", param="task")
        return task, "you chose regression"
    if task == "binary" and levels != 2:
        raise CellError("not_binary", f"{target} has {levels:,} values, not two.", param="task",
                        fix={"label": "Let the task be found", "params": {"task": None}})
    if task is not None:
        return task, f"you chose {task}"
    if levels == 2:
        return "binary", f"{target} has two values"
    if column.dtype.kind in "Mm":
        raise CellError("date_target", f"{target} holds dates; pick a number or a category.", param="target")
    if not numeric and _reads_as_numbers(column) and levels > 20:
        return "regression", f"{target} holds numbers written as text"
    if not numeric:
        return "multiclass", f"{target} has {levels:,} categories"
    whole = bool((column.astype(float) % 1 == 0).all())
    if whole and levels <= 10 and levels <= len(column) / 10:
        return "multiclass", f"{target} has {levels} whole values; choose regression if their size matters"
    return "regression", f"{target} is a number with {levels:,} values"


def _reads_as_numbers(column: Any) -> bool:
    import pandas as pd

    return column.dtype.kind in "iufb" or bool(pd.to_numeric(column.astype(object), errors="coerce").notna().all())


def _classes_of(column: Any, target: str, task: str) -> tuple[Any, ...]:
    if task == "regression":
        return ()
    counts = column.value_counts()
    counts = counts[counts > 0]  # a category may be declared and never occur
    counts = counts.groupby(counts.index.map(plain), sort=False).sum()
    if len(counts) > MOST_CLASSES:
        if column.dtype.kind not in "iuf" and column.astype(str).str.count(r"\S+").mean() >= 3:
            raise CellError("text_target", f"{target} is free text; pick a number or a column with few categories.",
                            param="target")
        raise CellError("too_many_classes", f"{target} has {len(counts):,} different values; at most {MOST_CLASSES} "
                                            "classes can be told apart.", param="target")
    if int(counts.max()) == 1:
        raise CellError("one_row_per_class", f"Every row has its own {target}: nothing repeats, so nothing can be "
                                             "learned.", param="target")
    if int((counts > 1).sum()) < 2:
        raise CellError("one_class", f"Only {counts.index[0]} occurs more than once in {target}.", param="target")
    return tuple(sorted(counts.index, key=lambda v: (isinstance(v, str), v)))


def _features_of(rows: Any, target: str, exclude: Sequence[str], group: str | None) -> list[Feature]:
    left_out = {target: "target", group: "it names the group"} | dict.fromkeys(exclude, "you left it out")
    seen = glance(rows)
    features = [feature_of(seen[name], name) for name in rows.columns if name not in left_out]
    features = tell_twins(seen, features)
    if not any(f.role != "unused" for f in features):
        why = "; ".join(f"{f.name}: {f.reason}" for f in features[:4]) or "there is no other column"
        raise CellError("no_features", f"No column is left to predict {target} from ({why}).")
    return features + [Feature(str(name), "unused", reason=why) for name, why in left_out.items()
                       if name in rows.columns and name != target]


def _split_of(rows: int, classes: tuple[Any, ...], time: str | None, group: str | None, test: float | None,
              folds: int | None, seed: int) -> Split:
    kind = "time" if time else "group" if group else "stratified" if classes else "random"
    if test is None:
        test = 0.2 if rows >= 100 else 0.25
    if not 0 <= test < 0.8:
        raise CellError("bad_test_share", "The test part must be a share between 0 and 0.8.", param="test")
    if folds is None:
        learned = rows * (1 - test)
        folds = 8 if learned < 2_500 else 5
    return Split(kind, test, folds, seed, time or group or "")


