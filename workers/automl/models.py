"""Keeps trained models: written with skops, read only when every type inside is on the fixed list here."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Any

from workers.automl.estimators import Blend
from workers.automl.predictor import Predictor
from workers.automl.problem import Problem
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.store import Store

FORMAT = 1
MOST_BYTES = 2 * 1024**3
"""The most a model file may hold when unpacked."""
MOST_FOLDED = 200
"""The most a file may shrink by packing; what shrinks more is made to blow up."""

# Types beyond skops' own defaults. Fixed here, never read from the file that is being loaded.
TRUSTED = (
    "catboost.core.CatBoostClassifier", "catboost.core.CatBoostRegressor",
    "collections.OrderedDict", "lightgbm.basic.Booster", "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor", "numpy.dtype", "scipy._lib.array_api_compat.numpy._aliases.asarray",
    "scipy.interpolate._bsplines.BSpline", "sklearn._loss.link.Interval", "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.LogitLink", "sklearn._loss.link.MultinomialLogit", "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss", "sklearn._loss.loss.HalfSquaredError",
    "sklearn.compose._column_transformer._RemainderColsList",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor", "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.metrics._dist_metrics.EuclideanDistance64", "sklearn.tree._tree.Tree",
    "workers.automl.preparation.as_numbers", "workers.automl.preparation.as_text",
    "workers.automl.preparation.as_words", "workers.automl.preparation.date_parts",
)


def dump(predictor: Predictor) -> bytes:
    """A predictor as the bytes of a skops file."""
    from skops.io import dumps

    said = {"format": FORMAT, "problem": json.dumps(predictor.problem.json()), "weights": dict(predictor.weights),
            "residuals": predictor.residuals, "slope": list(predictor.slope), "versions": versions(),
            "training": json.dumps(predictor.training) if predictor.training else "",
            "pipelines": list(predictor.blend.pipelines), "shares": [float(w) for w in predictor.blend.weights]}
    content: bytes = dumps(said, compression=zipfile.ZIP_DEFLATED)
    return content


def load(content: bytes) -> Predictor:
    """The predictor that `dump` wrote; raises `bad_model` or `foreign_model` for any other file, running none of it."""
    said = trusted(content)
    try:
        problem = Problem.of(json.loads(said["problem"]))
        blend = Blend(said["pipelines"], said["shares"], len(problem.classes))
        return Predictor(problem, blend, said["weights"], said["residuals"], tuple(said["slope"]),
                         json.loads(said["training"]) if said.get("training") else None)
    except Exception as failure:
        raise CellError("bad_model", "The model file is damaged or was made by another version.",
                        detail=str(failure)) from failure


def trusted(content: bytes) -> Any:
    """What a skops file holds, if every type in it is on the list; raises `bad_model` or `foreign_model`."""
    from skops.io import get_untrusted_types, loads

    _check_size(content)
    try:
        strange = sorted(set(get_untrusted_types(data=content)) - set(TRUSTED))
    except Exception as failure:
        raise CellError("bad_model", "This is not a model file of ours.", detail=str(failure)) from failure
    if strange:
        raise CellError("foreign_model", f"The file holds {strange[0]}, which is not part of any model made here. "
                                         "It was not opened.", detail=", ".join(strange[:20]))
    try:
        return loads(content, trusted=list(TRUSTED))
    except Exception as failure:
        raise CellError("bad_model", "The model file is damaged or was made by another version.",
                        detail=str(failure)) from failure


def _check_size(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as failure:
        raise CellError("bad_model", "This is not a model file of ours.") from failure
    if unpacked > MOST_BYTES or unpacked > MOST_FOLDED * max(len(content), 1):
        raise CellError("bad_model", "The model file unpacks to more than a model of ours ever holds.")


@cache
def versions() -> dict[str, str]:
    """The packages a model depends on, as they are here."""
    from importlib.metadata import version

    return {name: version(name) for name in ("scikit-learn", "lightgbm", "catboost", "numpy", "pandas", "skops")}


def save(predictor: Predictor, store: Store, fingerprint: str, name: str = "best") -> str:
    """Keep a predictor under a fingerprint; returns the reference a `ports.Model` carries."""
    content = dump(predictor)
    about = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "versions": versions(),
             "problem": predictor.problem.json()}
    with store.staging(fingerprint) as folder:
        (folder / f"{plain_name(name)}.skops").write_bytes(content)
    with store.staging(fingerprint) as folder:  # after its bytes: who sees this file finds the model
        (folder / f"{name}.model.json").write_text(json.dumps(about))
    return f"{fingerprint}/{name}"


def restore(store: Store, ref: str) -> Predictor:
    """The predictor of a reference; raises `no_model` if it is gone, `bad_model` if its bytes are not what was kept."""
    fingerprint, _, name = ref.partition("/")
    folder = store.folder(fingerprint)
    try:
        about = json.loads((folder / f"{plain_name(name)}.model.json").read_text())
        if "members" in about:
            from workers.automl.kept import put_together

            return put_together(about, folder)
        content = (folder / f"{name}.skops").read_bytes()
    except FileNotFoundError as failure:
        raise CellError("no_model", "The model is no longer kept. Run the cell that trains it again.") from failure
    if hashlib.sha256(content).hexdigest() != about.get("sha256"):
        raise CellError("bad_model", "The kept model was changed since it was trained.")
    return load(content)


def about(store: Store, ref: str) -> dict[str, Any] | None:
    """What is known of a kept model without opening it: problem, bytes, versions; None if it is gone."""
    fingerprint, _, name = ref.partition("/")
    try:
        found: dict[str, Any] = json.loads((store.folder(fingerprint) / f"{plain_name(name)}.model.json").read_text())
    except FileNotFoundError:
        return None
    return found


def plain_name(name: str) -> str:
    """The name of a kept model, if it can be one; raises no_model."""
    if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 64:
        raise CellError("no_model", "There is no model of that name.")
    return name


__all__ = ["TRUSTED", "about", "dump", "load", "plain_name", "restore", "save", "trusted"]
