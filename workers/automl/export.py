"""Writes a pipeline, or a blend of them, as a plain scikit-learn script that trains it again from the table."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.automl import calibration, material, preparation, problem
from workers.automl.leaderboard import BLEND, Leaderboard
from workers.automl.learners import learner
from workers.automl.preparation import categorical_positions
from workers.automl.problem import Problem
from workers.automl.source import Writer
from workers.automl.space import PipelineSpec


@dataclass(frozen=True, slots=True)
class Member:
    """One pipeline of the script: its weight and, by fold, how many iterations early stopping kept."""

    spec: PipelineSpec
    weight: float
    iterations: Mapping[int, int | None]


def code_of(board: Leaderboard, pipeline: str | None = None) -> str:
    """The script of the best, or of one row (its id or `blend`); it predicts what `board.model(pipeline)` predicts."""
    weights = {BLEND: board.standing.blend, None: board.best}.get(pipeline) or {str(pipeline): 1.0}
    members = []
    for key, weight in weights.items():
        found = board.parts(key)
        members.append(Member(found[0].spec.pipeline, weight, {r.spec.fold: r.iterations for r in found}))
    slope = board.uncertainty(weights)[1]
    return script(board.problem, members, slope)


def script(about: Problem, members: list[Member], slope: tuple[float, ...] = ()) -> str:
    """Python source: `train(table)` gives the fitted pipelines, `predict(models, table)` what they say."""
    writer = Writer()
    kinds = sorted({m.spec.preparation for m in members})
    builders = "\n\n\n".join(_preparation(kind, about, writer) for kind in kinds)
    listed = "\n".join(_member(m, about, writer) for m in members)
    small = any(m.spec.rows for m in members)
    carried = [*writer.functions.values(), problem.by_value, problem.usable_target]
    carried += [material.fewer] if about.split.kind != "time" else []
    carried += [material.some] if small else []
    carried += [calibration.recalibrated] if slope else []
    for text in ("import numpy as np", "import pandas as pd"):
        writer.imports.setdefault(text, set())
    functions = "\n\n\n".join(_plain(f) for f in carried)
    head = _HEAD.format(target=about.target, words="; ".join(m.spec.name for m in members))
    split, split_imports = _SPLITS[about.split.kind]
    for module, names in split_imports.items():
        writer.imports.setdefault(module, set()).update(names)
    imports = [line for line in writer.import_lines() if not line.endswith("import ")]
    facts = [f"TARGET = {about.target!r}", f"CLASSES = {list(about.classes)!r}", f"SEED = {about.split.seed}",
             f"TEST = {about.split.test}", f"FOLDS = {about.split.folds}", f"MOST_ROWS = {about.split.most}"]
    facts += [f"SPLIT_BY = {about.split.column!r}"] if about.split.column else []
    facts += [f"CALIBRATION = {slope!r}"] if slope else []
    train = _TRAIN.replace("#some#", _SOME if small else "").replace("#calibrated#", _CALIBRATED if slope else "")
    sections = [head + "\n".join(sorted(imports)), "\n".join(facts), functions, builders,
                f"# (weight, preparation, learner by fold, what its fit needs to know"
                f"{', rows' if small else ''})\nPIPELINES = [\n{listed}\n]", split, train]
    return "\n\n\n".join(sections) + "\n"


def _preparation(kind: str, about: Problem, writer: Writer) -> str:
    step = preparation.preparation(kind, about.used, about.task, about.split.seed)
    return f"def {kind}_preparation():\n    return {writer.value(step, 4)}"


def _member(member: Member, about: Problem, writer: Writer) -> str:
    spec = member.spec
    codes = tuple(categorical_positions(about.used)) if spec.preparation == "tree" else ()
    learners = {}
    for fold, iterations in member.iterations.items():
        model: Any = learner(spec, about.task, about.split.seed, iterations, codes)
        if spec.log_target:
            import numpy as np
            from sklearn.compose import TransformedTargetRegressor

            model = TransformedTargetRegressor(regressor=model, func=np.log1p, inverse_func=np.expm1,
                                               check_inverse=False)
        learners[fold] = model
    inner = ",\n".join(f"         {fold}: {writer.value(model, 12)}" for fold, model in learners.items())
    knows = {"model__categorical_feature": list(codes)} if spec.family == "lightgbm" and codes else {}
    rows = f", {spec.rows}" if spec.rows else ""
    return (f"    # {spec.name}\n    ({member.weight!r}, {spec.preparation}_preparation,\n     {{\n{inner},\n     }},\n"
            f"     {knows!r}{rows}),")


def _plain(function: Any) -> str:
    """The source of a function without the types, imports and docs that only matter here."""
    import ast

    tree = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.returns = None
    for argument in tree.args.args:
        argument.annotation = None
    tree.body = [s for s in tree.body if not isinstance(s, (ast.Import, ast.ImportFrom))]
    return ast.unparse(tree)


_HEAD = '''"""Trains and applies: {words}.

Predicts {target!r}. Needs numpy, pandas, scikit-learn and, if used below, lightgbm and catboost.
    python script.py table.parquet new.parquet predictions.csv
