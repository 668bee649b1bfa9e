"""What is generated stays true: the browser's types are fresh, and a new cell passes the suite as it is written."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from canvas.management.commands import newcell, schema
from tests.contract.conformance import CHECKS, bench_for
from workers import cells, registry


def test_the_types_of_the_browser_are_fresh() -> None:
    call_command("schema", "--check")
    text = schema.TARGET.read_text(encoding="utf-8")
    assert all(f"  {name}: " in text.partition("interface ParamsByKind")[2] for name in registry.kinds())


def test_stale_types_are_told_with_their_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "schema.gen.ts"
    stale.write_text(schema.generate().replace("fraction", "share"))
    monkeypatch.setattr(schema, "TARGET", stale)
    with pytest.raises(CommandError, match="fraction"):
        call_command("schema", "--check")
    call_command("schema")
    call_command("schema", "--check")


@pytest.mark.parametrize(("body", "expected"), [
    ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "(string | null)[]"),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}, "[number, string]"),
    ({"type": "object", "additionalProperties": {"$ref": "#/$defs/Fix"}}, "Record<string, Fix>"),
    ({"const": "≠"}, '"≠"'), ({}, "unknown"), ({"type": "object"}, "Record<string, unknown>"),
])
def test_a_json_schema_becomes_typescript(body: dict[str, Any], expected: str) -> None:
    assert schema.type_of(body, {}) == expected


def test_a_new_cell_passes_the_suite_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = newcell.write("just_made", tmp_path)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60
    monkeypatch.setattr(cells, "__path__", [*cells.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    try:
        kind = registry.load("workers.cells.just_made")
        for check in CHECKS:
            check(bench_for(kind, tmp_path / "store"))
    finally:
        sys.modules.pop("workers.cells.just_made", None)


@pytest.mark.parametrize("name", ["TopRows", "top rows", "../evil", "class", "a__b", "", "x" * 41])
def test_a_bad_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        newcell.write(name, tmp_path)


def test_a_taken_name_is_refused(tmp_path: Path) -> None:
    newcell.write("top_rows", tmp_path)
    with pytest.raises(CommandError, match="already"):
        newcell.write("top_rows", tmp_path)
