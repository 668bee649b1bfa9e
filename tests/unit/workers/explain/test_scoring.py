"""Predictions of a table: the model's own, whatever is wrong with some rows or with the worker."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workers.explain.matching import match
from workers.explain.scoring import Scoring, output_names, predicted


@pytest.fixture
def rows(leaving, tmp_path):
    """250 rows in a file with small row groups."""
    frame = leaving.frame.iloc[np.arange(250) % len(leaving.frame)].reset_index(drop=True)
    frame["row"] = range(len(frame))
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), tmp_path / "rows.parquet", row_group_size=70)
    return frame, tmp_path / "rows.parquet"


def scoring(leaving, source, folder, **more):
    return Scoring(leaving.predictor, leaving.training, source, folder, chunk=60, **more)


def test_all_rows_are_scored_in_chunks_with_the_models_own_predictions(leaving, rows, tmp_path):
    frame, source = rows
    work = scoring(leaving, source, tmp_path / "chunks")
    steps = list(work.run())
    assert [s.done for s in steps] == [60, 120, 180, 240, 250]
    found = pd.concat([pd.read_parquet(p) for p in work.chunks()])
    assert found["row"].tolist() == list(range(250))
    assert np.allclose(found["probability_yes"], leaving.predictor.scores(frame))
    assert found["predicted_left"].tolist() == leaving.predictor.predict(frame).tolist()
    assert {m.column for m in steps[-1].matches} >= {"age", "city"}


def test_a_killed_scoring_goes_on_where_it_was_without_lost_or_doubled_rows(leaving, rows, tmp_path):
    _, source = rows
    first = scoring(leaving, source, tmp_path / "chunks").run()
    next(first), next(first)
    first.close()
    (tmp_path / "chunks" / "tmp-half").write_bytes(b"half a chunk")
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "chunks").glob("chunk-*")}
    assert len(before) == 2
    again = scoring(leaving, source, tmp_path / "chunks")
    steps = list(again.run())
    assert steps[-1].done == 250
    after = {p.name: p.stat().st_mtime_ns for p in again.chunks()}
    assert {name: after[name] for name in before} == before
    found = pd.concat([pd.read_parquet(p) for p in again.chunks()])
    assert found["row"].tolist() == list(range(250))
    whole = scoring(leaving, source, tmp_path / "other")
    assert list(whole.run())[-1].matches == steps[-1].matches
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(whole.chunks(), again.chunks(), strict=True))


def test_one_bad_row_does_not_stop_the_others(leaving, monkeypatch):
    table = leaving.frame.head(9).reset_index(drop=True)
    usual = leaving.predictor.scores

    def picky(frame):
        if "Oslo!" in frame["city"].to_list():
            raise ValueError("no such city")
        return usual(frame)

    table.loc[4, "city"] = "Oslo!"
    monkeypatch.setattr(type(leaving.predictor), "scores", lambda self, frame: picky(frame))
    found = predicted(leaving.predictor, match(leaving.predictor, leaving.training, table))
    assert found["predicted_left"][4] is None
    assert found["note"][4] == "Cannot be predicted: no such city"
    others = [i for i in range(9) if i != 4]
    assert np.allclose([found["probability_yes"][i] for i in others], usual(table.loc[others]))


def test_numbers_come_with_the_interval_of_the_model(spending):
    table = spending.frame.head(20)
    found = predicted(spending.predictor, match(spending.predictor, spending.training, table), 0.8)
    low, high = spending.predictor.interval(table, 0.8)
    assert np.allclose(found["low"], low) and np.allclose(found["high"], high)
    assert np.allclose(found["predicted_spent"], spending.predictor.predict(table))


def test_each_of_three_classes_has_its_probability(plans):
    found = predicted(plans.predictor, match(plans.predictor, plans.training, plans.frame.head(5)))
    sums = np.sum([found[f"probability_{c}"] for c in ("basic", "gold", "silver")], axis=0)
    assert np.allclose(sums, 1)
    assert np.allclose(found["probability"], np.max([found[f"probability_{c}"] for c in ("basic", "gold", "silver")],
                                                    axis=0))


def test_columns_that_are_there_already_keep_their_name(leaving):
    assert output_names(leaving.predictor, ["note", "left"])["note"] == "note_2"
