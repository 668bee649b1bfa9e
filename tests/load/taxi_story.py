"""The taxi story in a browser, clean to five linked charts: `python -m tests.load.taxi_story --rows 100000000`."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, TimeoutError, expect, sync_playwright

from tests.e2e import browser as chromium
from tests.e2e.driver import Person
from tests.e2e.test_cleaning import add_step, pick_columns
from tests.fixtures.application import Application
from tests.load.browser_bench import REPAINTED, SHOWN, Bench, p95, row

TRIPS = """
  (TIMESTAMP '2020-01-01' + to_seconds((i * 31536000 / {rows})::BIGINT)) AS pickup,
  (TIMESTAMP '2020-01-01' + to_seconds((i * 31536000 / {rows} + 60 + 1800 * random())::BIGINT)) AS dropoff,
  CASE WHEN random() < 0.002 THEN NULL ELSE 1 + floor(263 * pow(random(), 3))::SMALLINT END AS zone,
  1 + floor(263 * pow(random(), 2))::SMALLINT AS zone_to, floor(7 * pow(random(), 4))::TINYINT AS passengers,
  CASE WHEN random() < 0.001 THEN -1.0 ELSE round(exp(random() * 2 + random()), 2) END AS distance,
  round(3 + exp(random() * 2 + random()) * 2.5, 2) AS fare,
  CASE WHEN random() < 0.3 THEN 0 ELSE round(random() * 10, 2) END AS tip,
  CASE WHEN random() < 0.00001 THEN ' Voucher' WHEN random() < 0.7 THEN 'card' ELSE 'cash ' END AS payment,
  random() < 0.1 AS shared, (i * 2654435761 % 4294967296)::BIGINT AS trip"""
BOROUGHS = ("Bronx", "Brooklyn", "Manhattan", "Queens", "Staten Island", "Newark")
RECIPE: list[tuple[str, str, dict[str, str]]] = [
    ("Trim blanks", "payment", {}), ("Drop rows with gaps", "zone", {}), ("Clip", "distance", {"Lowest": "0"}),
]
LINKED: list[dict[str, str]] = [
    {"X": "borough"}, {"X": "payment", "Y": "fare", "Value": "Mean"}, {"X": "pickup", "Mark": "Line"},
    {"X": "passengers", "Y": "tip", "Value": "Mean"}, {"Mark": "Histogram", "X": "fare"},
]
BRUSHES = ((0.05, 0.25), (0.1, 0.3), (0.2, 0.5), (0.02, 0.15), (0.3, 0.6), (0.15, 0.35), (0.08, 0.4), (0.04, 0.2),
           (0.25, 0.45), (0.12, 0.28))
WATCH = """([cells, gesture]) => {
  window.__story?.stop();
  const story = window.__story = { from: null, paints: {} };
  const begin = happened => { story.from ??= happened.timeStamp; };
  addEventListener(gesture, begin, true);
  const shown = cell => (SHOWN)(cell, ".js-plotly-plot .trace path");
  const before = Object.fromEntries(cells.map(cell => [cell, shown(cell)]));
  let waiting = false;
  // A frame after the one that paints, as long as one takes at 60 Hz: asking for it would make the browser draw one
  // more, and that would take the time that is measured.
  const look = () => {
    waiting = false;
    for (const cell of cells) {
      const now = shown(cell);
      if (story.from !== null && (REPAINTED)(before[cell], now)) story.paints[cell].push(performance.now());
      if (now.text) before[cell] = now;
    }
  };
  const observer = new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => setTimeout(look, 17));
  });
  for (const cell of cells) {
    story.paints[cell] = [];
    const card = document.querySelector(`[data-cell-id="${cell}"][role=group]`);
    observer.observe(card, { subtree: true, childList: true, attributes: true });
  }
  story.stop = () => { observer.disconnect(); removeEventListener(gesture, begin, true); };
}""".replace("SHOWN", SHOWN).replace("REPAINTED", REPAINTED)
PAINTED = "cells => cells.every(cell => window.__story.paints[cell].length > 0)"
TIMES = "() => Object.fromEntries(Object.entries(__story.paints).map(([c, at]) => [c, at.map(t => t - __story.from)]))"


def generate(rows: int, target: Path) -> None:
    """Trips as Parquet, from a seed: 100 M rows are about 2.1 GB."""
    import duckdb

    con = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
    con.execute("SELECT setseed(0.42)")
    con.execute("SET preserve_insertion_order = false")
    con.execute(f"COPY (SELECT {TRIPS.format(rows=rows)} FROM range({rows}) t(i)) TO '{target}' "
                "(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 500000)")


def write_zones(target: Path) -> None:
    """The 263 zones with their boroughs."""
    lines = [f"{n},Zone {n:03},{BOROUGHS[n % len(BOROUGHS)]}" for n in range(1, 264)]
    target.write_text("\n".join(["zone,zone_name,borough", *lines]) + "\n")


class Memory:
    """The most that the engine workers held: each at its own peak, and all of them at one moment."""

    def __init__(self, application: Application) -> None:
        self.application, self.most, self.closed = application, 0.0, threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self.closed.wait(0.5):
            self.most = max(self.most, sum(self.own("interactive")) + sum(self.own("batch")))

    def own(self, queue: str) -> list[float]:
        """Memory of each process of a queue that no other process holds, in MB."""
        sizes = []
        try:
            processes = self.application.children("celery", queue)
        except psutil.NoSuchProcess:
            return []
        for process in processes:
            try:
                text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            except OSError:
                continue
            sizes.append(sum(int(n) for n in re.findall(r"Private_\w+:\s+(\d+)", text)) / 1024)
        return sizes


class Story(Bench):
    """The board of the story, built as a person builds it."""

    def take_in(self, parquet: Path) -> str:
        """Upload the trips; the cell once its first rows are on the screen, and once its profile is exact."""
        data = self.upload(parquet)
        self.settled(data)
        return data

    def add_zones(self, csv: Path) -> str:
        """Drop the small table beside."""
        self.board.fit()
        cell = self.board.drop_file(csv, at=(60, 760))
        self.board.wait_state(cell)
        return cell

    def clean(self, data: str) -> str:
        """A recipe of three steps, each added from the list of the inspector."""
        cell = self.added(data, "Cleaning")
        started = time.perf_counter()
        for step, column, params in RECIPE:
            add_step(self.board, step)
            pick_columns(self.board, column)
            for label, value in params.items():
                self.board.set_param(label, value)
        self.page.wait_for_timeout(500)
        self.board.wait_state(cell, seconds=300)
        row("clean: three steps, counted on all rows", f"{time.perf_counter() - started:.1f} s")
        return cell

    def join(self, cleaned: str, zones: str) -> str:
        """The zones beside each trip, by the key that the cell proposes."""
        cell = self.added(cleaned, "Join")
        self.board.set_param("Other", "zones")
        proposal = self.board.card(cell).get_by_role("button", name="Join on zone")
        expect(proposal).to_be_visible(timeout=60_000)
        started = time.perf_counter()
        proposal.click()
        self.page.wait_for_timeout(500)
        self.board.wait_state(cell, seconds=300)
        row("join: zones beside each trip, counted", f"{time.perf_counter() - started:.1f} s")
        return cell

    def charts(self, joined: str) -> tuple[str, list[str]]:
        """The histogram that is brushed and the five that follow; first paint and exact of each when new."""
        firsts, exacts, cells = [], [], []
        for settings in [{"Mark": "Histogram", "X": "distance"}, *LINKED]:
            cell = self.added(joined, "Chart")
            self.board.fit()
            self.board.select(cell)
            *before, (last, wanted) = settings.items()
            for label, value in before:
                self.board.set_param(label, value)
                self.page.wait_for_timeout(300)
            self.board.wait_state(cell, "done|cached|needs", seconds=300)
            gesture = self.choose(last, wanted)
            self.page.evaluate(WATCH, [[cell], "pointerdown"])
            gesture()
            cells.append(cell)
            paints = self.painted([cell])[cell]
            if not paints:
                row(f"  {' '.join(settings.values())}", "no repaint seen")
                continue
            row(f"  {' '.join(settings.values())}", f"{paints[0]:,.0f} / {paints[-1]:,.0f} ms")
            firsts.append(paints[0])
            exacts.append(paints[-1])
        row("a new chart behind clean and join: first paint", f"{statistics.median(firsts):,.0f} ms", "200 ms",
            f"worst {max(firsts):,.0f}")
        row("a new chart: exact", f"{statistics.median(exacts):,.0f} ms", "6,000 ms", f"worst {max(exacts):,.0f}")
        return cells[0], cells[1:]

    def painted(self, cells: list[str]) -> dict[str, list[float]]:
        """Milliseconds from the gesture to each repaint of each chart, the exact one last."""
        with suppress(TimeoutError):
            self.page.wait_for_function(PAINTED, arg=cells, timeout=20_000, polling=50)
        self.page.wait_for_timeout(300)
        for cell in cells:
            self.board.wait_state(cell, seconds=300)
        self.page.wait_for_timeout(300)
        times: dict[str, list[float]] = self.page.evaluate(TIMES)
        return times

    def link(self, source: str, linked: list[str]) -> None:
        """Filter links from the brushed chart to the five others."""
        self.board.fit()
        self.board.select(source)
        self.board.open_filters()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Filter all that fit").click()
        dialog.get_by_role("button", name="Done").click()

    def _brushed(self, source: str, start: float, end: float, linked: list[str]) -> None:
        """One pull across the brushed chart; watched from the move that selects, which the button's release follows."""
        box = self.board.card(source).locator(".nsewdrag").first.bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] * start, y)
        self.page.mouse.down()
        self.page.evaluate(WATCH, [linked, "pointermove"])
        self.page.mouse.move(box["x"] + box["width"] * end, y)
        with suppress(TimeoutError):
            self.page.wait_for_function(PAINTED, arg=linked, timeout=20_000, polling=50)
        self.page.mouse.up()

    def brush(self, source: str, linked: list[str]) -> None:
        """Several brushes by mouse; when all five have repainted, and when each is exact."""
        self.board.fit()
        self.board.select(source)
        all_painted, all_exact, each = [], [], []
        for start, end in BRUSHES:
            self._brushed(source, start, end, linked)
            times = self.painted(linked)
            if not all(times.values()):
                row(f"  brush {start} to {end}", f"{sum(not p for p in times.values())} saw no repaint")
                continue
            all_painted.append(max(paints[0] for paints in times.values()))
            each += [paints[0] for paints in times.values()]
            all_exact.append(sorted(paints[-1] for paints in times.values()))
        assert each, "no brush repainted all five"
        row("a linked chart: first repaint, p50 / p95", f"{statistics.median(each):,.0f} / {p95(each):,.0f} ms",
            "200 ms", f"{len(BRUSHES)} brushes, from the move of the pointer")
        row("all five repainted, p50 / p95", f"{statistics.median(all_painted):,.0f} / {p95(all_painted):,.0f} ms",
            "200 ms", f"worst {max(all_painted):,.0f}")
        places = " / ".join(f"{statistics.median(one[n] for one in all_exact):,.0f}" for n in range(len(linked)))
        row("exact, first to fifth chart, p50", f"{places} ms", "6,000 ms",
            f"worst {max(one[-1] for one in all_exact):,.0f}")


