"""The Celery shell with a real worker on a real Valkey: events, outcomes, leases, cancels, pages."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery

from tests.fixtures.services import end_group, wait_until
from workers import runner, turns
from workers.celery import broker_url, settings
from workers.graph import Cell, Edge, Graph
from workers.leases import cancel_key, lease_key
from workers.store import Store

ROOT = Path(__file__).resolve().parents[3]


class Compute:
    """A running compute worker, and what a web process would do with it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.redis = redis.Redis.from_url(url)
        self.store = Store(folder)
        self.app = Celery("test")
        self.app.conf.update(settings(url))
        environment = {**os.environ, "REDIS_URL": url, "STORE_URL": str(folder), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "celery", "-A", "tests.unit.workers.planted_worker", "worker", "-Q",
                   "interactive,batch", "-c", "1", "--without-gossip", "--without-mingle", "-l", "WARNING"]
        self.log = (folder.parent / "worker.log").open("wb")
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log,
                                        start_new_session=True)

    def spec(self, graph: Graph, cell: str, **more: Any) -> dict[str, Any]:
        """A task message for one cell."""
        prints = graph.fingerprints()
        return {"run": uuid.uuid4().hex, "attempt": 1, "canvas": uuid.uuid4().hex, "cell": cell,
                "graph": graph.to_json(), "fingerprint": prints[cell], "fingerprints": prints, **more}

    def start(self, spec: dict[str, Any]) -> Any:
        """Send a run; returns the channel of its canvas."""
        channel = self.redis.pubsub(ignore_subscribe_messages=True)
        channel.subscribe(f"canvas:{spec['canvas']}")
        self.app.send_task("workers.tasks.run_cell", args=[spec], queue="interactive")
        return channel

    def next_event(self, channel: Any, kind: str) -> dict[str, Any]:
        """The next event of a type."""
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            message = channel.get_message(timeout=0.2)
            event = json.loads(message["data"])["event"] if message else {}
            if event.get("type") == kind:
                found.append(event)
            return bool(found)

        wait_until(arrived, seconds=25, what=kind)
        return found[0]

    def landed(self, run: str) -> dict[str, Any]:
        """What the worker told the orchestrating one about a run."""
        told: list[dict[str, Any]] = []

        def arrived() -> bool:
            for raw in self.redis.lrange("orchestrate", 0, -1):
                message = json.loads(raw)
                if message["headers"]["task"] == "canvas.runs.tasks.landed":
                    outcome = json.loads(base64.b64decode(message["body"]))[0][0]
                    if outcome["run"] == run:
                        told.append(outcome)
            return bool(told)

        wait_until(arrived, seconds=25, what="the landing")
        assert len(told) == 1, "a run lands once"
        return told[0]


@pytest.fixture(scope="module")
def compute(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compute]:
    here = Compute(valkey_url, tmp_path_factory.mktemp("compute") / "store")
    yield here
    end_group(here.process)
    here.log.close()


def slow(how: str) -> Graph:
    return Graph({"c": Cell("c", "slow", params={"how": how, "salt": uuid.uuid4().hex})})


def penguins() -> Graph:
    return Graph({"d": Cell("d", "dataset", params={"source": "sample:penguins"}, source_token="sample:penguins:1"),
                  "f": Cell("f", "filter", params={"column": "year", "test": "=", "value": 2008})},
                 (Edge("e", "d", "table", "f", "table"),))


def test_a_run_publishes_its_steps_and_lands(compute: Compute) -> None:
    spec = compute.spec(penguins(), "d")
    channel = compute.start(spec)
    assert compute.next_event(channel, "cell_step")["run"] == spec["run"]
    outcome = compute.landed(spec["run"])
    assert (outcome["state"], outcome["rows"], outcome["attempt"]) == ("done", 344, 1)
    assert outcome["fingerprint"] == spec["fingerprint"] and outcome["versions"]["dataset"] == "1"
    wait_until(lambda: not compute.redis.exists(lease_key(spec["run"])), what="the lease to be released")


def test_a_run_sent_among_others_goes_to_the_end_of_the_queue_and_lands_once(compute: Compute) -> None:
    spec = compute.spec(slow("soon"), "c", turns=True)
    channel = compute.start(spec)
    steps = [compute.next_event(channel, "cell_step") for _ in range(2)]
    assert [(s["step"], s["final"], s["view"]["value"]) for s in steps] == [(1, False, 1), (2, True, 3)]
    assert compute.landed(spec["run"])["state"] == "done"
    wait_until(lambda: not compute.redis.exists(lease_key(spec["run"])), what="the lease to be released")


def test_runs_of_the_same_tables_take_their_next_turn_together(compute: Compute) -> None:
    salt = uuid.uuid4().hex
    specs = [compute.spec(Graph({"c": Cell("c", "counted", params={"by": by, "salt": salt + extra})}), "c", turns=True)
             for by, extra in (("city", ""), ("zone", ""), ("city", "again"))]
    channels, shared = [compute.start(spec) for spec in specs], []
    for spec, channel, groups in zip(specs, channels, (3, 5, 3), strict=True):
        steps = [compute.next_event(channel, "cell_step") for _ in range(2)]
        assert [(s["step"], s["final"], s["view"]["value"]) for s in steps] == [(1, False, 0), (2, True, groups)]
        shared.append(steps[-1]["view"]["shared"])
        assert compute.landed(spec["run"])["state"] == "done"
    # Where the machine is so busy that one was sent after the rest of another, two of them still met.
    assert max(shared) >= 2
    wait_until(lambda: not compute.redis.keys("turn:*"), what="nobody to wait")


