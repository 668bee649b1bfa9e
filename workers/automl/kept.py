"""Keeps the models of a leaderboard with its result: each fitted pipeline once, each row as a list of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workers.automl import models
from workers.automl.estimators import Blend
from workers.automl.leaderboard import BLEND, Leaderboard, share_preparations
from workers.automl.predictor import Predictor
from workers.automl.problem import Problem
from workers.kind import BEST, CellError

if TYPE_CHECKING:
    from workers.store import Store

FOLDER = "pipelines"


class OnDisk:
    """A fitted pipeline that a worker left in the store; opened only when somebody predicts with it."""

    def __init__(self, path: Path) -> None:
        self.path = path

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


def keep_board(board: Leaderboard, store: Store, fingerprint: str, most: int = 8,
               training: Mapping[str, Any] | None = None) -> list[str]:
    """Keep the best, the blend and the leading whole rows of a leaderboard; returns their names.

    `training` is what all of them remember of the rows they learned from.
    """
    rows = {BEST: dict(board.best)}
    if board.standing.blend:
        rows[BLEND] = dict(board.standing.blend)
    for row in board.rows():
        if row["complete"] and not row["quick"] and row["id"] in board.standing.entries and len(rows) < most + 2:
            rows[row["id"]] = {row["id"]: 1.0}
    files: dict[int, tuple[str, str]] = {}
    with store.staging(fingerprint) as staged:
        (staged / FOLDER).mkdir()
        told = {name: _row(board, weights, staged, files) for name, weights in rows.items()}
        if training:
            memory = _write(json.dumps(training).encode(), staged, ".json")
            told = {name: {**about, "training": memory} for name, about in told.items()}
    with store.staging(fingerprint) as staged:  # after the pipelines that these name
        for name, about in told.items():
            (staged / f"{models.plain_name(name)}.model.json").write_text(json.dumps(about))
    return list(told)


def _row(board: Leaderboard, weights: Mapping[str, float], staged: Path,
         files: dict[int, tuple[str, str]]) -> dict[str, Any]:
    """The description of one model; pipelines that no row brought yet are put into the staged folder."""
    members = []
    for key, weight in weights.items():
        results = board.standing.entries[key].results
        for fold in sorted(results):
            model = results[fold].model
            if id(model) not in files:
                files[id(model)] = _put(model, staged)
            members.append([*files[id(model)], weight / len(results)])
    residuals, slope = board.uncertainty(weights)
    about = {"members": members, "weights": dict(weights), "slope": list(slope), "versions": models.versions(),
             "problem": board.problem.json(), "bytes": sum(r.bytes for k in weights for r in
                                                           board.standing.entries[k].results.values())}
    if residuals is not None:
        import numpy as np

        content = io.BytesIO()
        np.save(content, np.asarray(residuals, dtype="float64"), allow_pickle=False)
        about["residuals"] = _write(content.getvalue(), staged, ".npy")
    return about


def _put(model: Any, staged: Path) -> tuple[str, str]:
    """(file, SHA-256) of a pipeline in the staged folder: linked when a worker left it on this disk."""
    if not isinstance(model, OnDisk):
        from workers.automl.processes import opened

        return _write(packed(opened(model)), staged, ".skops")
    content = model.path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    name = f"{FOLDER}/{digest[:32]}.skops"
    if not (staged / name).exists():
        try:
            os.link(model.path, staged / name)
        except OSError:
            (staged / name).write_bytes(content)
    return name, digest


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
