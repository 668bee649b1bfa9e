"""Where a search and its workers meet: rows written once, each trial's result kept under what determines it."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workers.automl.kept import OnDisk, packed
from workers.automl.material import Material
from workers.automl.problem import Problem
from workers.automl.trial import TrialResult, TrialSpec

if TYPE_CHECKING:
    from pathlib import Path

    from workers.automl.leaderboard import Leaderboard
    from workers.store import Store

FORMAT = 2
ROWS, SEARCH = "rows.arrow", "search.json"
OPEN = 2
"""How many problems with their rows a worker process keeps at hand."""
NUMBERS = ("score", "loss", "wall", "fit_seconds", "predict_seconds", "iterations")


def frame_of(arrow: Any) -> Any:
    """An Arrow table as the DataFrame that models learn from: dates stay dates, decimals become numbers."""
    import pyarrow as pa

    for place, column in enumerate(arrow.schema):
        if pa.types.is_decimal(column.type):
            arrow = arrow.set_column(place, column.name, arrow.column(place).cast(pa.float64()))
    return arrow.to_pandas(date_as_object=False)


def digest(*said: Any) -> str:
    """A name in the store for whatever these determine."""
    return hashlib.sha256(json.dumps([FORMAT, *said], sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The rows of one table, a problem about them, and the results of trials, all by fingerprint in a store."""

    store: Store
    rows: str
    problem: str

    @classmethod
    def laid(cls, store: Store, rows: str, arrow: Any, problem: Problem) -> Shelf:
        """Write rows and problem where workers find them, unless they are there."""
        import pyarrow as pa

        if not (store.folder(rows) / ROWS).is_file():
            with store.staging(rows) as folder, pa.OSFile(str(folder / ROWS), "wb") as sink, \
                    pa.ipc.new_file(sink, arrow.schema) as writer:
                writer.write_table(arrow)
        said = problem.json()
        key = digest(rows, {k: v for k, v in said.items() if k != "reason"})
        if not (store.folder(key) / "problem.json").is_file():
            with store.staging(key) as folder:
                (folder / "problem.json").write_text(json.dumps(said))
        return cls(store, rows, key)

    def remember(self, fingerprint: str, board: Leaderboard, rows: Mapping[str, Mapping[str, float]]) -> None:
        """Keep with a result what its search was about, so that other pipelines can be scored on the same folds."""
        said = {"rows": self.rows, "problem": board.problem.json(), "dummy": board.standing.dummy,
                "members": {name: dict(weights) for name, weights in rows.items()},
                "specs": {key: board.standing.entries[key].spec.json() for weights in rows.values() for key in weights}}
        with self.store.staging(fingerprint) as folder:
            os.link(self.store.folder(self.rows) / ROWS, folder / ROWS)
            (folder / SEARCH).write_text(json.dumps(said))

    def frame(self) -> Any:
        """The rows as a DataFrame."""
        import pyarrow as pa

        with pa.memory_map(str(self.store.folder(self.rows) / ROWS)) as source:
            return frame_of(pa.ipc.open_file(source).read_all())

    def material(self) -> Material:
        """The rows, ready for trials; kept at hand in this process. Raises FileNotFoundError when they are gone."""
        here = (str(self.store.root), self.problem)
        if here not in _open:
            problem = Problem.of(json.loads((self.store.folder(self.problem) / "problem.json").read_text()))
            _open[here] = Material.of(problem, self.frame())
            while len(_open) > OPEN:
                _open.popitem(last=False)
        _open.move_to_end(here)
        return _open[here]

    def key(self, spec: TrialSpec) -> str:
        """The name of a trial's result."""
        return digest(self.problem, spec.pipeline.id, spec.fold, spec.iterations)

    def put(self, result: TrialResult) -> None:
        """Keep what a trial found; its numbers are written last. What was stopped on the way is not kept."""
        import numpy as np

        key = self.key(result.spec)
        said: dict[str, Any] = {"error": result.error}
        if not result.error:
            content = packed(result.model)
            said |= {name: getattr(result, name) for name in NUMBERS}
            said |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            arrays = {"predictions": result.predictions, "valid": result.valid}
            arrays |= {} if result.sealed is None else {"sealed": result.sealed}
            held = io.BytesIO()
            np.savez(held, **arrays)
            with self.store.staging(key) as folder:
                (folder / "pipeline.skops").write_bytes(content)
                (folder / "arrays.npz").write_bytes(held.getvalue())
        with self.store.staging(key) as folder:
            (folder / "trial.json").write_text(json.dumps(said))

    def get(self, spec: TrialSpec) -> TrialResult | None:
        """What a trial found, its pipeline still closed, or None when nobody ran it."""
        import numpy as np

        folder: Path = self.store.folder(self.key(spec))
        try:
            said = json.loads((folder / "trial.json").read_text())
            if said["error"]:
                return TrialResult(spec, error=said["error"])
            with np.load(folder / "arrays.npz", allow_pickle=False) as held:
                arrays = {name: held[name] for name in held.files}
        except FileNotFoundError:
            return None
        found = TrialResult(spec, **{name: said[name] for name in NUMBERS}, bytes=said["bytes"],
                            predictions=arrays["predictions"], valid=arrays["valid"], sealed=arrays.get("sealed"))
        found.model = OnDisk(folder / "pipeline.skops", said["sha256"])
        return found


_open: OrderedDict[tuple[str, str], Material] = OrderedDict()
