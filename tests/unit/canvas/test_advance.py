"""advance: what starts, joins, stops and is told; state plus events equals a fresh load."""

from __future__ import annotations

import random
from typing import Any

import pytest

from canvas.runs import dispatch
from canvas.runs.advance import advance, cell_events
from canvas.runs.facts import store
from canvas.runs.models import CellState, Result, Run
from tests.unit.canvas.runs_of_a_canvas import Scene, fresh, hear, without_source
from workers.graph import Cell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def test_first_call_starts_what_has_no_inputs_to_wait_for(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk, "user:1")
    assert [run.cell for run in scene.sent] == ["data"]
    assert scene.sent[0].actor == "user:1" and scene.sent[0].attempt == 1
    assert (scene.state("data"), scene.state("look")) == ("queued", "queued")


def test_second_call_does_nothing_new(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk)
    heard, rev = len(scene.heard), scene.canvas.__class__.objects.get(pk=scene.canvas.pk).state_rev
    advance(scene.canvas.pk)
    scene.canvas.refresh_from_db()
    assert (len(scene.sent), len(scene.heard), scene.canvas.state_rev) == (1, heard, rev)


def test_landing_starts_what_follows_and_dear_cells_wait(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk)
    scene.finish("data")
    assert scene.live() == ["look"]
    scene.finish("look")
    assert scene.live() == []
    assert (scene.state("data"), scene.state("look"), scene.state("slow")) == ("done", "done", "not_run")
    advance(scene.canvas.pk, "user:2", force=["slow"])
    assert scene.live() == ["slow"]


def test_spec_holds_only_what_feeds_the_cell(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk)
    scene.finish("data")
    spec = scene.sent[-1].spec
    assert set(spec["fingerprints"]) == {"data", "look"} == {c["id"] for c in spec["graph"]["cells"]}


def test_an_obsolete_queued_run_is_stopped_and_replaced(scene: Scene) -> None:
    scene.chain(1)
    advance(scene.canvas.pk)
    scene.finish("data")
    first = Run.objects.get(cell="look")
    scene.chain(2)
    advance(scene.canvas.pk)
    first.refresh_from_db()
    assert first.state == "cancelled" and scene.cancelled == [str(first.pk)]
    assert scene.live() == ["look"] and Run.objects.filter(cell="look").count() == 2


def test_going_back_costs_nothing_and_delivers_the_stored_step(scene: Scene) -> None:
    scene.chain(1)
    advance(scene.canvas.pk)
    for cell in ("data", "look"):
        scene.finish(cell)
    scene.chain(2)
    advance(scene.canvas.pk)
    scene.finish("look")
    sent = len(scene.sent)
    scene.heard.clear()
    scene.chain(1)
    advance(scene.canvas.pk)
    assert len(scene.sent) == sent and scene.state("look") == "cached"
    assert [m["event"]["type"] for m in scene.heard if "event" in m and m["event"].get("cell") == "look"] == [
        "cell_step", "cell_status"]


def test_equal_cells_of_two_canvases_share_one_run(scene: Scene) -> None:
    other = scene.another()
    scene.draw(Cell("a", "source"))
    scene.draw(Cell("b", "source"), canvas=other)
    advance(scene.canvas.pk)
    advance(other.pk)
    assert len(scene.sent) == 1 and scene.state("b", other) == "queued"
    scene.finish("a")
    assert scene.state("a") == "done" and scene.state("b", other) == "cached"
    steps = [m for m in scene.heard if m.get("event", {}).get("type") == "cell_step" and m["event"]["cell"] == "b"]
    assert len(steps) == 1


def test_a_shared_run_goes_on_while_somebody_else_waits_for_it(scene: Scene) -> None:
    other = scene.another()
    scene.draw(Cell("a", "source"))
    scene.draw(Cell("b", "source"), canvas=other)
    advance(scene.canvas.pk)
    advance(other.pk)
    scene.draw()
    advance(scene.canvas.pk)
    assert scene.cancelled == [] and scene.live() == ["a"]
    scene.draw(canvas=other)
    advance(other.pk)
    advance(scene.canvas.pk)
    assert len(scene.cancelled) == 1 and scene.live() == []


def test_workspaces_share_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.draw(Cell("a", "source"))
    advance(scene.canvas.pk)
    scene.finish("a")
    elsewhere = Scene(monkeypatch)
    elsewhere.draw(Cell("a", "source"))
    advance(elsewhere.canvas.pk)
    assert len(elsewhere.sent) == 1


