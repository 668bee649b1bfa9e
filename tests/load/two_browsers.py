"""How soon one browser shows what another one edits: `python -m tests.load.two_browsers`.

Two Chromium pages on one canvas; the first moves a cell and a threshold by keys. Both pages read one clock.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e import browser as chromium
from tests.e2e.driver import Board, Person
from tests.e2e.stories import build_line, write_trips
from tests.fixtures.application import Application

# When an update of the document has arrived and was applied: the page's own handler is called first.
LISTEN = """(() => {
  window.seen = [];
  const set = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage").set;
  Object.defineProperty(WebSocket.prototype, "onmessage", { set(handler) {
    set.call(this, event => {
      handler.call(this, event);
      const [kind, step] = new Uint8Array(event.data, 0, 2);
      if (kind === 0 && step === 2) window.seen.push(performance.timeOrigin + performance.now());
    });
  } });
})()"""
PRESSED = """() => {
  window.pressed = [];
  addEventListener("keydown", event => {
    if (/^Arrow/.test(event.key)) window.pressed.push(performance.timeOrigin + event.timeStamp);
  }, true);
}"""
# The moment the frame that holds the change was handed to the compositor.
DRAWN = """cell => {
  window.drawn = [];
  const node = document.querySelector(`.react-flow__node[data-id="${cell}"]`);
  const field = document.querySelector(`[aria-label="Inspector"] input[type="range"]`);
  const look = () => `${node.style.transform} ${field.value}`;
  let before = look();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => window.drawn.push(performance.timeOrigin + performance.now());
  const frame = () => {
    const now = look();
    if (now !== before) port2.postMessage(0);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def opened(browser: Browser, application: Application, name: str) -> Person:
    """A person with a page of their own, that tells when updates arrive."""
    context = browser.new_context(
        viewport={"width": 1600, "height": 900}, reduced_motion="reduce", bypass_csp=True
    )
    context.add_init_script(LISTEN)
    return Person(name, context.new_page(), application.url)


def edit(page: Page, board: Board, cell: str, edits: int, rate: float) -> None:
    """Moves of the cell and of its threshold, in turn."""
    slider = board.region("Inspector").get_by_role("slider").first
    for number in range(edits):
        if number % 2:
            slider.focus()
            page.keyboard.press("ArrowRight" if number % 4 == 1 else "ArrowLeft")
        else:
            board.card(cell).focus()
            page.keyboard.press("Control+ArrowRight" if number % 4 == 0 else "Control+ArrowLeft")
        page.wait_for_timeout(1_000 / rate)


def delays(pressed: list[float], noticed: list[float]) -> list[float]:
    """For each edit the time to the first notice of it, where one came before the next edit."""
    found = []
    for start, end in pairwise([*pressed, float("inf")]):
        first = next((at for at in noticed if start <= at < end), None)
        if first is not None:
            found.append(first - start)
    return found


def row(name: str, times: list[float], edits: int) -> None:
    """Print one line of the table."""
    p95 = sorted(times)[round(len(times) * 0.95) - 1]
    print(f"{name:<34}{statistics.median(times):>8.1f}{p95:>8.1f}{max(times):>8.1f}   {len(times)} of {edits}")


def measure(application: Application, browser: Browser, edits: int, rate: float) -> bool:
    """Build a canvas, share it, edit it, print what the second page saw; False when an edit stayed unseen."""
    owner = opened(browser, application, "owner")
    owner.page.goto(application.sign_in_url)
    owner.page.wait_for_url(f"{application.url}/**")
    board = owner.new_canvas()
    with tempfile.TemporaryDirectory() as folder:
        line = build_line(board, write_trips(Path(folder) / "trips.csv"))
    mei = opened(browser, application, "mei")
    beside = mei.join_as_guest(board.share_link("Can edit"), "Mei")
    expect(beside.cards()).to_have_count(3)
    for each in (board, beside):
        each.select(line.filter)
        expect(each.param("Value")).to_be_visible()
    owner.page.evaluate(PRESSED)
    mei.page.evaluate(DRAWN, line.filter)
    mei.page.evaluate("window.seen.length = 0")
    edit(owner.page, board, line.filter, edits, rate)
    pressed = owner.page.evaluate("window.pressed")
    seen, drawn = (delays(pressed, mei.page.evaluate(f"window.{name}")) for name in ("seen", "drawn"))
    print(f"{edits} edits at {rate:g}/s, ms; load {os.getloadavg()[0]:.1f}{'p50':>10}{'p95':>8}{'max':>8}")
    row("key pressed to in the document", seen, edits)
    row("key pressed to drawn", drawn, edits)
    return len(pressed) == len(seen) == len(drawn) == edits


def main() -> int:
    """Start the program and a browser; the exit code says whether every edit was seen and drawn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--rate", type=float, default=2.0)
    chosen = parser.parse_args()
    application = Application()
    try:
        application.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.FLAGS)
            complete = measure(application, browser, chosen.edits, chosen.rate)
            browser.close()
    finally:
        application.stop()
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
