"""The guards of the house: each takes the root of a tree and names what breaks a rule there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("canvas", "workers")
BANNED_NAMES = frozenset(
    ["util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "service", "handler", "handlers"]
)
HEAVY = frozenset({"duckdb", "pandas", "sklearn", "lightgbm", "catboost", "ibis", "pyarrow", "plotly", "scipy",
                   "numpy"})
LONGEST_FIRST_LINE = 110
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
# Who keeps which rows. The sequencer and the scheduler act for the system, after the door was passed.
ROW_KEEPERS = {
    "Canvas": ("canvas/documents/", "canvas/realtime/", "canvas/runs/", "canvas/management/", "canvas/demos/"),
    "Upload": ("canvas/datasets/",),
    "Link": ("canvas/sharing/",),
}
READERS = frozenset({"os.environ.get", "os.getenv", "environ.get"})
# Spelled in halves, so that this file does not hold what it looks for.
MARKERS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
SKIPS = re.compile(r"mark\.(sk" + r"ip|xf" + r"ail)|\b(pytest|it|test|describe)\.(sk" + r"ip|on" + r"ly|to" + r"do)\(")
MACHINE_PATHS = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:wo" + r"rk|ro" + r"ot|fa" + r"rm|tm" + r"p|ho" + r"me)/")


def python_files(root: Path, *folders: str) -> Iterator[tuple[str, Path]]:
    """(path relative to root, path) of our Python files, migrations left out."""
    for folder in folders or PACKAGES:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(root).as_posix(), path


def script_files(root: Path) -> Iterator[tuple[str, Path]]:
    """(path relative to root, path) of the browser app's sources, generated types left out."""
    for path in sorted((root / "static" / "src").rglob("*")):
        if path.suffix in {".ts", ".tsx", ".css"} and not path.name.endswith(".gen.ts"):
            yield path.relative_to(root).as_posix(), path


def all_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Sources of both languages and the tests."""
    yield from python_files(root, *PACKAGES, "tests")
    yield from script_files(root)


def bad_first_lines(root: Path) -> list[str]:
    """Modules whose first line is not one sentence of at most 110 characters."""
    found = []
    for name, path in python_files(root, *PACKAGES, "tests"):
        text = path.read_text()
        if path.name == "__init__.py" and not text.strip():
            continue
        first = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
        if not first:
            found.append(f"{name}: no docstring")
        elif len(first) > LONGEST_FIRST_LINE:
            found.append(f"{name}: first line has {len(first)} characters")
        elif not first.endswith((".", "?")) or re.search(r"[.!?] [A-Z]", first):
            found.append(f"{name}: the first line is not one sentence: {first!r}")
    return found


def drawers(root: Path) -> list[str]:
    """Modules whose name says nothing about their topic."""
    named = [(name, path.name.split(".")[0].lower()) for name, path in all_files(root) if path.suffix != ".css"]
    return [name for name, stem in named if stem in BANNED_NAMES]


def oversize(root: Path) -> dict[str, int]:
    """Files over 400 lines and Python functions over 40, with their length."""
    found = {}
    for name, path in all_files(root):
        text = path.read_text()
        if (lines := text.count("\n")) > LONGEST_FILE:
            found[name] = lines
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    if length > LONGEST_FUNCTION:
                        found[f"{name}:{node.name}"] = length
    return found


def signals(root: Path) -> list[str]:
    """Imports of Django's signals: our own flow calls functions."""
    banned = ("django.dispatch", "django.db.models.signals", "django.core.signals")
    found = []
    for name, path in python_files(root, "canvas"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = []
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            if any(m == b or m.startswith(b + ".") for m in modules for b in banned):
                found.append(f"{name}:{node.lineno}")
    return found


def stray_rows(root: Path) -> list[str]:
    """Rows of Canvas, Upload or Link read, where a person asks, otherwise than through access.py."""
    found = []
    for name, path in python_files(root, "canvas"):
        if name == "canvas/access.py":
            continue
        tree = ast.parse(path.read_text())
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            model = _model_read(node, parents)
            if model in ROW_KEEPERS and not name.startswith(ROW_KEEPERS[model]):
                found.append(f"{name}:{node.lineno}: {model}")
    return found


def _model_read(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    """Name of the model whose rows this expression reads, else nothing. Writes follow a `canvas_for` and may stand."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "").startswith("get_object_or_404"):
        return getattr(node.args[0], "id", "") if node.args else ""
    if not (isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}):
        return ""
    called, up = "", parents.get(node)
    while isinstance(up, ast.Attribute | ast.Call):
        called = up.attr if isinstance(up, ast.Attribute) else called
        up = parents.get(up)
    if called in {"create", "bulk_create", "update", "delete"}:
        return ""
    return node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")


def markers(root: Path) -> list[str]:
    """Notes of unfinished work in sources, and tests that are told not to run."""
    found = []
    for name, path in all_files(root):
        for number, line in enumerate(path.read_text().split("\n"), 1):
            if MARKERS.search(line) or SKIPS.search(line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    return found


def machine_paths(root: Path) -> list[str]:
    """Absolute paths of one machine in anything we keep."""
    kept = list(all_files(root))
    for pattern in (
        "*.md",
        "*.toml",
        "Makefile",
        ".env.example",
        ".ci/run",
        "requirements.txt",
        "templates/**/*.html",
        "static/*.ts",
        "static/*.js",
        "static/*.json",
        "canvas/*.md",
        "static/*.md",
        "workers/*.md",
    ):
        kept += [(p.relative_to(root).as_posix(), p) for p in sorted(root.glob(pattern)) if p.is_file()]
    found = []
    for name, path in kept:
        for number, line in enumerate(path.read_text().split("\n"), 1):
            if not line.startswith("#!") and MACHINE_PATHS.search(line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    return found


def idle_tests(root: Path) -> list[str]:
    """Tests that assert nothing."""
    found = []
    for name, path in python_files(root, "tests"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_test = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
            if is_test and not any(_asserts(inner) for inner in ast.walk(node)):
                found.append(f"{name}:{node.lineno}: {node.name}")
    return found


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return True
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return called == "raises" or called.startswith(("assert", "expect", "check", "wait_", "until", "eventually"))
    return False


def settings_read(root: Path) -> set[str]:
    """Names of environment variables that our code reads, also through the small readers of settings.py."""
    names = set()
    for file, path in python_files(root):
        for node in ast.walk(ast.parse(path.read_text())):
            name: ast.AST | None = None
            if isinstance(node, ast.Call) and node.args:
                called = ast.unparse(node.func)
                is_reader = file.endswith("settings.py") and called.startswith("_")
                name = node.args[0] if called in READERS or is_reader else None
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                name = node.slice if ast.unparse(node.value) in {"os.environ", "environ"} else None
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                names.add(name.value)
    return {name for name in names if re.fullmatch(r"[A-Z][A-Z0-9_]+", name)}


def settings_documented(root: Path) -> set[str]:
    """Names that .env.example explains."""
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (root / ".env.example").read_text(), flags=re.M))


def strangers_in_cells(root: Path, kinds: set[str]) -> list[str]:
    """Bodies of static/src/cells (`<kind>.cell.tsx`) that belong to no kind."""
    cells = root / "static" / "src" / "cells"
    return [p.name for p in sorted(cells.glob("*.cell.tsx")) if p.name.split(".")[0] not in kinds]
