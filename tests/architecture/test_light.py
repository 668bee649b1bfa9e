"""The web process knows every kind without loading a heavy library."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.architecture.guards import HEAVY, ROOT


def loaded_by(program: str) -> set[str]:
    """Heavy top-level packages in a fresh interpreter after `program` ran."""
    program += "\nimport sys, json; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1])) & HEAVY


def test_every_declaration_loads_light():
    program = "from workers import registry\nassert [registry.declaration(k) for k in registry.kinds().values()]"
    assert loaded_by(program) == set()


def test_the_web_application_loads_light():
    assert loaded_by("import canvas.asgi") == set()


def test_the_graph_and_the_scheduler_need_no_framework():
    program = "import workers.graph, workers.scheduler, sys\nassert not {'django', 'redis'} & set(sys.modules)"
    assert loaded_by(program) == set()


def test_a_heavy_import_is_caught():
    assert "duckdb" in loaded_by("import duckdb")
