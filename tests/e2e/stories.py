"""Beginnings that several stories share: a file of trips, and a board with data, filter and chart."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.driver import Board

CITIES = ("Bergen", "Lima", "Oslo", "Quito", "Rabat")


def write_trips(path: Path, rows: int = 5_000) -> Path:
    """A CSV of trips with a city, a distance, a fare and a day; the same bytes each time."""
    dice = random.Random(7)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["trip", "city", "distance", "fare", "day"])
        for number in range(rows):
            distance = round(dice.expovariate(0.2), 2)
            day = f"2024-{1 + number % 12:02}-{1 + number % 28:02}"
            writer.writerow([number, dice.choice(CITIES), distance, round(3 + 2.5 * distance, 2), day])
    return path


@dataclass
class Line:
    """The cells of the first story, in order."""

    data: str
    filter: str
    chart: str


def build_line(board: Board, file: Path) -> Line:
    """Drop the file, keep trips over a fare, count them by city."""
    data = board.drop_file(file)
    board.wait_state(data)
    filter_ = board.drag_out(data, "Filter", by=(120, 0))
    board.set_param("Column", "fare")
    board.set_param("Test", ">")
    board.set_param("Value", "10")
    board.wait_state(filter_)
    chart = board.drag_out(filter_, "Chart", by=(90, 0))
    board.set_param("X", "city")
    board.wait_state(chart)
    board.fit()
    board.expect_drawn(chart)
    return Line(data, filter_, chart)
