"""Makes what a search leaves behind while it goes on: models, reports, comparisons, code; so its end is short."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from workers.automl import reports
from workers.automl.export import code_of
from workers.automl.kept import Keeper, rows_to_keep
from workers.automl.leaderboard import BLEND, Leaderboard
from workers.kind import BEST

if TYPE_CHECKING:
    from workers.automl.material import Material
    from workers.automl.shelf import Shelf
    from workers.store import Store

SHOWN = 6
"""Rows of the leaderboard with a report and code of their own."""
AHEAD = 0.5
"""The share of a search after which its end is prepared; what leads before that seldom stays."""
FIRST_GUESS = 0.05
"""Seconds a piece may take before one of its kind was measured."""
LAST = 0.12
"""Seconds to write the last step and say so."""
CURVE_SHARE = 0.04
"""Of the time a search takes, what a learning curve may cost."""

Piece = tuple[str, tuple[Any, ...], Callable[[], Any]]
"""What kind of work, what it follows from, and the work."""


@dataclass
class Closing:
    """The end of one search, prepared piece by piece; `deadline` is when all must be written (on `perf_counter`).

    A piece is worked out once for what it follows from: what leads half-way and still leads at the end costs nothing.
    """

    store: Store
    fingerprint: str
    training: Mapping[str, Any]
    deadline: float | None = None
    material: Material | None = None
    shelf: Shelf | None = None
    _keeper: Keeper = field(init=False)
    _done: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    _longest: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._keeper = Keeper(self.store, self.fingerprint)

    def ahead(self, board: Leaderboard) -> None:
        """Do one piece of the end now, if it is near: workers go on with their trials meanwhile."""
        if self.deadline is None or (board.fraction < AHEAD and self._longest) or not board.best:
            return
        for mark, key, work in self._pieces(board):
            if key not in self._done:
                self._do(mark, key, work)
                return

    def seconds(self) -> float:
        """How long the end may take: all pieces of a new best, as long as each has ever taken, and some more."""
        one = sum(self._longest.get(mark, FIRST_GUESS) for mark in ("keep", "report", "drawn", "code"))
        return 1.4 * one + LAST

    def finish(self, board: Leaderboard) -> dict[str, Any]:
        """Keep the models and tell the rest; what is not of the best is left out where time is short."""
        best = leading(board)[0]
        for mark, key, work in self._pieces(board):
            if key not in self._done and (key[1] == best or self._time_for(mark)):
                self._do(mark, key, work)
        rows = {name: weights for name, weights in rows_to_keep(board).items()
                if name in (BEST, BLEND) or self._key("keep", board, name) in self._done or self._time_for("keep")}
        self._keeper.finish(board, rows, self.training)
        if self.shelf is not None:
            self.shelf.remember(self.fingerprint, board, rows)
        told: dict[str, Any] = {"kept": list(rows), "pareto": reports.pareto(board), "reports": {}, "code": {},
                                "versus": {}}
        for name in leading(board):
            for part, mark in (("reports", "report"), ("code", "code")):
                if (found := self._done.get(self._key(mark, board, name))) is not None:
                    told[part][name] = found
            if name != best and self._key("drawn", board, name) in self._done:
                told["versus"][name] = reports.compare(board, best, name)
        return told | {"learning": self._learning(board)}

    def _time_for(self, mark: str) -> bool:
        left = None if self.deadline is None else self.deadline - time.perf_counter() - LAST
        return left is None or self._longest.get(mark, FIRST_GUESS) < left

    def _do(self, mark: str, key: tuple[Any, ...], work: Callable[[], Any]) -> None:
        began = time.perf_counter()
        self._done[key] = work()
        self._longest[mark] = max(self._longest.get(mark, 0.0), time.perf_counter() - began)

    def _key(self, mark: str, board: Leaderboard, name: str) -> tuple[Any, ...]:
        """A piece of a row, and all that it follows from: weights, and the folds of each pipeline."""
        entries = [(board.standing.entries[key], w) for key, w in sorted(reports.weights_of(board, name).items())]
        return mark, name, *((e.spec.id, w, e.refit is not None, *sorted(e.results)) for e, w in entries)

    def _pieces(self, board: Leaderboard) -> Iterator[Piece]:
        """(mark, key, work) of all that the end consists of, rows that are sure to stay first."""
        first, *others = leading(board)
        for name in [*others, first]:
            weights = reports.weights_of(board, name)
            works: dict[str, Callable[[], Any]] = {
                "keep": partial(self._keep, board, weights), "report": partial(report_of, board, name),
                "drawn": partial(reports.drawn, board, weights), "code": partial(code_of, board, name)}
            for mark, work in works.items():
                yield mark, self._key(mark, board, name), work
        yield from self._curve(board)

    def _keep(self, board: Leaderboard, weights: Mapping[str, float]) -> bool:
        self._keeper.put(board, weights)
        board.uncertainty(weights)
        return True

    def _curve(self, board: Leaderboard) -> Iterator[Piece]:
        """The points of the learning curve that the best whole pipeline may cost."""
        entry, material = board.standing.reference(), self.material
        if entry is None or material is None:
            return
        left = float("inf") if self.deadline is None else CURVE_SHARE * board.elapsed / max(board.fraction, 0.01)
        for rows, folds in reports.curve_points(material):
            left -= entry.seconds * rows / reports.learned(material) * len(folds)
            if left > 0:
                yield "curve", ("curve", entry.spec.id, rows), partial(reports.curve_point, material, entry.spec, rows)

    def _learning(self, board: Leaderboard) -> dict[str, Any] | None:
        """The longest learning curve there is, with what the whole folds say as its last point."""
        points: dict[str, list[dict[str, Any]]] = {}
        for key, point in self._done.items():
            if key[0] == "curve" and point:
                points.setdefault(key[1], []).append(point)
        if not points or self.material is None:
            return None
        entry = board.standing.entries[max(points, key=lambda key: len(points[key]))]
        whole = reports.whole_point(self.material, entry)
        found = sorted([*points[entry.spec.id], whole], key=lambda point: point["rows"])
        return {"id": entry.spec.id, "name": entry.spec.name, "points": found}


def leading(board: Leaderboard) -> list[str]:
    """The best row, then those that lead, by name."""
    best = BLEND if len(board.best) > 1 else next(iter(board.best))
    rows = [r["id"] for r in board.rows() if r["complete"] and r["family"] != "dummy" and not r["quick"]]
    return list(dict.fromkeys([best, *rows]))[:SHOWN]


def report_of(board: Leaderboard, name: str) -> dict[str, Any]:
    """A report with its long lists as columns and fewer digits, since it rides in a view."""
    report = reports.report(board, name)
    if "thresholds" in report:
        rows = report["thresholds"]
        report["thresholds"] = {key: [row[key] for row in rows] for key in rows[0]}
    if "residuals" in report:
        said = report["residuals"]
        for key in ("predicted", "true"):
            said[key] = [float(f"{v:.5g}") for v in said[key][:400]]
        said["histogram"]["edges"] = [float(f"{v:.5g}") for v in said["histogram"]["edges"]]
    return report
