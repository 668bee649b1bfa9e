"""A cleaning recipe: what each step did in words, what it lacks, where it fails, and what hostile steps become."""

from __future__ import annotations

import json

import pytest

from tests.fixtures.subscribers import BLANKS, PADDED, REPEATS, TYPES
from workers import local
from workers.cells.clean import CleanParams, Kind
from workers.engine.recipe import STEPS, Recipe, lenient, looks_around
from workers.engine.recipe.effects import measure, recipe_json
from workers.engine.recipe.explain import code_of
from workers.engine.tables import count, rows_of
from workers.kind import CellError, gathered
from workers.ports import literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]


def said(table, *steps):
    recipe = Recipe(lenient(list(steps)), table)
    *_, effects = measure(recipe)
    return [one["effect"]["words"] for one in recipe_json(recipe, effects)]


@pytest.mark.parametrize(("step", "words"), [
    ({"do": "drop_duplicates"}, f"−{REPEATS} rows"),
    ({"do": "cast", "columns": ["total"], "to": "number"}, f"{BLANKS} blanks became missing"),
    ({"do": "cast", "columns": ["plan"], "to": "integer"}, "624 values did not fit"),
    ({"do": "cast", "columns": ["tenure"], "to": "number"}, "all values fit"),
    ({"do": "trim", "columns": ["plan"]}, f"{PADDED} values changed"),
    ({"do": "fill", "columns": ["age"], "how": "median"}, "20 values filled"),
    ({"do": "fill", "columns": ["age"], "value": 40}, "20 values filled"),
    ({"do": "drop_missing", "columns": ["age"]}, "−20 rows"),
    ({"do": "drop", "columns": ["note", "country"]}, "2 columns dropped"),
    ({"do": "rename", "column": "age", "to": "years"}, "renamed"),
    ({"do": "one_hot", "column": "region", "values": ["North", "South"]}, "2 columns added, 1 column dropped"),
    ({"do": "one_hot", "column": "region"}, "found 3 values"),
    ({"do": "drop_sparse", "share": 0.9}, "found 1 column"),
    ({"do": "drop_sparse", "share": 0.9, "columns": ["note"]}, "1 column dropped"),
    ({"do": "trim", "on": False}, "off"),
    ({"do": "fill"}, "Pick the columns to fill"),
    ({"do": "upper"}, "nothing"),
], ids=lambda one: one["do"] if isinstance(one, dict) else None)
def test_each_step_says_what_it_did(stored_subscribers, step, words):
    if words == "nothing":
        with pytest.raises(CellError, match="knows no step “upper”"):
            said(stored_subscribers, step)
        return
    assert said(stored_subscribers, step) == [words]


def test_steps_see_what_those_before_them_left(stored_subscribers):
    assert said(stored_subscribers, {"do": "drop_duplicates"},
                {"do": "blank", "columns": ["employer"], "values": ["?"]},
                {"do": "drop_missing", "columns": ["employer"]},
                {"do": "rename", "column": "employer", "to": "works for"}) == [
                    "−24 rows", "142 values became missing", "−142 rows", "renamed"]


def test_what_a_step_found_is_offered_to_be_set(stored_subscribers):
    recipe = Recipe(lenient([{"do": "one_hot", "column": "region"}]), stored_subscribers)
    *_, effects = measure(recipe)
    assert sorted(effects[0].offer["values"]) == ["North", "South", "north"]
    assert recipe.lines[0].lacks == "Choose the values of “region” to make columns of"


