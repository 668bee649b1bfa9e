"""Fences and locks under real concurrency, on SQLite (a file, WAL) and on PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_each_run_starts_once_is_lost_once_and_lands_once(vendor: str, request: pytest.FixtureRequest) -> None:
    with tempfile.TemporaryDirectory(prefix="ink-") as home:
        url = "" if vendor == "sqlite" else request.getfixturevalue("postgres_url")
        environment = {**os.environ, "INKLING_HOME": home, "DATABASE_URL": url, "REDIS_URL": "", "STORE_URL": "",
                       "DJANGO_SETTINGS_MODULE": "canvas.settings"}
        done = subprocess.run([sys.executable, "-m", "tests.runs.crowd"], cwd=ROOT, env=environment, text=True,
                              capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "engine": vendor, "runs after eight plans": 1, "starts that count": 1, "losses seen": 1, "attempt after": 2,
        "old outcomes that landed": 0, "outcomes that landed": 1, "states": ["error"],
        "revs": [True, True], "results": 0,
    }
