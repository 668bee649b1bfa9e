"""Trials sent to other workers over a real queue; searches that are looked at, and those told to finish early."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.fixtures.services import wait_until
from tests.unit.workers.automl.tables import shop
from workers import registry, runner, trials
from workers.automl import problem_of
from workers.automl.shelf import Shelf
from workers.automl.space import PipelineSpec
from workers.automl.trial import TrialSpec, trial
from workers.graph import Cell, Edge, Graph
from workers.kind import Cancel, Cancelled
from workers.leases import FINISH, Leases, lease_key
from workers.ports import Table
from workers.resolve import open_engine
from workers.samples import token_of
from workers.store import Store

LINE = PipelineSpec("Line", "logistic", {"C": 1.0}, "linear")
TREES = PipelineSpec("Trees", "lightgbm", {"n_estimators": 5, "num_leaves": 4})


class Team:
    """A crew, its Redis, and a worker that runs what was sent when a test says so."""

    def __init__(self, url: str, folder: Path) -> None:
        import redis

        self.redis = redis.Redis.from_url(url, socket_timeout=None)
        self.store, self.sent, self.ended = Store(folder), list[dict[str, Any]](), False
        frame = shop(120)[["age", "visits", "city", "left"]]
        problem = problem_of(frame, "left", folds=2)
        self.shelf = Shelf.laid(self.store, "ab" * 32, pa.Table.from_pandas(frame, preserve_index=False), problem)
        self.leases = Leases(lambda: self.redis)
        self.crew = self.another()

    def another(self) -> trials.Crew:
        name = uuid.uuid4().hex
        return trials.Crew(self.shelf, lambda: self.ended, name, self.redis, self.sent.append, 2)

    def work(self) -> None:
        for message in self.sent:
            trials.work(message, self.store, self.redis, self.leases)
        self.sent.clear()


@pytest.fixture
def team(valkey_url: str, tmp_path: Path) -> Iterator[Team]:
    yield Team(valkey_url, tmp_path)


def test_a_trial_elsewhere_finds_what_it_would_find_here(team):
    asked = [TrialSpec(LINE, 0), TrialSpec(TREES, 1)]
    for spec in asked:
        team.crew.start(spec)
    assert team.crew.wait(0.01) == []
    team.work()
    found = [result for _ in asked for result in team.crew.wait(5)] if team.sent else team.crew.wait(5)
    here = {spec.pipeline.id: trial(spec, team.shelf.material()) for spec in asked}
    assert {r.spec.pipeline.id: r.score for r in found} == {key: r.score for key, r in here.items()}
    for result in found:
        assert (result.predictions == here[result.spec.pipeline.id].predictions).all()


def test_what_somebody_ran_before_is_not_sent_again(team):
    team.crew.start(TrialSpec(LINE, 0))
    team.work()
    score = team.crew.wait(5)[0].score
    other = team.another()
    other.start(TrialSpec(LINE, 0))
    assert team.sent == []
    assert other.wait(None)[0].score == score


@pytest.mark.usefixtures("no_rest")
def test_a_trial_whose_worker_died_is_lost_at_once(team):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    team.crew.start(TrialSpec(LINE, 0))
    host = trials.me().rpartition(":")[0]
    team.redis.set(lease_key(team.sent[0]["run"]), f"1:{host}:{gone.pid}")
    lost = team.crew.wait(30)
    assert [(r.spec.fold, r.error) for r in lost] == [(0, "lost")]
    team.crew.start(TrialSpec(LINE, 0))
    assert [m["attempt"] for m in team.sent] == [1, 2]


@pytest.mark.usefixtures("no_rest")
def test_a_trial_that_runs_is_waited_for(team):
    team.crew.start(TrialSpec(LINE, 0))
    team.redis.set(lease_key(team.sent[0]["run"]), f"1:{trials.me()}")
    assert team.crew.wait(0.3) == []


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dead workers are looked for at every turn."""
    monkeypatch.setattr(trials, "LOST_SECONDS", 0.0)


def test_a_search_that_is_over_waits_for_nobody_and_its_trials_do_not_start(team):
    team.crew.start(TrialSpec(TREES, 0))
    team.ended = True
    assert team.crew.wait(None) == []
    team.crew.close()
    team.work()
    assert team.shelf.get(TrialSpec(TREES, 0)) is None
    assert not team.redis.exists(f"trials:{team.crew.search}")


