"""Data from outside, as people bring it in: a web address with versions, databases, a SQLite file; and out."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import RESULTS, signed_in
from tests.e2e.driver import Board
from tests.fixtures import databases
from tests.fixtures.application import Application
from tests.fixtures.web import Site, site

PICTURES = RESULTS / "screenshots" / "sources"
FIRST = b"city,trips\nOslo,12\nLima,7\n=1+1,-3\n"
SECOND = b"city,trips,rain\nOslo,15,yes\nLima,7,no\n=1+1,-3,no\nQuito,4,yes\n"


@pytest.fixture(scope="module")
def web() -> Iterator[Site]:
    with site() as made:
        yield made


@pytest.fixture(scope="module")
def application(web: Site) -> Iterator[Application]:
    """An installation whose operator allows loopback, for files and for databases."""
    allowed = {"URL_NETWORKS": "127.0.0.0/8", "URL_PORTS": str(web.port), "DATABASE_NETWORKS": "127.0.0.0/8"}
    app = Application(**allowed)
    try:
        app.start()
        yield app
    finally:
        app.stop()


@pytest.fixture(scope="module")
def owner_state(application: Application, browser: Browser) -> dict[str, object]:
    return signed_in(application, browser)


def rows_of(board: Board, cell: str) -> str:
    return board.card(cell).get_by_role("grid").inner_text()


def downloaded(board: Board, press: Any, folder: Path) -> Path:
    """The file that pressing something brings."""
    with board.page.expect_download(timeout=30_000) as coming:
        press()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_a_web_address_is_read_refreshed_and_gone_back(meet, web: Site, tmp_path: Path) -> None:
    person = meet("owner")
    board = person.new_canvas()
    url = web.page("/trips.csv", FIRST, ETag='"one"')
    cell = board.add_cell("Web address")
    board.set_param("Address", url)
    board.wait_state(cell)
    expect(board.card(cell).get_by_role("grid")).to_contain_text("Oslo")
    board.look_at(cell)
    inspector = board.region("Inspector")
    versions = inspector.get_by_role("region", name="Versions")
    expect(versions.get_by_text("3 rows")).to_be_visible()

    web.page("/trips.csv", SECOND, ETag='"two"')
    versions.get_by_role("button", name="Check").click()
    expect(versions.get_by_text("A new version is available")).to_be_visible(timeout=20_000)
    expect(board.card(cell).get_by_role("button", name="New version available")).to_be_visible()
    person.picture(PICTURES, "newer")
    versions.get_by_role("button", name="Refresh").click()
    expect(board.card(cell).get_by_role("grid")).to_contain_text("Quito")
    board.wait_state(cell)
    expect(versions.get_by_text("4 rows").first).to_be_visible()

    versions.get_by_role("button", name="Compare").click()
    dialog = board.page.get_by_role("dialog", name="Compare two versions")
    expect(dialog.get_by_text("3 → 4 rows (+1)")).to_be_visible()
    expect(dialog.get_by_role("row", name=re.compile("rain new"))).to_be_visible()
    person.picture(PICTURES, "compare")
    board.page.keyboard.press("Escape")

    versions.get_by_role("button", name="2 versions").click()
    board.page.get_by_role("menuitemradio", name=re.compile("3 rows")).click()
    expect(board.card(cell).get_by_role("grid")).not_to_contain_text("Quito")
    board.wait_state(cell)
    assert sum(call.startswith("GET") for call in web.calls) == 2, "going back asks nobody"
    board.page.keyboard.press("Escape")

    take_away(board, tmp_path)


def take_away(board: Board, tmp_path: Path) -> None:
    """The table as CSV, Excel and Parquet."""
    inspector = board.region("Inspector")
    path = downloaded(board, inspector.get_by_role("button", name="CSV").click, tmp_path)
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [["city", "trips"], ["Oslo", "12"], ["Lima", "7"], ["'=1+1", "-3"]]
    book = downloaded(board, inspector.get_by_role("button", name="Excel").click, tmp_path)
    import python_calamine

    sheet = python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
    assert sheet[1:3] == [["Oslo", 12], ["Lima", 7]]
    parquet = downloaded(board, inspector.get_by_role("button", name="Parquet").click, tmp_path)
    import pyarrow.parquet as pq

    assert pq.read_table(parquet)["trips"].to_pylist() == [12, 7, -3]


def test_an_address_that_cannot_be_read_says_why(meet, web: Site) -> None:
    person = meet("owner")
    board = person.new_canvas()
    cell = board.add_cell("Web address")
    for address, words in (("http://169.254.169.254/latest", "not on the public internet"),
                           ("https://user:word@example.org/a.csv", "name or password"),
                           (f"{web.url}/nothing.csv", "has nothing at this address"),
                           (web.page("/page", b"<html>", Content_Type="text/html"), "web page, not of a table")):
        board.set_param("Address", address)
        expect(board.card(cell)).to_contain_text(re.compile(words), timeout=20_000)
    person.picture(PICTURES, "address-errors")


def connect_database(board: Board, kind: str, given: dict[str, object]) -> None:
    """Fill in the dialog, test, save."""
    board.region("Inspector").get_by_role("button", name="New", exact=True).click()
    dialog = board.page.get_by_role("dialog", name="Connect a database")
    dialog.get_by_label("Kind", exact=True).click()
    board.page.get_by_role("option", name=kind).click()
    for label, name in (("Host", "host"), ("Port", "port"), ("Database", "database"), ("User", "user")):
        dialog.get_by_label(label, exact=True).fill(str(given[name]))
    dialog.get_by_label("Password", exact=True).fill("wrong")
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_text("does not accept the user")).to_be_visible(timeout=20_000)
    dialog.get_by_label("Password", exact=True).fill(str(given["password"]))
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_text("It works: 2 tables")).to_be_visible(timeout=20_000)


def save(board: Board) -> None:
    """Save the connection; the cell reads through it once the dialog is gone."""
    board.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(board.page.get_by_role("dialog")).to_have_count(0)


def test_a_database_is_connected_picked_from_and_queried(meet) -> None:
    with databases.postgres() as (given, _door, _):
        owner = meet("owner")
        board = owner.new_canvas()
        cell = board.add_cell("Database")
        connect_database(board, "PostgreSQL", given)
        owner.picture(PICTURES, "connection-dialog")
        save(board)
        board.set_param("Table", "public.orders")
        board.wait_state(cell)
        expect(board.card(cell).get_by_role("grid")).to_contain_text("Città 1")
        board.look_at(cell)
        owner.picture(PICTURES, "postgresql")
        board.set_param("Query", "SELECT city, sum(amount) AS total FROM orders GROUP BY city ORDER BY 1")
        expect(board.card(cell)).to_have_accessible_name(re.compile("done|cached", re.I), timeout=30_000)
        expect(board.card(cell).get_by_role("grid")).to_contain_text("total")

        guest = meet("guest", theme="dark")
        theirs = guest.join_as_guest(board.share_link("Can edit"), "Gil")
        theirs.look_at(cell)
        inspector = theirs.region("Inspector")
        expect(inspector.get_by_text("shop on 127.0.0.1")).to_be_visible()
        expect(inspector.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
        theirs.set_param("Query", "SELECT * FROM orders WHERE id < 5")
        expect(theirs.card(cell)).to_contain_text("A member of the workspace can press Run", timeout=30_000)
        guest.screenshot(PICTURES / "guest-query.png")
        board.select(cell)
        board.card(cell).get_by_role("button", name="Run").click()
        board.wait_state(cell)
        expect(theirs.card(cell).get_by_role("grid")).to_contain_text("Città 4")

        board.set_param("Query", "SELECT * FROM ordrs")
        expect(board.card(cell)).to_contain_text("Did you mean “public.orders”?", timeout=30_000)
        board.set_param("Query", "SELECT pg_sleep(600)")
        board.wait_state(cell, "running|partial|queued|reading.*")
        board.card(cell).get_by_role("button", name="Stop").click()
        board.wait_state(cell, "stopped")


def test_mariadb_and_a_sqlite_file_are_databases_too(meet, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as file:
        file.executescript("CREATE TABLE birds (name TEXT, mass REAL); INSERT INTO birds VALUES ('Adelie', 3.7);"
                           "CREATE TABLE places (name TEXT);")
    person = meet("owner")
    board = person.new_canvas()
    with databases.mariadb() as given:
        cell = board.add_cell("Database")
        connect_database(board, "MySQL or MariaDB", given)
        save(board)
        board.set_param("Table", "paid_orders")
        board.wait_state(cell)
        expect(board.card(cell).get_by_role("grid")).to_contain_text("2.5")
    birds = board.drop_file(tmp_path / "shop.db", at=(420, 700))
    board.select(birds)
    board.set_param("Table", "birds")
    board.wait_state(birds)
    expect(board.card(birds).get_by_role("grid")).to_contain_text("Adelie")
    board.fit()
    person.picture(PICTURES, "mariadb-sqlite")
