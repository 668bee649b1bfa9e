"""axe finds nothing, in both themes; and the main path works without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import RESULTS
from tests.e2e.stories import build_line, write_trips

THEMES = ("light", "dark")
PICTURES = RESULTS / "screenshots"


@pytest.mark.parametrize("theme", THEMES)
def test_home_is_accessible(theme, meet):
    owner = meet("owner", theme=theme)
    owner.open_home()
    owner.screenshot(PICTURES / f"home-{theme}.png")
    faults = owner.accessibility_faults()
    assert not faults, "\n".join(faults)


def test_an_empty_and_a_full_canvas_and_the_share_dialog_are_accessible(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    faults = look(owner, "empty")
    line = build_line(board, write_trips(tmp_path / "trips.csv"))
    board.select(line.chart)
    faults += look(owner, "full")
    board.open_share()
    faults += look(owner, "share")
    assert not faults, "\n".join(faults)


def look(person, name: str) -> list[str]:
    faults = []
    for theme in THEMES:
        person.set_theme(theme)
        person.screenshot(PICTURES / f"{name}-{theme}.png")
        faults += [f"{name} {theme}: {fault}" for fault in person.accessibility_faults()]
    person.set_theme("light")
    return faults


def test_cards_and_settings_of_other_kinds_are_accessible(meet, tmp_path):
    board = meet("owner").new_canvas()
    data = board.drop_file(write_trips(tmp_path / "trips.csv", 600))
    board.wait_state(data)
    faults = []
    for kind in ("Profile", "Cleaning", "Metric", "Control", "SQL", "Python"):
        faults += look_closely(board, beside(board, data, kind), kind)
    assert not faults, "\n".join(faults)


def test_cards_and_settings_of_models_are_accessible(meet, tmp_path):
    board = meet("owner").new_canvas()
    data = board.drop_file(write_trips(tmp_path / "trips.csv", 600))
    board.wait_state(data)
    search = beside(board, data, "AutoML")
    board.set_param("Target", "city")
    board.set_choice("Budget", "Trials")
    board.set_param("Trials", "3")
    board.look_at(search)
    expect(board.card(search)).to_contain_text("city", timeout=30_000)
    board.card(search).get_by_role("button", name=re.compile("^Run")).first.click()
    board.wait_state(search, seconds=180)
    faults = look_closely(board, search, "AutoML")
    for kind in ("Explainer", "What if", "Executor"):
        faults += look_closely(board, beside(board, search, kind), kind)
    assert not faults, "\n".join(faults)


def beside(board, source: str, kind: str) -> str:
    """A cell of a kind, linked to another one by being added while that is selected."""
    board.fit()
    board.select(source)
    cell = board.add_cell(kind)
    board.select(cell)
    return cell


def look_closely(board, cell: str, name: str) -> list[str]:
    """Bring the card close, once it says whether it waits for anything."""
    board.wait_state(cell, "done|cached|not run|stale|needs settings|[0-9]+ settings? missing|error")
    board.look_at(cell)
    expect(board.card(cell).locator("[data-body]:not(:empty)")).to_be_visible()
    return look(board.person, f"kind-{name.lower().replace(' ', '-')}")


def test_add_and_connect_without_a_mouse(meet):
    owner = meet("owner")
    board = owner.new_canvas()
    press = owner.page.keyboard.press
    owner.page.get_by_role("application").or_(board.region("Canvas")).first.focus()
    press("/")
    board.pick_in_menu("Data source")
    expect(board.cards()).to_have_count(1)
    board.card(next(iter(board.cell_ids()))).focus()
    press("/")
    board.pick_in_menu("Chart")
    board.fit()
    expect(board.cards()).to_have_count(2)
    (chart,) = board.page.locator('[data-cell-id][role=group][aria-label^="Chart"]').evaluate_all(
        "cards => cards.map(card => card.dataset.cellId)"
    )
    if owner.page.locator(".react-flow__edge").count() == 0:  # a chart beside a selected table connects itself
        (data,) = board.cell_ids() - {chart}
        board.card(data).focus()
        press("l")
        board.pick_in_menu("Chart")
    expect(owner.page.locator(".react-flow__edge")).to_have_count(1)
    (data,) = board.cell_ids() - {chart}
    board.card(data).focus()
    choose(board, "Source", "Penguins")
    board.wait_state(data)
    board.card(chart).focus()
    choose(board, "X", "species")
    board.wait_state(chart)
    board.expect_drawn(chart)


def choose(board, label: str, words: str) -> None:
    """Select the focused card, walk to a field of the inspector by Tab, and pick by typing."""
    keyboard = board.page.keyboard
    keyboard.press("Enter")
    field = board.param(label)
    expect(field).to_be_visible()
    keyboard.press("F6")
    for _ in range(60):
        if field.evaluate("field => field === document.activeElement"):
            break
        keyboard.press("Tab")
    expect(field).to_be_focused()
    keyboard.press("Enter")
    option = board.page.get_by_role("option", name=re.compile(re.escape(words)))
    expect(option.first).to_be_visible()
    keyboard.type(words)
    keyboard.press("Enter")
    expect(field).to_contain_text(words)
