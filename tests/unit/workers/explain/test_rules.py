"""Trees in words: the segment where a model is worst, and the model itself in a few rules."""

from __future__ import annotations

import numpy as np
import pytest

from workers.automl.problem import encoded
from workers.explain.trees import segments, surrogate
from workers.kind import CellError


def test_a_segment_with_planted_errors_is_found_with_its_interval(leaving):
    frame = leaving.frame.copy()
    wrong = frame["city"] == "Oslo"
    frame.loc[wrong, "left"] = frame.loc[wrong, "left"].map({"yes": "no", "no": "yes"})
    found = segments(leaving.lens, leaving.training, frame)
    worst = found.leaves[0]
    assert "city is Oslo" in worst.rule
    assert worst.low > found.overall
    assert worst.low <= worst.mean <= worst.high
    assert sum(leaf.rows for leaf in found.leaves) <= len(frame) / 2 + 1


def test_the_surrogate_names_what_moves_the_model_and_how_well_it_follows(spending):
    found = surrogate(spending.lens, spending.training, spending.frame)
    assert found.fidelity > 0.5
    assert "visits" in found.leaves[0].rule
    assert found.leaves[0].mean > found.leaves[-1].mean
    assert "follows" in found.words


def test_rules_cover_each_row_once(leaving):
    found = surrogate(leaving.lens, leaving.training, leaving.frame)
    assert sum(leaf.share for leaf in found.leaves) == pytest.approx(1, abs=0.05)
    assert len({leaf.rule for leaf in found.leaves}) == len(found.leaves)


def test_too_few_rows_are_refused(leaving):
    with pytest.raises(CellError) as refused:
        segments(leaving.lens, leaving.training, leaving.frame.head(12))
    assert refused.value.code == "too_few_rows"


def test_targets_are_read_as_the_model_read_them(leaving):
    y = encoded(leaving.frame["left"], leaving.predictor.problem)
    assert set(np.unique(y)) == {0, 1}
