"""What a model remembers of the rows it learned from: spread, levels and a sample of each raw column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workers.automl.problem import Problem, named, plain, usable_target

SHARES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99, 1.0)
SAMPLE = 1_000
MOST_LEVELS = 200
LONGEST = 400
"""Characters of a text kept in the sample."""


@dataclass(frozen=True, slots=True)
class Known:
    """One raw column in training. Numbers: `quantiles` at `SHARES`; dates: the same as ISO text; else `levels`.

    `usual` is the median or the most frequent level; `whole` says that all numbers were whole; `missing` is a share;
    `all_levels` is False when there were too many levels to keep.
    """

    name: str
    role: str
    missing: float = 0.0
    quantiles: tuple[Any, ...] = ()
    levels: tuple[tuple[Any, int], ...] = ()
    usual: Any = None
    whole: bool = False
    all_levels: bool = True
    boolean: bool = False

    def spread(self, points: int) -> list[Any]:
        """Up to `points` values from the 1 % to the 99 % quantile, evenly in rows."""
        import numpy as np

        if not self.quantiles:
            return []
        if self.boolean:
            return [0, 1]
        numbers = np.array([_number(q) for q in self.quantiles])
        found = np.unique(np.interp(np.linspace(0.01, 0.99, points), SHARES, numbers))
        if self.role == "date":
            return list(dict.fromkeys(_iso(v) for v in found))
        return sorted({round(float(v)) for v in found}) if self.whole else [float(v) for v in found]

    def json(self) -> dict[str, Any]:
        """Its JSON, for `Known.of` and for forms."""
        return {"name": self.name, "role": self.role, "missing": self.missing, "quantiles": list(self.quantiles),
                "levels": [list(level) for level in self.levels], "usual": self.usual, "whole": self.whole,
                "all_levels": self.all_levels, "boolean": self.boolean}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Known:
        """What `json` wrote."""
        return cls(**{**value, "quantiles": tuple(value["quantiles"]),
                      "levels": tuple((level, count) for level, count in value["levels"])})


@dataclass(slots=True)
class Training:
    """The rows of a problem, remembered: `columns` by name, and `rows` of a random sample, target among them."""

    rows: int
    columns: dict[str, Known] = field(default_factory=dict)
    sample: dict[str, list[Any]] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """Its JSON, kept with the model."""
        return {"rows": self.rows, "columns": [known.json() for known in self.columns.values()],
                "sample": self.sample}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Training:
        """What `json` wrote."""
        known = [Known.of(column) for column in value["columns"]]
        return cls(int(value["rows"]), {k.name: k for k in known}, dict(value["sample"]))

    def frame(self) -> Any:
        """The sample as a DataFrame; dates are ISO text, which preparations read."""
        import pandas as pd

        return pd.DataFrame({name: pd.Series(values, dtype=_dtype(values)) for name, values in self.sample.items()})

    def usual(self) -> dict[str, Any]:
        """A row of usual values."""
        return {name: known.usual for name, known in self.columns.items()}


def training_of(frame: Any, problem: Problem, *, seed: int = 0, rows: int = SAMPLE) -> Training:
    """Remember the rows a problem was learned from; at most `rows` of them as they are."""
    import numpy as np

    frame = named(frame)
    frame = frame[usable_target(frame[problem.target])]
    columns = {f.name: _known(frame[f.name], f.name, f.role) for f in problem.used}
    drawn = np.sort(np.random.default_rng(seed).permutation(len(frame))[:rows])
    few = frame.iloc[drawn]
    sample = {name: list(_plain(few[name])) for name in [*columns, problem.target]}
    return Training(len(frame), columns, sample)


def _known(column: Any, name: str, role: str) -> Known:
    import numpy as np
    import pandas as pd

    from workers.automl.preparation import as_numbers, as_text

    if role == "number":
        values = as_numbers(column.to_frame())[:, 0]
        present = values[~np.isnan(values)]
        missing = 1 - len(present) / max(1, len(values))
        if not len(present):
            return Known(name, role, missing)
        quantiles = np.quantile(present, SHARES)
        whole = bool((present == np.round(present)).all())
        usual = float(np.median(present))
        return Known(name, role, round(missing, 6), tuple(float(q) for q in quantiles), (),
                     round(usual) if whole else usual, whole, True, _of_booleans(column))
    if role == "date":
        dates = pd.to_datetime(column, errors="coerce", utc=True, format="mixed").dropna()
        seconds = (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy()
        quantiles = np.quantile(seconds, SHARES) if len(seconds) else []
        spread = tuple(_iso(q) for q in quantiles)
        return Known(name, role, round(1 - len(dates) / max(1, len(column)), 6), spread, (),
                     spread[SHARES.index(0.5)] if spread else None)
    texts = pd.Series(as_text(column.to_frame())[:, 0], dtype=object)
    counts = texts.value_counts()
    kept = tuple((str(level), int(count)) for level, count in counts.head(MOST_LEVELS).items())
    if role == "text":
        kept = ()
    return Known(name, role, round(float(texts.isna().mean()), 6), (), kept,
                 str(counts.index[0])[:LONGEST] if len(counts) else None, False, len(counts) <= MOST_LEVELS)


def _of_booleans(column: Any) -> bool:
    if column.dtype.kind in "iuf":
        return False
    return column.dtype.kind == "b" or all(isinstance(value, bool) for value in column.dropna().head(1000))


def _plain(column: Any) -> Iterator[Any]:
    import pandas as pd

    for value in column.astype(object):
        if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
            yield None
        elif hasattr(value, "isoformat"):
            yield value.isoformat()
        elif isinstance(value, str):
            yield value[:LONGEST]
        elif isinstance(value, float) and abs(value) == float("inf"):
            yield None
        else:
            yield plain(value)


def _dtype(values: list[Any]) -> Any:
    kinds = {type(v) for v in values if v is not None}
    return "float64" if kinds and kinds <= {int, float} else object


def _number(value: Any) -> float:
    import pandas as pd

    if isinstance(value, str):
        return float((pd.Timestamp(value) - pd.Timestamp(0)).total_seconds())
    return float(value)


def _iso(seconds: float) -> str:
    import pandas as pd

    moment = pd.Timestamp(0) + pd.Timedelta(seconds=round(float(seconds)))
    return moment.isoformat() if moment != moment.normalize() else moment.date().isoformat()
