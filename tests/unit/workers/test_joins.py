"""Joins before they run: proposed keys, counted rows, and the question when there would be far too many."""

from __future__ import annotations

from typing import Any

import pytest

from workers import registry
from workers.engine import joins
from workers.engine.tables import count, table_of
from workers.kind import CellError, NeedsSettings, Work
from workers.ports import Table, literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]
FLIGHTS = literal_table({"dest": "text", "carrier": "text", "year": "integer"},
                        [["BOS", "AA", 2013], ["LAX", "DL", 2013], ["BOS", "AA", 2013], [None, "AA", 2013]])
AIRPORTS = literal_table({"faa": "text", "name": "text", "altitude": "integer"},
                         [["BOS", "Logan", 20], ["LAX", "Los Angeles", 125], ["JFK", "Kennedy", 13]])
AIRLINES = literal_table({"carrier": "text", "name": "text"}, [["AA", "American"], ["DL", "Delta"]])
WEATHER = literal_table({"origin": "text", "hour": "integer", "temp": "number"},
                        [[o, h, 1.5] for o in ("EWR", "JFK") for h in range(24)])
DEPARTURES = literal_table({"origin": "text", "hour": "integer", "delay": "integer"}, [["EWR", 5, 3], ["JFK", 23, 0]])


def joined(**params: Any) -> Any:
    kind = registry.kind("join")
    inputs = {"table": params.pop("table", FLIGHTS), "other": params.pop("other", AIRPORTS)}
    work = Work("f", None)
    return [*kind.compute(kind.params.model_validate(params), work=work, **inputs)][-1]


@pytest.mark.parametrize(("left", "right", "pairs"), [
    (FLIGHTS, AIRPORTS, (("dest", "faa"),)), (FLIGHTS, AIRLINES, (("carrier", "carrier"),)),
    (DEPARTURES, WEATHER, (("origin", "origin"), ("hour", "hour"))), (AIRLINES, DEPARTURES, None),
])
def test_keys_are_proposed_by_name_and_by_values(engine_store: Any, left: Table, right: Table, pairs: Any) -> None:
    found = joins.suggest(left, right)
    assert (found.pairs if found else None) == pairs


def test_without_keys_the_cell_offers_the_best_pair(engine_store: Any) -> None:
    with pytest.raises(NeedsSettings) as caught:
        joined()
    assert caught.value.fix == {"label": "Join on dest = faa", "params": {"keys": [{"left": "dest", "right": "faa"}]}}
    assert "75% of the first rows find a match" in caught.value.message


@pytest.mark.parametrize("how", ["inner", "left", "right", "full", "semi", "anti"])
def test_rows_are_counted_before_they_are_made(engine_store: Any, how: str) -> None:
    size = joins.size_of(FLIGHTS.op, AIRPORTS.op, [("dest", "faa")])
    op = {"op": "join", "left": FLIGHTS.op, "right": AIRPORTS.op, "how": how,
          "keys": [{"left": "dest", "right": "faa"}]}
    assert size.rows(how) == count(table_of(op))
    assert (size.alone_left, size.alone_right, size.fan_out) == (1, 1, 1)


def test_the_note_says_what_found_no_match(engine_store: Any) -> None:
    last = joined(keys=[{"left": "dest", "right": "faa"}])
    assert last.rows == 4
    assert last.note == "1 of 4 without a match"


def test_an_exploding_join_asks_and_runs_once_agreed(engine_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workers.cells import join

    monkeypatch.setattr(join, "ASK_ABOVE", 100)
    many = literal_table({"k": "text"}, [["a"]] * 20)
    params: dict[str, Any] = {"keys": [{"left": "k", "right": "k"}], "table": many, "other": many}
    with pytest.raises(CellError) as caught:
        joined(**params)
    assert (caught.value.code, caught.value.fix) == (
        "explodes", {"label": "Run it all the same (400 rows)", "params": {"allow": 400}})
    assert joined(**params, allow=400).rows == 400


@pytest.mark.parametrize(("rows", "words"), [(4_200_000_000, "4.2 B"), (20_500_000, "20.5 M"), (9_000, "9,000")])
def test_counts_are_spelled_short(rows: int, words: str) -> None:
    from workers.cells.join import spelled

    assert spelled(rows) == words


def test_keys_of_unlike_types_are_a_typed_error(engine_store: Any) -> None:
    with pytest.raises(CellError, match="never equal") as caught:
        joined(keys=[{"left": "year", "right": "name"}])
    assert caught.value.param == "keys"