def test_a_crew_is_as_large_as_the_workers_that_said_they_are_there(team):
    def recruited() -> Any:
        return trials.recruited(team.shelf, lambda: False, "search", team.redis, team.sent.append)

    team.redis.delete(trials.MUSTER)
    assert recruited() is None
    team.redis.zadd(trials.MUSTER, {trials.me(): time.time(), "elsewhere:1": 0.0})
    assert recruited().slots == 1
    team.redis.delete(trials.MUSTER)


# looked at before Run, told to finish -------------------------------------------------------------------------------


def graph_of(store: Store, **params: Any) -> tuple[Graph, dict[str, str]]:
    """A search of the penguins, its table ready."""
    open_engine(store)
    kinds, source = registry.kinds(), "sample:penguins"
    told = kinds["automl"].params(**params).model_dump()
    cells = {"data": Cell("data", "dataset", kinds["dataset"].version, {"source": source}, "data", token_of(source)),
             "search": Cell("search", "automl", kinds["automl"].version, told, "search")}
    graph = Graph(cells, (Edge("e", "data", "table", "search", "table"),))
    prints = dict(graph.fingerprints())
    assert runner.run_cell(graph, "data", prints, store, lambda event: None).state == "done"
    return graph, prints


def looked(store: Store, **params: Any) -> list[Any]:
    graph, prints = graph_of(store, **params)
    return [event.model_dump() for event in runner.look(graph, "search", prints, store)]


def test_a_look_says_what_will_be_predicted_and_is_no_result(tmp_path):
    store = Store(tmp_path)
    steps = [e for e in looked(store, target="species") if e["type"] == "cell_step"]
    assert [(s["view"]["state"], s["view"]["task"], s["final"]) for s in steps] == [("ready", "multiclass", False)]
    graph, prints = graph_of(store, target="species")
    assert store.final(prints["search"]) is None
    assert runner.look(graph, "search", prints, store) == [], "what is shown already is not told twice"


def test_a_look_at_what_cannot_be_learned_says_why_and_how_to_mend_it(tmp_path):
    shown = looked(Store(tmp_path), target="specie")[-1]["view"]
    assert shown["type"] == "problem"
    assert "specie" in shown["message"] and shown["param"] == "target"
    assert looked(Store(tmp_path / "other")) == [], "without a target there is nothing to say yet"


def penguins(store: Store) -> Table:
    from workers.resolve import stored_table

    graph, prints = graph_of(store, target="species")
    table = stored_table(store, prints["data"])
    assert graph.cells and table is not None
    return table


def test_a_search_told_to_finish_keeps_its_best(tmp_path):
    store, cancel, kind = Store(tmp_path), Cancel(), registry.kind("automl")
    params = kind.params(target="species", budget="trials", trials=500)
    last = None
    for last in kind.compute(params, penguins(store), work=runner.work_of("ab" * 16, store, cancel=cancel)):
        if last.view["rows"] and len(last.view["rows"]) > 2:
            cancel.finish()
    assert last is not None and last.exact and last.note == "Stopped early"
    assert last.view["state"] == "stopped" and last.view["trials"] < 100
    assert last.view["kept"][0] == "best" and store.has_parts("ab" * 16, ["model"])


def test_a_search_told_to_finish_before_its_first_score_is_stopped(tmp_path):
    store, cancel, kind = Store(tmp_path), Cancel(), registry.kind("automl")
    cancel.finish()
    params, table = kind.params(target="species", budget="trials", trials=5), penguins(store)
    with pytest.raises(Cancelled):
        list(kind.compute(params, table, work=runner.work_of("ab" * 16, store, cancel=cancel)))


def test_whoever_holds_a_search_hears_that_it_shall_finish(valkey_url):
    import redis

    leases = Leases(lambda: redis.Redis.from_url(valkey_url, socket_timeout=None))
    leases.start()
    run, cancel, client = uuid.uuid4().hex, Cancel(), redis.Redis.from_url(valkey_url)
    held = leases.take(run, 1, cancel)
    wait_until(lambda: bool(client.publish("cancel", f"{FINISH}{run}")) and cancel.enough, what="the request to finish")
    assert not cancel.is_set()
    leases.release(held)
    leases.close()
