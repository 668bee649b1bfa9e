"""A whole graph in this process: the snippet of workers/README.md, and what is kept between runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workers.events import CellSchema, CellStep
from workers.local import Canvas

README = Path(__file__).resolve().parents[3] / "workers" / "README.md"


def test_the_snippet_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                        capsys: pytest.CaptureFixture[str]) -> None:
    found = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    lines = [line for line in found.group(1).splitlines() if line.strip()]
    assert len(lines) <= 10
    monkeypatch.chdir(tmp_path)
    exec(compile(found.group(1), str(README), "exec"), {})  # noqa: S102 - our own README
    told = capsys.readouterr().out.splitlines()
    assert any("so far" in line for line in told) and sum("exact" in line for line in told) == 3
    assert told[-1].startswith("Bar chart of mean of body_mass_g by species")


def test_a_second_run_computes_only_what_changed(tmp_path: Path) -> None:
    def built(value: int) -> tuple[Canvas, str]:
        canvas = Canvas(str(tmp_path))
        birds = canvas.add("dataset", source="sample:penguins")
        return canvas, canvas.add("filter", birds, column="body_mass_g", test="≥", value=value)

    canvas, _ = built(5000)
    assert set(canvas.run()) == {"dataset1", "filter2"}
    canvas, _ = built(5000)
    assert canvas.run() == {}
    canvas, heavy = built(6000)
    assert set(canvas.run()) == {heavy}
    assert [row[5] for row in canvas.rows(heavy)] == [6300, 6050, 6000, 6000]


def test_a_file_becomes_a_dataset(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code,n\n007,1\n010,2\n")
    canvas = Canvas(str(tmp_path / "store"))
    data = canvas.add("dataset", source=str(tmp_path / "codes.csv"))
    twice = canvas.add("derive", data, name="twice", expression="n * 2")
    events: list[object] = []
    outcomes = canvas.run(events.append)
    assert {o.state for o in outcomes.values()} == {"done"}
    assert canvas.rows(twice) == [["007", 1, 2], ["010", 2, 4]]
    schemas = [e for e in events if isinstance(e, CellSchema)]
    assert [[c.name for c in e.outputs["table"]] for e in schemas] == [["code", "n"], ["code", "n", "new_column"]]


def test_an_error_ends_a_cell_and_those_behind_it_only(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path))
    birds = canvas.add("dataset", source="sample:penguins")
    wrong = canvas.add("filter", birds, column="body_mass", test=">", value=1)
    behind = canvas.add("chart", wrong, x="species")
    beside = canvas.add("chart", birds, x="species")
    outcomes = canvas.run()
    assert {c: o.state for c, o in outcomes.items()} == {birds: "done", wrong: "failed", beside: "done"}
    assert behind not in outcomes
    error = outcomes[wrong].error
    assert error is not None and error["code"] == "unknown_column" and "body_mass_g" in error["message"]
    assert error["fix"] == {"label": "Use body_mass_g", "params": {"column": "body_mass_g"}}


def test_steps_come_numbered_and_end_exact(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path))
    canvas.add("table", canvas.add("dataset", source="sample:penguins"), sort="year", descending=True)
    steps: list[CellStep] = [s for s in canvas.steps() if s.cell == "table2"]
    assert [s.step for s in steps] == list(range(1, len(steps) + 1))
    assert [s.final for s in steps] == [False] * (len(steps) - 1) + [True]
    assert steps[-1].rows == 344 and steps[-1].view is not None and "species" in steps[-1].view["profile"]


def test_the_error_of_a_file_does_not_invent_a_name_for_it(tmp_path: Path) -> None:
    (tmp_path / "short.csv").write_text("a,b,c\n1,2,3\n4,5\n6,7,8\n")
    canvas = Canvas(str(tmp_path / "store"))
    data = canvas.add("dataset", source=str(tmp_path / "short.csv"))
    error = canvas.run()[data].error
    assert error is not None and error["code"] == "ragged_rows"
    assert error["message"].startswith("This file has 2 values in line 3, where 3 columns were expected.")
