"""A new table meets a model: everything odd is found, said and dealt with; nothing happens in silence."""

from __future__ import annotations

import pytest

from workers.explain.matching import match
from workers.kind import CellError


def states(found):
    return {m.column: m.state for m in found.matches}


def test_the_table_it_was_trained_on_fits(leaving):
    found = match(leaving.predictor, leaving.training, leaving.frame)
    used = {m.column: m.state for m in found.matches if m.role}
    assert set(used.values()) == {"fits"}
    assert states(found)["left"] == "target"
    assert states(found)["spent"] == "extra"
    assert not any(found.notes) and not any(found.errors)


def test_each_oddity_is_named_counted_and_noted_in_its_row(leaving):
    table = leaving.frame.head(6).astype({"age": object, "visits": object}).rename(columns={"income": "In come"})
    table["extra thing"] = 1
    table.loc[table.index[0], "age"] = "old"
    table.loc[table.index[1], "city"] = "Atlantis"
    table.loc[table.index[2], "since"] = "some day"
    table["visits"] = [str(v) for v in table["visits"]]
    table.loc[table.index[3], "visits"] = "900"
    found = match(leaving.predictor, leaving.training, table)
    said = {m.column: m for m in found.matches}
    assert (said["age"].state, said["age"].rows) == ("read", 1)
    assert (said["city"].state, said["city"].rows) == ("unseen", 1) and "“Atlantis”" in said["city"].words
    assert (said["since"].state, said["since"].rows) == ("read", 1)
    assert (said["visits"].state, said["visits"].rows) == ("outside", 1)
    assert said["income"].state == "renamed" and "“In come”" in said["income"].words
    assert said["extra thing"].state == "extra"
    assert "“old” is no number" in found.notes[0]
    assert "“Atlantis” was never seen" in found.notes[1]
    assert "“some day” is no date" in found.notes[2]
    assert "visits: 900 is outside 0 to" in found.notes[3]
    assert found.notes[4] is None
    assert leaving.predictor.scores(found.frame).shape == (6,)


def test_lacking_columns_are_refused_until_told_what_to_do(leaving):
    table = leaving.frame.drop(columns=["age", "city"]).head(3)
    with pytest.raises(CellError) as refused:
        match(leaving.predictor, leaving.training, table)
    assert refused.value.code == "missing_columns"
    assert refused.value.fix["params"] == {"missing": "empty"}
    empty = match(leaving.predictor, leaving.training, table, "empty")
    assert empty.frame["age"].isna().all()
    usual = match(leaving.predictor, leaving.training, table, "usual")
    assert usual.frame["age"].tolist() == [leaving.training.columns["age"].usual] * 3
    assert {m.column for m in usual.odd if m.state == "missing"} == {"age", "city"}


def test_another_table_altogether_is_refused(leaving):
    with pytest.raises(CellError) as refused:
        match(leaving.predictor, leaving.training, leaving.frame[["spent"]], "empty")
    assert refused.value.code == "no_columns"
    with pytest.raises(CellError) as empty:
        match(leaving.predictor, leaving.training, leaving.frame.head(0))
    assert empty.value.code == "no_rows"


def test_a_row_without_a_single_value_has_an_error(leaving):
    table = leaving.frame.head(3).astype(object)
    table.iloc[1, :] = None
    found = match(leaving.predictor, leaving.training, table)
    assert found.errors == [None, "No feature has a value in this row.", None]


def test_whole_numbers_with_a_gap_are_the_categories_they_were(leaving):
    table = leaving.frame.head(3).copy()
    table["city"] = [1.0, 2.0, 3.0]
    found = match(leaving.predictor, leaving.training, table)
    assert found.frame["city"].tolist() == ["1", "2", "3"]
    assert {m.column: m.state for m in found.matches}["city"] == "unseen"


def test_several_oddities_of_one_column_are_all_told(leaving):
    table = leaving.frame.head(4).astype({"age": object})
    table["age"] = ["old", "400", None, "30"]
    found = match(leaving.predictor, leaving.training, table)
    age = {m.column: m for m in found.matches}["age"]
    assert (age.state, age.rows) == ("read", 3)
    assert "no numbers" in age.words and "outside 18 to" in age.words and "never was in training" in age.words
    assert "“old”" in found.notes[0] and "400 is outside" in found.notes[1]
