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
