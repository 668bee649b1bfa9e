"""A guard must be seen to fail: planted bad kinds, each caught by the check it breaks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from tests.contract import conformance
from workers import registry
from workers.cells.filter import Kind as Filter
from workers.kind import CellError, Params, Step
from workers.ports import Table

TICK = itertools.count()


class Undocumented(Filter):
    def compute(self, params: Any, table: Table) -> Iterator[Step]:
        yield Step()


class OddSchema(Filter):
    class WithNaN(Params):
        column: float = Field(float("nan"), title="Column")

    params = WithNaN


class UnfedExample(Filter):
    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return super().example()[0], {}


class Moody(Filter):
    def compute(self, params: Any, table: Table) -> Iterator[Step]:
        yield Step(view={"type": "table", "rows": [[next(TICK)]], "columns": []})


class NeverExact(Filter):
    def compute(self, params: Any, table: Table) -> Iterator[Step]:
        yield Step(view={"type": "table", "rows": [], "columns": []}, exact=False, fraction=0.5)


class FailsOnEmpty(Filter):
    def compute(self, params: Any, table: Table) -> Iterator[Step]:
        yield Step(view={"type": "table", "rows": [[1 / len(table.op["rows"])]], "columns": []})


class Silent(Filter):
    def compute(self, params: Any, table: Table) -> Iterator[Step]:
        if params.column not in [c.name for c in table.columns]:
            raise CellError("oops", "It did not work out.")
        yield Step()


class Crashes(Filter):
    def compute(self, params: Any, table: Table) -> Iterator[Step]:
        yield Step(view={"type": "table", "rows": [[params.column.upper()]], "columns": []})


class Unstoppable(Filter):
    def compute(self, params: Any, table: Table) -> Iterator[Step]:
        try:
            yield Step(view={"type": "table", "rows": [], "columns": []}, exact=False)
        except GeneratorExit:
            yield Step(view={"type": "table", "rows": [], "columns": []})
        yield Step(view={"type": "table", "rows": [], "columns": []})


class Huge(Filter):
    def compute(self, params: Any, table: Table) -> Iterator[Step]:
        yield Step(view={"type": "figure", "text": "x" * 70_000})


class LosesParams(Filter):
    version = 2

    def migrate(self, params: dict[str, Any], version: int) -> dict[str, Any]:
        return {**params, "test": f"{params['test']}!"}


class LyingPlan(Filter):
    def plan(self, params: Any, table: Table) -> dict[str, Any]:
        return {"other": table}


@pytest.mark.parametrize(("bad", "check"), [
    (Undocumented, conformance.documented), (OddSchema, conformance.schema_is_json),
    (UnfedExample, conformance.ports_are_arguments), (Moody, conformance.example_runs_and_repeats),
    (NeverExact, conformance.example_runs_and_repeats), (Moody, conformance.last_step_is_the_one_shot_answer),
    (FailsOnEmpty, conformance.empty_table), (Silent, conformance.missing_column),
    (Crashes, conformance.missing_settings),
    (Unstoppable, conformance.cancel_stops_it), (Huge, conformance.inline_view_is_small),
    (LosesParams, conformance.params_round_trip_and_migrate), (LyingPlan, conformance.plan_reads_nothing),
], ids=lambda value: value.__name__)
def test_a_bad_kind_is_caught(bad: type[Filter], check: Any, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, RuntimeError, ZeroDivisionError, ValueError, AttributeError)):
        check(conformance.bench_for(bad(), tmp_path))


def test_each_check_has_a_kind_that_breaks_it() -> None:
    marks = test_a_bad_kind_is_caught.pytestmark[0].args[1]
    assert {check for _, check in marks} == set(conformance.CHECKS)


@pytest.mark.parametrize("text", [
    "import nowhere_at_all", "x = 1", '"""Help."""\nclass Kind: pass',
    '"""Help."""\nfrom workers.kind import CellKind\nclass Kind(CellKind):\n    name = "planted"',
    '"""Help."""\nfrom workers.kind import CellKind, Params\nfrom workers.ports import Table\n'
    'class Kind(CellKind):\n    name, title, group, icon, params = "planted", "P", "Data", "x", Params\n'
    '    inputs = {"table": Table}\n    def compute(self, params): yield',
])
def test_a_broken_file_stops_the_start(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workers import cells

    (tmp_path / "planted.py").write_text(text)
    monkeypatch.setattr(cells, "__path__", [*cells.__path__, str(tmp_path)])
    monkeypatch.delitem(__import__("sys").modules, "workers.cells.planted", raising=False)
    with pytest.raises(registry.BrokenKind, match="planted"):
        registry.kinds.__wrapped__()
    monkeypatch.delitem(__import__("sys").modules, "workers.cells.planted", raising=False)
