"""The demo canvases: tidy, valid, free of problems, and made once."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from canvas.access import Actor, canvases_for
from canvas.accounts.people import local_owner
from canvas.datasets.sources import tokens_for
from canvas.demos import DEMOS, ensure_demos
from canvas.documents.document import document_json
from canvas.documents.models import Canvas
from canvas.documents.projection import project, wanted_source
from canvas.runs import dispatch
from canvas.runs.models import Run
from workers import registry

GRID = 20
EACH = pytest.mark.parametrize("name", DEMOS)


def boxes(name: str) -> dict[str, tuple[int, int, int, int]]:
    cells, _ = DEMOS[name].document()
    return {name: (*cell["pos"], *cell["size"]) for name, cell in cells.items()}


@EACH
def test_every_cell_lies_on_the_grid(name: str) -> None:
    assert all(value % GRID == 0 for box in boxes(name).values() for value in box)


@EACH
def test_no_two_cells_come_closer_than_two_grid_steps(name: str) -> None:
    gap = 2 * GRID
    for (a, (ax, ay, aw, ah)), (b, (bx, by, bw, bh)) in combinations(boxes(name).items(), 2):
        apart = ax + aw + gap <= bx or bx + bw + gap <= ax or ay + ah + gap <= by or by + bh + gap <= ay
        assert apart, (a, b)


@EACH
def test_links_run_from_left_to_right(name: str) -> None:
    _, edges = DEMOS[name].document()
    place = boxes(name)
    backwards = [e for e in edges.values() if place[e["from"]][0] > place[e["to"]][0]]
    assert backwards == []


@EACH
def test_every_cell_has_a_title(name: str) -> None:
    cells, _ = DEMOS[name].document()
    assert all(cell["title"] for cell in cells.values())


def test_the_demos_show_what_there_is() -> None:
    cells = [cell for demo in DEMOS.values() for cell in demo.cells.values()]
    marks = {cell["params"]["mark"] for cell in cells if cell["kind"] == "chart"}
    assert marks >= {"bar", "line", "scatter", "histogram", "heatmap", "box"}
    assert {cell["kind"] for cell in cells} >= {"dataset", "filter", "derive", "aggregate", "clean", "join", "text"}


@EACH
@pytest.mark.django_db
def test_the_projection_keeps_all_of_it_and_finds_no_problem(name: str) -> None:
    cells, edges = DEMOS[name].document()
    sources = {source for cell in cells.values() if (source := wanted_source(cell))}
    tokens = tokens_for("00000000-0000-0000-0000-000000000000", sources)
    seen = project({"cells": cells, "edges": edges}, registry.kinds(), tokens)
    assert (dict(seen.cell_problems), dict(seen.edge_problems)) == ({}, {})
    computing = {cell for cell, raw in cells.items() if raw["kind"] != "text"}
    assert set(seen.graph.cells) == computing and len(seen.graph.edges) == len(edges)


@pytest.mark.django_db(transaction=True)
def test_the_first_start_makes_them_and_starts_their_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Run] = []
    monkeypatch.setattr(dispatch, "send_run", lambda run: sent.append(run) or True)
    monkeypatch.setattr(dispatch, "ask_schemas", lambda *told: None)
    monkeypatch.setattr("canvas.doorbell.publish", lambda *told: True)
    owner = local_owner()
    made = ensure_demos(owner)
    assert [canvas.name for canvas in made] == [demo.name for demo in DEMOS.values()]
    for canvas, demo in zip(made, DEMOS.values(), strict=True):
        written: dict[str, Any] = document_json(canvas.pk)
        assert set(written["cells"]) == set(demo.document()[0])
    assert {run.kind for run in sent} == {"dataset"}
    on_home = canvases_for(Actor(user_id=owner.pk, name=str(owner)))
    assert [canvas.name for canvas in on_home] == [demo.name for demo in DEMOS.values()], "the first to run is on top"
    assert ensure_demos(owner) == [] and Canvas.objects.count() == len(DEMOS)
