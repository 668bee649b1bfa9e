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


def test_a_killed_workers_run_finishes_elsewhere(lab: Lab) -> None:
    """A child of the pool; tests.load.worker_crash kills whole pools too, and lets a poison run end in quarantine."""
    seen = lab.play("kill", "child")
    assert (seen["states"], seen["results"], seen["losses"]) == (["done"], 1, 1)
