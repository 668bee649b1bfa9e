"""The sweep: lost messages are sent again, runs of dead workers go on elsewhere, poison ends in quarantine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from canvas.runs import dispatch, landing
from canvas.runs.advance import advance, cell_events
from canvas.runs.models import Run
from canvas.runs.sweep import MOST_LOSSES, RESEND_SECONDS, advance_all, sweep
from tests.unit.canvas.runs_of_a_canvas import Scene
from workers.graph import Cell

pytestmark = pytest.mark.django_db(transaction=True)


class Leases:
    """What Redis says: the leases and how many messages wait in each queue."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.waiting = 0

    def mget(self, keys: list[str]) -> list[bytes | None]:
        return [self.held.get(key) for key in keys]

    def llen(self, queue: str) -> int:
        return self.waiting


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Leases:
    leases = Leases()
    monkeypatch.setattr(dispatch, "client", lambda: leases)
    return leases


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, redis: Leases) -> Scene:
    made = Scene(monkeypatch)
    made.draw(Cell("a", "source"))
    advance(made.canvas.pk)
    made.sent.clear()
    return made


def later(**seconds: Any) -> None:
    """Move what the rows say into the past."""
    for name, value in seconds.items():
        Run.objects.update(**{name: timezone.now() - timedelta(seconds=value)})


def test_a_fresh_message_is_left_alone(scene: Scene, redis: Leases) -> None:
    assert sweep() == {"held": 0, "sent": 0, "lost": 0, "quarantined": 0} and scene.sent == []


def test_a_lost_message_is_sent_again_under_a_new_attempt(scene: Scene, redis: Leases) -> None:
    later(sent_at=RESEND_SECONDS + 1)
    assert sweep()["sent"] == 1
    assert [(run.cell, run.attempt) for run in scene.sent] == [("a", 2)]
    assert sweep()["sent"] == 0


def test_a_message_behind_others_is_waited_for(scene: Scene, redis: Leases) -> None:
    redis.waiting = 4
    later(sent_at=3600)
    assert sweep()["sent"] == 0 and scene.sent == []


def test_a_lease_nobody_told_of_is_noticed(scene: Scene, redis: Leases) -> None:
    run = Run.objects.get()
    redis.held[f"lease:{run.pk}"] = b"1:host:77"
    assert sweep()["held"] == 1
    run.refresh_from_db()
    assert (run.state, run.worker, scene.state("a")) == ("leased", "host:77", "running")


def test_a_run_of_a_dead_worker_goes_on_elsewhere(scene: Scene, redis: Leases) -> None:
    run = Run.objects.get()
    landing.started(str(run.pk), 1, "host:1")
    assert sweep()["lost"] == 0
    later(lease_until=1)
    assert sweep()["lost"] == 1
    run.refresh_from_db()
    assert (run.state, run.attempt, run.losses, scene.state("a")) == ("queued", 2, 1, "queued")
    assert [r.attempt for r in scene.sent] == [2]


def test_poison_is_quarantined_with_a_reason(scene: Scene, redis: Leases) -> None:
    for attempt in range(1, MOST_LOSSES + 1):
        landing.started(str(Run.objects.get().pk), attempt, "host:1")
        later(lease_until=1)
        sweep()
    run = Run.objects.get()
    assert (run.state, run.attempt, run.losses) == ("quarantined", MOST_LOSSES, MOST_LOSSES)
    assert scene.state("a") == "error"
    failed = [e for e in cell_events(scene.canvas.pk) if e["type"] == "cell_failed"]
    assert failed[0]["code"] == "worker_lost" and "press Run" in failed[0]["message"]
    advance(scene.canvas.pk, "user:1", force=["a"])
    assert scene.live() == ["a"] and Run.objects.count() == 2


def test_an_old_attempts_lease_does_not_count(scene: Scene, redis: Leases) -> None:
    run = Run.objects.get()
    Run.objects.update(attempt=2)
    redis.held[f"lease:{run.pk}"] = b"1:host:1"
    assert sweep()["held"] == 0


def test_after_a_start_open_ends_are_advanced(scene: Scene, redis: Leases) -> None:
    Run.objects.update(state="cancelled")
    advance_all()
    assert [run.cell for run in scene.sent] == ["a"] and scene.live() == ["a"]