def beside(parquet: Path, rows: int) -> None:
    """The same exact questions: DuckDB alone on the uploaded file; pandas up to 20 M rows, which it can hold."""
    import duckdb

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        found = work()
        row(name, f"{(time.perf_counter() - start) * 1e3:,.0f} ms")
        return found

    con = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
    where = f"FROM '{parquet}' WHERE zone IS NOT NULL AND greatest(distance, 0) BETWEEN 2 AND 6"
    for name, sql in {
        "trips by zone": f"SELECT zone, count(*) {where} GROUP BY 1",
        "mean fare by payment": f"SELECT trim(payment), avg(fare) {where} GROUP BY 1",
        "trips by week": f"SELECT date_trunc('week', pickup), count(*) {where} GROUP BY 1",
        "histogram of fare": f"SELECT floor(fare / 2), count(*) {where} GROUP BY 1",
    }.items():
        timed(f"DuckDB alone: {name}", lambda sql=sql: con.execute(sql).fetchall())  # type: ignore[misc]
    con.close()
    if rows > 20_000_000:
        row("pandas", "not asked", "", "the table would take some 10 GB of memory")
        return
    import numpy as np
    import pandas as pd

    columns = ["zone", "distance", "payment", "fare", "pickup"]
    frame = timed("pandas: read five columns", lambda: pd.read_parquet(parquet, columns=columns))
    frame = timed("pandas: clean", lambda: frame.dropna(subset=["zone"]).assign(
        payment=frame["payment"].str.strip(), distance=frame["distance"].clip(lower=0)))
    some = timed("pandas: filter", lambda: frame[frame["distance"].between(2, 6)])
    timed("pandas: trips by zone", lambda: some.groupby("zone").size())
    timed("pandas: mean fare by payment", lambda: some.groupby("payment")["fare"].mean())
    timed("pandas: histogram of fare", lambda: np.histogram(some["fare"], bins=40))


