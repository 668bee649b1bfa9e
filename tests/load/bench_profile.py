"""Profiles 1 M x 12 beside ydata-profiling: first view, all exact, memory; run it as a module."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from tests.load.bench_engine import COLUMNS, row

ROWS = 1_000_000
PIN = "ydata-profiling==4.18.4"
TYPES = {
    "pickup": "datetime", "dropoff": "datetime", "zone": "integer", "zone_to": "integer", "passengers": "integer",
    "distance": "number", "fare": "number", "tip": "number", "payment": "text", "driver": "text", "shared": "boolean",
    "trip": "integer",
}
BESIDE = """
import resource, sys, time
import pandas as pd
from ydata_profiling import ProfileReport
started, used = time.perf_counter(), time.process_time()
report = ProfileReport(pd.read_parquet(sys.argv[1]), minimal=True, progress_bar=False)
report.get_description()
print(time.perf_counter() - started, time.process_time() - used,
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def generate(folder: Path) -> Path:
    """The table, stored as a cell would leave it; gives its Parquet file."""
    from workers.engine import use_store
    from workers.engine.duck import engine
    from workers.engine.parquet import PART, write_table
    from workers.ports import Column

    use_store(folder.joinpath)
    engine().fetch("SELECT setseed(0.42)")
    columns = tuple(Column(name, word) for name, word in TYPES.items())  # type: ignore[arg-type]
    write_table(f"SELECT {COLUMNS.format(rows=ROWS)} FROM range({ROWS}) t(i)", columns, folder / "bench")
    return folder / "bench" / PART


def ours(folder: Path) -> None:
    """Each stage in a process that did nothing before but open the engine."""
    from workers.engine import use_store
    from workers.engine.duck import engine
    from workers.engine.survey import survey
    from workers.resolve import load

    use_store(folder.joinpath)
    load()
    engine().fetch("SELECT 1")
    started, used, first = time.perf_counter(), time.process_time(), True
    for found in survey({"op": "stored", "fingerprint": "bench"}):
        wall, cpu = time.perf_counter() - started, time.process_time() - used
        if first:
            row("first view", f"{1000 * wall:,.0f} ms", f"{1000 * cpu:,.0f} ms cpu, {found.level or 'exact'}")
            first = False
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row("all exact, correlations, text faults, repeats", f"{cpu:.2f} s cpu", f"{wall:.2f} s wall, peak {peak:,.0f} MB")


def beside(part: Path, folder: Path) -> None:
    """ydata-profiling, minimal, in an environment of its own; or why it is not there."""
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment" / "bin" / "python"
    wanted = [PIN, "pyarrow", "setuptools<81"]
    made = subprocess.run([python, "-m", "pip", "install", "-q", *wanted], capture_output=True, text=True, check=False)
    if made.returncode:
        row("ydata-profiling minimal", "not installed", (made.stderr.strip().splitlines() or ["no reason given"])[-1])
        return
    ran = subprocess.run([python, "-c", BESIDE, str(part)], capture_output=True, text=True, check=False)
    if ran.returncode:
        row("ydata-profiling minimal", "failed", (ran.stderr.strip().splitlines() or ["no reason given"])[-1])
        return
    wall, cpu, peak = (float(v) for v in ran.stdout.split()[-3:])
    row("ydata-profiling minimal (no correlations)", f"{cpu:.2f} s cpu", f"{wall:.2f} s wall, peak {peak:,.0f} MB")


def main() -> None:
    """Generate, then measure each in a process of its own."""
    if len(sys.argv) > 1:
        ours(Path(sys.argv[1]))
        return
    folder = Path(tempfile.mkdtemp(prefix="bench-profile-"))
    try:
        part = generate(folder)
        print(f"{ROWS:,} rows x {len(TYPES)} columns", flush=True)
        subprocess.run([sys.executable, "-m", "tests.load.bench_profile", str(folder)], check=True)
        beside(part, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
