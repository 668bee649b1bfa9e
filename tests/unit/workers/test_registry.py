"""Kinds are found strictly, declared as JSON, and declared without loading anything heavy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from workers import registry

LIGHT = """
import json, sys
from workers import registry, resolve, scheduler, store, samples, local
declared = [registry.declaration(k) for k in registry.kinds().values()]
samples.samples()
heavy = [m for m in ("duckdb", "pandas", "sklearn", "ibis", "pyarrow", "plotly", "numpy", "scipy", "celery", "redis",
                     "django") if m in sys.modules]
print(json.dumps({"kinds": len(declared), "heavy": heavy}))
"""


def test_declarations_load_without_heavy_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["kinds"] >= 7 and told["heavy"] == []


def test_the_kinds_of_this_release_are_found() -> None:
    assert {"dataset", "table", "filter", "derive", "aggregate", "chart", "text"} <= set(registry.kinds())


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        registry.kind("teleport")


def test_a_declaration_says_what_a_browser_needs() -> None:
    declared = registry.declaration(registry.kind("filter"))
    assert declared["outputs"] == {"table": "table"}
    assert declared["inputs"] == {"table": "table", "filters": "predicate"}
    assert declared["many_inputs"] == declared["optional_inputs"] == ["filters"]
    assert declared["lazy"] and declared["params"]["properties"]["column"]["picker"] == "column"
    assert declared["help"].startswith("Keep the rows that meet a condition.")
    assert not registry.declaration(registry.kind("aggregate"))["lazy"]
