"""The statistics behind the guards: one-column probes, sums that hold the target, entities, clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workers.automl.columns import ID_NAME
from workers.automl.metrics import METRICS
from workers.automl.preparation import as_numbers, date_parts

if TYPE_CHECKING:
    from workers.automl.problem import Problem

LOOK, MOST_ROWS = 4_000, 100_000
FEWEST, MOST_CELLS = 1_000, 2_000_000
"""A wide table is looked at on fewer rows, so that all its columns are."""
MOST_PARTS = 40
ALONE_AUC, ALONE_R2, ALONE_GAIN = 0.99, 0.98, 0.98


@dataclass(frozen=True, slots=True)
class Leak:
    """Columns that give the target away, and how."""

    columns: tuple[str, ...]
    words: str


def leaks(rows: Any, y: Any, problem: Problem) -> list[Leak]:
    """Columns that answer alone, and sums that hold the target."""
    import numpy as np

    rng = np.random.default_rng(0)
    at = np.sort(rng.permutation(len(rows))[:max(FEWEST, min(LOOK, MOST_CELLS // max(len(problem.used), 1)))])
    rows, y = rows.iloc[at], y[at]
    learn = rng.permutation(len(y)) < len(y) // 2
    values = as_numbers(rows[[f.name for f in problem.used if f.role == "number"]]).T
    codes = dict(zip([f.name for f in problem.used if f.role == "number"], values, strict=True))
    codes |= {f.name: _codes(rows[[f.name]], f) for f in problem.used if f.role in ("category", "date")}
    alone = [f.name for f in problem.used if f.name in codes
             and _answers_alone(codes[f.name], f.role == "category", y, learn, problem)]
    found = [Leak((name,), f"answers {problem.target} almost alone") for name in alone]
    if problem.task == "regression":
        numbers = [f.name for f in problem.used if f.role == "number" and f.name not in alone and f.levels > 2]
        found += _sums(as_numbers(rows[numbers]), numbers, y, problem.target)
    return found


def _codes(column: Any, feature: Any) -> Any:
    if feature.role == "date":
        return date_parts(column, [["days"]])[:, 0]
    import pandas as pd

    return pd.factorize(column.iloc[:, 0])[0].astype(float)


def _answers_alone(x: Any, category: bool, y: Any, learn: Any, problem: Problem) -> bool:
    import numpy as np

    bins = x if category else np.where(np.isnan(x), -1, np.searchsorted(
        np.unique(np.nanquantile(x[learn], np.linspace(0, 1, 65)[1:-1])), x, side="right"))
    bins = bins.astype(int) + 1
    size = int(bins.max()) + 1
    count = np.bincount(bins[learn], minlength=size)
    test = ~learn
    if problem.task == "multiclass":
        table = np.zeros((size, len(problem.classes)))
        np.add.at(table, (bins[learn], y[learn]), 1)
        usual = float(np.bincount(y[test]).max() / test.sum())
        right = float(np.mean(table.argmax(axis=1)[bins[test]] == y[test]))
        return usual < 0.995 and (right - usual) / (1 - usual) > ALONE_GAIN
    mean = float(y[learn].mean())
    table = (np.bincount(bins[learn], weights=y[learn], minlength=size) + mean) / (count + 1)
    guess = table[bins[test]]
    if problem.task == "binary":
        few = min(int((y[test] == 1).sum()), int((y[test] == 0).sum())) < 5
        return not few and METRICS["roc_auc"].score(y[test], guess) > ALONE_AUC
    explained = METRICS["r2"].score(y[test], guess)
    return explained > ALONE_R2 or (explained > 0.6 and not category and _moves_with(x, y))


def _moves_with(x: Any, y: Any) -> bool:
    import numpy as np
    from scipy.stats import rankdata

    both = ~np.isnan(x)
    if both.mean() < 0.5 or len(np.unique(x[both])) < 20:
        return False
    straight = np.corrcoef(x[both], y[both])[0, 1] ** 2
    ranked = np.corrcoef(rankdata(x[both]), rankdata(y[both]))[0, 1] ** 2
    return bool(straight > ALONE_R2 or ranked > 0.985)


def _sums(x: Any, names: list[str], y: Any, target: str) -> list[Leak]:
    """Sums: a column that is the target plus others (a total), or parts that add up to the target."""
    import numpy as np

    if len(names) < 2:
        return []
    keep = np.isfinite(x).mean(axis=0) > 0.9
    names = [n for n, k in zip(names, keep, strict=True) if k]
    x = x[:, keep]
    whole = np.isfinite(x).all(axis=1)
    x, y = x[whole][:1500], y[whole][:1500]
    if len(y) < 30 or len(names) < 2:
        return []
    spread = x.std(axis=0)
    along = np.abs((x - x.mean(axis=0)).T @ (y - y.mean())) / np.where(spread > 0, spread, np.inf)
    near = np.argsort(-along)[:MOST_PARTS]
    x, names = x[:, near], [names[i] for i in near]
    for place in range(min(12, len(names))):
        parts = _sum_with(x, int(place), y, names)
        if parts:
            return [Leak(tuple(parts), f"hold{'s' if len(parts) == 1 else ''} {target}: the numbers add up")]
    return []


def _sum_with(x: Any, place: int, y: Any, names: list[str]) -> list[str]:
    import numpy as np

    others = [i for i in range(x.shape[1]) if i != place]
    total = x[:, place]
    design = np.column_stack([y, x[:, others], np.ones(len(y))])
    fit = np.linalg.lstsq(design, total, rcond=None)[0]
    spread = float(total.std())
    if not spread or abs(fit[0] - 1) > 0.3 or np.std(total - design @ fit) > 0.2 * spread:
        return []
    weight = np.abs(fit) * design.std(axis=0) / spread
    heavy = {i: round(float(fit[k + 1])) for k, i in enumerate(others) if weight[k + 1] > 0.05}
    loose = [i for k, i in enumerate(others) if i in heavy and abs(abs(fit[k + 1]) - 1) > 0.3]
    if weight[0] < 0.05 or not heavy or loose:
        return []
    # The hypothesis itself: total = target + parts, exactly or up to a few fixed charges.
    rest = total - y - sum(sign * x[:, i] for i, sign in heavy.items())
    if np.std(rest) > 0.1 * np.std(y) and not _few_values(rest, total):
        return []
    return [names[place]] + [names[i] for i, sign in heavy.items() if sign < 0]


def _few_values(rest: Any, total: Any) -> bool:
    import numpy as np

    values, counts = np.unique(np.round(rest, 6), return_counts=True)
    return bool(np.sort(counts)[::-1][:30].sum() > 0.9 * len(rest) and len(values) * 3 < len(np.unique(total)))


def entity(rows: Any, y: Any, problem: Problem) -> str:
    """A column naming things that come back in several rows alike in the target: a panel, patients, machines."""
    import numpy as np
    import pandas as pd

    rows, y = rows.iloc[:MOST_ROWS], y[:MOST_ROWS]
    years = [f.name for f in problem.used if f.role == "date" or (f.role == "number" and 3 <= f.levels <= 400)]
    for feature in problem.used:
        named = bool(ID_NAME.search(feature.name))
        if not 10 <= feature.levels <= len(rows) / 2 or not (feature.role == "category" or named):
            continue
        codes = pd.factorize(rows[feature.name].astype(object))[0]
        if _alike(codes, y, problem) < (0.2 if named else 0.4):
            continue
        largest = rows.iloc[np.flatnonzero(codes == np.bincount(codes + 1)[1:].argmax())]
        if named or _panel(codes, rows, largest, [year for year in years if year != feature.name]) \
                or _fixed(codes, rows, largest, problem, feature.name) >= 2:
            return feature.name
    return ""


def _alike(codes: Any, y: Any, problem: Problem) -> float:
    """The share of the target's variance between groups, corrected for chance (an intraclass correlation)."""
    import numpy as np

    counts = np.bincount(codes + 1)
    if problem.task == "multiclass":
        y = (y == np.bincount(y).argmax()).astype(float)
    means = np.bincount(codes + 1, weights=y) / np.maximum(counts, 1)
    groups = int((counts > 0).sum())
    within = float(np.sum((y - means[codes + 1]) ** 2)) / max(len(y) - groups, 1)
    total = float(np.var(y))
    return 1 - within / total if total else 0.0


