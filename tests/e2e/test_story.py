"""The story of the product: a real file becomes a chart that two people change together."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import RESULTS
from tests.e2e.driver import Board
from tests.e2e.stories import build_line, write_trips
from tests.fixtures.services import wait_until

PICTURES = RESULTS / "screenshots"


def test_the_demo_canvas_is_ready(meet):
    owner = meet("owner")
    owner.open_home()
    owner.page.get_by_role("link", name=re.compile("flights", re.I)).first.click()
    owner.page.wait_for_url("**/c/*/**")
    board = Board(owner)
    expect(board.cards()).to_have_count(13)
    notes = board.cards().and_(owner.page.locator('[aria-label^="Text,"]'))
    for cell in sorted(board.cell_ids() - board.ids_of(notes)):
        board.wait_state(cell, seconds=120)
    flights = owner.page.locator('[data-cell-id][role=group][aria-label*=", Flights with weather, "]')
    expect(flights).to_contain_text("336,776 rows")
    for chart in sorted(board.ids_of(owner.page.locator('[data-cell-id][role=group][aria-label^="Chart, "]'))):
        board.expect_drawn(chart)
    owner.picture(PICTURES, "demo")


def test_a_file_becomes_a_chart_and_two_people_change_it_together(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    board.watch()
    line = build_line(board, write_trips(tmp_path / "trips.csv", 60_000))
    assert "Upload of trips.csv" in board.seen(), "the upload showed no progress"
    assert re.search(r", trips, (queued|running|partial)", board.seen()), "parsing showed no progress"
    expect(board.card(line.data)).to_contain_text("60,000 rows × 5")
    headers = board.card(line.data).get_by_role("columnheader")
    expect(headers).to_have_count(5)
    expect(headers.locator("svg")).to_have_count(5)

    mei = meet("mei")
    beside = mei.join_as_guest(board.share_link("Can edit"), "Mei")
    assert "/l/" not in mei.page.url, "the token stayed in the address"
    expect(beside.cards()).to_have_count(3)
    beside.expect_drawn(line.chart)

    box = beside.board_box()
    mei.page.mouse.move(box["x"] + 500, box["y"] + 30, steps=8)
    expect(board.cursor_of("Mei")).to_be_visible()
    beside.select(line.filter)
    expect(board.card(line.filter).get_by_text("Mei")).to_be_visible()

    _threshold_followed_by_both(board, beside, line.filter, line.chart)

    place = board.card(line.chart).bounding_box()
    beside.move_card(line.chart, (60, 40))
    wait_until(lambda: board.card(line.chart).bounding_box() != place, what="the card moving on the owner's screen")
    board.fit()
    owner.picture(PICTURES, "story")


def _threshold_followed_by_both(board: Board, beside: Board, filter_: str, chart: str) -> None:
    """Mei drags the threshold; both charts follow while she holds it and agree when she lets go."""
    before = board.figure(chart)
    beside.hold_slider("Value, slider", 0.5)
    wait_until(lambda: board.figure(chart) not in {"", before}, what="the owner's chart following Mei's drag")
    wait_until(lambda: beside.figure(chart) not in {"", before}, what="Mei's chart following her own drag")
    beside.hold_on(0.6)
    beside.release()
    beside.wait_connected()
    board.wait_state(filter_)
    board.wait_state(chart)
    wait_until(lambda: board.figure(chart) == beside.figure(chart), what="both charts showing the same")
    beside.param("Value").evaluate("field => field.blur()")
    board.select(filter_)
    expect(board.param("Value")).to_have_value(beside.param("Value").input_value())


def test_undo_takes_back_ones_own_edits_only(meet):
    owner = meet("owner")
    board = owner.new_canvas()
    mei = meet("mei")
    beside = mei.join_as_guest(board.share_link("Can edit"), "Mei")
    mine = board.add_cell("Text")
    theirs = beside.add_cell("Chart")
    expect(board.card(theirs)).to_be_visible()
    owner.page.locator(".react-flow__pane").first.click(position={"x": 20, "y": 20})
    owner.page.keyboard.press("Control+z")
    expect(board.card(mine)).to_have_count(0)
    expect(board.card(theirs)).to_be_visible()
    expect(beside.card(mine)).to_have_count(0)
