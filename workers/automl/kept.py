"""Keeps the models of a leaderboard with its result: each fitted pipeline once, each row as a list of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workers.automl import models
from workers.automl.estimators import Blend
from workers.automl.leaderboard import BLEND, Leaderboard, share_preparations
from workers.automl.predictor import Predictor
from workers.automl.problem import Problem
from workers.kind import BEST, CellError

if TYPE_CHECKING:
    from workers.automl.trial import TrialResult
    from workers.store import Store

FOLDER = "pipelines"


class OnDisk:
    """A fitted pipeline that a worker left in the store; opened only when somebody predicts with it."""

    def __init__(self, path: Path, digest: str) -> None:
        self.path, self.digest = path, digest

    def open(self) -> Any:
        """The pipeline; raises no_model if its file is gone."""
        try:
            return models.trusted(self.path.read_bytes())
        except FileNotFoundError as failure:
            raise CellError("no_model", "A trained pipeline is no longer kept. Run the cell again.") from failure


def packed(pipeline: Any) -> bytes:
    """A fitted pipeline as a skops file."""
    import zipfile

    from skops.io import dumps

    content: bytes = dumps(pipeline, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    return content


class Keeper:
    """Keeps pipelines with a result while its search goes on, so that at its end only names are written."""

    def __init__(self, store: Store, fingerprint: str) -> None:
        self._store, self._fingerprint = store, fingerprint
        self._files: dict[tuple[str, int], tuple[str, str]] = {}

    def put(self, board: Leaderboard, weights: Mapping[str, float]) -> None:
        """Keep the fitted pipelines behind one row, unless they are kept."""
        lacking = [r for key in weights for r in board.parts(key) if _mark(r) not in self._files]
        if lacking:
            with self._store.staging(self._fingerprint) as staged:
                (staged / FOLDER).mkdir()
                files = {_mark(result): _put(result.model, staged) for result in lacking}
                for result in lacking:
                    _put_predictions(result, staged)
            self._files |= files

    def finish(self, board: Leaderboard, rows: Mapping[str, Mapping[str, float]],
               training: Mapping[str, Any] | None = None) -> None:
        """Write the descriptions of models by name; `training` is what all remember of the rows they learned from."""
        for weights in rows.values():
            self.put(board, weights)
        with self._store.staging(self._fingerprint) as staged:
            (staged / FOLDER).mkdir()
            memory = {"training": _write(json.dumps(training).encode(), staged, ".json")} if training else {}
            told = {name: {**self._row(board, weights, staged), **memory} for name, weights in rows.items()}
        with self._store.staging(self._fingerprint) as staged:  # after the files that these name
            for name, about in told.items():
                (staged / f"{models.plain_name(name)}.model.json").write_text(json.dumps(about))

    def _row(self, board: Leaderboard, weights: Mapping[str, float], staged: Path) -> dict[str, Any]:
        """The description of one model."""
        members, size = [], 0
        for key, weight in weights.items():
            parts = board.parts(key)
            size += sum(result.bytes for result in parts)
            members += [[*self._files[_mark(result)], weight / len(parts)] for result in parts]
        residuals, slope = board.uncertainty(weights)
        about = {"members": members, "weights": dict(weights), "slope": list(slope), "versions": models.versions(),
                 "problem": board.problem.json(), "bytes": size}
        if residuals is not None:
            import numpy as np

            content = io.BytesIO()
            np.save(content, np.asarray(residuals, dtype="float64"), allow_pickle=False)
            about["residuals"] = _write(content.getvalue(), staged, ".npy")
        return about


def keep_board(board: Leaderboard, store: Store, fingerprint: str,
               training: Mapping[str, Any] | None = None) -> list[str]:
    """Keep the best, the blend and the leading whole rows of a leaderboard; returns their names."""
    rows = rows_to_keep(board)
    Keeper(store, fingerprint).finish(board, rows, training)
    return list(rows)


def rows_to_keep(board: Leaderboard, most: int = 8) -> dict[str, Mapping[str, float]]:
    """The weights of each model to keep, by name: the best, the blend, and as many whole rows as lead."""
    rows = {BEST: board.best} | ({BLEND: board.standing.blend} if board.standing.blend else {})
    whole = [r["id"] for r in board.rows() if r["complete"] and not r["quick"] and r["id"] in board.standing.entries]
    return rows | {key: {key: 1.0} for key in whole[:most]}


def _mark(result: TrialResult) -> tuple[str, int]:
    return result.spec.pipeline.id, result.spec.fold


def _put(model: Any, staged: Path) -> tuple[str, str]:
    """(file, SHA-256) of a pipeline in the staged folder: linked when a worker left it on this disk."""
    if not isinstance(model, OnDisk):
        from workers.automl.processes import opened

        return _write(packed(opened(model)), staged, ".skops")
    name = f"{FOLDER}/{model.digest[:32]}.skops"
    try:
        os.link(model.path, staged / name)
    except FileExistsError:
        pass
    except OSError:
        (staged / name).write_bytes(model.path.read_bytes())
    return name, model.digest


def predictions_file(pipeline: str, fold: int) -> str:
    """Where the out-of-fold predictions of a kept pipeline are, in the folder of its result."""
    return f"{FOLDER}/{pipeline}-{fold}.npz"


def _put_predictions(result: TrialResult, staged: Path) -> None:
    import numpy as np

    if not len(result.valid):  # fitted on all rows: none is left to predict
        return
    path = staged / predictions_file(result.spec.pipeline.id, result.spec.fold)
    if isinstance(result.model, OnDisk):
        with suppress(OSError):
            os.link(result.model.path.with_name("arrays.npz"), path)
            return
    np.savez(path, predictions=result.predictions, valid=result.valid)


def _write(content: bytes, staged: Path, ending: str) -> tuple[str, str]:
    digest = hashlib.sha256(content).hexdigest()
    name = f"{FOLDER}/{digest[:32]}{ending}"
    (staged / name).write_bytes(content)
    return name, digest


def put_together(about: Mapping[str, Any], folder: Path) -> Predictor:
    """The predictor that a description names; raises bad_model if a file of it was changed."""
    import numpy as np

    problem = Problem.of(about["problem"])
    opened: dict[str, Any] = {}
    for name, digest, _ in about["members"]:
        if name not in opened:
            opened[name] = models.trusted(_checked(folder, name, digest))
    pipelines = [opened[name] for name, _, _ in about["members"]]
    share_preparations(pipelines)
    residuals = None
    if "residuals" in about:
        residuals = np.load(io.BytesIO(_checked(folder, *about["residuals"])), allow_pickle=False)
    training = json.loads(_checked(folder, *about["training"])) if "training" in about else None
    blend = Blend(pipelines, [share for _, _, share in about["members"]], len(problem.classes))
    return Predictor(problem, blend, about["weights"], residuals, tuple(about["slope"]), training)


def _checked(folder: Path, name: str, digest: str) -> bytes:
    path = folder / FOLDER / Path(name).name
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise CellError("bad_model", "The kept model was changed since it was trained.")
    return content
