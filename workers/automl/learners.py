"""Builds and fits the learner of a pipeline: early stopping where it has it, one thread, the same every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workers.automl.space import PipelineSpec

PATIENCE = 50
LGBM_ALWAYS = {"verbose": -1, "n_jobs": 1, "deterministic": True, "force_col_wise": True}
CATBOOST_ALWAYS = {"verbose": False, "thread_count": 1, "allow_writing_files": False}
CATBOOST_USUAL = {"iterations": 1000, "learning_rate": 0.1, "depth": 6, "l2_leaf_reg": 3.0, "random_strength": 1.0,
                  "rsm": 1.0, "subsample": 0.8, "border_count": 128, "bootstrap_type": "Bernoulli"}
"""Said in full: some of CatBoost's own defaults follow from the table or from the number of trees."""


class Cut(Exception):
    """The fit was told to stop before it was done; its half-made model must not be used."""


@dataclass(frozen=True, slots=True)
class FitData:
    """The matrices of one fold; `categorical` are positions of category codes."""

    x: Any
    y: Any
    x_valid: Any
    y_valid: Any
    categorical: tuple[int, ...] = ()


def learner(spec: PipelineSpec, task: str, seed: int, iterations: int | None = None,
            categorical: tuple[int, ...] = ()) -> Any:
    """The unfitted scikit-learn estimator of a pipeline; `iterations` fixes what early stopping found."""
    return _BUILDERS[spec.family](dict(spec.params), task, seed, iterations, categorical)


def _ridge(params: dict[str, Any], task: str, seed: int, iterations: int | None, categorical: Any) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(**params)


def _logistic(params: dict[str, Any], task: str, seed: int, iterations: int | None, categorical: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**{"max_iter": 200, "tol": 1e-3} | params)


def _lightgbm(params: dict[str, Any], task: str, seed: int, iterations: int | None, categorical: Any) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    if iterations is not None:
        params["n_estimators"] = iterations
    kind = LGBMRegressor if task == "regression" else LGBMClassifier
    return kind(**params, random_state=seed, **LGBM_ALWAYS)


def _catboost(params: dict[str, Any], task: str, seed: int, iterations: int | None, categorical: Any) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    if iterations is not None:
        params["iterations"] = iterations
    kind = CatBoostRegressor if task == "regression" else CatBoostClassifier
    steps = {"leaf_estimation_iterations": 10 if task == "binary" else 1}
    # A column for each level of a category does as well as its own coding of them, in a quarter of the time.
    return kind(**CATBOOST_USUAL | steps | params, random_seed=seed, **CATBOOST_ALWAYS)


def _hist_boosting(params: dict[str, Any], task: str, seed: int, iterations: int | None, categorical: Any) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    stop: dict[str, Any] = {"early_stopping": False, "max_iter": iterations} if iterations is not None else {
        "early_stopping": True, "max_iter": 500, "n_iter_no_change": 20}
    # Codes as plain numbers: its own categories bring types into the model that no loader should trust.
    return kind(**{"categorical_features": None} | params | stop, random_state=seed)


def _extra_trees(params: dict[str, Any], task: str, seed: int, iterations: int | None, categorical: Any) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    kind = ExtraTreesRegressor if task == "regression" else ExtraTreesClassifier
    return kind(**params, random_state=seed, n_jobs=1)


def _neighbours(params: dict[str, Any], task: str, seed: int, iterations: int | None, categorical: Any) -> Any:
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    kind = KNeighborsRegressor if task == "regression" else KNeighborsClassifier
    # Brute force adds up distances in one order whatever is asked beside a row, and its file holds arrays alone.
    return kind(**{"algorithm": "brute"} | params, n_jobs=1)


_BUILDERS: dict[str, Callable[..., Any]] = {
    "ridge": _ridge, "logistic": _logistic, "lightgbm": _lightgbm, "catboost": _catboost,
    "hist_boosting": _hist_boosting, "extra_trees": _extra_trees, "neighbours": _neighbours,
}
FAMILIES = tuple(_BUILDERS)


def fit(spec: PipelineSpec, data: FitData, task: str, seed: int, stop: Callable[[], bool],
        iterations: int | None = None) -> tuple[Any, int | None]:
    """(fitted estimator, iterations kept or None); raises Cut when `stop()` said so on the way.

    With `iterations` nothing is left out to stop early by: that many are made.
    """
    import numpy as np

    if not spec.log_target:
        return _fit(spec, data, task, seed, stop, iterations)
    from sklearn.compose import TransformedTargetRegressor

    logged = FitData(data.x, np.log1p(data.y), data.x_valid, np.log1p(data.y_valid), data.categorical)
    inner, iterations = _fit(spec, logged, task, seed, stop, iterations)
    outer = TransformedTargetRegressor(regressor=learner(spec, task, seed, iterations, data.categorical),
                                       func=np.log1p, inverse_func=np.expm1, check_inverse=False)
    outer._training_dim = 1
    outer._fit_transformer(data.y.reshape(-1, 1))
    outer.regressor_ = inner
    return outer, iterations


def _fit(spec: PipelineSpec, data: FitData, task: str, seed: int, stop: Callable[[], bool],
         iterations: int | None) -> tuple[Any, int | None]:
    model = learner(spec, task, seed, iterations, categorical=data.categorical)
    if spec.family == "lightgbm":
        return _fit_lightgbm(model, data, task, stop, iterations)
    if spec.family == "catboost":
        return _fit_catboost(model, data, task, stop, iterations)
    if spec.family == "hist_boosting" and iterations is None:
        rows = _judged(data, task)
        model.fit(data.x, data.y, X_val=data.x_valid[rows], y_val=data.y_valid[rows])
        return model, int(model.n_iter_)
    model.fit(data.x, data.y)
    return model, iterations


def _judged(data: FitData, task: str) -> Any:
    """The validated rows that can say when to stop: those of a class that was not there to learn cannot."""
    import numpy as np

    return slice(None) if task == "regression" else np.isin(data.y_valid, np.unique(data.y))


def _fit_lightgbm(model: Any, data: FitData, task: str, stop: Callable[[], bool],
                  iterations: int | None) -> tuple[Any, int]:
    import lightgbm

    def look(environment: Any) -> None:
        if stop():
            raise Cut

    codes = list(data.categorical) or "auto"
    if iterations is not None:
        return model.fit(data.x, data.y, categorical_feature=codes, callbacks=[look]), iterations
    rows = _judged(data, task)
    model.fit(data.x, data.y, eval_set=[(data.x_valid[rows], data.y_valid[rows])],
              categorical_feature=codes,
              callbacks=[look, lightgbm.early_stopping(PATIENCE, verbose=False, min_delta=0.0)])
    return model, int(model.best_iteration_ or model.n_estimators)


class _Look:
    """What CatBoost asks after each tree: whether to go on."""

    def __init__(self, stop: Callable[[], bool]) -> None:
        self._stop, self.cut = stop, False

    def after_iteration(self, info: Any) -> bool:
        """False ends the fit."""
        self.cut = self.cut or self._stop()
        return not self.cut


def _fit_catboost(model: Any, data: FitData, task: str, stop: Callable[[], bool],
                  iterations: int | None) -> tuple[Any, int]:
    look = _Look(stop)
    if iterations is not None:
        model.fit(data.x, data.y, callbacks=[look])
    else:
        rows = _judged(data, task)
        model.fit(data.x, data.y, eval_set=(data.x_valid[rows], data.y_valid[rows]), early_stopping_rounds=PATIENCE,
                  callbacks=[look])
    if look.cut:
        raise Cut
    return model, int(model.tree_count_)