def measure(application: Application, parquet: Path, zones: Path, pictures: Path) -> None:
    """Start the program and a browser, and tell the story in it."""
    application.start()
    memory = Memory(application)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.FLAGS)
        # The page's own policy forbids the evaluated scripts that read the clock.
        context = opened.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce",
                                     bypass_csp=True)
        page: Page = context.new_page()
        page.goto(application.sign_in_url)
        page.wait_for_url(f"{application.url}/**")
        story = Story(application, page)
        person = Person("owner", page, application.url)
        try:
            data, small = story.take_in(parquet), story.add_zones(zones)
            joined = story.join(story.clean(data), small)
            source, linked = story.charts(joined)
            story.link(source, linked)
            story.brush(source, linked)
            story.board.fit()
            person.picture(pictures, "taxi-story")
            expect(page.get_by_text("went wrong")).to_have_count(0)
        except Exception:
            page.screenshot(path=str(pictures / "taxi-story-failed.png"))
            raise
        row("peak of an asking worker, resident", f"{story.peak('interactive'):,.0f} MB", "1,500 MB")
        row("peak of the reading worker, resident", f"{story.peak('batch'):,.0f} MB", "1,500 MB")
        row("peak of all engine workers, their own", f"{memory.most:,.0f} MB", "1,500 MB",
            "at one moment, shared left out")
        memory.closed.set()
        opened.close()


def main() -> int:
    """Generate, tell the story, ask others the same, print; a single run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--parquet", type=Path, help="a file generated earlier")
    parser.add_argument("--no-peers", action="store_true")
    chosen = parser.parse_args()
    assert chromium.executable(), "no Chromium on this machine: run `make browser`"
    work = Path(tempfile.mkdtemp(prefix="taxi-story-"))
    application = Application()
    try:
        parquet, zones = chosen.parquet or work / "trips.parquet", work / "zones.csv"
        if not parquet.exists():
            generate(chosen.rows, parquet)
        write_zones(zones)
        row("measure", "single run", "aim", f"{chosen.rows:,} rows, 11 columns, load {os.getloadavg()[0]:.1f}")
        measure(application, parquet, zones, Path(tempfile.gettempdir()))
        if not chosen.no_peers:
            beside(parquet, chosen.rows)
        row("load at the end", f"{os.getloadavg()[0]:.1f}")
    finally:
        application.stop()
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
