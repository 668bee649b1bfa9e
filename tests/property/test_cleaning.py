"""Every cleaning step has cases that three engines are asked, and knows whether it looks at one row at a time."""

from __future__ import annotations

import pytest

from tests.property.op_cases_cleaning import RECIPES, recipe_of
from tests.property.oracle import SCHEMA
from workers.engine.ops import is_row_wise, parse
from workers.engine.recipe import STEPS, looks_around
from workers.ports import literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]


def test_every_step_has_a_case():
    assert set(RECIPES) == {each.model_fields["do"].default for each in STEPS}


@pytest.mark.parametrize("do", sorted(RECIPES))
def test_a_step_keeps_its_table_just_when_it_looks_at_other_rows(engine_store, do):
    for params in RECIPES[do]:
        found = recipe_of(do, params, literal_table(SCHEMA, []).op)
        assert not found.lines[0].lacks
        assert is_row_wise(parse(found.result.op)) == (not looks_around([{"do": do, **params}]))