def test_stop_holds_until_it_is_forced(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk)
    advance(scene.canvas.pk, "user:1", stop=["data"])
    assert scene.state("data") == "stopped" and scene.state("look") == "blocked" and len(scene.cancelled) == 1
    advance(scene.canvas.pk)
    assert scene.live() == []
    advance(scene.canvas.pk, "user:1", force=["data"])
    assert scene.live() == ["data"] and scene.state("data") == "queued"


@pytest.mark.parametrize("begun", [True, False])
def test_stop_lets_a_search_keep_its_best_as_soon_as_a_worker_has_it(scene: Scene, monkeypatch, begun: bool) -> None:
    finished: list[str] = []
    monkeypatch.setattr(dispatch, "is_held", lambda run: begun)
    monkeypatch.setattr(dispatch, "is_finishing", lambda run: run in finished)
    monkeypatch.setattr(dispatch, "finish", finished.extend)
    scene.draw(Cell("s", "search"))
    advance(scene.canvas.pk, "user:1", force=["s"])
    assert scene.sent[-1].state == "queued", "no row says yet that a worker has it"
    advance(scene.canvas.pk, "user:1", stop=["s"])
    assert (len(finished), len(scene.cancelled)) == ((1, 0) if begun else (0, 1))
    assert scene.state("s") == ("queued" if begun else "stopped")


def test_run_pressed_early_is_remembered_until_what_feeds_the_cell_is_there(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk, "user:1", force=["slow"])
    assert scene.live() == ["data"] and scene.state("slow") == "queued"
    scene.finish("data")
    assert scene.live() == ["look", "slow"]
    scene.finish("slow", "failed", error={"code": "x", "message": "No.", "param": None, "fix": None})
    scene.finish("look")
    assert scene.live() == [] and scene.state("slow") == "error", "it ran once for one press"


@pytest.mark.parametrize("change", ["stop", "edit"])
def test_run_pressed_early_is_forgotten(scene: Scene, change: str) -> None:
    scene.chain()
    advance(scene.canvas.pk, "user:1", force=["slow"])
    if change == "edit":
        scene.chain(2)
    advance(scene.canvas.pk, "user:1", stop=["slow"] if change == "stop" else ())
    scene.finish("data")
    assert scene.live() == ["look"]


def test_failure_is_told_and_retried_only_when_forced(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk)
    error = {"code": "unknown_column", "message": "There is no column “x”.", "param": "column", "fix": None}
    scene.finish("data", "failed", error=error)
    assert scene.state("data") == "error" and scene.state("look") == "blocked"
    failed = [e for e in cell_events(scene.canvas.pk) if e["type"] == "cell_failed"]
    assert [(e["cell"], e["code"], e["message"]) for e in failed] == [("data", "unknown_column", error["message"])]
    advance(scene.canvas.pk)
    assert scene.live() == []
    advance(scene.canvas.pk, force=["data"])
    assert scene.live() == ["data"]


def test_run_again_computes_a_landed_result_anew(scene: Scene) -> None:
    scene.draw(Cell("a", "source"))
    advance(scene.canvas.pk)
    scene.finish("a")
    advance(scene.canvas.pk, force=["a"])
    assert scene.live() == []
    advance(scene.canvas.pk, anew=["a"])
    assert scene.live() == ["a"] and scene.sent[-1].spec["anew"] is True
    scene.finish("a")
    assert scene.state("a") == "done" and Result.objects.count() == 1


def test_cells_that_are_gone_are_forgotten_with_their_runs(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk)
    scene.draw()
    advance(scene.canvas.pk)
    assert not CellState.objects.filter(canvas=scene.canvas).exists() and scene.live() == []


def test_a_result_whose_files_are_gone_is_computed_again(scene: Scene) -> None:
    scene.draw(Cell("a", "source"))
    advance(scene.canvas.pk)
    scene.finish("a")
    store().drop(Result.objects.get().fingerprint)
    advance(scene.canvas.pk)
    assert scene.live() == ["a"] and not Result.objects.exists()


