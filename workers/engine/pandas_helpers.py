"""Functions that exported pandas code defines for itself where pandas means something else; read as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def round_half_away(values: Any, digits: int = 0) -> Any:
    """Round as on paper: halves go away from zero (pandas takes them to the even digit)."""
    scaled = values * 10.0**digits
    whole = np.trunc(scaled)
    return (whole + np.sign(scaled) * ((scaled - whole).abs() >= 0.5)) / 10.0**digits


def power(base: Any, exponent: Any) -> Any:
    """Powers; missing where there is no real value or where one of the two is missing."""
    base, exponent = (pd.Series(v, dtype="Float64") for v in (base, exponent))
    bad = ((base < 0) & (exponent % 1 != 0)) | ((base == 0) & (exponent < 0))
    return (base.mask(bad) ** exponent).mask(bad | base.isna() | exponent.isna())


def whole_numbers(texts: Any) -> Any:
    """Texts as whole numbers of any length; missing where they are none."""

    def read(text: Any) -> Any:
        try:
            return int(text)
        except (TypeError, ValueError):
            number = float(pd.to_numeric(text, errors="coerce")) if isinstance(text, str) else np.nan
            return int(np.sign(number) * np.floor(abs(number) + 0.5)) if np.isfinite(number) else None

    return pd.Series([read(text) for text in texts], index=texts.index, dtype="Int64")


def smallest(first: Any, *others: Any) -> Any:
    """The smallest of several values in each row; missing ones do not count."""
    for other in others:
        first = first.where(other.isna() | (first <= other).fillna(False), other)
    return first


def largest(first: Any, *others: Any) -> Any:
    """The largest of several values in each row; missing ones do not count."""
    for other in others:
        first = first.where(other.isna() | (first >= other).fillna(False), other)
    return first


def pair_by_pair(test: Any, left: Any, right: Any) -> Any:
    """A test of two texts in each row; missing where one of them is."""
    pairs = zip(left, right, strict=True)
    return pd.Series([None if pd.isna(a) or pd.isna(b) else test(a, b) for a, b in pairs], index=left.index)


def date_text(moments: Any) -> Any:
    """Moments as text, with a fraction of a second only where there is one."""

    def write(moment: Any) -> Any:
        text = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    written = [None if pd.isna(moment) else write(moment) for moment in moments]
    return pd.Series(written, index=moments.index, dtype="string")


def whisker(values: Any, side: int) -> Any:
    """The last value within one and a half boxes of the quartile below (side -1) or above (side 1)."""
    low, high = values.quantile(0.25), values.quantile(0.75)
    if side < 0:
        return values[values >= low - 1.5 * (high - low)].min()
    return values[values <= high + 1.5 * (high - low)].max()
