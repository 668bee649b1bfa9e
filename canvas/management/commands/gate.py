"""Run every check that needs no service and no browser: lint, types, contracts, fast tests, front end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from canvas.settings import ROOT
from canvas.supervisor.frontend import node_home

STATIC = ROOT / "static"
FAST = ("tests/unit", "tests/contract", "tests/property", "tests/architecture")


def python_checks() -> list[tuple[str, list[str]]]:
    """(name, command) of the checks on Python sources."""
    return [
        ("lint", ["-m", "ruff", "check", "."]),
        ("types", ["-m", "mypy"]),
        ("migrations", ["manage.py", "makemigrations", "--check", "--dry-run"]),
        ("generated types", ["manage.py", "schema", "--check"]),
    ]


def browser_checks() -> list[tuple[str, list[str]]]:
    """(name, command for Node) of the checks on the browser app."""
    return [
        ("front-end lint", ["node_modules/eslint/bin/eslint.js", "src", "--max-warnings", "0"]),
        ("design tokens", ["scripts/check-tokens.mjs"]),
        ("front-end types", ["node_modules/typescript/bin/tsc", "--noEmit"]),
        ("front-end tests", ["node_modules/vitest/vitest.mjs", "run"]),
    ]


class Command(BaseCommand):
    """`manage.py gate`: what must be green before a change is handed in."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--without-tests` leaves pytest to the caller; `--without-browser` needs no Node."""
        parser.add_argument("--without-tests", action="store_true")
        parser.add_argument("--without-browser", action="store_true")

    def handle(self, *args: object, **options: bool) -> None:
        """Run all checks, report each with its time, fail once at the end."""
        self.failed: list[str] = []
        for name, command in python_checks():
            self._check(name, [sys.executable, *command], ROOT)
        if not options["without_tests"]:
            present = [folder for folder in FAST if (ROOT / folder).is_dir()]
            self._check("fast tests", [sys.executable, "-m", "pytest", "-q", "-n", "2", *present], ROOT)
        if not options["without_browser"]:
            call_command("build")
            node = str(node_home() / "node")
            for name, command in browser_checks():
                self._check(name, [node, *command], STATIC)
        if self.failed:
            raise CommandError(f"Not green: {', '.join(self.failed)}.")
        self.stdout.write("All green.")

    def _check(self, name: str, command: list[str], folder: Path) -> None:
        started = time.monotonic()
        environment = {**os.environ, "NO_COLOR": "1", "CI": "1"}
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        word = "ok" if done.returncode == 0 else "FAILED"
        self.stdout.write(f"{name:<18}{word}  {time.monotonic() - started:.1f} s")
        if done.returncode != 0 or name.endswith("tests"):
            self.stdout.write(done.stdout)
        if done.returncode != 0:
            self.failed.append(name)
        self.stdout.flush()
