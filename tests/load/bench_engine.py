"""Measures the engine on a generated table of 10 M rows beside pandas; run it as a program."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

FINGERPRINT = "bench"
COLUMNS = """
  TIMESTAMP '2020-01-01' + to_seconds((i * 31536000 / {rows})::BIGINT) AS pickup,
  TIMESTAMP '2020-01-01' + to_seconds((i * 31536000 / {rows} + 60 + 1800 * random())::BIGINT) AS dropoff,
  1 + floor(263 * pow(random(), 3))::BIGINT AS zone, 1 + floor(263 * pow(random(), 2))::BIGINT AS zone_to,
  1 + floor(6 * pow(random(), 4))::BIGINT AS passengers, round(exp(random() * 2 + random()), 2) AS distance,
  round(3 + exp(random() * 2 + random()) * 2.5, 2) AS fare, round(random() * 10, 2) AS tip,
  CASE WHEN random() < 0.00001 THEN 'voucher' WHEN random() < 0.7 THEN 'card' ELSE 'cash' END AS payment,
  chr(65 + (random() * 20)::INT) || (random() * 9999)::INT AS driver, random() < 0.1 AS shared, i AS trip"""


def generate(rows: int, target: Path) -> None:
    """A taxi-like CSV from a seed."""
    import duckdb

    con = duckdb.connect(config={"threads": 2})
    con.execute("SELECT setseed(0.42)")
    con.execute(f"COPY (SELECT {COLUMNS.format(rows=rows)} FROM range({rows}) t(i)) TO '{target}' (HEADER)")


def timed(work: Callable[[], Any], repeats: int = 5) -> tuple[float, float, Any]:
    """(median ms, worst ms, last result)."""
    times, result = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    return times[len(times) // 2], times[-1], result


def row(name: str, figure: str, beside: str = "") -> None:
    """Print one line of the table."""
    print(f"{name:<44} {figure:>24}   {beside}", flush=True)


def measure_ingest(csv: Path, store: Path) -> None:
    """Ingest in a process of its own, so that its peak memory is its own."""
    code = (
        f"import sys, time, resource; sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})\n"
        "from pathlib import Path\nfrom workers.engine import use_store\nfrom workers.engine.ingest import ingest\n"
        f"use_store(lambda fp: Path({str(store)!r}) / fp)\nt = time.perf_counter()\n"
        f"m = ingest(Path({str(csv)!r}), 'trips.csv', Path({str(store / FINGERPRINT)!r}))\n"
        "print(time.perf_counter() - t, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, m.rows, m.bytes / 2**20,"  # noqa: E501
        " sum((Path(%r) / s.file).stat().st_size for s in m.samples) / 2**20)" % str(store / FINGERPRINT)
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    wall, cpu, peak, rows, size, samples = (float(v) for v in out)
    megabytes = csv.stat().st_size / 1e6
    row(
        "ingest CSV",
        f"{megabytes / wall:,.0f} MB/s",
        f"{wall:.1f} s wall, {cpu:.1f} s cpu, peak {peak:,.0f} MB, {rows:,.0f} rows",
    )
    row("stored", f"{size:,.0f} MB", f"samples {samples:.0f} MB (+{100 * samples / max(size, 1):.0f} %)")


def charts(store: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(name, op, chart spec)."""
    stored = {"op": "stored", "fingerprint": FINGERPRINT}
    far = {"op": "filter", "input": stored, "expression": {"fn": ">", "args": [{"col": "distance"}, {"lit": 12.5}]}}
    return [
        ("histogram of fare", stored, {"mark": "histogram", "x": "fare"}),
        ("bars, mean fare by zone", stored, {"mark": "bar", "x": "zone", "y": "fare", "aggregate": "mean"}),
        ("line by day, two series", stored, {"mark": "line", "x": "pickup", "color": "payment"}),
        ("filter, then bars by passengers", far, {"mark": "bar", "x": "passengers"}),
        ("heat map distance x fare", stored, {"mark": "heatmap", "x": "distance", "y": "fare"}),
        ("scatter distance, fare", stored, {"mark": "scatter", "x": "distance", "y": "fare"}),
        ("box of fare by payment", stored, {"mark": "box", "x": "payment", "y": "fare"}),
    ]


