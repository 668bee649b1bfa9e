"""The demo canvas: tidy, valid, free of problems, and made once."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from canvas.accounts.people import local_owner
from canvas.datasets.sources import tokens_for
from canvas.demo import NAME, demo_document, ensure_demo
from canvas.documents.document import document_json
from canvas.documents.models import Canvas
from canvas.documents.projection import project
from canvas.runs import dispatch
from canvas.runs.models import Run
from workers import registry

GRID = 20


def boxes() -> dict[str, tuple[int, int, int, int]]:
    cells, _ = demo_document()
    return {name: (*cell["pos"], *cell["size"]) for name, cell in cells.items()}


def test_every_cell_lies_on_the_grid() -> None:
    assert all(value % GRID == 0 for box in boxes().values() for value in box)


def test_no_two_cells_come_closer_than_two_grid_steps() -> None:
    gap = 2 * GRID
    for (a, (ax, ay, aw, ah)), (b, (bx, by, bw, bh)) in combinations(boxes().items(), 2):
        apart = ax + aw + gap <= bx or bx + bw + gap <= ax or ay + ah + gap <= by or by + bh + gap <= ay
        assert apart, (a, b)


def test_links_run_from_left_to_right() -> None:
    _, edges = demo_document()
    place = boxes()
    backwards = [e for e in edges.values() if place[e["from"]][0] > place[e["to"]][0]]
    assert backwards == []


def test_every_cell_has_a_title_and_charts_tell_their_finding() -> None:
    cells, _ = demo_document()
    assert all(cell["title"] for cell in cells.values())
    marks = {cell["params"]["mark"] for cell in cells.values() if cell["kind"] == "chart"}
    assert marks == {"bar", "line", "scatter", "histogram", "heatmap"}


@pytest.mark.django_db
def test_the_projection_keeps_all_of_it_and_finds_no_problem() -> None:
    cells, edges = demo_document()
    tokens = tokens_for("00000000-0000-0000-0000-000000000000", ["sample:flights_weather"])
    seen = project({"cells": cells, "edges": edges}, registry.kinds(), tokens)
    assert (dict(seen.cell_problems), dict(seen.edge_problems)) == ({}, {})
    computing = {cell for cell, raw in cells.items() if raw["kind"] != "text"}
    assert set(seen.graph.cells) == computing and len(seen.graph.edges) == len(edges)


@pytest.mark.django_db(transaction=True)
def test_the_first_start_makes_it_and_starts_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Run] = []
    monkeypatch.setattr(dispatch, "send_run", lambda run: sent.append(run) or True)
    monkeypatch.setattr(dispatch, "ask_schemas", lambda *told: None)
    monkeypatch.setattr("canvas.doorbell.publish", lambda *told: True)
    owner = local_owner()
    canvas = ensure_demo(owner)
    assert canvas is not None and canvas.name == NAME
    written: dict[str, Any] = document_json(canvas.pk)
    assert set(written["cells"]) == set(demo_document()[0])
    assert sorted(run.kind for run in sent) == ["dataset"]
    assert ensure_demo(owner) is None and Canvas.objects.count() == 1
