"""Kinds for tests of models over a queue: a table made to measure, and a model that needs no search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.kind import CellKind, Params, Step, Work
from workers.model_rows import open_model
from workers.ports import Model, Table


class MadeParams(Params):
    """How many rows, and how many numbers in each."""

    rows: int = Field(1000)
    columns: int = Field(8)


class Made(CellKind):
    """Numbers drawn by a hash; `late` follows from three of them and chance, `visits`, `city` and `spent` as well."""

    name, title, group, icon, params, prompt = "made", "Made", "Explore", "table", MadeParams, True
    outputs = {"table": Table}

    def compute(self, params: MadeParams, work: Work) -> Iterator[Step]:
        """The whole table at once."""
        from workers.engine.parquet import write_table
        from workers.engine.readers import from_relation

        drawn = [f"round((hash(range * 1009 + {n}) % 10007) / 10007.0, 3) AS x{n}" for n in range(params.columns)]
        late = "CASE WHEN x0 + x1 * x2 + 0.5 * (hash(number * 31) % 997) / 997.0 > 1.1 THEN 'yes' ELSE 'no' END AS late"
        city = "CASE WHEN number % 3 = 0 THEN 'Oslo' ELSE 'Lyon' END AS city"
        known = f"CAST(1 + hash(number) % 8 AS INTEGER) AS visits, {city}, round(60 * x0, 2) AS spent"
        numbers = f"(SELECT range AS number, {', '.join(drawn)} FROM range({params.rows}))"
        made = f"(SELECT *, {late}, {known} FROM {numbers})"
        with work.store.staging(work.fingerprint) as folder:
            source = from_relation(made, "table")
            write_table(source.select, source.columns, folder)
        yield Step({"type": "value", "value": params.rows}, {"table": work.table()}, rows=params.rows)


class Taught(CellKind):
    """Gives the example model."""

    name, title, group, icon, params, prompt = "taught", "Taught", "Explore", "timer", Params, True
    outputs = {"model": Model}

    def compute(self, params: Any, work: Work) -> Iterator[Step]:
        """Keeps the model as a search would."""
        kept = work.keep_model(open_model(Model("example", "back"), work))
        yield Step({"type": "value", "value": "taught"}, {"model": kept})
