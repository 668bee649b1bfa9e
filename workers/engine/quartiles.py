"""Boxes as one aggregate: quartiles found together, whiskers at the last values within their reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

QUARTILES: Mapping[str, int] = {"q1": 0, "median": 1, "q3": 2}
WHISKERS = ("whisker_low", "whisker_high")
REACH = 1.5
_FOUND, _VALUE = "__quartiles", "__boxed"


def boxed(table: Any, keys: Sequence[Any], plain: Mapping[str, Any], value: Any, asked: Mapping[str, str]) -> Any:
    """Groups with the values of `plain` and, of `value`, what `asked` names: {result column: quartile or whisker}.

    A list of quartiles costs one sort of the values where three of them cost three. Whiskers are Tukey's, so they need
    a second look at the rows.
    """
    names = [key.get_name() for key in keys]
    groups = table.group_by(list(keys)).aggregate(**plain, **{_FOUND: value.quantile([0.25, 0.5, 0.75])})
    columns = {name: groups[_FOUND][QUARTILES[what]] for name, what in asked.items() if what in QUARTILES}
    if any(what in WHISKERS for what in asked.values()):
        groups = _with_whiskers(table, keys, names, groups, value)
        columns = {name: groups[_FOUND][QUARTILES[what]] for name, what in asked.items() if what in QUARTILES}
        columns |= {name: groups[f"__{what}"] for name, what in asked.items() if what in WHISKERS}
    return groups.select(*names, *plain, **columns)


def _with_whiskers(table: Any, keys: Sequence[Any], names: Sequence[str], groups: Any, value: Any) -> Any:
    low, high = groups[_FOUND][0], groups[_FOUND][2]
    ends = {"__from": low - REACH * (high - low), "__to": high + REACH * (high - low)}
    fences = groups.select(**{f"__k{i}": groups[name] for i, name in enumerate(names)}, **ends)
    rows = table.select(*keys, **{_VALUE: value})
    # A missing key is a group too.
    near = rows.join(fences, [rows[name].identical_to(fences[f"__k{i}"]) for i, name in enumerate(names)])
    reached = near.group_by(names).aggregate(
        __whisker_low=near[_VALUE].min(where=near[_VALUE] >= near["__from"]),
        __whisker_high=near[_VALUE].max(where=near[_VALUE] <= near["__to"]),
    )
    reached = reached.rename({f"__r{i}": name for i, name in enumerate(names)})
    return groups.join(reached, [groups[name].identical_to(reached[f"__r{i}"]) for i, name in enumerate(names)])
