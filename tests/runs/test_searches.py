"""Real workers, real kill -9: searches and predictions go on without them; nothing in them is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runs.lab import Lab, running_lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab() as made:
        yield made


@pytest.mark.parametrize(("whom", "attempts"), [("trial", 1), ("coordinator", 2)])
def test_a_search_outlives_its_workers(lab: Lab, whom: str, attempts: int) -> None:
    seen = lab.play("search", whom)
    assert (set(seen["states"]), seen["state"], seen["attempts"]) == ({"done"}, "done", attempts)
    assert (seen["trials"], seen["twice"], seen["results"]) == (40, 0, 1)


def test_rows_outlive_the_worker_that_predicts_them(lab: Lab) -> None:
    rows = 20_000
    seen = lab.play("scoring", str(rows))
    assert (set(seen["states"]), seen["attempts"], seen["results"]) == ({"done"}, 2, 1)
    assert (seen["rows"], seen["distinct"], seen["in_order"]) == (rows, rows, True)
    assert seen["resumed"], "the chunks of the lost worker are kept as they were"
