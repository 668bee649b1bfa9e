"""Functions that exported pandas code defines for itself where pandas means something else; read as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def read_table(path: str, dates: Any = ()) -> Any:
    """Read Parquet into nullable columns: whole numbers with gaps stay whole, and tests of texts may be missing too."""
    with pd.option_context("mode.string_storage", "python"):
        table = pd.read_parquet(path, dtype_backend="numpy_nullable")
    return table.assign(**{name: pd.to_datetime(table[name]).astype("datetime64[us]") for name in dates})


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
    return pd.Series(written, index=moments.index, dtype="string[python]")


def whisker(values: Any, side: int) -> Any:
    """The last value within one and a half boxes of the quartile below (side -1) or above (side 1)."""
    low, high = values.quantile(0.25), values.quantile(0.75)
    if side < 0:
        return values[values >= low - 1.5 * (high - low)].min()
    return values[values <= high + 1.5 * (high - low)].max()


def shuffled(rows: Any, seed: int = 0, by_value: bool = False) -> Any:
    """A place in a shuffle for each row, by its number (or by value): whole-number arithmetic, the same everywhere."""
    prime = 2**31 - 1
    number = rows.to_numpy() if by_value else np.arange(len(rows), dtype="int64")
    place = np.asarray((number * 48_271 + (seed * 69_621 + 12_345) % prime) % prime)
    for turn in range(2):
        square = place * place % prime
        place = (square * square % prime * place % prime + 1_043_618_065 * turn) % prime
    return pd.Series(place, index=rows.index)


def quantile_bin(place: Any, size: Any, bins: int) -> Any:
    """Which of equally large bins a row is in, from its place in the order; the first bins take what is left over."""
    small, extra = size // bins, size % bins
    early = (place - 1) // (small + 1)
    late = extra + (place - 1 - extra * (small + 1)) // small.mask(small == 0)
    return early.where(place <= extra * (small + 1), late).astype("Int64") + 1


def events_inside(events: Any, time: str, spans: Any, start: str, end: str, keys: Any) -> Any:
    """For each interval the events from its start up to its end, with equal keys."""
    found = []
    for _, span in spans.iterrows():
        inside = (events[time] >= span[start]) & (events[time] < span[end])
        for mine, theirs in keys:
            inside &= (events[mine] == span[theirs]).fillna(False) & pd.notna(span[theirs])
        found.append(events[inside.fillna(False)])
    return found
