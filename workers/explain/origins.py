"""Which raw column each column of a prepared matrix comes from, followed through a preparation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def origins_of(prepare: Any, columns: Sequence[str]) -> Any:
    """(prepared columns,) positions in `columns`, for a fitted ColumnTransformer."""
    import numpy as np

    found = np.zeros(sum(s.stop - s.start for s in prepare.output_indices_.values()), dtype=int)
    places = {name: place for place, name in enumerate(columns)}
    for name, step, names in prepare.transformers_:
        out = prepare.output_indices_.get(name)
        if out is None or out.stop == out.start:
            continue
        start = [places[n] for n in ([names] if isinstance(names, str) else names)]
        found[out] = _through(step, start, out.stop - out.start)
    return found


def _through(step: Any, origins: list[int], width: int) -> list[int]:
    """The origins behind a transformer or a pipeline of them that puts out `width` columns."""
    if len(set(origins)) == 1:
        return [origins[0]] * width
    for one in [s for _, s in step.steps] if hasattr(step, "steps") else [step]:
        origins = _after(one, origins)
    if len(origins) == width:
        return origins
    if width % len(origins) == 0:
        # Each column became as many: one for each class, or one for each piece of a spline.
        return [origin for origin in origins for _ in range(width // len(origins))]
    raise ValueError(f"{type(step).__name__} makes {width} columns of {len(origins)}: their origin is not known")


def _after(step: Any, origins: list[int]) -> list[int]:
    kind = type(step).__name__
    if kind == "OneHotEncoder":
        return [o for o, width in zip(origins, step._n_features_outs, strict=True) for _ in range(width)]
    if kind == "SimpleImputer" and step.add_indicator:
        return origins + [origins[place] for place in step.indicator_.features_]
    if kind == "FunctionTransformer" and step.kw_args and "parts" in step.kw_args:
        return [o for o, parts in zip(origins, step.kw_args["parts"], strict=True) for _ in parts]
    if kind in ("SplineTransformer", "TargetEncoder"):
        wide = getattr(step, "n_features_out_", None) or len(origins) * max(1, len(getattr(step, "classes_", ())) if
                                                                            step.target_type_ == "multiclass" else 1)
        return [o for o in origins for _ in range(wide // len(origins))]
    return origins
