"""What is declared once is told once more in words: events, kinds, generated types, the two commands."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from tests.architecture import guards
from workers import events, registry

README = (guards.ROOT / "README.md").read_text()


def event_names() -> list[str]:
    return [member.__name__ for member in get_args(get_args(events.Event)[0])]


def undocumented(names: list[str], text: str) -> list[str]:
    return [name for name in names if f"`{name}`" not in text]


def test_events_are_documented():
    assert undocumented(event_names(), README) == []


def test_an_undocumented_event_is_caught():
    assert undocumented([*event_names(), "CellMoved"], README) == ["CellMoved"]


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_the_two_commands_are_named(command):
    assert command in README


def test_a_picture_of_a_cell_belongs_to_a_kind():
    assert guards.strangers_in_cells(guards.ROOT, set(registry.kinds())) == []


def test_a_stranger_in_cells_is_caught(tmp_path):
    cells = tmp_path / "static" / "src" / "cells"
    cells.mkdir(parents=True)
    (cells / "Shared.tsx").write_text("")
    (cells / "nosuchkind.cell.tsx").write_text("")
    assert guards.strangers_in_cells(tmp_path, {"chart"}) == ["nosuchkind.cell.tsx"]


def test_generated_types_are_fresh():
    command = [sys.executable, "manage.py", "schema", "--check"]
    done = subprocess.run(command, cwd=guards.ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
