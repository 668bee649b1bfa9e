"""Links that carry a model: kept with the result, opened once a process, picked without training again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from workers import registry
from workers.automl import search
from workers.automl.space import PipelineSpec
from workers.events import CellStep
from workers.graph import Cell, Edge, Graph
from workers.kind import BEST, CellError, CellKind, Params, Step, Work
from workers.local import is_landed
from workers.ports import Model
from workers.resolve import inputs_of, load_model, open_engine
from workers.runner import run_cell
from workers.store import Store

RUNS: list[str] = []


class LearnParams(Params):
    slope: int = 3
    pipeline: str = BEST


class Learn(CellKind):
    """Learns a line, and keeps a second model under another name."""

    name, title, group, icon, params = "learn", "Learn", "Model", "x", LearnParams
    outputs = {"model": Model}
    steers = frozenset({"pipeline"})

    def compute(self, params: LearnParams, work: Work) -> Iterator[Step]:
        """Trains."""
        import pandas as pd

        RUNS.append(work.run)
        draw = random.Random(1)
        x = [draw.random() for _ in range(60)]
        frame = pd.DataFrame({"x": x, "y": [params.slope * v + 0.01 * draw.random() for v in x]})
        boards = [*search(frame, "y", trials=1, threads=1, folds=2, test=0.0,
                          pipelines=[PipelineSpec("Ridge", "ridge", {"alpha": 0.01}, "linear")])]
        for name in (BEST, "second"):
            work.keep_model(boards[-1].model(), name)
        yield Step({"type": "value", "value": "trained"})

    def model_name(self, params: LearnParams) -> str:
        """The one that was picked."""
        return params.pipeline


class Guess(CellKind):
    """Says what a model predicts for x = 1."""

    name, title, group, icon, params = "guess", "Guess", "Model", "x", Params
    inputs = {"model": Model}

    def compute(self, params: Params, model: Model, work: Work) -> Iterator[Step]:
        """One number."""
        import pandas as pd

        found = work.load_model(model).predict(pd.DataFrame({"x": [1.0]}))[0]
        yield Step({"type": "value", "value": f"{model.target} {found:.1f}"})


FAKES = {k.name: k for k in (Learn(), Guess())}


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A server that knows these kinds only, and a store."""
    monkeypatch.setattr(registry, "kinds", lambda: MappingProxyType(FAKES))
    monkeypatch.setattr(registry, "kind", lambda name: FAKES[name])
    RUNS.clear()
    made = Store(tmp_path)
    open_engine(made)
    return made


def canvas(pipeline: str = BEST) -> Graph:
    """A cell that learns, and one that guesses with what it learnt."""
    learn = Cell("l", "learn", 1, {"slope": 3}, "line", steering={"pipeline": pipeline}, picked=Learn.picked())
    return Graph({"l": learn, "g": Cell("g", "guess", 1, {}, "guess")}, (Edge("e", "l", "model", "g", "model"),))


def run(graph: Graph, cell: str, store: Store) -> Any:
    """The view of a cell after its run."""
    seen: list[Any] = []
    outcome = run_cell(graph, cell, graph.fingerprints(), store, seen.append)
    assert outcome.state == "done", outcome.error
    return next(e.view for e in reversed(seen) if isinstance(e, CellStep))["value"]


def test_a_model_goes_through_a_link(store: Store) -> None:
    graph = canvas()
    run(graph, "l", store)
    assert run(graph, "g", store) == "y 3.0"


def test_without_its_model_file_a_result_has_not_landed(store: Store) -> None:
    graph = canvas()
    prints = graph.fingerprints()
    with pytest.raises(CellError) as waiting:
        inputs_of(graph, "g", prints, store)
    assert waiting.value.code == "not_landed"
    run(graph, "l", store)
    assert is_landed(graph, prints["l"], prints, store)
    (store.folder(prints["l"]) / "best.model.json").unlink()
    assert not is_landed(graph, prints["l"], prints, store)


def test_picking_another_pipeline_runs_what_follows_and_never_trains_again(store: Store) -> None:
    best, second = canvas().fingerprints(), canvas("second").fingerprints()
    assert best["l"] == second["l"] and best["g"] != second["g"]
    trained_otherwise = replace(canvas(), cells={**canvas().cells, "l": replace(canvas().cells["l"], params={})})
    assert trained_otherwise.fingerprints()["g"] != best["g"]
    run(canvas(), "l", store)
    assert inputs_of(canvas("second"), "g", second, store)["model"] == Model(f"{second['l']}/second", "y")
    assert len(RUNS) == 1


def test_a_pipeline_that_the_result_does_not_hold_is_said(store: Store) -> None:
    graph = canvas("gone")
    run(graph, "l", store)
    with pytest.raises(CellError, match="picked in line") as caught:
        inputs_of(graph, "g", graph.fingerprints(), store)
    assert caught.value.code == "no_pipeline"


def test_a_model_is_opened_once_a_process(store: Store) -> None:
    graph = canvas()
    run(graph, "l", store)
    model = inputs_of(graph, "g", graph.fingerprints(), store)["model"]
    assert load_model(store, model) is load_model(store, model)


def test_a_graph_with_a_picked_model_survives_its_message() -> None:
    assert Graph.from_json(canvas("second").to_json()).fingerprints() == canvas("second").fingerprints()
