"""Compares the AutoML engine with FLAML and AutoGluon on real tables, same split, same cores; run as a program."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

CHECKPOINTS = (1.0, 5.0, 10.0, 30.0)
PEERS = {
    "flaml": ["flaml==2.7.0", "lightgbm==4.7.0", "xgboost-cpu==3.2.0", "scikit-learn==1.9.1", "pandas==2.3.3",
              "pyarrow"],
    "autogluon": ["autogluon.tabular[lightgbm,catboost,xgboost]==1.6.3", "pandas==2.3.3", "pyarrow"],
}


@dataclass(frozen=True)
class Task:
    """A table, its target, and the columns that would give it away."""

    name: str
    file: str
    target: str
    leave_out: tuple[str, ...] = ()


TASKS = (
    Task("titanic", "titanic.csv", "survived", ("alive",)), Task("penguins", "penguins.csv", "species"),
    Task("adult", "adult.csv", "income"), Task("telco", "telco_churn.csv", "Churn"),
    Task("ames", "ames_housing.csv", "price"), Task("diamonds", "diamonds.csv", "price"),
    Task("bike", "bike_sharing_hour.csv", "cnt", ("casual", "registered")),
    Task("tip", "taxis.csv", "tip", ("total",)), Task("fare", "taxis.csv", "fare", ("total",)),
    Task("payment", "taxis.csv", "payment"), Task("gapminder", "gapminder.csv", "lifeExp"),
)


# What runs in the environment of each system ------------------------------------------------------------------------

def run_ours(train: Any, test: Any, target: str, told: dict[str, Any]) -> Iterator[tuple[float, Any, float]]:
    """Yields (seconds, scores of the test rows, predict seconds) whenever the best changes; the last is the end."""
    from workers.automl import search

    started, seen, kept = time.perf_counter(), None, []
    for board in search(train, target, budget=told["budget"], seed=told["seed"], threads=2, test=0.0,
                        task=told["task"], metric=told["metric"]):
        mark = tuple(sorted(board.best.items())) + tuple(
            len(board.standing.entries[k].results) for k in sorted(board.best))
        if board.best and mark != seen:
            seen = mark
            parts = {k: list(board.standing.entries[k].results.values()) for k in board.best}
            kept.append((time.perf_counter() - started, dict(board.best), parts))
    ended = time.perf_counter() - started
    model = board.model()
    classes = list(model.problem.classes)
    began = time.perf_counter()
    final = told["order"](model.scores(test), classes)
    predicting = time.perf_counter() - began
    for seconds, weights, parts in thinned(kept):
        yield seconds, told["order"](_scores_of(parts, weights, model, test), classes), 0.0
    yield ended, final, predicting


def thinned(kept: list[Any]) -> list[Any]:
    """The first moment and the last before each checkpoint: what a person would have had then."""
    wanted = {0} if kept else set()
    for checkpoint in CHECKPOINTS:
        before = [i for i, (seconds, *_) in enumerate(kept) if seconds <= checkpoint]
        wanted |= {before[-1]} if before else set()
    return [kept[i] for i in sorted(wanted)]


def _scores_of(parts: dict[str, Any], weights: dict[str, float], model: Any, test: Any) -> Any:
    from workers.automl.estimators import Blend
    from workers.automl.processes import opened

    pipelines, shares = [], []
    for key, results in parts.items():
        for result in results:
            pipelines.append(opened(result.model))
            shares.append(weights[key] / len(results))
    return Blend(pipelines, shares, len(model.problem.classes)).scores(model.ready(test))


def run_flaml(train: Any, test: Any, target: str, told: dict[str, Any]) -> Iterator[tuple[float, Any, float]]:
    """FLAML as its page says; the end only, for it has nothing to use before."""
    from flaml import AutoML

    started = time.perf_counter()
    metric = {"roc_auc": "roc_auc", "log_loss": "log_loss", "rmse": "rmse"}[told["metric"]]
    automl = AutoML()
    automl.fit(train.drop(columns=[target]), train[target], time_budget=told["budget"], metric=metric, n_jobs=2,
               task="regression" if told["task"] == "regression" else "classification", seed=told["seed"], verbose=0)
    ended = time.perf_counter() - started
    began = time.perf_counter()
    if told["task"] == "regression":
        scores = automl.predict(test)
    else:
        p = automl.predict_proba(test)
        scores = told["order"](p[:, 1] if p.shape[1] == 2 else p, list(automl.classes_))
    yield ended, scores, time.perf_counter() - began


def run_autogluon(train: Any, test: Any, target: str, told: dict[str, Any]) -> Iterator[tuple[float, Any, float]]:
    """AutoGluon's medium preset; the end only."""
    from autogluon.tabular import TabularPredictor

    metric = {"roc_auc": "roc_auc", "log_loss": "log_loss", "rmse": "root_mean_squared_error"}[told["metric"]]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        predictor = TabularPredictor(target, problem_type=told["task"], eval_metric=metric, path=folder, verbosity=0)
        predictor.fit(train, time_limit=told["budget"], presets="medium_quality", num_cpus=2)
        ended = time.perf_counter() - started
        began = time.perf_counter()
        if told["task"] == "regression":
            scores = predictor.predict(test).to_numpy()
        else:
            p = predictor.predict_proba(test)
            values = p.to_numpy()
            scores = told["order"](values[:, 1] if p.shape[1] == 2 else values, list(p.columns))
        yield ended, scores, time.perf_counter() - began


