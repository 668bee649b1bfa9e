"""Outcomes from workers: each run is committed once, by its newest attempt."""

from __future__ import annotations

import uuid

import pytest

from canvas.runs.advance import advance
from canvas.runs.landing import landed, started, tabled
from canvas.runs.models import Result, Run
from tests.unit.canvas.runs_of_a_canvas import Scene
from workers.graph import Cell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene(monkeypatch)
    made.draw(Cell("a", "source", params={"only": "here"}))
    advance(made.canvas.pk, "user:1")
    return made


def outcome(run: Run, /, **more: object) -> dict[str, object]:
    return {"run": str(run.pk), "attempt": run.attempt, "fingerprint": run.fingerprint, "state": "failed",
            "error": {"code": "internal", "message": "It broke."}, "elapsed_ms": 5.0, **more}


def test_done_records_the_result_and_who_made_it(scene: Scene) -> None:
    assert scene.finish("a") is True
    run, result = Run.objects.get(), Result.objects.get()
    assert (run.state, run.elapsed_ms, run.rows, run.versions, run.actor) == ("done", 20.0, 1, {"look": "1"}, "user:1")
    assert (result.run_id, result.fingerprint, result.size, result.workspace_id) == (
        run.pk, run.fingerprint, 10, scene.workspace.pk)
    assert run.finished_at is not None


def test_a_second_outcome_changes_nothing(scene: Scene) -> None:
    scene.finish("a")
    assert landed(outcome(Run.objects.get())) is False
    assert Run.objects.get().state == "done"


def test_an_older_attempt_cannot_land(scene: Scene) -> None:
    run = Run.objects.get()
    Run.objects.update(attempt=2)
    assert landed(outcome(run)) is False
    assert Run.objects.get().state == "queued"
    assert landed(outcome(run, attempt=2)) is True


def test_a_stopped_run_cannot_land(scene: Scene) -> None:
    advance(scene.canvas.pk, "user:1", stop=["a"])
    assert landed(outcome(Run.objects.get())) is False
    assert scene.state("a") == "stopped"


def test_outcomes_of_other_fingerprints_and_unknown_runs_are_refused(scene: Scene) -> None:
    run = Run.objects.get()
    assert landed(outcome(run, fingerprint="0" * 64)) is False
    assert landed(outcome(run, run=str(uuid.uuid4()))) is False
    assert landed(outcome(run, run="no id")) is False
    assert Run.objects.get().state == "queued"


def test_started_shows_the_cell_running_once(scene: Scene) -> None:
    run = Run.objects.get()
    assert started(str(run.pk), 1, "host:1") is True
    assert started(str(run.pk), 1, "host:2") is False
    run.refresh_from_db()
    assert (run.state, run.worker, scene.state("a")) == ("leased", "host:1", "running")
    assert run.lease_until is not None and run.started_at is not None


def test_what_follows_starts_when_the_table_stands_although_the_run_goes_on(scene: Scene) -> None:
    from canvas.runs.facts import store

    scene.chain()
    advance(scene.canvas.pk)
    run = Run.objects.get(cell="data")
    started(str(run.pk), run.attempt)
    assert tabled(str(run.pk), run.attempt) is True and scene.live() == ["data"]
    with store().staging(run.fingerprint) as folder:
        (folder / "manifest.json").write_text("{}")
    assert tabled(str(run.pk), run.attempt + 1) is False
    assert tabled(str(run.pk), run.attempt) is True
    assert scene.live() == ["data", "look"] and (scene.state("data"), scene.state("look")) == ("running", "queued")
    scene.finish("look")
    scene.finish("data")
    assert (scene.state("data"), scene.state("look"), scene.state("slow")) == ("done", "done", "not_run")


def test_a_late_start_of_an_ended_run_is_ignored(scene: Scene) -> None:
    run = Run.objects.get()
    scene.finish("a")
    assert started(str(run.pk), 1) is False
    assert scene.state("a") == "done"


def test_what_the_worker_stopped_itself_may_run_again(scene: Scene) -> None:
    assert landed(outcome(Run.objects.get(), state="stopped")) is True
    assert scene.live() == ["a"] and Run.objects.count() == 2


def test_inputs_evicted_before_the_start_are_computed_again(scene: Scene) -> None:
    from canvas.runs.facts import store

    scene.chain()
    advance(scene.canvas.pk)
    scene.finish("data")
    store().drop(Run.objects.get(cell="data", state="done").fingerprint)
    run = Run.objects.get(cell="look")
    assert landed(outcome(run, error={"code": "not_landed", "message": "Run it first."})) is True
    assert scene.live() == ["data"] and scene.state("look") == "queued"
