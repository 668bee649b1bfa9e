"""Warnings before training: leaks, identifiers, constants, imbalance, few rows, time and group structure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workers.automl import probes
from workers.automl.columns import Feature

if TYPE_CHECKING:
    from workers.automl.problem import Problem

RARE = 0.05
FEW_ROWS = 100


@dataclass(frozen=True, slots=True)
class Guard:
    """One warning: what (`kind`), which columns, in words, how grave, and the one-click repair."""

    kind: str
    columns: list[str]
    message: str
    severity: str = "warn"
    fix: dict[str, Any] | None = None

    def json(self) -> dict[str, Any]:
        """Its JSON, for the browser."""
        return {"kind": self.kind, "columns": self.columns, "message": self.message, "severity": self.severity,
                "fix": self.fix}


def guards_of(rows: Any, y: Any, problem: Problem) -> Iterator[Guard]:
    """All warnings about a table whose target is `y`; probes look at a few thousand rows, for 0.1 to 0.3 s."""
    yield from _leaks(rows, y, problem)
    yield from _unused(problem.features)
    yield from _shape(y, problem)
    if not problem.split.column:
        yield from _order(rows, y, problem)


def _leaks(rows: Any, y: Any, problem: Problem) -> Iterator[Guard]:
    found = probes.leaks(rows, y, problem)
    for leak in found:
        names = " and ".join(leak.columns)
        yield Guard("leak", list(leak.columns),
                    f"{names} {leak.words}. If it is not known when you predict, leave it out.", "error",
                    {"label": f"Leave out {names}", "params": {"exclude": list(leak.columns)}})


def _unused(features: tuple[Feature, ...]) -> Iterator[Guard]:
    kinds = (("id", ("it names each row", "it counts the rows"), "left out: it says which row, not why"),
             ("constant", ("it never changes", "it is empty"), "left out: nothing can be learned from it"),
             ("copy", ("it is a copy of",), "left out: it repeats another column"))
    for kind, reasons, words in kinds:
        for feature in features:
            if feature.role == "unused" and feature.reason.startswith(reasons):
                yield Guard(kind, [feature.name], f"{feature.name} is {words} ({feature.reason}).", "info")


def _shape(y: Any, problem: Problem) -> Iterator[Guard]:
    import numpy as np

    if problem.task != "regression":
        share = np.bincount(y, minlength=len(problem.classes)) / len(y)
        rarest = int(share.argmin())
        limit = RARE if problem.task == "binary" else RARE / len(problem.classes)
        if share[rarest] < limit:
            yield Guard("imbalance", [problem.target], f"Only {share[rarest]:.1%} of rows are "
                        f"{problem.classes[rarest]}; look at average precision and choose the threshold by cost.")
    if len(y) < FEW_ROWS:
        yield Guard("few_rows", [], f"{len(y)} rows are few: scores will be uncertain, as the whiskers show.")
    elif len(y) < 3 * len(problem.used):
        yield Guard("few_rows", [], f"{len(y)} rows are few for {len(problem.used)} columns.")


def _order(rows: Any, y: Any, problem: Problem) -> Iterator[Guard]:
    entity = probes.entity(rows, y, problem)
    if entity:
        yield Guard("group", [entity], f"Rows of one {entity} resemble each other: a random split shows the model its "
                    "test rows' relatives. Split by it to be honest about new ones.", "warn",
                    {"label": f"Split by {entity}", "params": {"group": entity}})
    clock = probes.clock(rows, y, problem)
    if clock:
        yield Guard("time", [clock], f"{problem.target} moves with {clock}: a random split lets the model look into "
                    "the future. Split in order of time to be honest about it.", "warn",
                    {"label": f"Split by {clock}", "params": {"time": clock}})
