"""Cleaning and profiling as people do it: suggestions, steps, order, undo, errors, code, and two people at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import RESULTS
from tests.fixtures.services import wait_until
from tests.fixtures.subscribers import write_subscribers

PICTURES = RESULTS / "screenshots"
THEMES = ("light", "dark")


def look(person, name: str) -> list[str]:
    """Pictures in both themes, and what axe finds in them."""
    faults = []
    for theme in THEMES:
        person.set_theme(theme)
        person.screenshot(PICTURES / f"{name}-{theme}.png")
        faults += [f"{name} {theme}: {fault}" for fault in person.accessibility_faults()]
    person.set_theme("light")
    return faults


def begin(owner, tmp_path):
    """A board with the subscribers on it."""
    board = owner.new_canvas()
    data = board.drop_file(write_subscribers(tmp_path / "subscribers.csv"), at=(300, 200))
    board.wait_state(data)
    return board, data


def steps_in(place):
    """The lines of a recipe, in a card or in the inspector."""
    return place.get_by_role("list", name="Steps").first.locator(":scope > li")


def add_step(board, words: str) -> None:
    """Pick a step in the menu of the inspector."""
    board.region("Inspector").get_by_role("combobox", name="Add a step").or_(
        board.region("Inspector").get_by_role("button", name="Add a step")).first.click()
    field = board.page.get_by_role("combobox", name="Find a step")
    field.fill(words)
    expect(board.page.get_by_role("option", name=re.compile(re.escape(words), re.I)).first).to_be_visible()
    board.page.keyboard.press("Enter")


def pick_columns(board, *names: str) -> None:
    """Pick columns in the open step."""
    board.region("Inspector").get_by_label("Columns", exact=True).first.click()
    for name in names:
        board.page.get_by_role("option", name=re.compile(rf"(^|\s){re.escape(name)}(\s|$)")).first.click()
    board.page.keyboard.press("Escape")


def test_a_recipe_is_cooked_from_suggestions_and_steps(meet, tmp_path):
    owner = meet("owner")
    board, data = begin(owner, tmp_path)
    clean = board.drag_out(data, "Cleaning", by=(200, 0))
    board.wait_state(clean)
    card = board.card(clean)
    owner.page.get_by_role("button", name=re.compile("^Make it numeric: 11 blanks in total")).first.click()
    expect(steps_in(card)).to_have_count(1)
    expect(steps_in(card).first).to_contain_text("11 blanks became missing")
    add_step(board, "Drop duplicates")
    expect(steps_in(card).nth(1)).to_contain_text("−24 rows")
    expect(card).to_contain_text("600 rows")
    add_step(board, "Trim blanks")
    pick_columns(board, "plan")
    expect(steps_in(card).nth(2)).to_contain_text("9 values changed")

    inspector = board.region("Inspector")
    inspector.get_by_role("button", name="pandas").click()
    expect(inspector).to_contain_text('data["plan"].str.strip()')
    inspector.get_by_role("button", name="SQL").click()
    expect(inspector).to_contain_text("TRIM(")
    board.fit()
    board.select(clean)
    faults = look(owner, "cleaning")
    assert not faults, "\n".join(faults)

    steps_in(inspector).nth(2).get_by_role("button", name=re.compile("^Trim")).first.press("Alt+ArrowUp")
    expect(steps_in(card).nth(1)).to_contain_text("Trim plan")
    steps_in(inspector).nth(0).get_by_role("switch").first.click()
    expect(steps_in(card).first).to_contain_text("off")
    board.wait_state(clean)
    card.get_by_role("button", name="Rows", exact=True).click()
    expect(card.get_by_role("columnheader").first).to_be_visible()
    card.get_by_role("button", name="Steps", exact=True).click()

    _drag_to_top(board, inspector, 2)
    expect(steps_in(card).first).to_contain_text("Drop duplicate rows")
    board.page.locator(".react-flow__pane").first.click(position={"x": 20, "y": 20})
    board.page.keyboard.press("Control+z")
    expect(steps_in(card).nth(2)).to_contain_text("Drop duplicate rows")


def _drag_to_top(board, inspector, index: int) -> None:
    """Drag a step by its grip above the first one."""
    grip = steps_in(inspector).nth(index).locator("[class*=grip]").first.bounding_box()
    top = steps_in(inspector).first.bounding_box()
    mouse = board.page.mouse
    mouse.move(grip["x"] + 6, grip["y"] + 12)
    mouse.down()
    mouse.move(grip["x"] + 6, top["y"] + 30, steps=5)
    mouse.move(grip["x"] + 6, top["y"] + 2, steps=3)
    mouse.up()


def test_a_step_that_does_not_fit_says_so_beside_the_others(meet, tmp_path):
    owner = meet("owner")
    board, data = begin(owner, tmp_path)
    clean = board.drag_out(data, "Cleaning", by=(200, 0))
    board.wait_state(clean)
    add_step(board, "Drop columns")
    pick_columns(board, "plan")
    add_step(board, "Round")
    pick_columns(board, "monthly")
    board.wait_state(clean)
    card, inspector = board.card(clean), board.region("Inspector")
    steps_in(inspector).nth(0).get_by_role("button", name=re.compile("^Drop")).first.click()
    pick_columns(board, "monthly")
    expect(card).to_have_accessible_name(re.compile(", error", re.I))
    expect(steps_in(card).nth(1)).to_contain_text("“monthly” is gone since step 1, “Drop columns”")
    expect(steps_in(card).nth(0)).to_contain_text(re.compile("Drop .*plan, monthly"))
    board.fit()
    faults = look(owner, "cleaning-error")
    assert not faults, "\n".join(faults)
    steps_in(card).nth(1).get_by_role("switch").click()
    board.wait_state(clean)


def test_two_people_change_different_steps_and_both_stay(meet, tmp_path):
    owner = meet("owner")
    board, data = begin(owner, tmp_path)
    clean = board.drag_out(data, "Cleaning", by=(200, 0))
    add_step(board, "Shorten")
    add_step(board, "Change case")
    board.wait_state(clean)
    mei = meet("mei")
    beside = mei.join_as_guest(board.share_link("Can edit"), "Mei")
    beside.select(clean)
    expect(steps_in(beside.region("Inspector"))).to_have_count(2)
    steps_in(beside.region("Inspector")).nth(0).get_by_role("button", name=re.compile("^Cut")).first.click()
    board.select(clean)
    case = board.region("Inspector").get_by_label("Case", exact=True).first
    if not case.is_visible():
        steps_in(board.region("Inspector")).nth(1).get_by_role("button", name=re.compile("^Write")).first.click()
    beside.set_param("Characters", "3")
    board.set_param("Case", "Capitals")
    for person in (board, beside):
        expect(steps_in(person.card(clean)).nth(0)).to_contain_text("to 3 characters")
        expect(steps_in(person.card(clean)).nth(1)).to_contain_text("in capitals")


@pytest.fixture
def profiled(meet, tmp_path):
    owner = meet("owner")
    board, data = begin(owner, tmp_path)
    profile = board.drag_out(data, "Profile", by=(200, 0))
    board.set_param("Target", "churn")
    board.wait_state(profile)
    return owner, board, profile


def test_a_profile_tells_what_is_wrong_and_mends_it(profiled):
    owner, board, profile = profiled
    card = board.card(profile)
    expect(card).to_contain_text("24 repeated")
    expect(card).to_contain_text("Whether “left_on” is missing all but tells “churn”")
    board.fit()
    board.select(profile)
    faults = look(owner, "profile")
    board.look_at(profile)
    card.get_by_role("button", name=re.compile("monthly")).first.click()
    expect(card).to_contain_text("Median")
    faults += look(owner, "profile-close")
    assert not faults, "\n".join(faults)
    before = board.cell_ids()
    card.get_by_role("button", name=re.compile("^Drop them: 24 rows repeat others")).click()
    wait_until(lambda: len(board.cell_ids()) == len(before) + 1, what="a cell with the step")
    (clean,) = board.cell_ids() - before
    board.wait_state(clean)
    expect(steps_in(board.card(clean)).first).to_contain_text("−24 rows")
