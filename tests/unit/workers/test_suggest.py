"""What a profile suggests, in the words people read; on generated tables and, by hand-made facts, on none."""

from __future__ import annotations

import pytest

from tests.fixtures.subscribers import BLANKS, REPEATS
from workers.engine.suggest import suggestions
from workers.engine.survey import survey
from workers.ports import Column, literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]


def offers(table):
    *_, found = survey(table)
    return {one["id"]: one for one in found.json()["suggestions"]}


@pytest.fixture(scope="module")
def found(stored_subscribers):
    return offers(stored_subscribers)


@pytest.mark.parametrize(("about", "words", "step"), [
    ("number:total", f"{BLANKS} blanks in total", {"do": "cast", "columns": ["total"], "to": "number"}),
    ("duplicates:", f"{REPEATS} rows repeat others", {"do": "drop_duplicates"}),
    ("stand_in:employer", "“?” stands for missing in employer",
     {"do": "blank", "columns": ["employer"], "values": ["?"]}),
    ("padded:plan", "9 values of plan have blanks at the ends", {"do": "trim", "columns": ["plan"]}),
    ("case:region", "1 value of region differs in case only", {"do": "case", "columns": ["region"], "to": "lower"}),
    ("date:joined", "joined holds dates as text, day first",
     {"do": "cast", "columns": ["joined"], "to": "date", "format": "day first"}),
    ("empty:note", "note is empty", {"do": "drop", "columns": ["note"]}),
    ("constant:country", "country is the same everywhere", {"do": "drop", "columns": ["country"]}),
    ("missing:age", "20 values of age are missing", {"do": "fill", "columns": ["age"], "how": "median"}),
])
def test_each_fault_is_named_with_the_step_that_mends_it(found, about, words, step):
    assert found[about]["words"] == words
    assert found[about]["step"] == step


def test_an_identifier_is_one_only_when_no_row_repeats_it(engine_store):
    names = literal_table({"customerID": "text", "pay": "number"}, [[f"C{i}", i * 1.5] for i in range(50)])
    assert offers(names)["id:customerID"]["words"] == "customerID looks like an identifier"
    twice = literal_table({"customerID": "text"}, [[f"C{i % 25}"] for i in range(50)])
    assert "id:customerID" not in offers(twice)


def test_a_clean_table_suggests_nothing(engine_store):
    table = literal_table({"city": "text", "degrees": "number"},
                          [["Oslo" if i % 2 else "Lima", 1.5 * i] for i in range(200)])
    assert offers(table) == {}


def test_numbers_with_signs_of_money_are_read_as_amounts(engine_store):
    table = literal_table({"pay": "text"}, [[f"${1000 + i:,}.50"] for i in range(40)])
    assert offers(table)["number:pay"]["step"] == {"do": "cast", "columns": ["pay"], "to": "number", "format": "amount"}


def test_iso_dates_are_dates_and_words_are_words(engine_store):
    table = literal_table({"day": "text", "word": "text"}, [[f"2024-01-{1 + i % 28:02}", "abcde"[i % 5]]
                                                           for i in range(60)])
    found = offers(table)
    assert found["date:day"]["step"] == {"do": "cast", "columns": ["day"], "to": "date"}
    assert not any(one["column"] == "word" for one in found.values())


def test_values_far_out_are_offered_to_be_pulled_in(engine_store):
    table = literal_table({"gain": "number"}, [[float(i % 50)] for i in range(300)] + [[99_999.0]])
    assert offers(table)["far:gain"]["step"] == {"do": "winsorise", "columns": ["gain"]}


def test_the_most_useful_comes_first_and_the_list_is_short():
    columns = [Column(f"c{i}", "integer") for i in range(40)]
    facts = {c.name: {"type": "integer", "missing": 0.1, "distinct": 5, "approx": False, "unique": False}
             for c in columns}
    found = suggestions(columns, facts, {}, 100, 3)
    assert len(found) == 24 and found[0]["id"] == "duplicates:"
    assert suggestions(columns, facts, {}, 0, None) == []
