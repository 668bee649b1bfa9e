"""Every template is a document the projection finds nothing wrong with."""

from __future__ import annotations

import pytest

from canvas import starters
from canvas.documents import document
from canvas.documents.projection import project
from workers import registry, samples

TOKENS = {f"sample:{sample['name']}": f"sample:{sample['name']}:{sample['version']}" for sample in samples.samples()}


@pytest.mark.parametrize("starter", starters.starters().values(), ids=lambda starter: starter.id)
def test_a_starter_is_whole(starter: starters.Starter) -> None:
    seen = project({"cells": starter.cells, "edges": starter.edges}, registry.kinds(), TOKENS)
    assert not any(seen.cell_problems.values())
    assert not any(seen.edge_problems.values())
    assert set(seen.graph.cells) == {c for c, raw in starter.cells.items() if raw["kind"] != "text"}
    assert len(seen.graph.edges) == len(starter.edges)
    doc = document.open_doc([document.new_document(starter.cells, starter.edges)])
    assert document.read_json(doc)["cells"].keys() == starter.cells.keys()


def test_no_two_cells_of_a_starter_lie_on_each_other() -> None:
    for starter in starters.starters().values():
        boxes = [(*cell["pos"], *cell["size"]) for cell in starter.cells.values()]
        for i, (x, y, w, h) in enumerate(boxes):
            for u, v, p, q in boxes[i + 1:]:
                assert x + w <= u or u + p <= x or y + h <= v or v + q <= y, starter.id


def test_layout_draws_boxes_and_edges() -> None:
    layout = starters.layout_of(starters.starters()["penguins"].cells, starters.starters()["penguins"].edges)
    assert layout["cells"][0][4] == "text"
    assert [1, 2] in layout["edges"]
