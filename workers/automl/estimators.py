"""The one estimator of our own: a weighted average of fitted pipelines, which is what the folds of one become."""

from __future__ import annotations

from typing import Any


class Blend:
    """Averages fitted scikit-learn pipelines over raw tables; `classes` is the number of classes, 0 for regression.

    `predict_proba` gives (n, classes); `predict` gives class indices or values. Pipelines that share a fitted
    preparation share its work.
    """

    def __init__(self, pipelines: list[Any], weights: list[float], classes: int = 0) -> None:
        self.pipelines, self.weights, self.classes = pipelines, weights, classes

    @property
    def _estimator_type(self) -> str:
        return "classifier" if self.classes else "regressor"

    @property
    def classes_(self) -> Any:
        """The class indices, as scikit-learn names them."""
        import numpy as np

        return np.arange(self.classes)

    def __sklearn_tags__(self) -> Any:
        from sklearn.linear_model import LogisticRegression, Ridge

        return (LogisticRegression() if self.classes else Ridge()).__sklearn_tags__()

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """As scikit-learn wants it."""
        return {"pipelines": self.pipelines, "weights": self.weights, "classes": self.classes}

    def fit(self, frame: Any, y: Any = None) -> Blend:
        """Nothing to fit: the pipelines are."""
        return self

    def _average(self, frame: Any) -> Any:
        matrices: dict[int, Any] = {}
        total: Any = 0.0
        for pipeline, weight in zip(self.pipelines, self.weights, strict=True):
            prepare, model = pipeline.steps[0][1], pipeline.steps[-1][1]
            if id(prepare) not in matrices:
                matrices[id(prepare)] = prepare.transform(frame)
            total = total + weight * raw_predictions(model, matrices[id(prepare)], self.classes)
        return total / sum(self.weights)

    def predict_proba(self, frame: Any) -> Any:
        """Probabilities of all classes, (n, classes)."""
        import numpy as np

        if not self.classes:
            raise AttributeError("a regression has no probabilities")
        p = self._average(frame)
        return np.column_stack([1 - p, p]) if self.classes == 2 else p

    def predict(self, frame: Any) -> Any:
        """Values, or the index of the likeliest class."""
        return self.predict_proba(frame).argmax(axis=1) if self.classes else self._average(frame)

    def scores(self, frame: Any) -> Any:
        """What the metrics take: (n,) values or probabilities of the second class, or (n, classes)."""
        return self._average(frame)


def raw_predictions(model: Any, x: Any, classes: int) -> Any:
    """Predictions of one fitted learner in the shape of the metrics; classes a fold never saw get 0."""
    import numpy as np

    # CatBoost alone takes all cores to predict unless it is told, here too, to take one.
    one = {"thread_count": 1} if _of_catboost(model) else {}
    if not classes:
        return np.asarray(model.predict(x, **one), dtype="float64").ravel()
    p = model.predict_proba(x, **one)
    seen = np.asarray(model.classes_).astype(int)
    if len(seen) < classes:
        whole = np.zeros((len(p), classes))
        whole[:, seen] = p
        p = whole
    return p[:, 1] if classes == 2 else p


def _of_catboost(model: Any) -> bool:
    return hasattr(getattr(model, "regressor_", model), "tree_count_")
