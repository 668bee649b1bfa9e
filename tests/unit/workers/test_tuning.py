"""Tuning by hand: a form from the schema of a learner, scored on the folds of the search, beside its pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from workers import registry, runner
from workers.automl.forms import FORMS, families, settings_of, spec_of
from workers.automl.learners import FAMILIES, learner
from workers.graph import Cell, Edge, Graph
from workers.kind import CellError, NeedsSettings, Step
from workers.ports import Model
from workers.resolve import kept_model, open_engine
from workers.samples import token_of
from workers.store import Store

SOURCE = "sample:penguins"


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    """A store with a search of the penguins in 40 trials, and its fingerprint."""
    store = Store(tmp_path_factory.mktemp("store"))
    open_engine(store)
    kinds = registry.kinds()
    params = kinds["automl"].params(target="species", budget="trials", trials=40).model_dump()
    cells = {"data": Cell("data", "dataset", kinds["dataset"].version, {"source": SOURCE}, "data", token_of(SOURCE)),
             "search": Cell("search", "automl", kinds["automl"].version, params, "search")}
    graph = Graph(cells, (Edge("e", "data", "table", "search", "table"),))
    prints = graph.fingerprints()
    for cell in cells:
        assert runner.run_cell(graph, cell, prints, store, lambda event: None).state == "done"
    yield store, prints["search"]


def linked(searched: tuple[Store, str], name: str = "best") -> tuple[Store, Model]:
    store, fingerprint = searched
    model = kept_model(store, fingerprint, name)
    assert model is not None
    return store, model


def tuned(searched: tuple[Store, str], fingerprint: str = "ab" * 16, **params: Any) -> list[Step]:
    store, model = linked(searched)
    kind = registry.kind("tune")
    return [*kind.compute(kind.params(**params), model, work=runner.work_of(fingerprint, store))]


def looked(searched: tuple[Store, str], **params: Any) -> dict[str, Any]:
    store, model = linked(searched)
    kind = registry.kind("tune")
    return kind.look(kind.params(**params), model, work=runner.work_of("ab" * 16, store)).view


def first(view: dict[str, Any], family: str) -> dict[str, Any]:
    return next(start for start in view["starts"] if start["name"].startswith(family))


def test_the_form_is_there_before_anything_is_fitted(searched):
    view = looked(searched)
    start = next(s for s in view["starts"] if s["id"] == view["start"])
    assert view["state"] == "ready" and start
    assert set(view["values"]) == set(view["schema"]["properties"])
    assert {row["id"] for row in view["rows"]} >= {s["id"] for s in view["starts"]}
    for name, said in view["schema"]["properties"].items():
        assert len(said["title"]) > 3 and len(said["description"]) > 20, name


def test_a_pipeline_left_as_it_is_gets_the_score_it_had(searched):
    view = looked(searched)
    before = {row["id"]: row for row in view["rows"]}
    steps = tuned(searched, start=view["start"])
    row = next(row for row in steps[-1].view["rows"] if row["yours"])
    assert (row["id"], row["folds"]) == (view["start"], before[view["start"]]["folds"])
    assert [row["id"] for row in steps[-1].view["rows"]].count(view["start"]) == 1


def test_a_changed_pipeline_stands_among_the_others_with_paired_intervals(searched):
    start = first(looked(searched), "LightGBM")
    steps = tuned(searched, start=start["id"], settings={"num_leaves": 3, "n_estimators": 4})
    view = steps[-1].view
    mine = next(row for row in view["rows"] if row["yours"])
    assert "leaves 3" in mine["name"] and "most trees 4" in mine["name"]
    assert (mine["params"]["num_leaves"], mine["complete"]) == (3, True)
    assert [row["rank"] for row in view["rows"]] == list(range(1, len(view["rows"]) + 1))
    said = view["versus"][start["id"]]
    assert said["low"] <= said["better_by"] <= said["high"] < 0 and said["clear"]
    assert "num_leaves=3" in view["code"][mine["id"]] and compile(view["code"][mine["id"]], "code", "exec")
    assert [len(r["folds"]) for s in steps[:-1] for r in s.view["rows"] if r["yours"]] == list(range(1, 9))


def test_what_was_added_stays_and_the_model_is_that_of_the_form(searched):
    added = {"start": "", "family": "neighbours", "settings": {"n_neighbors": 4}}
    steps = tuned(searched, "cd" * 16, family="extra_trees", settings={"n_estimators": 5}, added=[added])
    mine = {row["family"]: row for row in steps[-1].view["rows"] if row["yours"]}
    assert set(mine) == {"neighbours", "extra_trees"}
    store = searched[0]
    model = runner.work_of("ef" * 16, store).load_model(steps[-1].outputs["model"])
    assert list(model.weights) == [mine["extra_trees"]["id"]]
    assert model.training is not None


@pytest.mark.parametrize(("family", "settings", "words"), [
    ("lightgbm", {"num_leaves": 1}, "Leaves: .*greater than or equal to 2"),
    ("catboost", {"depth": 13}, "Depth: .*less than or equal to 12"),
    ("logistic", {"C": 0}, "Trust: .*greater than 0"),
    ("neighbours", {"weights": "heavy"}, "Weights: "),
])
def test_a_setting_that_the_learner_refuses_is_named(searched, family, settings, words):
    with pytest.raises(CellError, match=words) as refused:
        looked(searched, family=family, settings=settings)
    assert (refused.value.code, refused.value.param) == ("bad_setting", "settings")
    assert not isinstance(refused.value, NeedsSettings)


def test_a_model_from_no_search_says_what_to_link(searched):
    kind = registry.kind("tune")
    with pytest.raises(CellError, match="AutoML cell") as refused:
        kind.look(kind.params(), Model("12" * 16 + "/best"), work=runner.work_of("ab" * 16, searched[0]))
    assert refused.value.code == "no_search"


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_learner_has_a_form_whose_settings_it_takes(task):
    assert set(FORMS) == set(FAMILIES)
    for family in families(task):
        spec = spec_of(family, {})
        taken = learner(replace(spec, params=settings_of(spec)), task, 0).get_params()
        assert settings_of(spec) == {name: taken[name] for name in settings_of(spec)}
        asked = learner(spec, task, 0).get_params()
        assert settings_of(spec) == {name: asked.get(name, False) for name in settings_of(spec)}
        assert spec_of(family, settings_of(spec)).params == spec.params
