"""Turns a raw table into the matrix a learner takes, as plain scikit-learn steps fitted inside each fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workers.automl.columns import Feature

MANY_LEVELS = 30
"""Above this many levels a category is encoded by the mean target of its level, out of fold."""


def as_numbers(frame: Any) -> Any:
    """Columns as floats: text that reads as a number is parsed, what does not and infinities are missing."""
    import numpy as np
    import pandas as pd

    if all(isinstance(dtype, np.dtype) and dtype.kind in "iufb" for dtype in frame.dtypes):
        matrix = frame.to_numpy(dtype="float64", copy=True)
        matrix[~np.isfinite(matrix)] = np.nan
        return matrix
    columns = []
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        if column.dtype.kind not in "iufb":
            if column.dtype.kind == "m":
                column = column.dt.total_seconds()
            column = pd.to_numeric(column.astype(object), errors="coerce")
        columns.append(column.to_numpy(dtype="float64", na_value=np.nan))
    matrix = np.column_stack(columns) if columns else np.empty((len(frame), 0))
    matrix[~np.isfinite(matrix)] = np.nan
    return matrix


def as_text(frame: Any) -> Any:
    """Columns as an object matrix of strings, missing as NaN."""
    import numpy as np

    matrix = np.empty(frame.shape, dtype=object)
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position].astype(object)
        present = column.notna().to_numpy()
        matrix[present, position] = [v if type(v) is str else str(v) for v in column[present]]
        matrix[~present, position] = np.nan
    return matrix


def as_words(column: Any) -> Any:
    """A text column as strings, missing as an empty one."""
    return column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)


def date_parts(frame: Any, parts: Any) -> Any:
    """Dates as numbers: days since 2000 and the named calendar parts of each column."""
    import numpy as np
    import pandas as pd

    columns = []
    for position, wanted in enumerate(parts):
        dates = pd.to_datetime(frame.iloc[:, position], errors="coerce", utc=True, format="mixed").dt.tz_localize(None)
        for part in wanted:
            if part == "days":
                values = (dates - pd.Timestamp(2000, 1, 1)).dt.total_seconds() / 86400
            elif part == "hour":
                values = dates.dt.hour + dates.dt.minute / 60
            else:
                values = getattr(dates.dt, part)
            columns.append(values.to_numpy(dtype="float64", na_value=np.nan))
    return np.column_stack(columns)


STATELESS = (as_numbers, as_text, as_words, date_parts)
"""The functions exported code carries along, as they are."""


def tidy(frame: Any, features: Sequence[Feature]) -> Any:
    """The used columns of a table, parsed once, so that each fold need not: the pipelines do the same to a raw one."""
    import pandas as pd

    numbers = [feature.name for feature in features if feature.role == "number"]
    columns: dict[str, Any] = dict(zip(numbers, as_numbers(frame[numbers]).T, strict=True))
    for feature in features:
        if feature.role == "number":
            columns[feature.name] = columns.pop(feature.name)  # in the order of the features
        elif feature.role == "category":
            columns[feature.name] = pd.Series(as_text(frame[[feature.name]])[:, 0], dtype=object)
        elif feature.role == "text":
            columns[feature.name] = pd.Series(as_words(frame[feature.name]), dtype=object)
        elif feature.role == "date":
            dates = pd.to_datetime(frame[feature.name], errors="coerce", utc=True, format="mixed")
            columns[feature.name] = dates.to_numpy(dtype="datetime64[ns]")
    return pd.DataFrame(columns)


def names_by_role(features: Sequence[Feature]) -> dict[str, list[Feature]]:
    """Features by what is done to them; categories split into few and many levels."""
    groups: dict[str, list[Feature]] = {"number": [], "few": [], "many": [], "date": [], "text": []}
    for feature in features:
        if feature.role == "category":
            groups["few" if feature.levels <= MANY_LEVELS else "many"].append(feature)
        elif feature.role in groups:
            groups[feature.role].append(feature)
    return groups


def _names(features: Sequence[Feature]) -> list[str]:
    return [feature.name for feature in features]


def _parts(features: Sequence[Feature]) -> list[list[str]]:
    return [list(feature.parts) for feature in features]


def preparation(kind: str, features: Sequence[Feature], task: str, seed: int) -> Any:
    """An unfitted ColumnTransformer: `tree` (codes, gaps kept), `one_hot` (a column for each level instead of codes),
    or `linear` / `spline` (imputed, scaled, one-hot).
    """
    groups = names_by_role(features)
    if kind in ("tree", "one_hot"):
        return _for_trees(groups, task, seed, one_hot=kind == "one_hot")
    return _for_lines(groups, kind, task, seed)


def _text_step(seed: int, words: int) -> Any:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(as_words), TfidfVectorizer(max_features=5000, sublinear_tf=True),
                         TruncatedSVD(words, random_state=seed))


def _target_step(task: str, seed: int) -> Any:
    from sklearn.preprocessing import TargetEncoder

    return TargetEncoder(target_type={"regression": "continuous"}.get(task, task), random_state=seed)


def _for_trees(groups: Mapping[str, Sequence[Feature]], task: str, seed: int, *, one_hot: bool) -> Any:
    import numpy as np
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder

    steps: list[tuple[str, Any, Any]] = []
    if groups["few"]:
        codes = OneHotEncoder(handle_unknown="ignore", sparse_output=False) if one_hot else OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
        steps.append(("categories", make_pipeline(FunctionTransformer(as_text), codes), _names(groups["few"])))
    if groups["many"]:
        encode = make_pipeline(FunctionTransformer(as_text), _target_step(task, seed))
        steps.append(("levels", encode, _names(groups["many"])))
    if groups["number"]:
        steps.append(("numbers", FunctionTransformer(as_numbers), _names(groups["number"])))
    if groups["date"]:
        dates = FunctionTransformer(date_parts, kw_args={"parts": _parts(groups["date"])})
        steps.append(("dates", dates, _names(groups["date"])))
    for at, feature in enumerate(groups["text"]):
        steps.append((f"text_{at + 1}", _text_step(seed, 16), feature.name))
    return ColumnTransformer(steps, sparse_threshold=0)


def _for_lines(groups: Mapping[str, Sequence[Feature]], kind: str, task: str, seed: int) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer, StandardScaler

    def scaled(first: Any, curved: bool = False) -> Any:
        fill = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        curve = [SplineTransformer(n_knots=6, degree=2, knots="quantile", include_bias=False)] if curved else []
        return make_pipeline(first, fill, StandardScaler(), *curve)

    steps: list[tuple[str, Any, Any]] = []
    if groups["few"] or groups["many"]:
        onehot = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=25, sparse_output=False)
        names = _names([*groups["few"], *groups["many"]])
        steps.append(("categories", make_pipeline(FunctionTransformer(as_text), onehot), names))
    if groups["many"]:
        encode = make_pipeline(FunctionTransformer(as_text), _target_step(task, seed), StandardScaler())
        steps.append(("levels", encode, _names(groups["many"])))
    if groups["number"]:
        numbers = scaled(FunctionTransformer(as_numbers), kind == "spline")
        steps.append(("numbers", numbers, _names(groups["number"])))
    if groups["date"]:
        dates = FunctionTransformer(date_parts, kw_args={"parts": _parts(groups["date"])})
        steps.append(("dates", scaled(dates, kind == "spline"), _names(groups["date"])))
    for at, feature in enumerate(groups["text"]):
        steps.append((f"text_{at + 1}", make_pipeline(_text_step(seed, 32), StandardScaler()), feature.name))
    return ColumnTransformer(steps, sparse_threshold=0)


def categorical_positions(features: Sequence[Feature]) -> list[int]:
    """Which columns of the `tree` matrix hold category codes; they come first."""
    return list(range(len(names_by_role(features)["few"])))