def test_columns_of_text_that_is_typed_are_asked_for_when_the_keys_rest(scene: Scene,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    later: list[str] = []
    monkeypatch.setattr(dispatch, "ask_schemas_soon", lambda canvas, graph, prints, cells: later.extend(cells))
    scene.draw(Cell("data", "source"), Cell("look", "look", params={"x": 1}, mode="written"), Cell("slow", "dear"),
               links=(("data", "look"), ("look", "slow")))
    advance(scene.canvas.pk)
    scene.finish("data")
    assert {"look", "slow"} <= set(later)
    assert not {"look", "slow"} & set(scene.asked)


def test_of_many_keys_only_the_last_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[Clock] = []

    class Clock:
        """A timer that the test lets run out."""

        def __init__(self, seconds: float, work: Any, given: tuple[Any, ...]) -> None:
            self.work, self.given, self.off = work, given, False
            timers.append(self)

        def start(self) -> None:
            """Nothing runs by itself here."""

        def cancel(self) -> None:
            """As a timer does."""
            self.off = True

    asked: list[str] = []
    monkeypatch.setattr(dispatch.threading, "Timer", Clock)
    monkeypatch.setattr(dispatch, "ask_schemas", lambda canvas, graph, prints, cells: asked.append(prints["query"]))
    for text in ("s", "se", "sel", "sel"):
        dispatch.ask_schemas_soon("a canvas", {}, {"query": text}, ["query"])
    for timer in timers:
        if not timer.off:
            timer.work(*timer.given)
    assert asked == ["sel"]
    dispatch.ask_schemas_soon("a canvas", {}, {"query": "sel"}, ["query"])
    assert len(timers) == 4, "what was asked long ago may be asked again"
    timers[-1].work(*timers[-1].given)


def test_schemas_are_asked_for_once_what_they_build_on_exists(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk)
    assert scene.asked == []
    scene.finish("data")
    assert {"look", "slow"} <= set(scene.asked)


def test_new_params_of_a_described_cell_leave_its_columns_to_its_run(scene: Scene) -> None:
    scene.chain()
    advance(scene.canvas.pk)
    scene.finish("data")
    for row in CellState.objects.filter(cell__in=("look", "slow")):
        store().put_schema(row.fingerprint, {"outputs": {"table": [{"name": "x", "type": "number"}]}})
    scene.asked.clear()
    scene.chain(threshold=2)
    advance(scene.canvas.pk)
    assert scene.live() == ["look"]
    assert "slow" in scene.asked and "look" not in scene.asked


def test_charts_are_sent_before_the_previews_of_tables(scene: Scene) -> None:
    scene.draw(Cell("data", "source"), Cell("look", "look"), Cell("chart", "picture"),
               links=(("data", "look"), ("look", "chart")))
    advance(scene.canvas.pk)
    scene.finish("data")
    assert [run.cell for run in scene.sent] == ["data", "chart", "look"]


def test_a_canvas_in_the_bin_computes_nothing(scene: Scene) -> None:
    from django.utils import timezone

    scene.chain()
    advance(scene.canvas.pk)
    scene.canvas.__class__.objects.filter(pk=scene.canvas.pk).update(deleted_at=timezone.now())
    advance(scene.canvas.pk)
    assert scene.live() == [] and len(scene.cancelled) == 1


@pytest.mark.parametrize("seed", range(6))
def test_state_plus_events_equals_a_fresh_load(scene: Scene, seed: int) -> None:
    """Thirty random happenings; after each, what a browser pieced together equals what a new page is sent."""
    chance = random.Random(seed)
    page: dict[tuple[str, str], Any] = {}
    for _ in range(30):
        _happen(scene, chance)
        told = [m["event"] for m in scene.heard if "event" in m and m["canvas"] == str(scene.canvas.pk)]
        scene.heard.clear()
        page = hear(page, told)
        present = set(CellState.objects.filter(canvas=scene.canvas).values_list("cell", flat=True))
        page = {k: v for k, v in page.items() if k[1] in present}
        assert without_source(page) == fresh(scene.canvas)


def _happen(scene: Scene, chance: random.Random) -> None:
    live = scene.live()
    what = chance.choice(["edit", "edit", "finish", "finish", "fail", "stop", "force", "anew", "remove"])
    cells = ["data", "look", "slow"]
    if what == "edit":
        scene.chain(chance.randrange(3))
    elif what == "remove":
        scene.draw(Cell("data", "source"))
    if what in ("edit", "remove"):
        advance(scene.canvas.pk, "user:1")
    elif what == "finish" and live:
        scene.finish(chance.choice(live))
    elif what == "fail" and live:
        scene.finish(chance.choice(live), "failed", error={"code": "internal", "message": "It broke."})
    elif what == "stop":
        advance(scene.canvas.pk, "user:1", stop=[chance.choice(cells)])
    elif what == "force":
        advance(scene.canvas.pk, "user:1", force=[chance.choice(cells)])
    elif what == "anew":
        advance(scene.canvas.pk, "user:1", anew=[chance.choice(cells)])