def pandas_work(frame: Any) -> dict[str, Callable[[], Any]]:
    """The same exact questions in pandas, on a frame already in memory."""
    import numpy as np

    return {
        "histogram of fare": lambda: np.histogram(frame["fare"], bins=40),
        "bars, mean fare by zone": lambda: frame.groupby("zone")["fare"].agg(["mean", "count"]),
        "line by day, two series": lambda: frame.groupby([frame["pickup"].dt.floor("D"), "payment"]).size(),
        "filter, then bars by passengers": lambda: frame[frame["distance"] > 12.5].groupby("passengers").size(),
        "heat map distance x fare": lambda: np.histogram2d(frame["distance"], frame["fare"], bins=40),
        "box of fare by payment": lambda: frame.groupby("payment")["fare"].describe(),
    }


def measure_charts(store: Path, beside: dict[str, Callable[[], Any]]) -> None:
    """First and exact drawing of each chart, warm."""
    from workers.engine import draw

    for name, op, spec in charts(store):
        next(iter(draw(op, spec)))
        first, worst, _ = timed(lambda o=op, s=spec: next(iter(draw(o, s))))  # type: ignore[misc]
        exact, _, steps = timed(lambda o=op, s=spec: list(draw(o, s)), 2)  # type: ignore[misc]
        pandas = f"pandas {timed(beside[name], 2)[0]:,.0f} ms" if name in beside else ""
        row(
            name,
            f"{first:,.0f} / {exact:,.0f} ms",
            f"first (worst {worst:,.0f}) / all {len(steps)} steps to exact; {pandas}",
        )


def measure_tables() -> None:
    """Pages, counts, a dragged filter, the profile, and cancelling."""
    import threading

    from workers.engine import count, draw, engine, page
    from workers.engine.duck import Cancelled
    from workers.engine.profile import profile

    stored = {"op": "stored", "fingerprint": FINGERPRINT}
    rows = engine().manifest(FINGERPRINT).rows
    for place, offset in (("start", 0), ("middle", rows // 2), ("end", rows - 200)):
        median, worst, _ = timed(lambda o=offset: page(stored, o))  # type: ignore[misc]
        row(f"page of 200 rows at the {place}", f"{median:,.0f} ms", f"worst {worst:,.0f}")
    steps = iter(range(1_000))

    def dragged() -> dict[str, Any]:
        limit = 5 + next(steps) * 0.01
        return {"op": "filter", "input": stored, "expression": {"fn": ">", "args": [{"col": "fare"}, {"lit": limit}]}}

    row(
        "filter drag to first drawing, new each time",
        f"{timed(lambda: next(iter(draw(dragged(), {'mark': 'histogram', 'x': 'distance'}))), 20)[0]:,.0f} ms",
    )
    row("filter drag to first page", f"{timed(lambda: page(dragged(), total=False), 20)[0]:,.0f} ms")
    row("exact count behind a new filter", f"{timed(lambda: count(dragged()), 3)[0]:,.0f} ms")
    start = time.perf_counter()
    seen = [time.perf_counter() - start for _ in profile(stored)]
    row("profile: first, then exact", f"{seen[0] * 1e3:,.0f} ms / {seen[-1]:.1f} s", f"{len(seen)} stages")
    threading.Timer(0.5, lambda: engine().interrupt("bench run")).start()
    start = time.perf_counter()
    try:
        with engine().run_scope("bench run"):
            engine().fetch("SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range = 3")
    except Cancelled:
        row("cancel to idle", f"{(time.perf_counter() - start - 0.5) * 1e3:,.0f} ms")


def main() -> None:
    """Generate, ingest, ask, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    work = Path(tempfile.mkdtemp(prefix="bench-engine-"))
    try:
        csv, store = work / "trips.csv", work / "store"
        generate(rows, csv)
        row("rows, CSV size, load", f"{rows:,}", f"{csv.stat().st_size / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f}")
        measure_ingest(csv, store)
        from workers.engine import use_store

        use_store(lambda fp: store / fp)
        measure_tables()
        row("peak memory of queries", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
        import pandas as pd

        start = time.perf_counter()
        frame = pd.read_parquet(store / FINGERPRINT / "part-0000.parquet")
        row(
            "pandas: load the same Parquet",
            f"{time.perf_counter() - start:.1f} s",
            f"{frame.memory_usage(deep=False).sum() / 2**20:,.0f} MB",
        )
        measure_charts(store, pandas_work(frame))
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
