"""What each column of a table is to a model: number, category, date, text, or of no use and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LOOK = 20_000
"""Rows looked at to tell the role of a column."""

ID_NAME = re.compile(r"(?i:(^|[^a-z])(id|ids|uuid|guid|pid|key|index|idx|rowid|row|serial|nr)$)|[a-z]I[dD]$")
DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}:\d{2}|\d{1,2} [A-Za-z]{3,9} \d{2,4}|"
                       r"[A-Za-z]{3,9} \d{1,2}, \d{4}")
DOTTED, WORD = re.compile(r"[\d.]+"), re.compile(r"\w\w")


@dataclass(frozen=True, slots=True)
class Feature:
    """One column and its role: number, category, date, text, or unused with the reason."""

    name: str
    role: str
    levels: int = 0
    missing: float = 0.0
    parts: tuple[str, ...] = ()
    reason: str = ""

    def json(self) -> dict[str, Any]:
        """Its JSON, for the browser and for `Feature.of`."""
        return {"name": self.name, "role": self.role, "levels": self.levels, "missing": self.missing,
                "parts": list(self.parts), "reason": self.reason}

    @classmethod
    def of(cls, value: dict[str, Any]) -> Feature:
        """The feature that `json` wrote."""
        return cls(**{**value, "parts": tuple(value.get("parts", ()))})


@dataclass(slots=True)
class _Seen:
    """What a look at one column found."""

    values: Any
    rows: int
    missing: float
    levels: int = 0
    whole: bool = True
    words: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)


def glance(frame: Any) -> Any:
    """The rows whose look decides on roles: all, or LOOK of them drawn by chance, in their order."""
    import numpy as np

    if len(frame) <= LOOK:
        return frame
    return frame.iloc[np.sort(np.random.default_rng(0).permutation(len(frame))[:LOOK])]


def feature_of(column: Any, name: str) -> Feature:
    """The role of one column (a pandas Series), told from its type and values."""
    seen = _look(column)
    if not len(seen.values):
        return Feature(name, "unused", 0, 1.0, reason="it is empty")
    try:
        seen.levels = int(seen.values.nunique())
    except TypeError:
        return Feature(name, "unused", 0, seen.missing, reason="it holds lists or records")
    if seen.levels <= 1:
        return Feature(name, "unused", seen.levels, seen.missing, reason="it never changes")
    kind = column.dtype.kind
    if kind == "M":
        return _date(seen, name)
    if kind in "iufbm":
        return _number(seen, name)
    if kind == "c":
        return Feature(name, "unused", seen.levels, seen.missing, reason="it holds complex numbers")
    return _textual(seen, name)


def _look(column: Any) -> _Seen:
    import numpy as np

    if column.dtype.kind == "f" and isinstance(column.dtype, np.dtype):
        finite = np.isfinite(column.to_numpy())
        values = column if finite.all() else column[finite]
    else:
        values = column.dropna()
    return _Seen(values, len(column), round(1 - len(values) / max(len(column), 1), 4))


def _number(seen: _Seen, name: str) -> Feature:
    import numpy as np

    if seen.values.dtype.kind in "iu" and seen.levels == len(seen.values) and seen.rows >= 20:
        low, high = int(seen.values.min()), int(seen.values.max())
        steps = np.diff(seen.values.to_numpy()[:1000].astype("float64"))
        if (high - low < 1.02 * seen.levels and seen.rows < LOOK) or (bool((steps > 0).all()) and ID_NAME.search(name)):
            return Feature(name, "unused", seen.levels, seen.missing, reason="it counts the rows")
        if ID_NAME.search(name):
            return Feature(name, "unused", seen.levels, seen.missing, reason="it names each row")
        if seen.rows >= LOOK and bool((steps > 0).all()) and float(steps.std()) < 1.5 * float(steps.mean()):
            return Feature(name, "unused", seen.levels, seen.missing, reason="it counts the rows")
    return Feature(name, "number", seen.levels, seen.missing)


def _date(seen: _Seen, name: str) -> Feature:
    import pandas as pd

    dates = pd.to_datetime(seen.values, errors="coerce", utc=True, format="mixed").dropna()
    parts = ["days"]
    if dates.dt.year.nunique() > 1:
        parts.append("year")
    if dates.dt.month.nunique() > 1:
        parts.append("month")
    if dates.dt.day.nunique() > 1:
        parts += ["day", "day_of_week"]
    if ((dates.dt.hour != 0) | (dates.dt.minute != 0)).any():
        parts.append("hour")
    return Feature(name, "date", seen.levels, seen.missing, tuple(parts))


def _textual(seen: _Seen, name: str) -> Feature:
    import pandas as pd

    values = seen.values.astype(object)
    first = values.iloc[:400]
    if all(isinstance(v, (list, dict, set, tuple)) for v in first.iloc[:5]):
        return Feature(name, "unused", seen.levels, seen.missing, reason="it holds lists or records")
    texts = Counter(str(v) for v in first)
    if seen.levels > 2 and _share_of_numbers(texts) > 0.9:
        filled = values[values.astype(str).str.strip() != ""]
        if pd.to_numeric(filled, errors="coerce").notna().mean() > 0.95:
            return Feature(name, "number", seen.levels, seen.missing)
    if _share(texts, DATE_LIKE.search) > 0.9 and _share(texts, DOTTED.fullmatch) < 1:
        dates = pd.to_datetime(first, errors="coerce", utc=True, format="mixed")
        if dates.notna().mean() > 0.95:
            return _date(seen, name)
    words = sum(len(text.split()) * count for text, count in texts.items()) / len(first)
    unique = seen.levels / len(values)
    if words >= 3 and unique > 0.3 and seen.levels > 50 and _share(texts, WORD.search) > 0.5:
        return Feature(name, "text", seen.levels, seen.missing)
    if unique > 0.95 and len(values) >= 20:
        return Feature(name, "unused", seen.levels, seen.missing, reason="it names each row")
    return Feature(name, "category", seen.levels, seen.missing)


def _share(texts: Counter[str], says: Callable[[str], object]) -> float:
    """The share of the counted texts of which `says` is true; each different one is asked once."""
    return sum(count for text, count in texts.items() if says(text)) / texts.total()


def _share_of_numbers(texts: Counter[str]) -> float:
    import numpy as np
    import pandas as pd

    read = pd.to_numeric(pd.Series(list(texts)), errors="coerce").notna().to_numpy()
    return float(read @ np.fromiter(texts.values(), dtype="int64") / texts.total())


def tell_twins(frame: Any, features: list[Feature]) -> list[Feature]:
    """The features, with exact copies of an earlier column set aside."""
    seen: dict[tuple[str, int], str] = {}
    told = []
    for feature in features:
        if feature.role != "unused":
            mark = (feature.role, _mark(frame[feature.name]))
            if mark in seen:
                feature = Feature(feature.name, "unused", feature.levels, feature.missing,
                                  reason=f"it is a copy of {seen[mark]}")
            else:
                seen[mark] = feature.name
        told.append(feature)
    return told


def _mark(column: Any) -> int:
    """A number that equal columns share."""
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufbMm":
        return hash(np.ascontiguousarray(column.to_numpy()).tobytes())
    return hash(pd.util.hash_pandas_object(column.astype(object), index=False).to_numpy().tobytes())
