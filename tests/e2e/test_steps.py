"""Table steps as people make them: each added, connected, set and read, in light and in dark."""

from __future__ import annotations

import json
import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import RESULTS
from tests.e2e.driver import Board
from tests.e2e.stories import CITIES, write_trips
from tests.fixtures.services import wait_until

PICTURES = RESULTS / "screenshots" / "steps"


@pytest.fixture
def trips(meet, tmp_path) -> tuple[Board, str]:
    """A board with a file of trips."""
    board = meet("owner").new_canvas()
    data = board.drop_file(write_trips(tmp_path / "trips.csv", 2_000), at=(160, 160))
    board.wait_state(data)
    return board, data


def made(board: Board, data: str, kind: str) -> str:
    """A cell of a kind behind the data."""
    cell = board.drag_out(data, kind, by=(140, 40))
    board.select(cell)
    return cell


def pick(board: Board, label: str, *columns: str) -> None:
    """Tick columns in a picker of several."""
    board.param(label).click()
    for column in columns:
        board.page.get_by_role("option", name=re.compile(rf"(^|\s){column}(\s|$)")).first.click()
    board.page.keyboard.press("Escape")


def is_read(board: Board, cell: str) -> bool:
    """Whether the cell is done; Run is pressed where a busy machine measured a step so dear that it waits for that."""
    card = board.card(cell)
    if card.get_by_text(re.compile("press Run")).count():
        card.get_by_role("button", name=re.compile("^Run")).first.click()
    return bool(re.search(", (done|cached)", card.get_attribute("aria-label") or "", re.I))


def expect_read(board: Board, cell: str, name: str, *words: str) -> None:
    """The cell is done and says this; a picture is kept, and the board is cleared for the next."""
    wait_until(lambda: is_read(board, cell), what=f"the answer of {name}", seconds=60)
    for text in words:
        expect(board.card(cell)).to_contain_text(text)
    board.page.mouse.move(5, 5)
    board.card_picture(cell, PICTURES, name)
    board.select(cell)
    board.page.keyboard.press("Delete")
    expect(board.card(cell)).to_have_count(0)


def test_steps_of_one_table_are_set_and_read(trips):
    board, data = trips
    cell = made(board, data, "Pivot")
    board.set_param("Columns from", "city")
    board.set_param("Value", "Mean")
    board.set_param("Of", "fare")
    expect_read(board, cell, "pivot", *CITIES)

    cell = made(board, data, "Sort")
    board.region("Inspector").get_by_role("button", name="Add to sort by").click()
    board.set_param("Column", "fare")
    board.set_param("Keep", "The first rows")
    board.set_param("Rows", "3")
    expect_read(board, cell, "top", "3 rows")

    cell = made(board, data, "Sample")
    board.set_param("Rows", "50")
    expect_read(board, cell, "sample", "50 rows")

    cell = made(board, data, "Split")
    board.set_param("Share to test", "0.25")
    expect_read(board, cell, "split", "1,500 rows", "500 test")

    cell = made(board, data, "Window")
    board.region("Inspector").get_by_role("button", name="Add to compute").click()
    board.set_param("Function", "Running sum")
    board.set_param("Column", "fare")
    expect_read(board, cell, "window", "running_sum_fare")

    cell = made(board, data, "Unpivot")
    pick(board, "Columns", "distance", "fare")
    expect_read(board, cell, "unpivot", "4,000 rows")

    cell = made(board, data, "Row statistics")
    pick(board, "Columns", "distance", "fare")
    expect_read(board, cell, "row-statistics", "row_sum", "row_mean")

    cell = made(board, data, "Transpose")
    board.set_param("Most rows", "4")
    expect_read(board, cell, "transpose", "row_4", "distance")


def test_two_tables_are_joined_by_the_proposed_key_and_put_together(trips, tmp_path):
    board, data = trips
    towns = tmp_path / "towns.csv"
    towns.write_text("city,country\n" + "".join(f"{city},C{n}\n" for n, city in enumerate(CITIES[:-1])))
    other = board.drop_file(towns, at=(160, 520))
    board.wait_state(other)
    board.fit()

    cell = made(board, data, "Join")
    board.set_param("Other", "towns")
    expect(board.card(cell)).to_contain_text("Best guess: city")
    board.card_picture(cell, PICTURES, "join-proposal")
    board.card(cell).get_by_role("button", name="Join on city").click()
    board.wait_state(cell)
    expect(board.card(cell)).to_contain_text(re.compile(r"\d+ of 2,000 without a match"))
    expect_read(board, cell, "join", "country")

    cell = made(board, data, "Union")
    board.set_param("Add to input", "towns")
    expect_read(board, cell, "union", "2,004 rows")


def test_events_are_counted_in_seasons_and_two_tables_lie_side_by_side(trips, tmp_path):
    board, data = trips
    seasons = tmp_path / "seasons.csv"
    seasons.write_text("season,begins,ends\nearly,2024-01-01,2024-04-01\nlate,2024-10-01,2025-01-01\n")
    spans = board.drop_file(seasons, at=(160, 520))
    board.wait_state(spans)
    board.fit()
    cell = made(board, data, "Events in intervals")
    for label, value in {"Other": "seasons", "Time of events": "day", "Start": "begins", "End": "ends"}.items():
        board.set_param(label, value)
    day = [f"2024-{1 + number % 12:02}" for number in range(2_000)]
    early, late = (sum(a <= d < b for d in day) for a, b in (("2024-01", "2024-04"), ("2024-10", "2025-01")))
    expect_read(board, cell, "events", "2 rows", f"{early}", f"{late}")

    longer = tmp_path / "longer.csv"
    lines = write_trips(longer, 500).read_text().splitlines()
    tripled = [",".join([*row[:2], str(3 * float(row[2])), *row[3:]]) for row in (r.split(",") for r in lines[1:])]
    longer.write_text("\n".join([lines[0], *tripled]))
    other = board.drop_file(longer, at=(160, 620))
    board.wait_state(other)
    board.fit()
    cell = made(board, data, "Profile")
    board.set_param("Other", "longer")
    board.wait_state(cell)
    card = board.card(cell)
    expect(card).to_contain_text("other table 500 rows")
    distance = card.get_by_role("button", name=re.compile("distance"))
    expect(distance).to_contain_text("moved far")
    expect(card.get_by_role("button", name=re.compile("city"))).to_contain_text("stayed")
    board.look_at(cell)
    distance.click()
    expect_read(board, cell, "two-profiles", "Bars: this table. Line: the other one.")


def test_a_selection_leaves_as_code_that_reads_its_data(trips, tmp_path):
    board, data = trips
    cell = made(board, data, "Sample")
    board.set_param("Rows", "20")
    board.wait_state(cell)
    board.select(cell)
    for form, name in (("Export as Python", "canvas.py"), ("Export as notebook", "canvas.ipynb")):
        with board.page.expect_download() as download:
            board.card(cell).get_by_role("button", name="More").click()
            board.page.get_by_role("menuitem", name=form).click()
        download.value.save_as(tmp_path / "code.zip")
        with zipfile.ZipFile(tmp_path / "code.zip") as archive:
            assert {name, "requirements.txt", "data/trips.parquet"} <= set(archive.namelist())
            text = archive.read(name).decode()
        if name.endswith("py"):
            compile(text, name, "exec")
            assert 'trips = read_table("data/trips.parquet", dates=["day"])' in text
        else:
            assert json.loads(text)["nbformat"] == 4
