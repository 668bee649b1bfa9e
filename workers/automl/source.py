"""Writes scikit-learn estimators as the Python that builds them."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

INDENT = 4
WIDTH = 110
WHOLE = ("lightgbm", "catboost")
"""Packages that are imported from as a whole: the modules inside are their own affair."""


class Writer:
    """Writes values as source and remembers which imports they need."""

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {}
        self.functions: dict[str, Any] = {}
        self.numpy = False

    def value(self, value: Any, indent: int = 0) -> str:
        """The source of a value; long ones are broken over lines."""
        import numpy as np

        if hasattr(value, "get_params") and not inspect.isclass(value):
            return self._estimator(value, indent)
        if isinstance(value, np.ufunc):
            self.numpy = True
            return f"np.{value.__name__}"
        if inspect.isfunction(value):
            self.functions[value.__name__] = value
            return value.__name__
        if isinstance(value, float) and value != value:
            self.numpy = True
            return "np.nan"
        if isinstance(value, (list, tuple)):
            open_, close = ("[", "]") if isinstance(value, list) else ("(", ")")
            return self._broken(open_, [self.value(v, indent + INDENT) for v in value], close, indent)
        if isinstance(value, dict):
            pairs = [f"{k!r}: {self.value(v, indent + INDENT)}" for k, v in value.items()]
            return self._broken("{", pairs, "}", indent)
        return repr(value.item() if hasattr(value, "item") else value)

    def _estimator(self, estimator: Any, indent: int) -> str:
        kind = type(estimator)
        if kind.__name__ == "Pipeline" and [n for n, _ in estimator.steps] == _automatic(estimator.steps):
            self.imports.setdefault("sklearn.pipeline", set()).add("make_pipeline")
            steps = [self.value(step, indent + INDENT) for _, step in estimator.steps]
            return self._broken("make_pipeline(", steps, ")", indent)
        module = kind.__module__.split("._")[0]
        package = module.split(".")[0]
        self.imports.setdefault(package if package in WHOLE else module, set()).add(kind.__name__)
        first = {"ColumnTransformer": "transformers", "Pipeline": "steps", "FunctionTransformer": "func"}
        changed, leading = _changed(estimator), first.get(kind.__name__, "")
        parts = [self.value(changed.pop(leading), indent + INDENT)] if leading in changed else []
        parts += [f"{name}={self.value(value, indent + INDENT)}" for name, value in changed.items()]
        return self._broken(f"{kind.__name__}(", parts, ")", indent)

    def _broken(self, open_: str, parts: Sequence[str], close: str, indent: int) -> str:
        line = f"{open_}{', '.join(parts)}{close}"
        if len(parts) == 1 and open_ == "(":
            line = f"({parts[0]},)"
        if len(line) + indent <= WIDTH and "\n" not in line:
            return line
        inner = " " * (indent + INDENT)
        return f"{open_}\n" + "".join(f"{inner}{part},\n" for part in parts) + " " * indent + close

    def import_lines(self) -> list[str]:
        """Sorted import statements for what was written."""
        return [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self.imports.items())]


def _automatic(steps: Sequence[tuple[str, Any]]) -> list[str]:
    from sklearn.pipeline import make_pipeline

    return [name for name, _ in make_pipeline(*[step for _, step in steps]).steps]


def _changed(estimator: Any) -> dict[str, Any]:
    """The params of an estimator that differ from what its constructor would give them."""
    signature = inspect.signature(type(estimator).__init__).parameters
    changed = {}
    for name, value in estimator.get_params(deep=False).items():
        known = signature.get(name)
        if known is None or known.default is inspect.Parameter.empty or not _same(known.default, value):
            changed[name] = value
    return changed


def _same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    return bool(a == b or (a != a and b != b))
