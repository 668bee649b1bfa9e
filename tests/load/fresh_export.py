"""Runs exported demo canvases in a fresh virtual environment: `python -m tests.load.fresh_export [demo ...]`."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import venv
from pathlib import Path
from subprocess import run
from typing import Any

import django

from tests.fixtures.exported import differences, graph_of, ran
from workers.local import run_graph
from workers.scripts import export
from workers.store import Store


def main() -> None:
    """Run each demo, export it, build an environment from its requirements alone, run it there, compare the numbers."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from canvas.demos import DEMOS

    odd = [line for name in sys.argv[1:] or DEMOS for line in compared(name, DEMOS[name])]
    sys.exit(bool(odd))


def compared(name: str, demo: Any) -> list[str]:
    """What the script of a demo gives otherwise than its canvas; printed, with what there was to compare."""
    folder = Path(tempfile.mkdtemp(prefix="fresh-"))
    cells, edges = demo.document()
    graph, store = graph_of((cells, edges)), Store(folder / "store")
    run_graph(graph, store)
    prints = graph.fingerprints()
    exported = export(graph, prints, store, titles={cell: body["title"] for cell, body in cells.items()})
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    (folder / "requirements.txt").write_text(exported.requirements())
    run([python, "-m", "pip", "install", "-q", "-r", folder / "requirements.txt"], check=True)
    (folder / "canvas").mkdir()
    started = time.monotonic()
    found = ran(exported, folder / "canvas", python)
    odd = differences(graph, prints, store, exported, found)
    figures = sum("figure" in value for value in found.values())
    print(f"{name}: {len(exported.variables)} tables and {figures} figures in {time.monotonic() - started:.1f} s, "
          f"{len(exported.files)} files; " + ("equal to the canvas" if not odd else "\n  ".join(["DIFFERENT:", *odd])))
    return odd


if __name__ == "__main__":
    main()
