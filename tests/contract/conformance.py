"""What every kind must do: the checks of the conformance suite, as plain functions that raise AssertionError."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers import registry, resolve, runner
from workers.events import INLINE_VIEW_LIMIT
from workers.kind import Cancel, CellError, CellKind, NeedsSettings, Step, Work
from workers.ports import PORT_TYPES, Table
from workers.samples import token_of
from workers.steps import json_view
from workers.store import Store

NOWHERE = "no_such_column"


@dataclass
class Bench:
    """A kind on the bench, with a store of its own."""

    kind: CellKind
    store: Store

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Params as JSON, and inputs."""
        params, inputs = self.kind.example()
        return copy.deepcopy(params), inputs

    def work(self, params: dict[str, Any]) -> Work:
        """A fresh Work, with the token a server would resolve."""
        source = str(params.get("source", ""))
        token = token_of(source) if source.startswith("sample:") else ""
        return runner.work_of(uuid.uuid4().hex, self.store, token, Cancel())

    def steps(self, params: dict[str, Any], inputs: dict[str, Any], work: Work | None = None) -> Iterator[Step]:
        """The steps of a run."""
        resolve.open_engine(self.store)
        given = dict(inputs)
        if registry.takes_work(self.kind):
            given["work"] = work or self.work(params)
        yield from self.kind.compute(self.kind.params.model_validate(params), **given)

    def last(self, params: dict[str, Any], inputs: dict[str, Any]) -> Step:
        """The exact step."""
        return [*self.steps(params, inputs)][-1]


def emptied(inputs: dict[str, Any]) -> dict[str, Any]:
    """The same inputs with tables of no rows."""
    def one(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: one(each) for name, each in value.items()}
        return Table({**value.op, "rows": []}, value.columns) if isinstance(value, Table) else value

    return {name: one(value) for name, value in inputs.items()}


def timeless(bench: Bench, step: Step) -> Any:
    """The view of a step as JSON, without the times that it took."""
    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(each) for key, each in value.items() if key not in bench.kind.measures}
        return [bare(each) for each in value] if isinstance(value, list) else value

    return bare(json_view(step.view)[0])


def column_params(kind: CellKind, params: dict[str, Any]) -> list[str]:
    """Params that name a column of an input and are set in the example."""
    schema = kind.params.model_json_schema()["properties"]
    return [n for n, body in schema.items() if body.get("picker") in ("column", "columns") and params.get(n)]


# the checks -------------------------------------------------------------------------------------------------


def documented(bench: Bench) -> None:
    """Help of more than a line, a docstring on what people read in code, a title on each param."""
    text = registry.help_of(bench.kind)
    assert len(text.splitlines()) >= 3, "its help must say more than one line"
    assert text.splitlines()[0].endswith("."), "the first line of its help is a sentence"
    assert type(bench.kind).__doc__ and type(bench.kind).compute.__doc__, "class and compute need docstrings"
    untitled = [n for n, f in bench.kind.params.model_fields.items() if not f.title]
    assert not untitled, f"params without a title: {untitled}"
    assert bench.kind.title[:1].isupper() and bench.kind.icon == bench.kind.icon.lower()


def schema_is_json(bench: Bench) -> None:
    """The declaration is plain JSON and names only known ports and real params."""
    declared = registry.declaration(bench.kind)
    assert json.loads(json.dumps(declared, allow_nan=False)) == declared
    assert {*declared["inputs"].values(), *declared["outputs"].values()} <= set(PORT_TYPES)
    assert set(declared["example"]) <= set(declared["params"]["properties"])
    names = set(declared["params"]["properties"])
    for body in declared["params"]["properties"].values():
        assert set(body.get("when", {})) <= names, "`when` names a param that is not there"


def ports_are_arguments(bench: Bench) -> None:
    """Compute and plan take the params and each input."""
    assert registry.port_problems(type(bench.kind)) == []
    _, inputs = bench.example()
    needed = set(bench.kind.inputs) - bench.kind.optional_inputs
    assert needed <= set(inputs) <= set(bench.kind.inputs), "the example must feed the ports"
    for name, given in inputs.items():
        each = given.values() if name in bench.kind.many_inputs else [given]
        assert all(isinstance(value, bench.kind.inputs[name]) for value in each)


def example_runs_and_repeats(bench: Bench) -> None:
    """The example ends exact, twice the same."""
    params, inputs = bench.example()
    first, second = ([*bench.steps(params, inputs)] for _ in range(2))
    assert first and first[-1].exact and first[-1].fraction == 1.0
    assert not any(step.exact for step in first[:-1]), "only the last step is exact"
    assert timeless(bench, first[-1]) == timeless(bench, second[-1]), "two runs of the example differ"
    assert first[-1].view.get("type") == bench.kind.view