def _panel(codes: Any, rows: Any, largest: Any, years: list[str]) -> bool:
    """Whether each thing has each moment once; a look at the `largest` group rules most columns out."""
    import pandas as pd

    groups = int(codes.max()) + 1
    for year in years:
        if not largest[year].is_unique:
            continue
        moments = pd.factorize(rows[year].astype(object))[0]
        pairs = len(set(zip(codes.tolist(), moments.tolist(), strict=True)))
        if pairs == len(rows) and pairs > 0.5 * groups * (int(moments.max()) + 1):
            return True
    return False


def _fixed(codes: Any, rows: Any, largest: Any, problem: Problem, name: str) -> int:
    """How many other columns never change within a group though they differ between groups."""
    import pandas as pd

    found = 0
    for feature in problem.used:
        if feature.name == name or feature.role not in ("number", "category") or feature.levels <= 2:
            continue
        if largest[feature.name].nunique(dropna=False) > 1:
            continue
        other = pd.factorize(rows[feature.name].astype(object))[0]
        pairs = len(set(zip(codes.tolist(), other.tolist(), strict=True)))
        found += pairs == len(set(codes.tolist()))
    return found


def clock(rows: Any, y: Any, problem: Problem) -> str:
    """A date column the target moves with: near rows in time are alike, or there is a trend."""
    import numpy as np
    from scipy.stats import spearmanr

    rows, y = rows.iloc[:MOST_ROWS], y[:MOST_ROWS]
    for feature in problem.used:
        if feature.role != "date" or feature.levels < 10:
            continue
        days = date_parts(rows[[feature.name]], [["days"]])[:, 0]
        known = np.isfinite(days)
        order = np.argsort(days[known], kind="stable")
        z = y[known].astype(float)[order]
        if len(z) < 30 or not z.std():
            continue
        lagged = float(np.corrcoef(z[1:], z[:-1])[0, 1])
        trend = float(spearmanr(np.arange(len(z)), z).statistic)
        if lagged > 0.25 or abs(trend) > 0.25:
            return feature.name
    return ""
