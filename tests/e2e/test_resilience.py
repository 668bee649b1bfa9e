"""Kill the server under two people: both pages come back by themselves and nothing acknowledged is gone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.stories import build_line, write_trips
from tests.fixtures.services import wait_until


def test_both_pages_survive_a_killed_server(meet, application, tmp_path):
    owner, mei = meet("owner"), meet("mei")
    board = owner.new_canvas()
    line = build_line(board, write_trips(tmp_path / "trips.csv", 500))
    beside = mei.join_as_guest(board.share_link("Can edit"), "Mei")
    expect(beside.cards()).to_have_count(3)
    for number in range(2):
        note = beside.add_cell("Text")
        beside.wait_connected()
        for person in (owner, mei):
            person.server_may_be_away = True
        old = {child.pid for child in application.children("uvicorn")}
        application.kill_web()
        wait_until(lambda old=old: application.answers() and not old & {c.pid for c in application.children("uvicorn")})
        board.wait_connected()
        beside.wait_connected()
        expect(board.card(note)).to_be_visible()
        expect(beside.cards()).to_have_count(4 + number)
    before = board.figure(line.chart)
    beside.select(line.filter)
    beside.set_param("Value", "50")
    wait_until(lambda: board.figure(line.chart) not in {"", before}, what="an edit after the restart arriving")


def test_edits_made_while_the_server_is_away_arrive_later(meet, application):
    owner = meet("owner")
    board = owner.new_canvas()
    owner.server_may_be_away = True
    owner.page.context.set_offline(True)
    application.kill_web()
    note = board.add_cell("Text")
    expect(owner.page.get_by_text("Offline").first).to_be_visible(timeout=30_000)
    owner.page.context.set_offline(False)
    wait_until(application.answers)
    board.wait_connected()
    other = meet("owner-second-window")
    expect(other.open_canvas(board.address).card(note)).to_be_visible()


def test_a_killed_worker_is_replaced_and_its_run_finishes(meet, application, tmp_path):
    board = meet("owner").new_canvas()
    data = board.drop_file(write_trips(tmp_path / "many-trips.csv", 60_000))
    application.kill_workers()
    board.wait_state(data, seconds=90)
    expect(board.card(data)).to_contain_text("60,000")
