"""Charts as people make them: every mark, with what belongs to it, in light and in dark."""

from __future__ import annotations

import re
import subprocess
import sys

import duckdb
import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import RESULTS
from tests.e2e.driver import Board
from tests.e2e.stories import write_trips

PICTURES = RESULTS / "screenshots" / "charts"

# mark, its settings as the inspector names them, and a piece of the sentence that describes the chart.
LOOKS: list[tuple[str, str, dict[str, str], str]] = [
    ("bar", "Bar", {"X": "city", "Y": "fare", "Value": "Mean", "Error bars": "95 % interval of the mean"}, "Bar chart"),
    ("bar-stacked", "Bar", {"Y": "–", "Value": "Number of rows", "X": "day", "Colour": "city", "Series": "Stacked"},
     "Bar chart"),
    ("bar-share", "Bar", {"Series": "As shares"}, "Bar chart"),
    ("line", "Line", {"Value": "Number of rows"}, "Line chart"),
    ("area", "Area", {"Series": "Stacked"}, "Area chart"),
    ("panels", "Bar", {"Colour": "–", "Panels": "city"}, "Bar chart"),
    ("histogram", "Histogram", {"X": "fare", "Panels": "–"}, "Histogram of count by fare"),
    ("scatter", "Scatter", {"X": "distance", "Y": "fare"}, "Scatter plot of fare against distance"),
    ("trend", "Scatter", {"Trend": "on"}, "fare rises by 2.5"),
    ("heatmap", "Heat map", {"X": "day", "Y": "city"}, "Heat map"),
    ("density", "2-D density", {"X": "distance", "Y": "fare"}, "smoothed"),
    ("box", "Box", {"X": "city", "Y": "fare"}, "Box plot of fare by city"),
    ("violin", "Violin", {}, "Violin plot of fare by city"),
    ("pie", "Pie", {"Value": "Number of rows"}, "Pie chart of count by city"),
]


@pytest.fixture
def chart(meet, tmp_path) -> tuple[Board, str]:
    """A board with a file of trips and a chart of it, close to the eye."""
    board = meet("owner").new_canvas()
    data = board.drop_file(write_trips(tmp_path / "trips.csv", 20_000))
    board.wait_state(data)
    cell = board.drag_out(data, "Chart", by=(120, 0))
    board.set_param("X", "city")
    board.wait_state(cell)
    board.look_at(cell)
    return board, cell


def test_every_mark_is_drawn_from_its_settings(chart):
    board, cell = chart
    board.page.mouse.move(5, 5)
    for name, mark, settings, says in LOOKS:
        board.set_param("Mark", mark)
        for label, value in settings.items():
            board.set_choice(label, value)
        board.wait_state(cell)
        expect(board.card(cell).get_by_role("img")).to_have_accessible_name(re.compile(re.escape(says)))
        board.card_picture(cell, PICTURES, name)


def test_a_chart_of_millions_of_rows_shows_a_sample_first_and_says_so(meet, tmp_path):
    rides = tmp_path / "rides.parquet"
    duckdb.sql(f"""COPY (SELECT 'zone ' || (i % 7) AS zone, (i * 7919 % 1000) / 10 AS fare FROM range(5_000_000) t(i))
                   TO '{rides}' (FORMAT parquet)""")
    board = meet("owner").new_canvas()
    data = board.drop_file(rides)
    board.wait_state(data)
    board.watch()
    cell = board.drag_out(data, "Chart", by=(120, 0))
    board.set_param("X", "zone")
    board.wait_state(cell)
    assert re.search(r"Chart, .*, partial, \d+ percent of rows", board.seen()), board.seen()
    expect(board.card(cell).get_by_role("img")).to_have_accessible_name(re.compile("7 marks"))


def test_the_form_shows_only_what_the_mark_uses(chart):
    board, _ = chart
    form = board.region("Inspector")
    expect(form.get_by_label("Time unit", exact=True)).to_have_count(0)
    expect(form.get_by_label("Bins", exact=True)).to_have_count(0)
    board.set_param("X", "day")
    expect(form.get_by_label("Time unit", exact=True)).to_have_count(1)
    board.set_param("Mark", "Scatter")
    expect(form.get_by_label("Value", exact=True)).to_have_count(0)
    expect(form.get_by_role("switch", name="Trend")).to_be_visible()


def test_a_chart_is_taken_away_as_picture_numbers_and_python(chart, tmp_path):
    board, cell = chart
    board.set_param("X", "city")
    expect(board.region("Inspector").get_by_role("button", name="Copy as Plotly Python code")).to_be_visible()
    starts = {"Save chart as PNG": b"\x89PNG", "Save chart as SVG": b"<svg",
              "Save drawn numbers as CSV": b"\xef\xbb\xbfcity"}
    for action, start in starts.items():
        with board.page.expect_download() as given:
            board.region("Inspector").get_by_role("button", name=action).click()
        saved = tmp_path / given.value.suggested_filename
        given.value.save_as(saved)
        assert saved.name.startswith("chart.") and saved.read_bytes().startswith(start), saved.read_bytes()[:80]
    lines = (tmp_path / "chart.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "city,count" and sum(int(line.split(",")[1]) for line in lines[1:]) == 20_000

    board.card(cell).get_by_role("button", name="More").click()
    board.page.get_by_role("menuitem", name="Copy as Plotly Python code").click()
    expect(board.page.get_by_text("Python code copied")).to_be_visible()
    code = board.page.evaluate("() => navigator.clipboard.readText()")
    pd.read_csv(tmp_path / "trips.csv").to_parquet(tmp_path / "trips.parquet")
    (tmp_path / "chart.py").write_text(code.replace("fig.show()", "print(sum(fig.data[0].y))"))
    ran = subprocess.run([sys.executable, "chart.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.stdout.strip() == "20000", ran.stderr
