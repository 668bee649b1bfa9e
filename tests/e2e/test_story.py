"""The story of the product: a real file becomes a chart that two people change together."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.stories import build_line, write_trips
from tests.fixtures.services import wait_until


def test_the_demo_canvas_is_ready(meet, application):
    owner = meet("owner")
    owner.open_home()
    owner.page.get_by_role("link", name=re.compile("flights|New York", re.I)).first.click()
    owner.page.wait_for_url("**/c/*/**")
    cards = owner.page.locator("[data-cell-id][role=group]")
    expect(cards.first).to_be_visible()
    expect(owner.page.get_by_text("336,776").first).to_be_visible(timeout=180_000)


def test_a_file_becomes_a_chart_and_two_people_change_it_together(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    line = build_line(board, write_trips(tmp_path / "trips.csv"))
    expect(board.card(line.data)).to_contain_text("5,000")

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

    before = board.figure(line.chart)
    beside.set_param("Value", "40")
    wait_until(lambda: board.figure(line.chart) not in {"", before}, what="the owner's chart following Mei's filter")
    wait_until(lambda: board.figure(line.chart) == beside.figure(line.chart), what="both charts showing the same")
    board.wait_state(line.chart)

    place = board.card(line.chart).bounding_box()
    beside.move_card(line.chart, (60, 40))
    wait_until(lambda: board.card(line.chart).bounding_box() != place, what="the card moving on the owner's screen")


def test_undo_takes_back_ones_own_edits_only(meet, tmp_path):
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
