"""Measures a table of 10 M rows in a browser, beside pandas: `python -m tests.load.browser_bench`."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e import browser as chromium
from tests.e2e.driver import MARKS, Board, Person
from tests.fixtures.application import Application
from tests.load.bench_engine import generate

# What a chart shows: the sketch of an answer, or Plotly's picture, which replaces a sketch of the same answer.
SHOWN = """(cell, marks) => {
  const card = document.querySelector(`[data-cell-id="${cell}"][role=group]`);
  const outlines = found => [...found ?? []].map(mark => mark.getAttribute("d")).join("|");
  const sketch = outlines(card?.querySelectorAll("[data-sketch] g path"));
  return { sketch, text: sketch || outlines(card?.querySelectorAll(marks)) };
}"""
REPAINTED = """(before, now) => now.text !== "" && now.text !== before.text && !(before.sketch && !now.sketch)"""
PROBE = """([cell, marks]) => {
  const card = document.querySelector(`[data-cell-id="${cell}"][role=group]`);
  const shown = () => (SHOWN)(cell, marks);
  window.__watch?.stop();
  const watch = window.__watch = { from: null, before: shown(), paints: [], waiting: false };
  const begin = event => { watch.from ??= event.timeStamp; };
  const events = ["pointerdown", "pointermove", "keydown"];
  for (const name of events) addEventListener(name, begin, true);
  const look = () => {
    watch.waiting = false;
    const now = shown();
    if ((REPAINTED)(watch.before, now)) watch.paints.push(performance.now());
    if (now.text) watch.before = now;
  };
  const observer = new MutationObserver(() => {
    if (watch.waiting) return;
    watch.waiting = true;
    requestAnimationFrame(() => setTimeout(look, 17));
  });
  observer.observe(card, { subtree: true, childList: true, attributes: true });
  watch.stop = () => { observer.disconnect(); for (const name of events) removeEventListener(name, begin, true); };
}""".replace("SHOWN", SHOWN).replace("REPAINTED", REPAINTED)
MIDDLE = """cell => new Promise((done, fail) => {
  const grid = document.querySelector(`[data-cell-id="${cell}"] [role=grid]`);
  const rows = Number(grid.getAttribute("aria-rowcount")) - 1;
  const from = performance.now();
  const look = () => {
    const shown = [...grid.querySelectorAll("[role=row][aria-rowindex]")].filter(r => +r.ariaRowIndex > rows / 4);
    const there = shown.length > 3 && shown.every(row => row.textContent.length > 20);
    if (there) requestAnimationFrame(() => done(performance.now() - from));
    else if (performance.now() - from > 20000) fail(new Error("no rows in the middle"));
    else requestAnimationFrame(look);
  };
  grid.scrollTop = grid.scrollHeight * (0.4 + 0.2 * Math.random());
  requestAnimationFrame(look);
})"""


def row(name: str, figure: str, aim: str = "", beside: str = "") -> None:
    """Print one line of the table."""
    print(f"{name:<40} {figure:>22}   {aim:<12} {beside}", flush=True)


def p95(times: list[float]) -> float:
    """The 95th percentile of a few measurements: the one below the worst of twenty."""
    return sorted(times)[max(0, round(len(times) * 0.95) - 1)]


class Bench:
    """A board with the large table, and what is measured on it."""

    def __init__(self, application: Application, page: Page) -> None:
        self.application, self.page = application, page
        self.person = Person("owner", page, application.url)
        self.board: Board

    def upload(self, csv: Path) -> str:
        """Choose the file on an empty canvas; the cell once its rows are on the screen."""
        self.board = self.person.new_canvas()
        size = csv.stat().st_size / 1e6
        with self.page.expect_response(lambda r: "/uploads" in r.url, timeout=600_000) as answer:
            start = time.perf_counter()
            self.page.get_by_label("Choose a file").set_input_files(str(csv))
        assert answer.value.ok, answer.value.text()
        sent, before = time.perf_counter(), self.spent("batch")
        cell = self.board.cards().first.get_attribute("data-cell-id")
        assert cell is not None
        expect(self.board.card(cell).locator("[role=grid] [role=gridcell]").first).to_be_attached(timeout=600_000)
        there = time.perf_counter()
        row("upload", f"{size / (sent - start):,.0f} MB/s", "", f"{size:,.0f} MB in {sent - start:.1f} s")
        row("ingest: sent to rows on the screen", f"{size / (there - sent):,.0f} MB/s", "80 MB/s",
            f"{there - sent:.1f} s, {self.spent('batch') - before:.1f} s CPU, load {os.getloadavg()[0]:.1f}")
        self.board.wait_state(cell, seconds=600)
        row("the profile, exact, after the rows", f"{time.perf_counter() - there:.1f} s", "",
            f"reading and profile {self.spent('batch') - before:.1f} s CPU")
        row("peak memory of the reading worker", f"{self.peak('batch'):,.0f} MB", "1,000 MB")
        return cell

    def peak(self, queue: str) -> float:
        """The largest resident size, ever, of a worker process of a queue."""
        sizes = []
        for process in self.application.children("celery", queue):
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
            sizes.append(int(found.group(1)) / 1024 if found else 0.0)
        return max(sizes, default=0.0)

    def spent(self, queue: str) -> float:
        """CPU seconds of the worker processes of a queue so far."""
        return sum(sum(p.cpu_times()[:2]) for p in self.application.children("celery", queue))

    def watched(self, cell: str, gesture: Callable[[], None], settle: bool = True) -> list[float]:
        """Milliseconds from the first event of a gesture to each repaint of a chart."""
        self.page.evaluate(PROBE, [cell, MARKS])
        gesture()
        self.page.wait_for_function("window.__watch.paints.length > 0", timeout=60_000, polling=20)
        if settle:
            self.settled(cell)
        return list(self.page.evaluate("window.__watch.paints.map(at => at - window.__watch.from)"))

    def settled(self, cell: str) -> None:
        """Done, and nothing on its way any more."""
        self.page.wait_for_timeout(300)
        self.board.wait_state(cell)
        self.page.wait_for_timeout(300)

    def demo(self, began: float) -> None:
        """The canvas of the first start until every cell of it is computed."""
        self.person.open_home()
        self.page.get_by_role("link", name=re.compile("New York", re.I)).first.click()
        self.page.wait_for_url("**/c/*/**")
        board = Board(self.person)
        board.fit()
        open_ends = """() => [...document.querySelectorAll("[data-cell-id][role=group]")].map(c => c.ariaLabel)
          .filter(label => !/^Text|, (done|cached)/i.test(label)).length === 0"""
        self.page.wait_for_function(open_ends, timeout=180_000, polling=50)
        row("first start to a computed demo", f"{time.time() - began:,.1f} s", "20 s", "with the start of the program")

    def rest(self) -> None:
        """Until the other demos are computed, too: what is measured next has the machine for itself."""
        pools, before = ("interactive", "batch", "searches", "trials"), -1.0
        while (spent := sum(self.spent(pool) for pool in pools)) - before > 0.2:
            before = spent
            self.page.wait_for_timeout(3_000)

    def added(self, source: str, kind: str) -> str:
        """A cell behind another one, by way of the palette."""
        self.board.fit()
        self.board.select(source)
        cell = self.board.add_cell(kind)
        self.page.wait_for_timeout(500)
        self.board.select(cell)
        return cell

    def choose(self, label: str, option: str) -> Callable[[], None]:
        """Open a list in the inspector; the returned gesture picks the option."""
        self.board.param(label).click()
        choice = self.page.get_by_role("option", name=re.compile(rf"(^|\s){re.escape(option)}(\s|$)")).first
        expect(choice).to_be_visible()
        return choice.click

    def chart(self, data: str) -> None:
        """First paint and exact chart, cold and then for a grouped mean."""
        cell = self.added(data, "Chart")
        self.settled(cell)
        cold = self.watched(cell, self.choose("X", "passengers"))
        row("number of rows by passengers: first, exact", f"{cold[0]:,.0f} / {cold[-1]:,.0f} ms", "200, 1,000")
        for label, value in (("Y", "fare"), ("Value", "Mean")):
            self.board.set_param(label, value)
            self.settled(cell)
        firsts, exacts = [], []
        for name in ("zone", "zone_to", "payment", "shared", "trip"):
            paints = self.watched(cell, self.choose("X", name))
            firsts.append(paints[0])
            exacts.append(paints[-1])
        row("mean fare by another column: first paint", f"{statistics.median(firsts):,.0f} ms", "200 ms",
            f"worst {max(firsts):,.0f}")
        row("mean fare by another column: exact", f"{statistics.median(exacts):,.0f} ms", "1,000 ms",
            f"worst {max(exacts):,.0f}")

    def pages(self, data: str) -> None:
        """A jump into the middle of the table until its rows are drawn."""
        self.board.look_at(data)
        self.page.wait_for_timeout(800)
        times = [float(self.page.evaluate(MIDDLE, data)) for _ in range(10)]
        median = statistics.median(times)
        row("page of 200 rows in the middle", f"{median:,.0f} ms", "100 ms", f"worst {max(times):,.0f}")

    def drag(self, data: str) -> None:
        """Drag the threshold of a filter; each move until the chart behind it repaints."""
        kept = self.added(data, "Filter")
        for label, value in (("Column", "fare"), ("Test", ">"), ("Value", "10")):
            self.board.set_param(label, value)
        self.settled(kept)
        cell = self.added(kept, "Chart")
        for label, value in (("Mark", "Histogram"), ("X", "distance")):
            self.board.set_param(label, value)
            self.settled(cell)
        self.board.fit()
        self.board.select(kept)
        box = self.board.region("Inspector").get_by_role("slider").first.locator("xpath=..").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        times = []
        for step in range(1, 21):
            times.append(self.watched(cell, lambda at=step: self.page.mouse.move(x + at * 4, y), settle=False)[0])  # type: ignore[misc]
            self.page.wait_for_timeout(120)
        self.page.mouse.up()
        row("filter drag to first repaint, p50 of 20", f"{statistics.median(times):,.0f} ms", "200 ms")
        row("filter drag to first repaint, p95 of 20", f"{p95(times):,.0f} ms", "200 ms", f"worst {max(times):,.0f}")
        for each in (cell, kept):
            self.settled(each)


def beside(csv: Path) -> None:
    """The same exact questions in pandas, in this process, the file once read."""
    import numpy as np
    import pandas as pd

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        found = work()
        row(f"pandas: {name}", f"{(time.perf_counter() - start) * 1e3:,.0f} ms")
        return found

    frame = timed("read the CSV", lambda: pd.read_csv(csv, parse_dates=["pickup", "dropoff"]))
    timed("mean fare by zone", lambda: frame.groupby("zone")["fare"].agg(["mean", "count"]))
    timed("filter, then histogram of distance", lambda: np.histogram(frame[frame["fare"] > 10]["distance"], bins=40))


def measure(application: Application, csv: Path) -> None:
    """Start the program and a browser, and do in it what the acceptance list asks for."""
    began = time.time()
    application.start()
    row("start of the program", f"{time.time() - began:.1f} s")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.FLAGS)
        # The page's own policy forbids the evaluated scripts that read the clock.
        context = opened.new_context(
            viewport={"width": 1920, "height": 1080}, reduced_motion="reduce", bypass_csp=True
        )
        page = context.new_page()
        page.goto(application.sign_in_url)
        page.wait_for_url(f"{application.url}/**")
        bench = Bench(application, page)
        try:
            bench.demo(began)
            bench.rest()
            data = bench.upload(csv)
            bench.chart(data)
            bench.drag(data)
            bench.pages(data)
        except Exception:
            page.screenshot(path=str(Path(tempfile.gettempdir()) / "browser-bench.png"))
            raise
        row("peak memory of the asking worker", f"{bench.peak('interactive'):,.0f} MB")
        opened.close()


def main() -> int:
    """Generate, measure, ask pandas the same, print; a single run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--csv", type=Path, help="a file generated earlier")
    parser.add_argument("--no-pandas", action="store_true")
    chosen = parser.parse_args()
    assert chromium.executable(), "no Chromium on this machine: run `make browser`"
    work = Path(tempfile.mkdtemp(prefix="browser-bench-"))
    application = Application()
    try:
        csv = chosen.csv or work / "trips.csv"
        if not csv.exists():
            generate(chosen.rows, csv)
        row("measure", "single run", "aim", f"{chosen.rows:,} rows, 12 columns, load {os.getloadavg()[0]:.1f}")
        measure(application, csv)
        if not chosen.no_pandas:
            beside(csv)
        row("load at the end", f"{os.getloadavg()[0]:.1f}")
    finally:
        application.stop()
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