def last_step_is_the_one_shot_answer(bench: Bench) -> None:
    """What comes in steps ends where a run through the runner, read back from the store, ends."""
    from workers.graph import Cell, Graph

    params, inputs = bench.example()
    if inputs:
        assert timeless(bench, bench.last(params, inputs)) == timeless(bench, [*bench.steps(params, inputs)].pop())
        return
    work = bench.work(params)
    clean = bench.kind.params.model_validate(params).model_dump(mode="json")
    cell = Cell("c", bench.kind.name, bench.kind.version, clean, source_token=work.source_token)
    graph = Graph({"c": cell})
    outcome = runner.run_cell(graph, "c", graph.fingerprints(), bench.store, lambda event: None)
    assert outcome.state == "done", outcome.error
    kept = bench.store.final(graph.fingerprints()["c"])
    assert kept is not None and kept["view"] == json_view(bench.last(params, inputs).view)[0]


def empty_table(bench: Bench) -> None:
    """No rows is an answer (or a typed error), never a crash."""
    params, inputs = bench.example()
    try:
        last = bench.last(params, emptied(inputs))
    except CellError as error:
        assert len(error.message) > 10, "an error must say something"
        return
    assert last.exact


def missing_column(bench: Bench) -> None:
    """A column that is not there gives a typed error that names it."""
    params, inputs = bench.example()
    for name in column_params(bench.kind, params):
        wrong = {**params, name: [NOWHERE] if isinstance(params[name], list) else NOWHERE}
        error = _failure(lambda wrong=wrong: bench.last(wrong, inputs))
        assert isinstance(error, CellError), f"{name}: {error!r} is no CellError"
        assert error.code == "unknown_column" and NOWHERE in error.message, error.message
        assert error.param == name, f"the error must point at the param {name}, not {error.param}"


def missing_settings(bench: Bench) -> None:
    """Without any params the cell runs or says what it needs; it never fails."""
    _, inputs = bench.example()
    error = _failure(lambda: bench.last({}, inputs))
    assert error is None or isinstance(error, NeedsSettings), repr(error)


def cancel_stops_it(bench: Bench) -> None:
    """A run told to stop ends without another step, wherever it was."""
    params, inputs = bench.example()
    total = len([*bench.steps(params, inputs)])
    for stop_after in range(total):
        work = bench.work(params)
        steps = bench.steps(params, inputs, work)
        for _ in range(stop_after):
            next(steps)
        work.cancel.set()
        steps.close()
        assert next(steps, None) is None, "the generator went on after it was closed"


def inline_view_is_small(bench: Bench) -> None:
    """Every view of the example rides inside its event."""
    params, inputs = bench.example()
    for step in bench.steps(params, inputs):
        inline = json_view(step.view)[1]
        assert inline is not None
        assert len(json.dumps(inline, ensure_ascii=False).encode()) <= INLINE_VIEW_LIMIT


def params_round_trip_and_migrate(bench: Bench) -> None:
    """Params survive JSON; those of every earlier version are brought up to date."""
    params, _ = bench.example()
    model = bench.kind.params
    once = model.model_validate(params).model_dump(mode="json")
    assert model.model_validate(json.loads(json.dumps(once))).model_dump(mode="json") == once
    for version in range(1, bench.kind.version + 1):
        moved = bench.kind.migrate(dict(params), version)
        model.model_validate(moved)
        assert bench.kind.migrate(moved, bench.kind.version) == moved


def plan_reads_nothing(bench: Bench) -> None:
    """A plan gives every output port, with the same columns the run gives."""
    if not bench.kind.has_plan():
        return
    from workers.engine.tables import columns_of

    resolve.open_engine(bench.store)
    params, inputs = bench.example()
    planned = bench.kind.plan(bench.kind.params.model_validate(params), **inputs)
    assert set(planned) == set(bench.kind.outputs)
    last = bench.last(params, inputs)
    for name, value in planned.items():
        if isinstance(value, Table) and last.view.get("type") == "table" and name == "table":
            columns = [{"name": c.name, "type": c.type} for c in columns_of(value.op)]
            assert columns == last.view["columns"]
            assert not value.columns or [c.name for c in value.columns] == [c["name"] for c in columns]


def _failure(run: Callable[[], Any]) -> Exception | None:
    try:
        run()
    except Exception as error:  # noqa: BLE001 - whatever a kind raises is looked at by the check
        return error
    return None


CHECKS: list[Callable[[Bench], None]] = [
    documented, schema_is_json, ports_are_arguments, example_runs_and_repeats, last_step_is_the_one_shot_answer,
    empty_table, missing_column, missing_settings, cancel_stops_it, inline_view_is_small,
    params_round_trip_and_migrate, plan_reads_nothing,
]


def bench_for(kind: CellKind, folder: Path) -> Bench:
    """A bench with a store in `folder`."""
    return Bench(kind, Store(folder))
