"""What people do with Inkling, in their words: open, drop, drag out, connect, set, share, look."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.e2e.scripts import DROP, IDLE, LATE, WATCH

AXE = Path(__file__).resolve().parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# A server that is killed on purpose makes every browser report the lost connection; that is not a fault of the page.
EXPECTED_WHILE_AWAY = re.compile(r"ERR_CONNECTION|WebSocket connection|status of 50[234]|net::ERR")
MARKS = ".js-plotly-plot .point path, .js-plotly-plot path.js-line"
ANY_MARKS = f"{MARKS}, .js-plotly-plot path.box, .js-plotly-plot path.point, .js-plotly-plot .hm image"


class Person:
    """Someone in front of a browser."""

    def __init__(self, name: str, page: Page, url: str) -> None:
        self.name, self.page, self.url = name, page, url
        self.console: list[str] = []
        self.problems: list[str] = []
        self.server_may_be_away = False
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        line = f"{message.type}: {message.text} ({message.location.get('url', '')})"
        self.console.append(line)
        if message.type == "error" and not (self.server_may_be_away and EXPECTED_WHILE_AWAY.search(line)):
            self.problems.append(line)

    # --- places

    def open_home(self) -> None:
        """The home page, with its canvases."""
        self.page.goto(f"{self.url}/")
        expect(self.page.get_by_role("button", name="New canvas")).to_be_visible()

    def open_canvas(self, address: str) -> Board:
        """A canvas by its address."""
        self.page.goto(address)
        return Board(self)

    def new_canvas(self) -> Board:
        """An empty canvas of one's own."""
        self.open_home()
        self.page.get_by_role("button", name="New canvas").first.click()
        self.page.wait_for_url("**/c/*/**")
        return Board(self)

    def join_as_guest(self, link: str, name: str) -> Board:
        """Follow a link without an account."""
        self.page.goto(link)
        self.page.get_by_label(re.compile("name", re.I)).first.fill(name)
        self.page.get_by_role("button", name=re.compile("join|open|continue|enter", re.I)).first.click()
        self.page.wait_for_url("**/c/*/**")
        return Board(self)

    # --- looking

    def screenshot(self, path: Path) -> None:
        """Keep what is on the screen, for the eyes of a reviewer."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, animations="disabled")

    def picture(self, folder: Path, name: str) -> None:
        """What is on the screen, in light and in dark."""
        for theme in self.themes():
            self.screenshot(folder / f"{name}-{theme}.png")

    def themes(self) -> Iterator[str]:
        """Light, then dark, each once it is drawn."""
        for theme in ("light", "dark"):
            self.set_theme(theme)
            self.page.evaluate(IDLE, LATE)
            yield theme
        self.set_theme("light")

    def accessibility_faults(self) -> list[str]:
        """What axe finds on this page."""
        self.page.evaluate(AXE.read_text())
        # Without preloading, which copies the styles of shadow roots into style elements that our policy refuses.
        found = self.page.evaluate("rules => axe.run(document, { runOnly: { type: 'tag', values: rules }, resultTypes:"
                                   " ['violations'], preload: false })", AXE_RULES)
        return [f"{fault['id']}: {fault['help']}: {node['html'][:200]} {node.get('failureSummary', '')[:200]}"
                for fault in found["violations"] for node in fault["nodes"]]

    def set_theme(self, theme: str) -> None:
        """As the system would: light or dark."""
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")


class Board:
    """An open canvas, as one person sees it."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page
        self.known: set[str] = set()
        expect(self.region("Canvas")).to_be_visible()
        self.wait_connected()

    @property
    def address(self) -> str:
        """Where this canvas can be opened again."""
        return self.page.url

    def region(self, name: str) -> Locator:
        """A named part of the page: Palette, Canvas, Inspector, Canvas tools."""
        labelled = self.page.get_by_label(name, exact=True)
        return self.page.get_by_role("region", name=name, exact=True).or_(labelled).first

    def wait_connected(self) -> None:
        """The page says that everything is saved."""
        expect(self.page.get_by_text(re.compile(r"^Saved")).first).to_be_visible(timeout=30_000)

    # --- cells

    def cards(self) -> Locator:
        """All cards that are drawn now."""
        return self.page.locator("[data-cell-id][role=group]")

    def card(self, cell: str) -> Locator:
        """A card by the id of its cell."""
        return self.page.locator(f'[data-cell-id="{cell}"][role=group]')

    def cell_ids(self) -> set[str]:
        """Ids of the cells that are drawn now."""
        return self.ids_of(self.cards())

    def ids_of(self, cards: Locator) -> set[str]:
        """Ids of these cards."""
        return set(cards.evaluate_all("cards => cards.map(card => card.dataset.cellId)"))

    def _new_cell(self, before: set[str]) -> str:
        """The cell that came since; it is brought into view, while others may have left it."""
        found = self.page.wait_for_function(
            "known => [...document.querySelectorAll('[data-cell-id][role=group]')]"
            ".map(card => card.dataset.cellId).find(id => !known.includes(id))",
            arg=sorted(before | self.known),
        )
        cell = str(found.json_value())
        self.known |= before | {cell}
        return cell

    def fit(self) -> None:
        """Bring the whole board into view."""
        self.page.get_by_role("toolbar", name="Canvas tools").get_by_role("button", name="Fit everything").click()
        self.rest()

    def rest(self) -> None:
        """Wait until the board moves no more."""
        seen, now = "", "moving"
        for _ in range(200):
            self.page.wait_for_timeout(60)
            seen, now = now, str(self.page.locator(".react-flow__viewport").first.get_attribute("style"))
            if now == seen:
                return
        raise AssertionError(f"the board still moves after 12 s: {now}")

    def drop_file(self, path: Path, at: tuple[int, int] = (420, 260)) -> str:
        """Drop a file from the desktop on the board; the id of the cell it becomes."""
        before = self.cell_ids()
        self.throw_file(path, at)
        return self._new_cell(before)

    def throw_file(self, path: Path, at: tuple[int, int]) -> None:
        """Drop a file, whatever becomes of it."""
        body = base64.b64encode(path.read_bytes()).decode()
        box = self.board_box()
        target = self.page.locator(".react-flow__pane").first
        target.evaluate(
            "(element, given) => (" + DROP + ")([element, given])",
            [path.name, "text/csv", body, box["x"] + at[0], box["y"] + at[1]],
        )

    def board_box(self) -> dict[str, float]:
        """Where the board lies on the screen."""
        box = self.page.locator(".react-flow").first.bounding_box()
        assert box is not None
        return dict(box)

    def add_cell(self, kind: str) -> str:
        """Pick a kind in the palette."""
        before = self.cell_ids()
        self.region("Palette").get_by_role("button", name=re.compile(rf"^{re.escape(kind)}")).first.click()
        return self._new_cell(before)

    def port(self, cell: str, side: str, name: str = "table") -> Locator:
        """A port of a card; side is in or out."""
        return self.page.locator(f'[data-port="{cell}:{side}:{name}"]').first

    def drag_out(self, cell: str, kind: str, by: tuple[int, int] = (260, 0), *, out: str = "table") -> str:
        """Drag from an output into empty space and pick a kind from the menu."""
        before = self.cell_ids()
        x, y = self._centre(self.port(cell, "out", out))
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by[0] / 2, y + by[1] / 2, steps=4)
        self.page.mouse.move(x + by[0], y + by[1], steps=6)
        self.page.mouse.up()
        self.pick_in_menu(kind)
        return self._new_cell(before)

    def pick_in_menu(self, words: str) -> None:
        """Type into the open command menu and take the first offer."""
        field = self.page.get_by_role("combobox").last
        expect(field).to_be_focused()
        field.fill(words)
        expect(self.page.get_by_role("option", name=re.compile(re.escape(words), re.I)).first).to_be_visible()
        self.page.keyboard.press("Enter")

    def connect(self, source: str, target: str, port: str = "table", *, out: str = "table") -> None:
        """Drag an edge from an output to an input."""
        self._pull(self._centre(self.port(source, "out", out)), self._centre(self.port(target, "in", port)))

    def drop_on(self, source: str, target: str, *, out: str = "table") -> None:
        """Drag an edge from an output onto a card."""
        self._pull(self._centre(self.port(source, "out", out)), self._centre(self.card(target)))

    def _pull(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        self.page.mouse.move(*end, steps=6)
        self.page.mouse.up()

    def _centre(self, thing: Locator) -> tuple[float, float]:
        box = thing.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def select(self, cell: str) -> None:
        """Select a card by its title."""
        self.card(cell).locator(".drag-handle").first.click(position={"x": 50, "y": 14})

    def title(self, cell: str) -> str:
        """The accessible name of a card: kind, title and state in words."""
        return str(self.card(cell).get_attribute("aria-label"))

    def wait_state(self, cell: str, words: str = "done|cached", *, seconds: float = 60) -> None:
        """The card says it is in one of these states."""
        pattern = re.compile(rf", ({words})", re.I)
        expect(self.card(cell)).to_have_accessible_name(pattern, timeout=seconds * 1000)

    def cursor_of(self, name: str) -> Locator:
        """The cursor of someone else, as drawn on this board."""
        return self.page.locator(f'[data-peer="{name}"]')

    def move_card(self, cell: str, by: tuple[int, int]) -> None:
        """Drag a card by its header."""
        box = self.card(cell).bounding_box()
        assert box is not None
        x, y = box["x"] + 80, box["y"] + 14
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by[0], y + by[1], steps=8)
        self.page.mouse.up()

    # --- what passes by

    def watch(self) -> None:
        """From now on, remember the names of cards and progress bars."""
        self.page.evaluate(WATCH)

    def seen(self) -> str:
        """The names that showed since `watch`, one a line."""
        return "\n".join(self.page.evaluate("() => [...window.seen]"))

    # --- params

    def set_param(self, label: str, value: str) -> None:
        """Set a param of the selected cell in the inspector."""
        field = self.region("Inspector").get_by_label(label, exact=True).first
        expect(field).to_be_visible()
        if field.evaluate("e => e.tagName") in {"INPUT", "TEXTAREA"} and field.get_attribute("role") != "combobox":
            field.fill(value)
            field.press("Tab")
            return
        field.click()
        self.page.get_by_role("option", name=re.compile(rf"(^|\s){re.escape(value)}(\s|$)")).first.click()

    def set_choice(self, label: str, value: str) -> None:
        """Set a picker or switch of the selected cell; "–" clears a picker, "on" turns a switch on."""
        field = self.param(label)
        expect(field).to_be_visible()
        if value == "on":
            field.click()
        elif value == "–":
            self.region("Inspector").get_by_role("button", name=f"Clear {label}", exact=True).click()
        else:
            self.set_param(label, value)

    def card_picture(self, cell: str, folder: Path, name: str) -> None:
        """One card, in light and in dark."""
        folder.mkdir(parents=True, exist_ok=True)
        for theme in self.person.themes():
            self.card(cell).screenshot(path=folder / f"{name}-{theme}.png", animations="disabled")

    def brush(self, cell: str, start: float, end: float, *, hold: bool = False) -> None:
        """Drag across the plot of a selected chart, from one share of its width to another."""
        box = self.card(cell).locator(".nsewdrag").first.bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] * start, y)
        self.page.mouse.down()
        for step in range(1, 9):
            self.page.mouse.move(box["x"] + box["width"] * (start + (end - start) * step / 8), y)
        if not hold:
            self.page.mouse.up()

    def open_filters(self) -> None:
        """Ask which cells the selected one filters, from its menu in the command menu."""
        self.page.keyboard.press("Control+k")
        self.pick_in_menu("Filter other cells")

    def chip(self, cell: str) -> Locator:
        """What the header says is selected in a cell."""
        return self.card(cell).get_by_role("button", name=re.compile("^Selected: "))

    def hold_slider(self, label: str, share: float) -> None:
        """Press the grip of a slider and pull it to a share of its way; the button stays down."""
        grip = self.region("Inspector").get_by_role("slider", name=label)
        rail = grip.locator("xpath=ancestor::*[2]").bounding_box()
        assert rail is not None
        self.rail = rail
        self.page.mouse.move(*self._centre(grip))
        self.page.mouse.down()
        self.hold_on(share)

    def hold_on(self, share: float) -> None:
        """Pull what is held further along its rail."""
        y = self.rail["y"] + self.rail["height"] / 2
        self.page.mouse.move(self.rail["x"] + self.rail["width"] * share, y, steps=12)

    def release(self) -> None:
        """Let go of what is held."""
        self.page.mouse.up()

    def param(self, label: str) -> Locator:
        """The field of a param of the selected cell."""
        return self.region("Inspector").get_by_label(label, exact=True).first

    def figure(self, cell: str) -> str:
        """What a chart shows, as comparable text: the outlines of its bars and lines."""
        outlines = "nodes => nodes.map(node => node.getAttribute('d')).join('|')"
        return str(self.card(cell).locator(MARKS).evaluate_all(outlines))

    def look_at(self, cell: str) -> None:
        """Select a card and bring it close."""
        self.fit()
        self.select(cell)
        self.page.keyboard.press("2")
        self.rest()

    def expect_drawn(self, cell: str) -> None:
        """The chart has marks."""
        expect(self.card(cell).locator(ANY_MARKS).first).to_be_attached(timeout=30_000)

    # --- sharing

    def share_link(self, role: str) -> str:
        """Make a link with a role in the share dialog."""
        dialog = self.open_share()
        dialog.get_by_role("combobox", name="New link allows").click()
        self.page.get_by_role("option", name=role).first.click()
        with self.page.expect_response(lambda a: a.url.endswith("/links") and a.request.method == "POST") as made:
            dialog.get_by_role("button", name="Create link").click()
        assert made.value.ok, made.value.text()
        self.close_dialog()
        return str(made.value.json()["url"])

    def open_share(self) -> Locator:
        """The share dialog."""
        self.page.get_by_role("button", name="Share", exact=True).click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        return dialog

    def close_dialog(self) -> None:
        """Esc closes what is open."""
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)