RUNNERS = {"ours": run_ours, "flaml": run_flaml, "autogluon": run_autogluon}


def child(told: dict[str, Any]) -> None:
    """One run of one system on one task, in this process; prints a JSON line."""
    import numpy as np
    import pandas as pd

    train, test = pd.read_parquet(told["train"]), pd.read_parquet(told["test"])
    labels = told["labels"]

    def order(scores: Any, classes: list[Any]) -> Any:
        if len(labels) == 2:
            return scores if str(classes[1]) == labels[1] else 1 - scores
        return scores[:, [[str(c) for c in classes].index(label) for label in labels]] if labels else scores

    told["order"] = order
    WARM[told["system"]]()
    usage, clock = os.times(), time.perf_counter()
    found = []
    for seconds, scores, predicting in RUNNERS[told["system"]](train, test, told["target"], told):
        found.append((seconds, np.asarray(scores, dtype=float), predicting))
    spent = os.times()
    cpu = sum(spent[:4]) - sum(usage[:4])
    np.savez(told["out"], **{f"s{i}": scores for i, (_, scores, _) in enumerate(found)})
    print(json.dumps({"seconds": [s for s, *_ in found], "predict": found[-1][2], "cpu": cpu,
                      "wall": time.perf_counter() - clock}))


def _warm_ours() -> None:
    import catboost
    import lightgbm
    import scipy.stats
    import sklearn.ensemble
    import threadpoolctl

    import workers.automl.search
    assert catboost and lightgbm and scipy and sklearn and threadpoolctl and workers


def _warm_flaml() -> None:
    import flaml
    assert flaml


def _warm_autogluon() -> None:
    import autogluon.tabular
    assert autogluon


WARM = {"ours": _warm_ours, "flaml": _warm_flaml, "autogluon": _warm_autogluon}


# The comparison -----------------------------------------------------------------------------------------------------

