"""Brushing: what one person selects in a chart filters five cells, and both people see it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import RESULTS
from tests.e2e.driver import Board
from tests.e2e.stories import write_trips
from tests.fixtures.services import wait_until

PICTURES = RESULTS / "screenshots" / "brushing"
LINKED: list[tuple[str, dict[str, str]]] = [
    ("Chart", {"X": "city"}),
    ("Chart", {"Mark": "Line", "X": "day"}),
    ("Chart", {"Mark": "Box", "X": "city", "Y": "distance"}),
    ("Chart", {"Mark": "Heat map", "X": "day", "Y": "city"}),
    ("Table", {}),
]


def beside(board: Board, data: str, kind: str, settings: dict[str, str]) -> str:
    """A cell that reads the data, set as told."""
    board.fit()
    board.select(data)
    cell = board.add_cell(kind)
    board.select(cell)
    for label, value in settings.items():
        board.set_param(label, value)
    board.wait_state(cell)
    return cell


def rows(board: Board, cell: str) -> str:
    """What the footer of a table says."""
    return str(board.card(cell).inner_text())


def linked_board(board: Board, file: Path) -> tuple[str, list[str]]:
    """A histogram and five cells beside it that its selection filters, linked before anything is selected."""
    data = board.drop_file(file)
    board.wait_state(data)
    source = beside(board, data, "Chart", {"Mark": "Histogram", "X": "fare"})
    linked = [beside(board, data, kind, settings) for kind, settings in LINKED]
    expect(board.card(linked[-1])).to_contain_text("20,000 rows")
    board.fit()
    board.select(source)
    board.open_filters()
    dialog = board.page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox")).to_have_count(5)
    dialog.get_by_role("button", name="Filter all that fit").click()
    dialog.get_by_role("button", name="Done").click()
    expect(board.page.locator(".react-flow__edge")).to_have_count(11)
    return source, linked


def test_a_brush_filters_five_cells_for_two_people(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    source, linked = linked_board(board, write_trips(tmp_path / "trips.csv", 20_000))
    theirs = meet("mei").join_as_guest(board.share_link("Can edit"), "Mei")
    theirs.fit()
    for cell in linked[:4]:
        theirs.expect_drawn(cell)
    before = {cell: theirs.figure(cell) for cell in [source, *linked[:2]]}

    board.fit()
    board.select(source)
    board.brush(source, 0.03, 0.2, hold=True)
    expect(theirs.chip(source)).to_be_visible()
    wait_until(lambda: theirs.figure(linked[0]) not in {"", before[linked[0]]}, what="Mei's bars following the drag")
    owner.page.mouse.up()
    expect(board.chip(source)).to_have_accessible_name(re.compile(r"Selected: fare .+ to .+ · 5 linked cells"))
    words = board.chip(source).get_attribute("aria-label")
    for cell in linked:
        board.wait_state(cell)
        theirs.wait_state(cell)
        expect(board.card(cell).locator("[title^='Filtered by']")).to_have_attribute("data-on", "true")
    expect(theirs.card(linked[-1])).not_to_contain_text("20,000 rows")
    assert theirs.chip(source).get_attribute("aria-label") == words
    for cell in linked[:2]:
        wait_until(lambda cell=cell: theirs.figure(cell) == board.figure(cell) != before[cell], what="both seeing one")
    assert theirs.figure(source) == before[source], "the brushed chart itself does not change"
    owner.picture(PICTURES, "five-linked")
    invert_clear_and_undo(board, theirs, source, linked[-1])


def invert_clear_and_undo(board: Board, theirs: Board, source: str, table: str) -> None:
    """Inverted, the rest; Escape clears, undo brings it back; the other person sees each."""
    some = rows(board, table)
    board.chip(source).click()
    board.page.get_by_role("menuitem", name="Invert the selection").click()
    expect(theirs.chip(source)).to_have_accessible_name(re.compile("Selected: all but fare"))
    wait_until(lambda: rows(theirs, table) != some, what="the other rows")
    board.card(source).focus()
    board.page.keyboard.press("Escape")
    expect(theirs.chip(source)).to_have_count(0)
    expect(theirs.card(table)).to_contain_text("20,000 rows")
    board.page.keyboard.press("Control+z")
    expect(theirs.chip(source)).to_be_visible()


def test_bars_are_clicked_and_picked_from_a_list_with_the_keyboard(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    data = board.drop_file(write_trips(tmp_path / "trips.csv", 5_000))
    board.wait_state(data)
    source = beside(board, data, "Chart", {"X": "city"})
    table = beside(board, data, "Table", {})
    board.look_at(source)
    board.expect_drawn(source)
    bar = board.card(source).locator(".point path").first.bounding_box()
    assert bar is not None
    owner.page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    expect(board.chip(source)).to_have_accessible_name(re.compile(r"^Selected: city \w+$"))
    board.card_picture(source, PICTURES, "one-bar")

    # Without a pointer from here: the list, its ticks, the other cells.
    owner.page.keyboard.press("Control+k")
    board.pick_in_menu("Select values from a list")
    dialog = owner.page.get_by_role("dialog")
    ticks = dialog.get_by_role("checkbox")
    expect(ticks).to_have_count(5)
    expect(dialog.get_by_role("checkbox", checked=True)).to_have_count(1)
    unticked = dialog.get_by_role("checkbox", checked=False).first
    unticked.focus()
    owner.page.keyboard.press("Space")
    expect(dialog.get_by_role("checkbox", checked=True)).to_have_count(2)
    owner.screenshot(PICTURES / "list.png")
    dialog.get_by_role("button", name="Filter other cells").press("Enter")
    choice = owner.page.get_by_role("dialog").get_by_role("checkbox")
    choice.focus()
    owner.page.keyboard.press("Space")
    owner.page.keyboard.press("Escape")
    expect(board.chip(source)).to_have_accessible_name(re.compile(r"city \w+ or \w+ · 1 linked cell$"))
    board.fit()
    expect(board.card(table)).not_to_contain_text("5,000 rows")
    owner.picture(PICTURES, "one-linked")
