"""SQL and Python in the browser: typed, completed, linked, run, wrong at a line, undone, written by two."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import RESULTS
from tests.e2e.driver import Board
from tests.e2e.stories import write_trips

PICTURES = RESULTS / "screenshots"
QUERY = "SELECT city, count(*) AS n, avg(fare) AS fare\nFROM trips\nGROUP BY city ORDER BY n DESC"
LINKS = ".react-flow__edge"


def editor(board: Board, cell: str) -> Locator:
    """What one types into, on the card."""
    return board.card(cell).locator(".cm-content")


def write(board: Board, cell: str, code: str) -> None:
    """Replace the code of a cell, as pasted."""
    editor(board, cell).click()
    board.page.keyboard.press("ControlOrMeta+a")
    board.page.keyboard.insert_text(code)


def run(board: Board, cell: str) -> None:
    """Run what was written, by its shortcut."""
    editor(board, cell).press("ControlOrMeta+Enter")


def test_a_query_is_typed_completed_linked_run_and_undone(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    data = board.drop_file(write_trips(tmp_path / "trips.csv"), at=(60, 60))
    board.wait_state(data)
    cell = board.add_cell("SQL")
    owner.page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    board.page.evaluate("() => document.querySelectorAll('.react-flow__edge').length")
    for link in owner.page.locator(LINKS).all():
        link.click(force=True)
        owner.page.keyboard.press("Delete")
    expect(owner.page.locator(LINKS)).to_have_count(0)
    board.fit()

    editor(board, cell).click()
    owner.page.keyboard.type("SELECT city, count(*) AS n FROM tri")
    offered = owner.page.get_by_role("option").filter(has_text="trips")
    expect(offered).to_contain_text("connects it")
    owner.page.wait_for_timeout(150)  # a list that has only just opened takes no key: nobody meant it
    owner.page.keyboard.press("Enter")
    expect(editor(board, cell)).to_contain_text("FROM trips")
    expect(owner.page.locator(LINKS)).to_have_count(1)
    expect(board.card(cell)).to_contain_text("uses trips")
    owner.page.keyboard.type(" GROUP BY ci")
    expect(owner.page.get_by_role("option").filter(has_text="city")).to_be_visible()
    owner.page.wait_for_timeout(150)
    owner.page.keyboard.press("Enter")
    run(board, cell)
    board.wait_state(cell)
    expect(board.card(cell)).to_contain_text("5 rows × 2")
    expect(board.card(cell).get_by_role("columnheader")).to_have_count(2)


def test_a_query_that_is_wrong_says_where_and_a_right_one_feeds_a_chart(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    board.wait_state(board.drop_file(write_trips(tmp_path / "trips.csv"), at=(60, 60)))
    cell = board.add_cell("SQL")
    board.fit()
    write(board, cell, QUERY.replace("fare)", "fair)"))
    run(board, cell)
    board.wait_state(cell, "error")
    expect(board.card(cell)).to_contain_text("There is no column “fair”. Did you mean “fare”?")
    expect(board.card(cell).locator(".cm-fault")).to_have_text("fair")
    owner.picture(PICTURES, "sql-error")
    write(board, cell, QUERY)
    run(board, cell)
    board.wait_state(cell)
    expect(board.card(cell)).to_contain_text("5 rows × 3")
    board.select(cell)
    board.look_at(cell)
    owner.picture(PICTURES, "sql")
    assert owner.accessibility_faults() == []

    board.select(cell)
    chart = board.drag_out(cell, "Chart", by=(200, 60))
    board.set_param("X", "city")
    board.wait_state(chart)


def test_undo_takes_back_the_words_and_the_link_they_drew(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    board.wait_state(board.drop_file(write_trips(tmp_path / "trips.csv", 100), at=(60, 60)))
    owner.page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    cell = board.add_cell("Python")
    board.fit()
    for link in owner.page.locator(LINKS).all():
        link.click(force=True)
        owner.page.keyboard.press("Delete")
    editor(board, cell).click()
    owner.page.keyboard.insert_text("trips.head(3)")
    expect(owner.page.locator(LINKS)).to_have_count(1)
    owner.page.keyboard.press("ControlOrMeta+z")
    expect(owner.page.locator(LINKS)).to_have_count(0)
    expect(editor(board, cell)).not_to_contain_text("head")
    owner.page.keyboard.press("ControlOrMeta+Shift+Z")
    expect(owner.page.locator(LINKS)).to_have_count(1)
    expect(editor(board, cell)).to_contain_text("trips.head(3)")


def test_python_gives_tables_figures_and_errors_at_the_line(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    board.wait_state(board.drop_file(write_trips(tmp_path / "trips.csv"), at=(60, 60)))
    cell = board.add_cell("Python")
    board.fit()
    write(board, cell, "print('rows:', len(trips))\ntrips.groupby('city', as_index=False).fare.mean()")
    expect(board.card(cell)).to_contain_text("uses trips")
    run(board, cell)
    board.wait_state(cell)
    expect(board.card(cell)).to_contain_text("5 rows × 2")
    expect(board.card(cell).get_by_role("region", name="Printed")).to_contain_text("rows: 5000")
    board.look_at(cell)
    owner.picture(PICTURES, "python-table")

    write(board, cell, "means = trips.groupby('city').fare.mean()\n\nmeans / nothing")
    run(board, cell)
    board.wait_state(cell, "error")
    expect(board.card(cell)).to_contain_text("Line 3: There is no “nothing” here")
    expect(board.card(cell).locator(".cm-faultLine")).to_have_text("means / nothing")
    expect(board.card(cell).locator(".cm-fault")).to_have_text("nothing")
    owner.picture(PICTURES, "python-error")

    write(board, cell, "px.bar(trips.groupby('city', as_index=False).fare.mean(), x='city', y='fare')")
    run(board, cell)
    board.wait_state(cell)
    board.expect_drawn(cell)
    owner.picture(PICTURES, "python-figure")

    write(board, cell, "while True: pass")
    run(board, cell)
    board.wait_state(cell, "running|\\d+ percent")
    board.card(cell).get_by_role("button", name="Stop").first.click()
    board.wait_state(cell, "stopped", seconds=10)
    write(board, cell, "len(trips)")
    run(board, cell)
    board.wait_state(cell)
    expect(board.card(cell)).to_contain_text("5,000")
    assert owner.accessibility_faults() == []


def test_two_people_write_one_code_and_see_each_others_carets(meet):
    owner = meet("owner")
    board = owner.new_canvas()
    cell = board.add_cell("Python")
    board.fit()
    write(board, cell, "total = 1\ntotal + 1")
    mei = meet("mei", theme="dark")
    beside = mei.join_as_guest(board.share_link("Can edit"), "Mei")
    beside.fit()
    expect(editor(beside, cell)).to_contain_text("total + 1")
    editor(beside, cell).click()
    mei.page.keyboard.press("ControlOrMeta+Home")
    mei.page.keyboard.type("# by Mei")
    expect(editor(board, cell)).to_contain_text("# by Mei")
    expect(board.card(cell).locator("[data-caret=Mei]")).to_be_attached()
    expect(board.card(cell)).to_contain_text("Mei is editing")
    mei.page.keyboard.press("Enter")

    editor(board, cell).click()
    owner.page.keyboard.press("ControlOrMeta+z")
    expect(editor(board, cell)).to_contain_text("# by Mei")
    expect(editor(board, cell)).not_to_contain_text("total + 1")
    owner.page.keyboard.press("ControlOrMeta+Shift+Z")
    expect(editor(beside, cell)).to_contain_text("total + 1")
    run(beside, cell)
    board.wait_state(cell)
    expect(board.card(cell)).to_contain_text("2")
    beside.card(cell).get_by_role("button", name="Open large").click()
    large = mei.page.get_by_role("dialog")
    expect(large.locator(".cm-content")).to_contain_text("total + 1")
    mei.page.screenshot(path=PICTURES / "code-large-dark.png")
    mei.page.keyboard.press("Escape")
    mei.page.keyboard.press("Escape")
    expect(large).to_have_count(0)


def test_the_editor_is_fetched_only_where_code_is(meet):
    owner = meet("owner")
    fetched: list[str] = []
    owner.page.on("request", lambda request: fetched.append(request.url))
    board = owner.new_canvas()
    board.add_cell("Filter")
    board.wait_connected()
    assert not [url for url in fetched if re.search(r"/mount-|codemirror", url)]
    cell = board.add_cell("SQL")
    expect(editor(board, cell)).to_be_visible()
    assert [url for url in fetched if "/mount-" in url]