def environment(peer: str, folder: Path) -> Path:
    """The Python of a peer's own environment, made if it is not there."""
    python = folder / peer / "bin" / "python"
    if not python.exists():
        print(f"installing {peer} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder / peer)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS[peer]], check=True)
    return python


@dataclass
class Prepared:
    """A task, split and written out for all systems alike."""

    task: Task
    kind: str
    metric: str
    labels: list[str]
    truth: Any
    dummy: float
    train: Path
    test: Path


def prepare(task: Task, data: Path, seed: int, folder: Path) -> Prepared:
    """Split 75/25 by seed and write Parquet; the dummy's loss on the test part is 100 %."""
    import numpy as np
    import pandas as pd
    from sklearn.model_selection import train_test_split

    from workers.automl.metrics import METRICS
    from workers.automl.problem import encoded, problem_of

    frame = pd.read_csv(data / task.file).drop(columns=list(task.leave_out))
    frame = frame[frame[task.target].notna()]
    problem = problem_of(frame, task.target)
    strata = frame[task.target] if problem.classes else None
    train, test = train_test_split(frame, test_size=0.25, random_state=seed, stratify=strata)
    y, truth = encoded(train[task.target], problem), encoded(test[task.target], problem)
    shares = np.bincount(y) / len(y) if problem.classes else None
    usual = (np.full(len(truth), y.mean()) if shares is None or len(shares) == 2
             else np.tile(shares, (len(truth), 1)))
    paths = folder / f"{task.name}-{seed}-train.parquet", folder / f"{task.name}-{seed}-test.parquet"
    train.reset_index(drop=True).to_parquet(paths[0])
    test.drop(columns=[task.target]).reset_index(drop=True).to_parquet(paths[1])
    return Prepared(task, problem.task, problem.metric, [str(c) for c in problem.classes], truth,
                    METRICS[problem.metric].loss(truth, usual), *paths)


def measure(python: Path, system: str, ready: Prepared, budget: float, seed: int,
            folder: Path) -> dict[str, Any] | None:
    """Run one system in a process of its own on two cores; None if it failed."""
    import numpy as np

    from workers.automl.metrics import METRICS

    out = folder / "scores.npz"
    told = {"system": system, "target": ready.task.target, "task": ready.kind, "metric": ready.metric, "seed": seed,
            "labels": ready.labels, "budget": budget, "train": str(ready.train), "test": str(ready.test),
            "out": str(out)}
    threads = {} if system != "ours" else {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([str(python), "-W", "ignore", __file__, "--child", json.dumps(told)], capture_output=True,
                          text=True, env=os.environ | threads, timeout=20 * budget + 600, check=False)
    if done.returncode:
        print(f"  {system} failed on {ready.task.name}: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        return None
    said = json.loads(done.stdout.strip().splitlines()[-1])
    metric, scores = METRICS[ready.metric], np.load(out)
    losses = [metric.loss(ready.truth, scores[f"s{i}"]) for i in range(len(said["seconds"]))]
    return said | {"losses": losses, "loss": losses[-1], "end": said["seconds"][-1]}


def gap(loss: float, best: float, dummy: float) -> float:
    """How far a loss is from the best seen, where the dummy is at 100 %."""
    return 100 * (loss - best) / (dummy - best) if dummy > best else 0.0


def report(runs: dict[tuple[str, int, float, str], dict[str, Any] | None], ready: dict[tuple[str, int], Prepared],
           systems: list[str], budgets: list[float]) -> None:
    """Print the table of each budget and the means over the tasks and seeds that all systems have run."""
    best = {k: min((r["loss"] for (t, s, _, _), r in runs.items() if r and (t, s) == k), default=p.dummy)
            for k, p in ready.items()}
    everything = ready
    for budget in budgets:
        ready = {k: p for k, p in everything.items() if all((*k, budget, s) in runs for s in systems)}
        if not ready:
            continue
        print(f"\nbudget {budget:g} s: test loss (gap to the best seen; dummy = 100 %), seconds used")
        for key, p in ready.items():
            cells = []
            for system in systems:
                run = runs.get((*key, budget, system))
                if run is None:
                    cells.append(f"{system} failed")
                    continue
                behind = gap(run["loss"], best[key], p.dummy)
                cells.append(f"{system} {run['loss']:.5g} ({behind:.1f} %) {run['end']:.1f} s")
            print(f"  {key[0]:10} seed {key[1]} {p.metric:8} " + " | ".join(cells))
        for system in systems:
            _summary(system, budget, runs, ready, best, systems)


def _summary(system: str, budget: float, runs: dict[Any, Any], ready: dict[Any, Prepared], best: dict[Any, float],
             systems: list[str]) -> None:
    from statistics import mean

    mine = {k: runs.get((*k, budget, system)) for k in ready}
    gaps = [gap(r["loss"], best[k], ready[k].dummy) if r else 100.0 for k, r in mine.items()]
    ranks = []
    for k in ready:
        losses = [(runs.get((*k, budget, s)) or {"loss": float("inf")})["loss"] for s in systems]
        own = losses[systems.index(system)]
        ranks.append(sum(v < own for v in losses) + (1 + losses.count(own)) / 2)
    worked = [r for r in mine.values() if r]
    if not worked:
        return
    over = max(r["end"] / budget - 1 for r in worked)
    print(f"  {system:9} mean rank {mean(ranks):.2f}, mean gap {mean(gaps):.2f} %, first usable model "
          f"{mean(r['seconds'][0] for r in worked):.2f} s (worst {max(r['seconds'][0] for r in worked):.2f}), "
          f"worst overrun {max(over, 0):.1%}, CPU {mean(r['cpu'] for r in worked):.1f} s, "
          f"predict {mean(r['predict'] for r in worked):.2f} s, failures {len(mine) - len(worked)}")
    if system == "ours":
        for checkpoint in (c for c in CHECKPOINTS if c <= budget):
            at = [_at(r, checkpoint, ready[k].dummy) for k, r in mine.items() if r]
            keys = [k for k, r in mine.items() if r]
            print(f"            gap at {checkpoint:g} s: "
                  f"{mean(gap(v, best[k], ready[k].dummy) for k, v in zip(keys, at, strict=True)):.2f} %")


def _at(run: dict[str, Any], checkpoint: float, dummy: float) -> float:
    """The loss a person would have had at a moment; that of the dummy before the first pipeline."""
    had = [loss for seconds, loss in zip(run["seconds"], run["losses"], strict=True) if seconds <= 1.03 * checkpoint]
    return had[-1] if had else dummy


def main() -> None:
    """Run the comparison as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the tables")
    parser.add_argument("--budgets", type=float, nargs="+", default=[10.0, 30.0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tasks", "--tables", nargs="*", default=[t.name for t in TASKS])
    parser.add_argument("--results", type=Path, default=Path(tempfile.gettempdir()) / "bench_automl.jsonl",
                        help="where each run is written at once; runs that are there are not repeated")
    parser.add_argument("--fresh", action="store_true", help="forget the runs that are there")
    parser.add_argument("--peers", nargs="*", choices=sorted(PEERS), default=[])
    parser.add_argument("--environments", type=Path, help="where peers are installed (default: a temporary folder)")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.child:
        child(json.loads(told.child))
        return
    if told.fresh:
        told.results.unlink(missing_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name:
        homes = told.environments or Path(name)
        pythons = {"ours": Path(sys.executable)} | {p: environment(p, homes) for p in told.peers}
        compare(told, pythons, Path(name))


def compare(told: argparse.Namespace, pythons: dict[str, Path], folder: Path) -> None:
    """Run what is not written yet, all tables of a seed before the next seed; print the report even if interrupted."""
    tasks = [t for t in TASKS if t.name in told.tasks]
    wanted = [(t.name, seed, budget, system) for seed in range(told.seeds) for t in tasks for budget in told.budgets
              for system in pythons]
    runs, ready = written(told.results), {}
    left = [key for key in wanted if key not in runs]
    print(f"{len(wanted)} runs, {len(left)} of them left: about {expected(left) / 60:.0f} minutes; "
          f"results go to {told.results}", flush=True)
    try:
        for key in wanted:
            name, seed, budget, system = key
            if (name, seed) not in ready:
                ready[name, seed] = prepare(next(t for t in tasks if t.name == name), told.data, seed, folder)
            if key in runs:
                continue
            runs[key] = found = measure(pythons[system], system, ready[name, seed], budget, seed, folder)
            with told.results.open("a") as file:
                file.write(json.dumps([key, found]) + "\n")
            left.remove(key)
            said = f"{found['loss']:.5g} after {found['end']:.1f} s" if found else "failed"
            print(f"{name} seed {seed} budget {budget:g} {system}: {said}; {expected(left) / 60:.0f} minutes left",
                  flush=True)
    except KeyboardInterrupt:
        print("interrupted: the report is of what is done; the same command goes on", flush=True)
    report(runs, ready, list(pythons), told.budgets)


def written(path: Path) -> dict[Any, Any]:
    """The runs of a results file."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {tuple(key): found for key, found in map(json.loads, lines)}


def expected(left: list[tuple[str, int, float, str]]) -> float:
    """Seconds that some runs should take: the budget, starting a Python with its libraries, scoring the test rows."""
    more = {"ours": (1.0, 9.0), "flaml": (1.1, 9.0), "autogluon": (1.25, 14.0)}
    return sum(more[system][0] * budget + more[system][1] for _, _, budget, system in left)


if __name__ == "__main__":
    main()
