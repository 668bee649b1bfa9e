"""Real Valkey, real Celery pools, real kill -9: every run ends, none is committed twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runs.lab import Lab, running_lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab() as made:
        yield made


def test_runs_reach_their_exact_answer(lab: Lab) -> None:
    assert lab.play("run") == {"states": ["done", "done"], "text": "# Hello", "results": 2}


@pytest.mark.parametrize("kind", ["slow", "hungry"])
def test_stop_frees_the_worker(lab: Lab, kind: str) -> None:
    """A generator between two steps, and a DuckDB query of minutes; figures are printed by the load test."""
    seen = lab.play("cancel", kind)
    assert (seen["states"], seen["cell"]) == (["stopped"], "stopped")


@pytest.mark.parametrize("whom", ["child", "pool"])
def test_a_killed_workers_run_finishes_elsewhere(lab: Lab, whom: str) -> None:
    seen = lab.play("kill", whom)
    assert (seen["states"], seen["results"]) == (["done"], 1)
    assert seen["attempts"] >= 2


def test_poison_ends_in_quarantine_and_others_go_on(lab: Lab) -> None:
    seen = lab.play("poison")
    assert seen["states"] == ["done", "quarantined"] and seen["failed"] == ["worker_lost"]
