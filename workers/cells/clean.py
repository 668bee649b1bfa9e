"""Clean a table with a recipe of steps: types, gaps, repeats, texts, numbers, categories, dates.

Each step says what it did (“−1,204 rows”, “11 values did not fit”), can be switched off and moved, and shows itself as
SQL and as pandas. What the data suggests is offered above the recipe and added with one click. A step that still lacks
something does nothing. Steps that look at one row at a time are read through at once; with one that looks at others
(repeats, a mean, quantiles, the row before) the table is kept once, and what follows waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from workers.engine import tables
from workers.engine.profile import profile
from workers.engine.recipe import AnyStep, Recipe, lenient, looks_around
from workers.engine.recipe.effects import at_once, measure, recipe_json
from workers.engine.recipe.explain import code_of
from workers.engine.survey import survey
from workers.kind import CellKind, Params, Step, Work
from workers.ports import Table, literal_table
from workers.preview import ROWS

SURVEY_UP_TO = 5_000_000
"""Rows up to which suggestions rest on all rows; above, on a sample, since looking at every text takes its time."""


class CleanParams(Params):
    """The recipe. A document keeps each step under a key of its own, “step:<id>”."""

    steps: Annotated[list[AnyStep], BeforeValidator(lenient)] = Field(
        default_factory=list, title="Steps", json_schema_extra={"picker": "recipe", "keyed": "step:"})


class Kind(CellKind):
    """Lazy while every step looks at one row at a time; keeps its table otherwise."""

    name, title, group, icon, shortcut = "clean", "Cleaning", "Prepare", "brush", "C"
    params, prompt = CleanParams, True
    inputs, outputs = {"table": Table}, {"table": Table}
    size = (440, 320)

    @classmethod
    def keeps_for(cls, params: Mapping[str, Any]) -> bool:
        """Whether a step looks at other rows."""
        return looks_around(params.get("steps", ()))

    def plan(self, params: CleanParams, table: Table) -> dict[str, Any]:
        """The table behind the last step."""
        return {"table": Recipe(params.steps, table).result}

    def compute(self, params: CleanParams, table: Table, *, work: Work) -> Iterator[Step]:
        """The first rows, what each step did, then what the columns hold and what else could be done."""
        recipe = Recipe(params.steps, table)
        result = recipe.result
        code = [code_of(line) for line in recipe.lines]
        page = tables.page(result, 0, ROWS, total=False)
        view: dict[str, Any] = {"type": "table", "columns": page["columns"], "rows": page["rows"],
                                "total": page["total"]}

        def seen(effects: list[Any], suggested: list[dict[str, Any]] | None = None) -> dict[str, Any]:
            steps = [{**one, **each} for one, each in zip(recipe_json(recipe, effects), code, strict=True)]
            return {**view, "recipe": {"steps": steps, "suggestions": suggested}}

        effects = at_once(recipe)
        yield Step(view=seen(effects), fraction=0.2, exact=False, rows=page["total"])
        if looks_around(params.steps):
            result = work.keep(result)
        for effects in measure(recipe):
            yield Step(view=seen(effects), fraction=0.5, exact=False, rows=page["total"])
        view["total"] = total = tables.count(result)
        found: list[dict[str, Any]] = []
        for known, found in _looked(result, total):
            view["profile"] = known
            yield Step(view=seen(effects, found), fraction=0.7, exact=False, rows=total)
        yield Step(view=seen(effects, found), outputs={"table": result}, rows=total)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Charges that are text, with blanks and a repeated row."""
        charges = literal_table({"customer": "text", "plan": "text", "total": "text"}, [
            ["C-1", " solo", "29.85"], ["C-2", "team", " "], ["C-3", "solo", "108.15"], ["C-3", "solo", "108.15"]])
        steps = [{"id": "trim", "do": "trim", "columns": ["plan"]},
                 {"id": "cast", "do": "cast", "columns": ["total"], "to": "number"},
                 {"id": "repeats", "do": "drop_duplicates"}]
        return {"steps": steps}, {"table": charges}


def _looked(result: Table, total: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Profiles of the columns with what to suggest, better each time."""
    found: list[dict[str, Any]] = []
    if total <= SURVEY_UP_TO:
        for look in survey(result, correlate=False):
            found = look.json()["suggestions"]
            yield look.facts, found
        return
    first = next(iter(survey(result, correlate=False)))
    found = first.json()["suggestions"]
    for known in profile(result):
        yield known, found
