"""Controls that steer other cells, metrics, suggested charts, and values selected in a table."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import RESULTS
from tests.e2e.driver import Board
from tests.e2e.stories import write_trips
from tests.fixtures.services import wait_until

PICTURES = RESULTS / "screenshots" / "control-metric"


@pytest.fixture
def trips(meet, tmp_path) -> tuple[Board, str]:
    """A board with a file of trips, its data cell selected."""
    board = meet("owner").new_canvas()
    data = board.drop_file(write_trips(tmp_path / "trips.csv", 6_000))
    board.wait_state(data)
    board.fit()
    board.select(data)
    return board, data


def test_a_metric_tells_a_number_its_change_and_its_course(trips):
    board, _ = trips
    metric = board.add_cell("Metric")
    board.wait_state(metric)
    expect(board.card(metric)).to_contain_text("6,000")
    board.select(metric)
    for label, value in {"Number": "Mean", "Of": "fare", "Over time": "day", "By": "Month",
                         "Compare": "With the period before"}.items():
        board.set_param(label, value)
    board.wait_state(metric)
    says = board.card(metric).get_by_role("img", name=re.compile(r"mean of fare in 2024-12-01: [\d.]+, [+−-]"))
    expect(says).to_be_visible()
    board.look_at(metric)
    board.card_picture(metric, PICTURES, "metric")


def test_a_list_filters_and_a_slider_sets_a_param(trips):
    board, data = trips
    choice = board.drag_out(data, "Control", by=(120, 0))
    for label, value in {"Control": "List", "Column": "city"}.items():
        board.set_param(label, value)
    board.wait_state(choice)
    board.fit()
    board.select(data)
    metric = board.add_cell("Metric")
    board.wait_state(metric)
    board.fit()
    board.select(choice)
    board.open_filters()
    dialog = board.page.get_by_role("dialog")
    dialog.get_by_role("checkbox").first.click()
    dialog.get_by_role("button", name="Done").click()
    expect(board.card(metric)).to_contain_text("6,000")
    board.look_at(choice)
    board.card(choice).get_by_role("combobox").click()
    board.page.get_by_role("option", name="Oslo").click()
    board.fit()
    expect(board.card(metric)).not_to_contain_text("6,000")
    board.wait_state(metric)
    board.person.picture(PICTURES, "list")

    board.select(choice)
    board.set_param("Control", "Slider")
    board.set_param("Column", "fare")
    board.look_at(choice)
    before = str(board.card(metric).inner_text())
    slider = board.card(choice).get_by_role("slider")
    slider.focus()
    for _ in range(8):
        slider.press("PageUp")
    wait_until(lambda: str(board.card(metric).inner_text()) != before, what="the number following the slider")
    board.card_picture(choice, PICTURES, "slider")
    a_date_range(board, choice)


def a_date_range(board: Board, choice: str) -> None:
    """The same control, for days."""
    board.set_param("Control", "Date range")
    board.set_param("Column", "day")
    board.wait_state(choice)
    board.card(choice).get_by_label(re.compile("from$")).fill("2024-03-01")
    board.card_picture(choice, PICTURES, "dates")


def test_a_slider_is_dragged_onto_a_filter_and_sets_its_threshold(trips):
    board, data = trips
    over = board.drag_out(data, "Filter", by=(120, 0))
    for label, value in {"Column": "fare", "Test": ">", "Value": "0"}.items():
        board.set_param(label, value)
    board.wait_state(over)
    expect(board.card(over)).to_contain_text("6,000 rows")
    board.fit()
    board.page.keyboard.press("Escape")
    threshold = board.add_cell("Control")
    for label, value in {"From": "0", "To": "40"}.items():
        board.set_param(label, value)
    board.wait_state(threshold)
    board.fit()
    board.drop_on(threshold, over, out="value")
    dialog = board.page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile(r", Value$")).click()
    board.look_at(threshold)
    slider = board.card(threshold).get_by_role("slider")
    slider.focus()
    slider.press("End")
    board.fit()
    expect(board.card(over)).not_to_contain_text("6,000 rows")
    board.wait_state(over)
    board.select(over)
    expect(board.region("Inspector").get_by_role("button", name=re.compile("^Value comes from"))).to_be_visible()
    board.person.picture(PICTURES, "value-link")


def test_charts_are_suggested_for_ticked_columns(trips):
    board, _ = trips
    board.region("Inspector").get_by_role("button", name="Suggest charts").click()
    dialog = board.page.get_by_role("dialog")
    for column in ("city", "fare"):
        dialog.get_by_role("checkbox", name=column).click()
    offers = dialog.get_by_role("list", name="Suggested charts").get_by_role("button")
    expect(offers.first).to_have_text("Mean fare by city")
    board.person.screenshot(PICTURES / "suggest.png")
    before = board.cell_ids()
    offers.first.click()
    chart = board._new_cell(before)
    board.wait_state(chart)
    drawn = board.card(chart).get_by_role("img")
    expect(drawn).to_have_accessible_name(re.compile("Bar chart of mean of fare by city"))
    expect(board.page.locator(".react-flow__edge")).to_have_count(1)


def test_values_of_a_table_filter_another_cell(trips):
    board, data = trips
    table = board.add_cell("Table")
    board.wait_state(table)
    board.fit()
    board.select(data)
    metric = board.add_cell("Metric")
    board.wait_state(metric)
    board.look_at(table)
    board.card(table).get_by_role("gridcell", name=re.compile("^(Bergen|Lima|Oslo|Quito|Rabat)$")).first.click()
    board.card(table).get_by_role("button", name="Filter other cells").click()
    dialog = board.page.get_by_role("dialog")
    dialog.get_by_role("checkbox").first.click()
    board.person.screenshot(PICTURES / "filter-dialog.png")
    dialog.get_by_role("button", name="Done").click()
    expect(board.chip(table)).to_have_accessible_name(re.compile(r"Selected: city \w+ · 1 linked cell$"))
    board.fit()
    expect(board.card(metric)).not_to_contain_text("6,000")