def test_a_column_that_a_step_took_away_is_named_on_the_step_that_wants_it(stored_subscribers):
    steps = [{"id": "one", "do": "trim"}, {"id": "two", "do": "drop", "columns": ["total", "note"]},
             {"id": "three", "do": "cast", "columns": ["total", "age"], "to": "text"}]
    with pytest.raises(CellError) as caught:
        Recipe(lenient(steps), stored_subscribers)
    assert caught.value.param == "step:three"
    assert "“total” is gone since step 2, “Drop columns”" in caught.value.message
    with pytest.raises(CellError) as caught:
        Recipe(lenient([{"id": "a", "do": "trim", "columns": ["plan", "regoin"]}]), stored_subscribers)
    assert caught.value.fix == {"label": "Use region", "params": {"step:a": {"columns": ["plan", "region"]}}}


@pytest.mark.parametrize("step", [
    {"do": "round", "columns": ["plan"]},
    {"do": "replace", "how": "pattern", "find": "(["}, {"do": "clip", "columns": ["age"], "low": 5, "high": 1},
    {"do": "rename", "column": "age", "to": "PLAN"}, {"do": "replace", "how": "pattern", "find": "(?=x)"},
    {"do": "fill", "columns": ["age"], "value": "many"}, {"do": "drop", "columns": list(TYPES)},
], ids=lambda step: step["do"])
def test_what_does_not_fit_is_a_typed_error_on_its_step(stored_subscribers, step):
    with pytest.raises(CellError) as caught:
        said(stored_subscribers, {"id": "it", **step})
    assert caught.value.param == "step:it" and len(caught.value.message) > 15
    assert caught.value.code not in ("internal", "bad_op")


@pytest.mark.parametrize("hostile", [
    None, 7, "steps", {"do": "trim"}, [None, 7, "x", [], {}], [{"do": "trim", "columns": "plan"}],
    [{"do": "split", "column": "a", "into": 10**9}], [{"do": "one_hot", "column": "a", "values": ["v"] * 5_000}],
    [{"do": "replace", "find": "a" * 9_999}], [{"do": "cast", "to": "blob"}], [{"do": ["trim"]}],
    [{"do": "round", "digits": float("nan")}], [{"do": "trim", "id": {"a": 1}}], [{"do": "trim"}] * 900,
])
def test_hostile_steps_become_steps_that_say_they_cannot_be_read(hostile):
    read = CleanParams.model_validate({"steps": hostile})
    assert len(read.steps) <= 200
    again = CleanParams.model_validate(json.loads(read.model_dump_json()))
    assert again == read
    assert looks_around(hostile) is False


def test_a_broken_step_stays_in_its_place():
    broken = lenient([{"do": "trim"}, {"id": "x", "do": "split", "into": 0}, {"do": "case"}])
    assert [s.do for s in broken] == ["trim", "broken", "case"]
    assert broken[1].id == "x" and "Into" in broken[1].why


def test_steps_of_a_document_are_gathered_in_the_order_people_gave_them():
    document = {"step:b": {"at": "a0", "do": "trim"}, "step:a": {"at": "a1", "do": "case", "to": "upper"},
                "step:c": {"at": "Zz", "do": "drop", "columns": ["x"]}, "step:bad": 3, "other": 1}
    read = CleanParams.model_validate(gathered(CleanParams, document))
    assert [(s.id, s.do) for s in read.steps] == [("c", "drop"), ("b", "trim"), ("a", "case")]


def test_a_recipe_of_row_wise_steps_is_read_through_and_one_that_looks_around_is_kept():
    row_wise = {"steps": [{"do": "trim"}, {"do": "fill", "columns": ["a"], "value": 1}]}
    assert Kind.is_lazy(row_wise)
    for step in ({"do": "drop_duplicates"}, {"do": "fill", "columns": ["a"], "how": "mean"}):
        assert not Kind.is_lazy({"steps": [*row_wise["steps"], step]})
        assert Kind.is_lazy({"steps": [*row_wise["steps"], {**step, "on": False}]})
    assert Kind.is_lazy({"steps": [{"do": "fill", "how": "mean"}]}), "a step that lacks its columns does nothing yet"


