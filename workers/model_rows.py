"""What cells that use a model share: the model opened, rows as it reads them, tables scored, questions answered."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workers.engine import tables
from workers.kind import CellError, Step, Work
from workers.ports import Model, Table

if TYPE_CHECKING:
    from workers.automl.predictor import Predictor
    from workers.explain.scoring import Scored, Scoring
    from workers.explain.whatif import WhatIf

MOST = 200_000
"""Rows of a table that are looked at to explain a model; of larger ones, this many drawn by chance."""
SHOWN = 200
OPEN = 4


def open_model(model: Model, work: Work) -> Predictor:
    """The predictor a Model port names; raises no_model when it is no longer kept."""
    from workers.explain.subject import EXAMPLE, example_model

    if model.ref == EXAMPLE:
        return example_model()
    predictor: Predictor = work.load_model(model)
    return predictor


def frame_of(table: Table, predictor: Predictor) -> Any:
    """The rows of a table, of which only columns the model may know are read."""
    from workers.explain.matching import names_in
    from workers.explain.scoring import pandas_of

    names = [c.name for c in table.columns]
    kept = set(names_in(predictor, names).values()) | {predictor.problem.target}
    op: dict[str, Any] = {"op": "select", "input": table.op, "columns": [n for n in names if n in kept]}
    if not op["columns"]:
        op = table.op
    if tables.count(table) > MOST:
        op = {"op": "sample", "input": op, "rows": MOST, "seed": 0}
    return pandas_of(tables.arrow_of(op))


# scoring ----------------------------------------------------------------------------------------------------


def scored_steps(predictor: Predictor, table: Table, fill: Literal["refuse", "empty", "usual"], level: float,
                 work: Work) -> Iterator[Step]:
    """Score a table in chunks kept beside the result until it is whole; a second worker goes on with them."""
    from workers.explain import scoring as chunks
    from workers.explain.training import Training

    training = Training.of(predictor.training) if predictor.training is not None else None
    folder = work.store.folder(work.fingerprint) / "chunks"
    scoring = chunks.Scoring(predictor, training, _source(table, folder, work), folder, fill, level, chunks.CHUNK)
    done: Scored | None = None
    with work.store.lease(work.fingerprint):
        for done in scoring.run(work.cancel.check):
            yield Step(_view(scoring, done), fraction=min(0.98, done.done / max(1, done.rows)), exact=False,
                       note=f"{done.done:,} of {done.rows:,} rows scored")
        if done is None:
            raise CellError("no_rows", "The table has no rows to predict.")
        kept = _keep(scoring, work)
    shutil.rmtree(folder, ignore_errors=True)
    yield Step({**_view(scoring, done, tables.page(kept, 0, SHOWN))}, {"table": kept}, rows=done.rows)


def _source(table: Table, folder: Path, work: Work) -> Path:
    """The rows to score, written once: whoever scores them reads the same rows in the same order."""
    if not (folder / "source" / "manifest.json").is_file():
        with work.store.staging(work.fingerprint) as staged:
            tables.materialise(table, staged / "chunks" / "source")
    manifest = tables_manifest(folder / "source")
    return folder / "source" / manifest


def tables_manifest(folder: Path) -> str:
    """The Parquet file of a table written out."""
    from workers.engine.manifest import read_manifest

    return read_manifest(folder).parts[0]


def _keep(scoring: Scoring, work: Work) -> Table:
    """All chunks in order as the table of the result."""
    from workers.engine.duck import sql_text
    from workers.engine.parquet import write_table
    from workers.engine.readers import from_relation

    files = ", ".join(sql_text(str(path)) for path in scoring.chunks())
    with work.store.staging(work.fingerprint) as staged:
        source = from_relation(f"read_parquet([{files}])", "table")
        write_table(source.select, source.columns, staged)
    kept: Table = work.table()
    return kept


def _view(scoring: Scoring, done: Scored, page: Mapping[str, Any] | None = None) -> dict[str, Any]:
    problem = scoring.predictor.problem
    order = {"missing": 0, "unseen": 1, "outside": 2, "read": 3, "renamed": 4, "extra": 5, "target": 6, "fits": 7}
    matches = sorted(done.matches, key=lambda m: order[m.state])
    view: dict[str, Any] = {"type": "executor", "target": problem.target, "task": problem.task,
                            "matches": [m.json() for m in matches[:200]], "done": done.done, "rows": done.rows,
                            "errors": done.errors, "notes": done.notes}
    if page is None:
        page = scoring.first(SHOWN)
    return view | {"table": {"columns": page["columns"], "rows": page["rows"], "total": done.rows}}


# what if ----------------------------------------------------------------------------------------------------

_asked: OrderedDict[tuple[str, int], WhatIf] = OrderedDict()


def what_if_view(predictor: Predictor, ref: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a made-up row, what one or two columns would change, and what reaches the goal."""
    from workers.explain.whatif import form_of

    asked = _what_if(predictor, ref)
    values = {n: v for n, v in params["values"].items() if n in asked.training.columns}
    answer = asked.ask(values, params["level"])
    classes = [str(c) for c in predictor.problem.classes]
    label = params["label"] if params["label"] in classes else classes[-1] if len(classes) == 2 else None
    if label is None and classes:
        label = str(answer.prediction)
    number = classes.index(label) if label is not None else None
    fields = form_of(asked.training)
    along = params["along"] if params["along"] in asked.training.columns else _first(asked)
    view: dict[str, Any] = {
        "type": "whatif", "target": predictor.problem.target, "task": predictor.problem.task, "classes": classes,
        "label": label, "fields": fields[:200], "values": asked.training.usual() | values, "level": params["level"],
        "answer": answer.json()}
    if along:
        beside = params["beside"] if params["beside"] in asked.training.columns and params["beside"] != along else None
        picked = [along, *([beside] if beside else [])]
        view["scenario"] = asked.scenarios(values, picked, 9 if beside else 24, number)
        if params["goal"] is not None:
            view["sought"] = _sought(asked, values, along, float(params["goal"]), number)
    return view


def _what_if(predictor: Predictor, ref: str) -> WhatIf:
    """The asker of a model; the last few stay, so that a slider is answered at once."""
    from workers.explain.lens import Lens
    from workers.explain.training import Training
    from workers.explain.whatif import WhatIf

    if predictor.training is None:
        raise CellError("no_training", "This model remembers none of its training rows, so there is nothing to start "
                                       "from. Train it again.")
    key = (ref, id(predictor))
    if key not in _asked:
        _asked[key] = WhatIf(Lens.of(predictor), Training.of(predictor.training))
        while len(_asked) > OPEN:
            _asked.popitem(last=False)
    _asked.move_to_end(key)
    return _asked[key]


def _first(asked: WhatIf) -> str | None:
    """The most important column that can be moved along."""
    from workers.explain.importance import gain

    found = gain(asked.lens)
    names = [asked.lens.columns[i] for i in found.order()] if found else list(asked.lens.columns)
    return next((n for n in names if asked.training.columns[n].role != "text"), None)


def _sought(asked: WhatIf, values: Mapping[str, Any], along: str, goal: float, label: int | None) -> dict[str, Any]:
    row = asked.row(values)
    now = float(asked.lens.likelihood(asked.lens.matrices(row), label)[0])
    found = asked.seek(values, along, label=label, **({"at_least": goal} if goal >= now else {"at_most": goal}))
    return {"column": found.column, "value": found.value, "prediction": found.prediction, "reached": found.reached,
            "goal": goal, "now": now}
