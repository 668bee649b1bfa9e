"""Scores a pipeline that somebody set by hand, on the folds of a search that is kept, beside its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workers.automl import reports
from workers.automl.kept import predictions_file
from workers.automl.leaderboard import Leaderboard
from workers.automl.metrics import drawn_losses
from workers.automl.problem import Problem
from workers.automl.shelf import ROWS, SEARCH, Shelf
from workers.automl.space import PipelineSpec
from workers.automl.standing import Standing
from workers.kind import BEST, CellError

if TYPE_CHECKING:
    from workers.store import Store


@dataclass(slots=True)
class KeptSearch:
    """What a result remembers of its search: the rows and folds, the pipelines kept, and its leaderboard as shown.

    `members` are the weights of pipelines by name of a kept model; `picked` is the name that was linked.
    """

    shelf: Shelf
    problem: Problem
    dummy: list[float]
    members: Mapping[str, Mapping[str, float]]
    specs: Mapping[str, PipelineSpec]
    rows: Sequence[Mapping[str, Any]]
    picked: str = BEST
    fingerprint: str = ""
    _drawn: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, ref: str) -> KeptSearch:
        """The search a model came from; raises no_search when it came from none, or its rows are gone."""
        import pyarrow as pa

        fingerprint, _, picked = ref.partition("/")
        folder = store.folder(fingerprint)
        try:
            said = json.loads((folder / SEARCH).read_text())
            with pa.memory_map(str(folder / ROWS)) as source:
                arrow = pa.ipc.open_file(source).read_all()
        except FileNotFoundError as failure:
            raise CellError("no_search", "This model does not come from a search that is kept. Link the model of an "
                                         "AutoML cell, and run that once more.") from failure
        problem = Problem.of(said["problem"])
        shown = (store.final(fingerprint) or {}).get("view", {}).get("rows", [])
        return cls(Shelf.laid(store, said["rows"], arrow, problem), problem, said["dummy"], said["members"],
                   {key: PipelineSpec.of(spec) for key, spec in said["specs"].items()}, shown, picked, fingerprint)

    @classmethod
    def example(cls, store: Store, frame: Any, target: str) -> KeptSearch:
        """A search of a small table that tried one pipeline."""
        import pyarrow as pa

        from workers.automl import problem_of
        from workers.automl.search import dummy_losses
        from workers.automl.shelf import digest

        problem = problem_of(frame, target, folds=2)
        table = pa.Table.from_pandas(frame, preserve_index=False)
        shelf = Shelf.laid(store, digest("example", table.schema.names), table, problem)
        spec = PipelineSpec("Logistic regression", "logistic", {"C": 1.0}, "linear")
        return cls(shelf, problem, dummy_losses(shelf.material()), {BEST: {spec.id: 1.0}}, {spec.id: spec}, [])

    def start(self, wanted: str) -> PipelineSpec:
        """The pipeline that a form begins with: the wanted one, or what leads the model that was linked."""
        if wanted in self.specs:
            return self.specs[wanted]
        weights = self.members.get(self.picked) or self.members[BEST]
        return self.specs[max(weights, key=lambda key: (weights[key], key))]

    def board(self) -> Leaderboard:
        """An empty leaderboard over the same rows and folds."""
        return Leaderboard(self.problem, Standing(self.dummy, self.problem.measure, self.shelf.material().y))

    def beside(self, board: Leaderboard, own: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of the search and those of `own` pipelines, best first; whoever is `yours` says so."""
        mine = [{**row, "yours": True} for row in board.rows() if row["id"] in own]
        taken = {row["id"] for row in mine}
        others = [{**row, "yours": False} for row in self.rows or board.rows() if row["id"] not in taken
                  and not row["quick"]]
        sign = -1 if self.problem.measure.greater_is_better else 1
        rows = sorted([*mine, *others], key=lambda row: (sign * row["score"], row["name"]))
        return [{**row, "rank": rank + 1} for rank, row in enumerate(rows)]

    def versus(self, board: Leaderboard, own: str) -> dict[str, dict[str, Any]]:
        """How much better a pipeline is than each kept row, on the same validated rows, with a paired interval."""
        if not board.standing.complete(board.standing.entries[own]):
            return {}
        one = reports.drawn(board, {own: 1.0})
        found = {}
        for name in self.members:
            if name != BEST and (other := self._other(board, own, name)) is not None:
                found[name] = reports.apart(self.problem.measure, one, other)
        return found

    def _other(self, board: Leaderboard, own: str, name: str) -> Any:
        """The draws of a kept row, or None when not all of its folds are kept."""
        import numpy as np

        if name == own:
            return None
        if name not in self._drawn:
            total: Any = 0.0
            try:
                for key, weight in self.members[name].items():
                    parts = [self._predictions(key, fold) for fold in range(len(self.dummy))]
                    total = total + weight * np.concatenate(parts)
            except FileNotFoundError:
                return None
            y = board.standing.truth(board.standing.entries[own], tuple(range(len(self.dummy))))
            self._drawn[name] = drawn_losses(self.problem.measure, y, total, seed=self.problem.split.seed)
        return self._drawn[name]

    def _predictions(self, key: str, fold: int) -> Any:
        import numpy as np

        path = self.shelf.store.folder(self.fingerprint) / predictions_file(key, fold)
        with np.load(path, allow_pickle=False) as held:
            return held["predictions"]


