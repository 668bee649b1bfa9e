"""Predictions for new tables: columns before the old ones, row by row, in chunks that outlive the worker."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workers.automl.predictor import Predictor
from workers.explain.matching import Fill, Match, Matching, match
from workers.explain.training import Training

CHUNK = 10_000
FEW_CLASSES = 8
"""Up to this many classes each gets a column with its probability."""
LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Scored:
    """How far a scoring is: rows done of all, how many have an error or a note, and the matches so far."""

    done: int
    rows: int
    errors: int = 0
    notes: int = 0
    matches: tuple[Match, ...] = ()


def predicted(predictor: Predictor, matching: Matching, level: float = LEVEL) -> dict[str, list[Any]]:
    """The new columns, by name: prediction, probabilities or interval, and a note; rows with an error get None.

    A row the model cannot take is found and left out; it does not stop the others.
    """
    errors = list(matching.errors)
    rows = [i for i, error in enumerate(errors) if error is None]
    values = dict(_scored(predictor, matching.frame, rows, level, errors))
    width = len(_columns(predictor))
    columns = {name: [values[i][k] if i in values else None for i in range(len(errors))]
               for k, name in enumerate(_columns(predictor))}
    assert all(len(v) == width for v in values.values())
    columns["note"] = [error or note for error, note in zip(errors, matching.notes, strict=True)]
    return columns


def _columns(predictor: Predictor) -> list[str]:
    problem = predictor.problem
    if problem.task == "regression":
        return [f"predicted_{problem.target}", "low", "high"]
    each = [f"probability_{label}" for label in problem.classes] if len(problem.classes) <= FEW_CLASSES else []
    return [f"predicted_{problem.target}", "probability", *each]


def _scored(predictor: Predictor, frame: Any, rows: list[int], level: float,
            errors: list[str | None]) -> Iterator[tuple[int, list[Any]]]:
    """(row, values of the new columns); a block that fails is halved until the row at fault stands alone."""
    if not rows:
        return
    try:
        found = _block(predictor, frame.iloc[rows], level)
    except Exception as failure:  # noqa: BLE001 - whatever one row does to a learner must not stop the others
        if len(rows) == 1:
            errors[rows[0]] = f"Cannot be predicted: {failure}"[:300]
            return
        half = len(rows) // 2
        yield from _scored(predictor, frame, rows[:half], level, errors)
        yield from _scored(predictor, frame, rows[half:], level, errors)
        return
    yield from zip(rows, found, strict=True)


def _block(predictor: Predictor, frame: Any, level: float) -> list[list[Any]]:
    import numpy as np

    from workers.automl.calibration import half_width

    scores = predictor.scores(frame)
    if predictor.problem.task == "regression":
        width = half_width(predictor.residuals, level) if predictor.residuals is not None else None
        low, high = (scores - width, scores + width) if width is not None else ([None] * len(scores),) * 2
        return [[float(p), None if a is None else float(a), None if b is None else float(b)]
                for p, a, b in zip(scores, low, high, strict=True)]
    p = np.column_stack([1 - scores, scores]) if scores.ndim == 1 else scores
    said = (scores >= 0.5).astype(int) if scores.ndim == 1 else p.argmax(axis=1)
    each = p.tolist() if p.shape[1] <= FEW_CLASSES else [[]] * len(p)
    return [[predictor.problem.classes[k], float(p[i, k]), *each[i]] for i, k in enumerate(said)]


def output_names(predictor: Predictor, columns: list[str]) -> dict[str, str]:
    """What the new columns are called beside the old ones; a name that is taken gets a number."""
    names: dict[str, str] = {}
    for wanted in [*_columns(predictor), "note"]:
        name, number = wanted, 2
        while name in columns or name in names.values():
            name, number = f"{wanted}_{number}", number + 1
        names[wanted] = name
    return names


@dataclass(slots=True)
class Scoring:
    """One table to be scored, chunk by chunk, in a folder that another worker can take over.

    `source` is a Parquet file that never changes; each chunk is written beside and renamed, so it is whole or absent,
    and is the same whoever writes it: rows are neither lost nor doubled.
    """

    predictor: Predictor
    training: Training | None
    source: Path
    folder: Path
    fill: Fill = "refuse"
    level: float = LEVEL
    chunk: int = CHUNK
    matches: dict[str, Match] = field(default_factory=dict)

    def run(self, check: Callable[[], None] = lambda: None) -> Iterator[Scored]:
        """Write the chunks that are not there yet, telling how far it is after each."""
        import pyarrow.parquet as pq

        self.folder.mkdir(parents=True, exist_ok=True)
        file = pq.ParquetFile(self.source)
        rows, done, errors, notes = file.metadata.num_rows, 0, 0, 0
        for number, batch in enumerate(_batches(file, self.chunk)):
            check()
            path = self.folder / f"chunk-{number:06d}.parquet"
            if not path.is_file():
                self._write(path, batch)
            told = pq.read_schema(path).metadata or {}
            self._merge(told.get(b"matches", b"[]"))
            errors, notes = errors + int(told.get(b"errors", b"0")), notes + int(told.get(b"notes", b"0"))
            done += batch.num_rows
            yield Scored(done, rows, errors, notes, tuple(self.matches.values()))

    def chunks(self) -> list[Path]:
        """The chunks that are written, in order."""
        return sorted(self.folder.glob("chunk-*.parquet"))

    def first(self, rows: int) -> dict[str, Any]:
        """The first rows that are scored, as a page: {"columns", "rows"}."""
        import pyarrow.parquet as pq

        from workers.engine.tables import plain

        table = pq.read_table(self.chunks()[0]).slice(0, rows)
        words = {"int": "integer", "float": "number", "double": "number", "decimal": "number", "bool": "boolean",
                 "date": "date", "timestamp": "datetime"}
        columns = [{"name": f.name, "type": next((w for k, w in words.items() if str(f.type).startswith(k)), "text")}
                   for f in table.schema]
        return {"columns": columns, "rows": [[plain(v) for v in row.values()] for row in table.to_pylist()]}

    def _write(self, path: Path, batch: Any) -> None:
        import json

        import pyarrow as pa
        import pyarrow.parquet as pq

        matching = match(self.predictor, self.training, pandas_of(pa.Table.from_batches([batch])), self.fill)
        table = pa.Table.from_batches([batch])
        new = predicted(self.predictor, matching, self.level)
        # In front of the old columns: what was asked for is what is seen first, however wide the table is.
        for place, (wanted, name) in enumerate(output_names(self.predictor, table.column_names).items()):
            table = table.add_column(place, name, pa.array(new[wanted], type=_arrow_type(wanted, self.predictor)))
        errors = sum(e is not None for e in matching.errors)
        told = {"matches": json.dumps([m.json() for m in matching.matches]), "errors": str(errors),
                "notes": str(sum(n is not None for n in new["note"]) - errors)}
        handle, name = tempfile.mkstemp(dir=self.folder, prefix="tmp-")
        os.close(handle)
        pq.write_table(table.replace_schema_metadata(told), name)
        os.replace(name, path)

    def _merge(self, told: bytes) -> None:
        """Add what a chunk found to what is known of each column: the worst state, rows added up."""
        import json

        for value in json.loads(told):
            one, known = Match(**value), self.matches.get(value["column"])
            if known is None or known.state in ("fits", "read"):
                rows = known.rows if known is not None and known.state == one.state else 0
                self.matches[one.column] = Match(one.column, one.state, one.words, one.rows + rows, one.role)
            elif known.state == one.state and one.rows:
                total = known.rows + one.rows
                self.matches[one.column] = Match(one.column, one.state, known.words, total, one.role)


def pandas_of(arrow: Any) -> Any:
    """An Arrow table as models were taught to read it: dates stay dates, decimals become numbers."""
    import pyarrow as pa

    for place, column in enumerate(arrow.schema):
        if pa.types.is_decimal(column.type):
            arrow = arrow.set_column(place, column.name, arrow.column(place).cast(pa.float64()))
    return arrow.to_pandas(date_as_object=False)


def _arrow_type(wanted: str, predictor: Predictor) -> Any:
    import pyarrow as pa

    if wanted == "note":
        return pa.string()
    if wanted != f"predicted_{predictor.problem.target}" or predictor.problem.task == "regression":
        return pa.float64()
    kinds = {type(label) for label in predictor.problem.classes}
    return {bool: pa.bool_(), int: pa.int64(), float: pa.float64()}.get(next(iter(kinds)), pa.string()) if len(
        kinds) == 1 else pa.string()


def _batches(file: Any, size: int) -> Iterator[Any]:
    """Batches of exactly `size` rows but for the last, whatever the row groups of the file are."""
    import pyarrow as pa

    waiting: list[Any] = []
    held = 0
    for batch in file.iter_batches(batch_size=size):
        while held + batch.num_rows >= size:
            cut = size - held
            whole = pa.Table.from_batches([*waiting, batch.slice(0, cut)]).combine_chunks()
            yield whole.to_batches()[0]
            batch, waiting, held = batch.slice(cut), [], 0
        if batch.num_rows:
            waiting.append(batch)
            held += batch.num_rows
    if held:
        yield pa.Table.from_batches(waiting).combine_chunks().to_batches()[0]