def test_a_step_explains_itself_as_sql_and_pandas(stored_subscribers):
    recipe = Recipe(lenient([{"do": "trim", "columns": ["plan"]}, {"do": "drop_duplicates", "on": False}]),
                    stored_subscribers)
    code = code_of(recipe.lines[0])
    assert 'TRIM("t0"."plan"' in code["sql"] and 'FROM "input"' in code["sql"]
    assert 'data.assign(plan=data["plan"].str.strip())' in code["pandas"]
    assert code_of(recipe.lines[1]) == {"sql": "", "pandas": ""}


def test_every_step_works_on_empty_and_all_missing_tables(engine_store):
    types = {"a": "text", "b": "text", "n": "integer", "x": "number", "ok": "boolean", "day": "date"}
    fitting = {"column": "a", "columns": ["a"], "to": "text"}
    for rows in ([], [[None] * 6] * 3):
        table = literal_table(types, rows)
        for each in STEPS:
            fields = {n: v for n, v in fitting.items() if n in each.model_fields}
            types_wanted = [(f.json_schema_extra or {}).get("types") for n, f in each.model_fields.items()
                            if n in ("column", "columns")]
            pick = {"integer": "n", "number": "n", "boolean": "ok", "date": "day", "text": "a"}
            if types_wanted and types_wanted[0]:
                name = pick[types_wanted[0][0]]
                fields |= {k: [name] if k == "columns" else name for k in ("column", "columns") if k in fields}
            fields = {k: v for k, v in fields.items() if k != "to" or each.__name__ in ("Rename", "Merge", "Cast")}
            more = {"merge": {"columns": ["a", "b"]}, "keep": {"columns": ["a", "n"]}, "clip": {"low": 1}, "fill": {
                "how": "mode"}, "rename": {"to": "z"}, "across": {"columns": ["n", "x"]}, "strip": {"text": "z"},
                "replace": {"find": "z"}, "one_hot": {"values": ["z"]}, "winsorise": {"columns": ["x"]}}
            do = each.model_fields["do"].default
            recipe = Recipe(lenient([{"do": do, **fields, **more.get(do, {})}]), table)
            assert not recipe.lines[0].lacks, do
            assert len(rows_of(recipe.result)) <= len(rows)
            *_, effects = measure(recipe)
            assert effects[0].words(recipe.lines[0]), do


def test_unicode_and_odd_names_pass_through(engine_store):
    table = literal_table({'Größe "m"': "text", "λ; drop": "number"}, [[" a ", 1.0], ["b", None]])
    recipe = Recipe(lenient([{"do": "trim"}, {"do": "fill", "columns": ["λ; drop"], "how": "mean"},
                             {"do": "merge", "columns": ['Größe "m"', "λ; drop"], "to": "日本 "}]), table)
    assert rows_of(recipe.result) == [("a", 1.0, "a 1.0"), ("b", 1.0, "b 1.0")]


def test_kept_rows_are_those_of_the_plan(stored_subscribers):
    recipe = Recipe(lenient([{"do": "drop_duplicates"}, {"do": "outliers", "columns": ["monthly"], "then": "drop"}]),
                    stored_subscribers)
    assert count(recipe.result) == 600


def test_through_the_runner_with_steps_shown_and_what_follows(tmp_path):
    canvas = local.Canvas(tmp_path)
    data = canvas.add("dataset", source="sample:penguins")
    steps = [{"id": "a", "do": "drop_missing"}, {"id": "b", "do": "drop_duplicates", "columns": ["species", "island"]}]
    clean = canvas.add("clean", data, steps=steps)
    few = canvas.add("filter", clean, column="species", test="=", value="Adelie")
    list(canvas.steps())
    view = canvas.view(clean)
    assert [s["effect"]["words"] for s in view["recipe"]["steps"]] == ["−11 rows", "−328 rows"]
    assert view["total"] == 5 and canvas.view(few)["total"] == 3
    assert view["profile"]["species"]["distinct"] == 3 and isinstance(view["recipe"]["suggestions"], list)
