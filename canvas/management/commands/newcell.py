"""manage.py newcell top_rows: writes workers/cells/top_rows.py, a complete kind to start from."""

from __future__ import annotations

import keyword
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workers import cells

FOLDER = Path(cells.__path__[0])
TEXT = '''"""Keep the first rows of a table.

Say here, for the people who will use this cell, what it does and what to watch out for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.kind import CellKind, Params, Step
from workers.ports import Table, literal_table
from workers.preview import table_steps


class {camel}Params(Params):
    """What the inspector asks for; use `pick_column` for a column of the input."""

    rows: int = Field(10, ge=1, le=100_000, title="Rows", description="How many rows to keep.")


class Kind(CellKind):
    """Row-wise and lazy: what follows reads through it. Without `plan`, what follows would wait for it to run."""

    name, title, group, icon = "{name}", "{title}", "Prepare", "square"
    params, prompt = {camel}Params, True
    inputs, outputs = {{"table": Table}}, {{"table": Table}}

    def plan(self, params: {camel}Params, table: Table) -> dict[str, Any]:
        """The output, without reading data: an op on top of the input (see workers/engine/ops.py)."""
        return {{"table": Table({{"op": "limit", "input": table.op, "rows": params.rows}}, table.columns)}}

    def compute(self, params: {camel}Params, table: Table) -> Iterator[Step]:
        """What the cell shows, step by step; the last step is exact."""
        yield from table_steps(self.plan(params, table)["table"])

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Params and inputs that run in a second: the docs and the conformance suite use them."""
        cities = literal_table({{"city": "text", "people": "integer"}}, [["Oslo", 709_000], ["Turin", 851_000]])
        return {{"rows": 1}}, {{"table": cities}}
'''


class Command(BaseCommand):
    """Write a new kind that passes the conformance suite as it is."""

    help = "Write workers/cells/<name>.py, a complete cell kind with an example."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The name, in snake_case."""
        parser.add_argument("name")

    def handle(self, *args: Any, name: str = "", **options: Any) -> None:
        """Write the file, and say what comes next."""
        path = write(name, FOLDER)
        self.stdout.write(f"wrote workers/cells/{path.name}\n"
                          f"next: edit it, run `pytest tests/contract -k {name}`, then `manage.py schema`")


def write(name: str, folder: Path) -> Path:
    """The file of a new kind; raises CommandError for a bad or taken name."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name) or len(name) > 40:
        raise CommandError(f"“{name}” is no name for a kind; use snake_case, for example top_rows.")
    path = folder / f"{name}.py"
    if path.exists():
        raise CommandError(f"There is a kind “{name}” already.")
    camel = "".join(word.title() for word in name.split("_"))
    path.write_text(TEXT.format(name=name, camel=camel, title=name.replace("_", " ").capitalize()), encoding="utf-8")
    return path
