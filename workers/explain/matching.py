"""How a new table meets a model: what is missing, extra, of another type or unseen, and what was done."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from workers.automl.predictor import Predictor
from workers.automl.problem import named
from workers.explain.local import MISSING, scale, short, words_of
from workers.explain.training import Known, Training
from workers.kind import CellError

Fill = Literal["refuse", "empty", "usual"]
State = Literal["fits", "read", "unseen", "outside", "renamed", "missing", "extra", "target"]
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Match:
    """One column: how it fits, in words what was found and what was done, and how many rows that touched."""

    column: str
    state: State
    words: str
    rows: int = 0
    role: str = ""

    def json(self) -> dict[str, Any]:
        """For the match table of a view."""
        return {"column": self.column, "state": self.state, "words": self.words, "rows": self.rows, "role": self.role}


@dataclass(slots=True)
class Matching:
    """The table as the model reads it, one Match for each column, and what is odd about single rows.

    `notes` holds a text for each row with something taken as missing, else None; `errors` for rows that cannot be
    predicted at all.
    """

    frame: Any
    matches: list[Match]
    notes: list[str | None] = field(default_factory=list)
    errors: list[str | None] = field(default_factory=list)

    @property
    def odd(self) -> list[Match]:
        """The columns that do not simply fit."""
        return [m for m in self.matches if m.state not in ("fits", "target")]


def match(predictor: Predictor, training: Training | None, frame: Any, fill: Fill = "refuse") -> Matching:
    """Bring a new table into the shape of a model.

    Raises missing_columns when columns are lacking and `fill` refuses, no_columns when none is there, no_rows.
    """
    frame = named(frame)
    names = names_in(predictor, frame.columns)
    lacking = [f.name for f in predictor.problem.used if f.name not in names]
    _refuse(predictor, frame, lacking, fill)
    notes: list[list[str]] = [[] for _ in range(len(frame))]
    columns, matches = {}, []
    for feature in predictor.problem.used:
        known = training.columns.get(feature.name) if training else None
        if feature.name in lacking:
            columns[feature.name], found = _absent(feature.name, known, fill, len(frame))
        else:
            column = frame[names[feature.name]]
            columns[feature.name], found = _present(column, known or Known(feature.name, feature.role), notes)
            if names[feature.name] != feature.name:
                words = f"taken from “{names[feature.name]}”; {found.words}"
                found = Match(feature.name, "renamed", words, found.rows, feature.role)
        matches.append(found)
    import pandas as pd

    matches += _others(predictor, frame.columns, set(names.values()))
    ready = pd.DataFrame(columns, index=frame.index)
    empty = ready.isna().all(axis=1).to_numpy()
    return Matching(ready, matches, ["; ".join(n) or None for n in notes],
                    ["No feature has a value in this row." if e else None for e in empty])


def names_in(predictor: Predictor, columns: Sequence[str]) -> dict[str, str]:
    """The column of the table for each feature: of the same name, else the only one alike but for case and spaces."""
    wanted = [f.name for f in predictor.problem.used]
    free = [c for c in columns if c not in wanted and c != predictor.problem.target]
    found = {name: name for name in wanted if name in columns}
    for name in wanted:
        alike = [c for c in free if _bare(c) == _bare(name)]
        if name not in found and len(alike) == 1:
            found[name] = alike[0]
    return found


def _bare(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _refuse(predictor: Predictor, frame: Any, lacking: list[str], fill: Fill) -> None:
    if not len(frame):
        raise CellError("no_rows", "The table has no rows to predict.")
    if len(lacking) == len(predictor.problem.used):
        raise CellError("no_columns", "The table has none of the columns the model was trained on: "
                                      f"{', '.join(lacking[:SHOWN])}{'…' if len(lacking) > SHOWN else ''}.")
    if lacking and fill == "refuse":
        near = difflib.get_close_matches(lacking[0], [str(c) for c in frame.columns], 1)
        hint = f" Is {near[0]} meant by {lacking[0]}?" if near and len(lacking) == 1 else ""
        more = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
        raise CellError("missing_columns", f"The table lacks {', '.join(lacking[:SHOWN])}{more}, which the model was "
                                           f"trained on.{hint}", param="missing",
                        fix={"label": "Leave them empty", "params": {"missing": "empty"}})


def _absent(name: str, known: Known | None, fill: Fill, rows: int) -> tuple[Any, Match]:
    role = known.role if known else ""
    if fill == "usual" and known is not None and known.usual is not None:
        return [known.usual] * rows, Match(name, "missing", f"not in the table; taken as {_shown(known.usual)}, the "
                                                            "usual value in training", rows, role)
    return [None] * rows, Match(name, "missing", "not in the table; taken as missing in every row", rows, role)


def _shown(value: Any) -> str:
    return short(float(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _present(column: Any, known: Known, notes: list[list[str]]) -> tuple[Any, Match]:
    if known.role == "number":
        return _numbers(column, known, notes)
    if known.role == "date":
        return _dates(column, known, notes)
    if known.role == "category":
        return _category(column, known, notes)
    if column.dtype.kind in "iufb":
        return column.astype(object), Match(known.name, "read", "numbers read as text", len(column), known.role)
    return column, Match(known.name, "fits", "text", 0, known.role)


def _numbers(column: Any, known: Known, notes: list[list[str]]) -> tuple[Any, Match]:
    import numpy as np

    values = scale(column, "number")
    present = column.notna().to_numpy() & (column.astype(object).map(lambda v: not _blank(v))).to_numpy()
    lost = np.flatnonzero(present & np.isnan(values))
    for row in lost:
        notes[row].append(f"{known.name}: “{str(column.iloc[row])[:40]}” is no number, taken as missing")
    found = [("read", "no numbers; taken as missing", len(lost))]
    outside = np.flatnonzero(_outside(values, known) & ~np.isnan(values))
    if len(outside):
        low, high = (short(float(q)) for q in (known.quantiles[0], known.quantiles[-1]))
        for row in outside:
            notes[row].append(f"{known.name}: {short(float(values[row]))} is outside {low} to {high}")
        found.append(("outside", f"outside {low} to {high}, the range in training", len(outside)))
    gaps = int((~present).sum()) if known.quantiles and not known.missing else 0
    found.append(("unseen", "missing, which it never was in training", gaps))
    return values, _worst(found, known, column.dtype.kind in "iufb", len(column))


def _worst(found: list[tuple[str, str, int]], known: Known, typed: bool, rows: int) -> Match:
    """One Match for all that was found in a column of numbers, the words of each with its rows."""
    odd = [one for one in found if one[2]]
    if not odd:
        if typed:
            return Match(known.name, "fits", "number", 0, known.role)
        return Match(known.name, "read", "text read as numbers", rows, known.role)
    state: Any = odd[0][0]
    return Match(known.name, state, "; also ".join(words for _, words, _ in odd), sum(n for *_, n in odd), known.role)


def _blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _outside(values: Any, known: Known) -> Any:
    """(rows,) whether a number lies outside the training data."""
    if not known.quantiles:
        return values != values
    return (values < known.quantiles[0]) | (values > known.quantiles[-1])


def _dates(column: Any, known: Known, notes: list[list[str]]) -> tuple[Any, Match]:
    import numpy as np

    if column.dtype.kind in "iufb":
        rows = len(column)
        return [None] * rows, Match(known.name, "read", "numbers are no dates; taken as missing in every row", rows,
                                    known.role)
    seconds = scale(column, "date")
    lost = np.flatnonzero(column.notna().to_numpy() & np.isnan(seconds))
    for row in lost:
        notes[row].append(f"{known.name}: “{str(column.iloc[row])[:40]}” is no date, taken as missing")
    if len(lost):
        return column.mask(np.isnan(seconds)), Match(known.name, "read", "no dates; taken as missing", len(lost),
                                                     known.role)
    if known.quantiles:
        import pandas as pd

        low, high = pd.Timestamp(known.quantiles[0]).timestamp(), pd.Timestamp(known.quantiles[-1]).timestamp()
        outside = int(((seconds < low - 86400) | (seconds > high + 86400)).sum())
        if outside:
            words = f"outside {str(known.quantiles[0])[:10]} to {str(known.quantiles[-1])[:10]}, the range in training"
            return column, Match(known.name, "outside", words, outside, known.role)
    return column, Match(known.name, "fits", "date", 0, known.role)


def _category(column: Any, known: Known, notes: list[list[str]]) -> tuple[Any, Match]:
    import numpy as np

    texts = words_of(column)
    levels = {str(level) for level, _ in known.levels}
    read = False
    if column.dtype.kind == "f" and not levels & set(texts):
        # A gap among whole numbers makes a file's reader write 3.0 for what was 3.
        texts = np.array([t[:-2] if t.endswith(".0") else t for t in texts], dtype=object)
        read = True
    values: Any = np.where(texts == MISSING, None, texts)
    strange = ~np.isin(texts.astype(str), sorted(levels | {MISSING})) if known.all_levels and levels else np.zeros(
        len(texts), dtype=bool)
    if strange.any():
        new = list(dict.fromkeys(texts[strange]))
        for row in np.flatnonzero(strange):
            notes[row].append(f"{known.name}: “{str(texts[row])[:40]}” was never seen in training")
        named_few = ", ".join(f"“{str(v)[:30]}”" for v in new[:SHOWN]) + ("…" if len(new) > SHOWN else "")
        return values, Match(known.name, "unseen", f"never seen in training: {named_few}; taken as unknown",
                             int(strange.sum()), known.role)
    words = "numbers read as categories" if read or column.dtype.kind in "iu" else "category"
    return values, Match(known.name, "read" if words != "category" else "fits", words, 0, known.role)


def _others(predictor: Predictor, columns: Sequence[str], taken: set[str]) -> list[Match]:
    left = [c for c in columns if c not in taken]
    unused = {f.name: f.reason for f in predictor.problem.features if f.role == "unused"}
    found = []
    for name in left:
        if name == predictor.problem.target:
            found.append(Match(name, "target", "what is predicted; not read"))
        elif name in unused:
            found.append(Match(name, "extra", f"not used: {unused[name]}"))
        else:
            found.append(Match(name, "extra", "unknown to the model; passed on, not used"))
    return found
