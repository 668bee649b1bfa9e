"""Finding a model: told what is wrong before training, two people watch the board grow, one picks and stops."""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.driver import Board
from tests.fixtures.services import wait_until

PICTURES = Path(__file__).resolve().parents[2] / "test-results" / "models"


def write_flights(path: Path, rows: int = 2_500) -> Path:
    """A CSV of flights with their carrier, hour and distance, whether they were late, and a column that says so."""
    dice = random.Random(11)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["carrier", "hour", "distance", "wind", "landed", "late"])
        for _ in range(rows):
            carrier, hour, wind = dice.choice(["AA", "BT", "SK", "LH"]), dice.randint(5, 23), dice.expovariate(0.1)
            odds = 0.12 * (hour - 14) + 0.06 * (wind - 10) + (0.8 if carrier == "BT" else 0) - 0.8
            late = "yes" if dice.random() < 1 / (1 + 2.718 ** -odds) else "no"
            writer.writerow([carrier, hour, dice.randint(200, 4000), round(wind, 1),
                             "after plan" if late == "yes" else "on time", late])
    return path


def rows_of(board: Board, cell: str) -> int:
    """Pipelines on the leaderboard of a card."""
    return board.card(cell).locator("tr[data-pipeline]").count()


def test_two_people_watch_pipelines_compete_and_one_of_them_picks(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    data = board.drop_file(write_flights(tmp_path / "flights.csv"))
    board.wait_state(data)
    search = board.drag_out(data, "AutoML", by=(140, 0))
    board.set_param("Target", "late")
    card = board.card(search)
    expect(card).to_contain_text("late, yes or no", timeout=30_000)
    expect(card).to_contain_text("landed answers late almost alone")
    board.fit()
    board.card_picture(search, PICTURES, "before training")
    card.get_by_role("button", name="Leave out landed").click()
    expect(card).not_to_contain_text("almost alone", timeout=30_000)

    board.set_choice("Budget", "Trials")
    board.set_param("Trials", "40")
    visitor = meet("visitor", theme="dark")
    window = visitor.join_as_guest(board.share_link("Can view"), "Ada")
    card.get_by_role("button", name=re.compile("^Run")).first.click()
    wait_until(lambda: rows_of(board, search) >= 2, what="the first pipelines", seconds=60)
    wait_until(lambda: rows_of(window, search) >= 2, what="the first pipelines at the visitor's", seconds=60)
    first = rows_of(window, search)
    board.wait_state(search, seconds=180)
    assert rows_of(window, search) > first
    expect(window.card(search)).to_contain_text("Locked rows", timeout=20_000)

    for part in ("Leaderboard", "Compare", "Evaluation", "Code"):
        board.select(search)
        card.get_by_role("tab", name=part).click()
        board.card_picture(search, PICTURES, part)
    window.card(search).get_by_role("tab", name="Evaluation").click()
    window.card_picture(search, PICTURES, "evaluation, dark")
    expect(card).to_contain_text("def train(table)")
    card.get_by_role("tab", name="Leaderboard").click()
    other = card.locator("tr[data-pipeline] button[aria-pressed=false]").first
    name = other.inner_text()
    other.click()
    expect(card.locator("button[aria-pressed=true]")).to_have_text(name)
    board.wait_state(search)


def test_a_stopped_search_keeps_its_best(meet, tmp_path):
    board = meet("owner").new_canvas()
    data = board.drop_file(write_flights(tmp_path / "flights.csv"))
    board.wait_state(data)
    search = board.drag_out(data, "AutoML", by=(140, 0))
    board.set_param("Target", "late")
    board.set_choice("Budget", "1 minute")
    card = board.card(search)
    expect(card).to_contain_text("late, yes or no", timeout=30_000)
    card.get_by_role("button", name=re.compile("^Run")).first.click()
    wait_until(lambda: rows_of(board, search) >= 3, what="the first pipelines", seconds=60)
    card.get_by_role("button", name=re.compile("^Stop")).first.click()
    board.wait_state(search, seconds=20)
    expect(card).to_contain_text("Stopped early")
    card.get_by_role("tab", name="Code").click()
    expect(card).to_contain_text("def train(table)")
