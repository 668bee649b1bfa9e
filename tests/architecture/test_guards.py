"""Each rule of the house holds, and each guard has been seen to catch its planted violation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import guards

RATCHET = Path(__file__).with_name("oversize.txt")

PLANTS = {
    guards.bad_first_lines: ("canvas/thing.py", "import os\n"),
    guards.drawers: ("canvas/helpers.py", '"""Everything else."""\n'),
    guards.signals: ("canvas/thing.py", '"""A thing."""\nfrom django.db.models.signals import post_save\n'),
    guards.stray_rows: ("canvas/api/things.py", '"""A thing."""\nrows = Canvas.objects.filter(name="x")\n'),
    guards.markers: ("workers/thing.py", '"""A thing."""\n# TO' + "DO: later\n"),
    guards.machine_paths: ("workers/thing.py", '"""A thing."""\nplace = "/ho' + 'me/someone/data"\n'),
    guards.idle_tests: ("tests/unit/test_thing.py", '"""A thing."""\n\n\ndef test_thing():\n    print("hello")\n'),
}


def planted(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("guard", PLANTS, ids=lambda guard: guard.__name__)
def test_the_rule_holds(guard):
    assert guard(guards.ROOT) == []


@pytest.mark.parametrize("guard", PLANTS, ids=lambda guard: guard.__name__)
def test_the_guard_catches_its_planted_violation(guard, tmp_path):
    planted(tmp_path, "canvas/good.py", '"""A module in order."""\n')
    assert guard(tmp_path) == []
    planted(tmp_path, *PLANTS[guard])
    assert len(guard(tmp_path)) == 1


@pytest.mark.parametrize(
    "first_line",
    ["No full stop", "Two sentences. In one line.", "A line that goes on and on " + "and on " * 14 + "for ever."],
)
def test_a_first_line_is_one_short_sentence(first_line, tmp_path):
    planted(tmp_path, "workers/thing.py", f'"""{first_line}"""\n')
    assert len(guards.bad_first_lines(tmp_path)) == 1


def test_a_test_that_is_told_not_to_run_is_caught(tmp_path):
    planted(tmp_path, "tests/test_thing.py", '"""A thing."""\n@pytest.mark.sk' + "ip\ndef test_x():\n    assert True\n")
    assert len(guards.markers(tmp_path)) == 1


def ratchet() -> dict[str, int]:
    lines = [line for line in RATCHET.read_text().splitlines() if line and not line.startswith("#")]
    return {name: int(size) for name, size in (line.rsplit(" ", 1) for line in lines)}


def test_sizes_only_shrink():
    allowed, found = ratchet(), guards.oversize(guards.ROOT)
    grown = {name: size for name, size in found.items() if size > allowed.get(name, 0)}
    slack = {name: size for name, size in allowed.items() if found.get(name, 0) < size}
    assert grown == {}, "these are too long: split them"
    assert slack == {}, f"these shrank: lower or remove their lines in {RATCHET.name}"


def test_a_long_file_and_a_long_function_are_caught(tmp_path):
    planted(tmp_path, "canvas/long.py", '"""Long."""\n' + "x = 1\n" * 400)
    planted(tmp_path, "workers/deep.py", '"""Deep."""\n\n\ndef deep():\n' + "    x = 1\n" * 40)
    assert guards.oversize(tmp_path) == {"canvas/long.py": 401, "workers/deep.py:deep": 41}


def test_settings_are_documented_and_real():
    read, told = guards.settings_read(guards.ROOT), guards.settings_documented(guards.ROOT)
    foreign = {"DJANGO_SETTINGS_MODULE", "PATH", "HOME"}
    assert read - told - foreign == set(), "explain these in .env.example"
    assert told - read == set(), "nothing reads these: remove them from .env.example"


def test_an_undocumented_setting_is_caught(tmp_path):
    planted(tmp_path, "canvas/thing.py", '"""A thing."""\nimport os\nx = os.environ.get("NEW_THING")\n')
    planted(tmp_path, ".env.example", "# What it does.\n# OLD_THING=1\n")
    assert guards.settings_read(tmp_path) == {"NEW_THING"}
    assert guards.settings_documented(tmp_path) == {"OLD_THING"}