def test_runs_whose_gatherer_was_killed_take_their_turn_all_the_same(compute: Compute) -> None:
    gathered = f"turn:{runner._reads({})}:gathered"
    compute.redis.set(gathered, "killed", ex=60)
    spec = compute.spec(slow("soon"), "c", turns=True)
    channel = compute.start(spec)
    assert not compute.next_event(channel, "cell_step")["final"]
    compute.redis.pexpire(gathered, turns.GATHERING_SECONDS * 800)
    assert compute.next_event(channel, "cell_step")["final"]
    assert compute.landed(spec["run"])["state"] == "done"


def test_a_cancel_reaches_a_run_that_takes_its_turn_with_others(compute: Compute) -> None:
    slow_one = compute.spec(slow("query"), "c", turns=True)
    quick = compute.spec(Graph({"c": Cell("c", "counted", params={"salt": uuid.uuid4().hex})}), "c", turns=True)
    # The quick one first: the only process of this worker is the slow one's until it is stopped.
    beside, channel = compute.start(quick), compute.start(slow_one)
    compute.next_event(channel, "cell_step")
    step = [compute.next_event(beside, "cell_step") for _ in range(2)][-1]
    assert step["final"] and step["view"]["shared"] == 0, "it does not wait for what asks nothing"
    compute.redis.set(cancel_key(slow_one["run"]), "1", ex=600)
    compute.redis.publish("cancel", slow_one["run"])
    assert compute.landed(slow_one["run"])["state"] == "stopped"
    assert compute.landed(quick["run"])["state"] == "done"


def test_what_is_stored_is_not_computed_again(compute: Compute) -> None:
    first = compute.spec(penguins(), "d")
    compute.start(first)
    compute.landed(first["run"])
    manifest = compute.store.folder(first["fingerprint"]) / "manifest.json"
    written = manifest.stat().st_ino
    again = compute.spec(penguins(), "d", attempt=2)
    step = compute.next_event(compute.start(again), "cell_step")
    assert step["final"] and step["run"] == again["run"] and step["view"]["total"] == 344
    assert compute.landed(again["run"])["state"] == "done" and manifest.stat().st_ino == written


@pytest.mark.parametrize("how", ["query", "steps"])
def test_a_cancel_reaches_a_running_cell(compute: Compute, how: str) -> None:
    spec = compute.spec(slow(how), "c")
    channel = compute.start(spec)
    compute.next_event(channel, "cell_step")
    held = compute.redis.get(lease_key(spec["run"]))
    assert held is not None and held.startswith(b"1:")
    compute.redis.set(cancel_key(spec["run"]), "1", ex=600)
    compute.redis.publish("cancel", spec["run"])
    sent = time.perf_counter()
    assert compute.landed(spec["run"])["state"] == "stopped"
    print(f"cancel of {how}: {1000 * (time.perf_counter() - sent):.0f} ms")


def test_a_run_cancelled_before_it_starts_lands_stopped(compute: Compute) -> None:
    spec = compute.spec(slow("steps"), "c")
    compute.redis.set(cancel_key(spec["run"]), "1", ex=600)
    compute.start(spec)
    assert compute.landed(spec["run"])["state"] == "stopped"


def test_a_run_that_is_deaf_to_its_cancel_ends_with_its_process(compute: Compute) -> None:
    spec = compute.spec(slow("deaf"), "c")
    compute.next_event(compute.start(spec), "cell_step")
    compute.redis.publish("cancel", spec["run"])
    assert compute.landed(spec["run"])["state"] == "stopped"
    after = compute.spec(penguins(), "d")
    compute.start(after)
    assert compute.landed(after["run"])["state"] == "done", "a fresh process took its place"


def test_an_attempt_that_was_overtaken_does_not_run(compute: Compute) -> None:
    spec = compute.spec(slow("steps"), "c")
    compute.redis.set(lease_key(spec["run"]), "2:elsewhere", ex=60)
    compute.start(spec)
    fresh = compute.spec(penguins(), "d")
    compute.start(fresh)
    compute.landed(fresh["run"])
    assert compute.redis.get(lease_key(spec["run"])) == b"2:elsewhere"
    assert compute.store.step(spec["fingerprint"]) is None


def test_schemas_and_pages_come_from_a_worker(compute: Compute) -> None:
    graph = penguins()
    spec = compute.spec(graph, "d")
    compute.start(spec)
    compute.landed(spec["run"])
    canvas = uuid.uuid4().hex
    channel = compute.redis.pubsub(ignore_subscribe_messages=True)
    channel.subscribe(f"canvas:{canvas}")
    compute.app.send_task("workers.tasks.describe", args=[canvas, graph.to_json(), spec["fingerprints"], ["f"]])
    told = compute.next_event(channel, "cell_schema")
    assert told["cell"] == "f" and told["outputs"]["table"][0] == {"name": "species", "type": "text"}
    asked = {"cell": "f", "graph": graph.to_json(), "fingerprints": spec["fingerprints"], "page": 0}
    page = compute.app.send_task("workers.tasks.read_page", args=[asked]).get(timeout=60)
    assert page["total"] == 114 and {row[7] for row in page["rows"]} == {2008}
    asked["graph"]["cells"][1]["params"]["column"] = "yeer"
    asked["fingerprints"] = Graph.from_json(asked["graph"]).fingerprints()
    refused = compute.app.send_task("workers.tasks.read_page", args=[asked]).get(timeout=60)
    assert refused["error"]["code"] == "unknown_column" and "year" in refused["error"]["message"]


@pytest.mark.parametrize(("url", "address"), [
    ("redis://h:1/2", "redis://h:1/2"), ("unix:///a/v.sock", "redis+socket:///a/v.sock"),
    ("unix:///a/v.sock?db=3", "redis+socket:///a/v.sock?virtual_host=3"),
])
def test_a_socket_url_is_spelled_as_kombu_reads_it(url: str, address: str) -> None:
    assert broker_url(url) == address
