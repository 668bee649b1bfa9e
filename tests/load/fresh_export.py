"""Runs the exported demo canvas in a fresh virtual environment: `python -m tests.load.fresh_export`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from pathlib import Path

from canvas.demos import delays
from tests.unit.workers.test_scripts import QUIET, graph_of
from workers.local import run_graph
from workers.packing import pack
from workers.scripts import export
from workers.store import Store


def main() -> None:
    """Run the demo, export it, build an environment from its requirements alone, run it there."""
    folder = Path(tempfile.mkdtemp(prefix="fresh-"))
    cells, edges = delays.demo().document()
    graph = graph_of((cells, edges))
    store = Store(folder / "store")
    run_graph(graph, store)
    exported = export(graph, graph.fingerprints(), store, titles={cell: body["title"] for cell, body in cells.items()})
    pack(exported, "py", folder / "canvas.zip")
    with zipfile.ZipFile(folder / "canvas.zip") as archive:
        archive.extractall(folder / "canvas")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", folder / "canvas" / "requirements.txt"], check=True)
    (folder / "canvas" / "run.py").write_text(QUIET + exported.python(), encoding="utf-8")
    started = time.monotonic()
    done = subprocess.run([python, "-I", "run.py"], cwd=folder / "canvas", capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": str(folder)})
    print(f"exit {done.returncode}, {time.monotonic() - started:.1f} s, {len(exported.files)} files")
    print(done.stderr[-2000:] or done.stdout[-500:])
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
