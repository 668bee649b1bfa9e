"""What the manual tuning cell does: a form from a schema, its pipeline scored fold by fold beside the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.kind import CellError, Step, Work
from workers.ports import Model

if TYPE_CHECKING:
    from workers.automl.byhand import KeptSearch
    from workers.automl.leaderboard import Leaderboard
    from workers.automl.space import PipelineSpec

SHOWN = 30
WORDS = 3


def form(params: Any, model: Model, work: Work) -> Step:
    """The form and the leaderboard as it is, before anything is fitted."""
    search = _search(model, work)
    _, spec = _wanted(params, search)
    return Step({**_about(params, search, spec), "state": "ready", "rows": search.beside(search.board(), [])[:SHOWN]},
                fraction=0.0, exact=False)


def tune(params: Any, model: Model, work: Work) -> Iterator[Step]:
    """Fit the pipelines set by hand, fold by fold; the last step keeps the one in the form as the model."""
    from workers.automl.processes import Here
    from workers.automl.trial import TrialSpec

    search = _search(model, work)
    added, spec = _wanted(params, search)
    board, own = search.board(), list(dict.fromkeys([each.id for each in [*added, spec]]))
    known, cancel = {each.id: each for each in [*added, spec]}, work.cancel
    about, waiting = _about(params, search, spec), len(own) * len(search.dummy)
    with work.store.lease(search.shelf.rows, search.shelf.problem):
        crew = work.trials(search.shelf, cancel.is_set) if work.trials is not None else None
        crew = crew if crew is not None else Here(search.shelf.material(), cancel.is_set)
        try:
            for key in reversed(own):  # the one in the form first
                for fold in range(len(search.dummy)):
                    crew.start(TrialSpec(known[key], fold))
            while waiting:
                results = crew.wait(None)
                cancel.check()
                for result in results:
                    board.standing.add(result)
                waiting -= len(results)
                board.trials += len(results)
                yield Step({**about, "state": "searching", "rows": search.beside(board, own)[:SHOWN]},
                           fraction=0.99 * (1 - waiting / (len(own) * len(search.dummy))), exact=False)
        finally:
            crew.close()
    yield _last(board, search, spec, own, about, work)


def _last(board: Leaderboard, search: KeptSearch, spec: PipelineSpec, own: list[str], about: dict[str, Any],
          work: Work) -> Step:
    from workers.automl.closing import report_of
    from workers.automl.export import code_of
    from workers.automl.kept import keep_board
    from workers.explain.training import training_of

    entry = board.standing.entries[spec.id]
    if not entry.results:
        raise CellError("no_pipeline", "The pipeline could not learn from this table with these settings.",
                        param="settings", detail=entry.failed)
    board.best = {spec.id: 1.0}
    keep_board(board, work.store, work.fingerprint, training_of(search.shelf.frame(), search.problem).json())
    rows = search.beside(board, own)
    view = {**about, "state": "done", "rows": rows[:SHOWN], "versus": search.versus(board, spec.id),
            "reports": {spec.id: report_of(board, spec.id)}, "code": {spec.id: code_of(board, spec.id)}}
    score = next(row["score"] for row in rows if row["id"] == spec.id)
    return Step(view, {"model": Model(f"{work.fingerprint}/best", search.problem.target)},
                interval=search.problem.measure.said(score))


def _search(model: Model, work: Work) -> KeptSearch:
    from workers.automl.byhand import KeptSearch
    from workers.explain.subject import EXAMPLE, example_frame

    if model.ref == EXAMPLE:
        return KeptSearch.example(work.store, example_frame(), "back")
    return KeptSearch.of(work.store, model.ref)


def _wanted(params: Any, search: KeptSearch) -> tuple[list[PipelineSpec], PipelineSpec]:
    """(pipelines added before, the one in the form)."""
    added = [_spec(each.family, each.settings, search.start(each.start)) for each in params.added]
    return added, _spec(params.family, params.settings, search.start(params.start))


def _spec(family: str, settings: dict[str, Any], start: PipelineSpec) -> PipelineSpec:
    from dataclasses import replace

    from workers.automl.forms import FORMS, settings_of, spec_of

    family = family if family in FORMS else start.family
    values = {**(settings_of(start) if family == start.family else {}), **settings}
    spec = spec_of(family, values, start)
    if family == start.family and spec.params == start.params:
        return start
    return replace(spec, name=_named(spec, start))


def _named(spec: PipelineSpec, start: PipelineSpec) -> str:
    """The learner, and what was set otherwise, in words."""
    from workers.automl.forms import FORMS, TITLES, settings_of

    fields, mine = FORMS[spec.family].model_fields, settings_of(spec)
    before = settings_of(start) if start.family == spec.family else {k: f.default for k, f in fields.items()}
    changed = [f"{(fields[k].title or k).lower()} {value:g}" if isinstance(value, (int, float)) else
               f"{(fields[k].title or k).lower()} {value}" for k, value in mine.items() if value != before[k]]
    more = f" and {len(changed) - WORDS} more" if len(changed) > WORDS else ""
    return f"{TITLES[spec.family]}, {', '.join(changed[:WORDS])}{more}" if changed else TITLES[spec.family]


def _about(params: Any, search: KeptSearch, spec: PipelineSpec) -> dict[str, Any]:
    """The form, and what every step says of the problem."""
    from workers.automl.forms import FORMS, TITLES, families, settings_of

    problem, start = search.problem, search.start(params.start)
    metric = problem.measure
    added = [each.id for each in _wanted(params, search)[0]]
    return {"type": "tune", "target": problem.target, "task": problem.task, "own": spec.id, "added": added,
            "metric": {"name": metric.name, "words": metric.words, "greater_is_better": metric.greater_is_better},
            "split": {k: getattr(problem.split, k) for k in ("kind", "test", "folds", "column")},
            "start": start.id, "starts": [{"id": key, "name": each.name} for key, each in search.specs.items()],
            "families": [{"name": name, "title": TITLES[name]} for name in families(problem.task)],
            "family": spec.family, "schema": FORMS[spec.family].model_json_schema(), "values": settings_of(spec)}