"""

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread adds numbers in one order: the same result each time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
'''

_BY_CHANCE = '''def folds_of(table, y):
    """Row numbers (train, validate) of each fold; the locked test rows are in none."""
    learn = np.arange(len(y))
    if TEST:
        {strata}learn, _test = train_test_split(learn, test_size=TEST, random_state=SEED, stratify={by})
    learn = fewer(learn, MOST_ROWS, SEED)
    folds = {kind}(FOLDS, shuffle=True, random_state=SEED).split(learn, y[learn])
    return [(learn[a], learn[b]) for a, b in folds]'''
_STRATIFIED = _BY_CHANCE.format(kind="StratifiedKFold", by="strata", strata=(
    "strata = y if np.bincount(y)[np.unique(y)].min() > 1 else None\n        "))
_BY_GROUP = '''def folds_of(table, y):
    """Row numbers (train, validate) of each fold; the locked test rows are in none."""
    groups = table[SPLIT_BY].astype(str).to_numpy()
    learn = np.arange(len(y))
    if TEST:
        learn, _test = next(GroupShuffleSplit(1, test_size=TEST, random_state=SEED).split(y, y, groups))
    learn = fewer(learn, MOST_ROWS, SEED)
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(learn, y[learn], groups[learn])
    return [(learn[a], learn[b]) for a, b in folds]'''
_BY_TIME = '''def folds_of(table, y):
    """Row numbers (train, validate) of each fold, in order of time; at last all rows, the locked ones too."""
    moments = table[SPLIT_BY]
    if moments.dtype.kind not in "iuf":
        moments = pd.to_datetime(moments, errors="coerce", utc=True, format="mixed")
    order = np.argsort(moments.to_numpy(), kind="stable")
    cut = len(order) - round(TEST * len(order))
    learn = order[:cut][-(MOST_ROWS or 0):]
    folds = [(learn[a], learn[b]) for a, b in TimeSeriesSplit(FOLDS).split(learn)]
    return [*folds, (np.concatenate([learn, order[cut:]])[-(MOST_ROWS or 0):], order[:0])]'''
_SPLITS: dict[str, tuple[str, dict[str, set[str]]]] = {
    "random": (_BY_CHANCE.format(kind="KFold", by="None", strata=""),
               {"sklearn.model_selection": {"KFold", "train_test_split"}}),
    "stratified": (_STRATIFIED, {"sklearn.model_selection": {"StratifiedKFold", "train_test_split"}}),
    "group": (_BY_GROUP, {"sklearn.model_selection": {"GroupKFold", "GroupShuffleSplit"}}),
    "time": (_BY_TIME, {"sklearn.model_selection": {"TimeSeriesSplit"}}),
}
_SOME = '''
            if rest:
                rows = some(rows, rest[0])'''
_CALIBRATED = '''
    if len(CLASSES) == 2:
        second = recalibrated(total[:, 1], CALIBRATION)
        total = np.column_stack([1 - second, second])
    else:
        total = recalibrated(total, CALIBRATION)'''
_TRAIN = '''def target_of(table):
    """The target as numbers: values, or the place of the class in CLASSES."""
    if not CLASSES:
        return pd.to_numeric(table[TARGET], errors="coerce").to_numpy(dtype="float64")
    places = {label: place for place, label in enumerate(CLASSES)}
    return np.array([places.get(v, places.get(str(v), -1)) for v in table[TARGET].tolist()])


def train(table):
    """[(weight, fitted pipeline)]: each pipeline once per fold; their average predicts."""
    table = table.set_axis(table.columns.astype(str), axis=1)
    table = table[usable_target(table[TARGET])]
    y = target_of(table)
    folds = folds_of(table, y)
    fitted = []
    for weight, prepare, learners, knows, *rest in PIPELINES:
        for fold, model in learners.items():
            rows = folds[fold][0]#some#
            pipeline = Pipeline([("prepare", prepare()), ("model", model)])
            pipeline.fit(table.iloc[rows], y[rows], **knows)
            fitted.append((weight / len(learners), pipeline))
    return fitted


def predict(models, table):
    """Values, or probabilities of shape (rows, classes) in the order of CLASSES."""
    table = table.set_axis(table.columns.astype(str), axis=1)
    total = 0.0
    for weight, pipeline in models:
        if not CLASSES:
            total = total + weight * pipeline.predict(table)
            continue
        p = np.zeros((len(table), len(CLASSES)))
        p[:, pipeline.classes_] = pipeline.predict_proba(table)
        total = total + weight * p
    total = total / sum(weight for weight, _ in models)#calibrated#
    return total


if __name__ == "__main__":
    known, new, out = sys.argv[1:4]
    models = train(pd.read_parquet(known))
    predicted = predict(models, pd.read_parquet(new))
    columns = [f"p_{label}" for label in CLASSES] or [TARGET]
    pd.DataFrame(predicted.reshape(len(predicted), -1), columns=columns).to_csv(out, index=False, float_format="%.17g")
'''
