"""The pure planner of a search: what is known and how much budget is left in, the next trials out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import median

from workers.automl.space import PipelineSpec, variations
from workers.automl.standing import Entry, Standing
from workers.automl.trial import TrialSpec
from workers.automl.tuning import ENOUGH, history, suggestion

BATCH = 4
"""With a trial budget this many trials are planned at a time, whatever runs them: so a seed repeats exactly."""
PROMOTE_SHARE, HURRIED_SHARE, FEWEST_WHOLE = 0.6, 0.8, 3
"""What part of the budget finishes pipelines; more of it before the first are whole, where one fold tells little."""
NEAR, OTHER_KIND = 0.02, 0.08
"""How far behind the best (the dummy is at 1) a pipeline may be to be finished; more if its kind errs otherwise."""
LITTLE = 0.1
"""The share of what is left that finishing the first pipeline of a kind may cost for the sake of the blend."""
MOST_DRAWN = 20
"""Variations drawn, one after the other, to find one that was not tried and would end in time."""
VARIED = ("lightgbm", "catboost")
"""The families whose settings matter most: what a long search varies."""
SMALL, LARGE = 20, 31
"""Leaves of a tree: fewer than the one are few, the other and more are many."""


@dataclass(slots=True)
class Search:
    """The state of a search. `seconds_left` is None under a trial budget, `trials_left` under a time budget."""

    standing: Standing
    portfolio: Sequence[PipelineSpec]
    seed: int = 0
    slots: int = 2
    seconds_left: float | None = None
    trials_left: int | None = None
    in_flight: list[TrialSpec] = field(default_factory=list)
    explored_seconds: float = 0.0
    promoted_seconds: float = 0.0


def plan(search: Search) -> list[TrialSpec]:
    """The trials to start now; empty when all slots are busy, or nothing worth starting would end in time."""
    room = search.slots - len(search.in_flight)
    if search.trials_left is not None:
        room = min(BATCH, search.trials_left) if not search.in_flight else 0
    picked: list[TrialSpec] = []
    while len(picked) < room:
        taken = [*search.in_flight, *picked]
        spec = _next(search, taken)
        if spec is None:
            break
        picked.append(spec)
    return picked


def _next(search: Search, taken: Sequence[TrialSpec]) -> TrialSpec | None:
    promotion = _promotion(search, taken)
    exploration = _exploration(search, taken)
    if promotion is None or exploration is None:
        return promotion or exploration
    explored = sum(1 for e in search.standing.entries.values() if e.spec.rows is None)
    if explored + len(taken) < 3:
        return exploration
    if search.trials_left is not None:
        promoted = sum(max(len(e.results) - 1, 0) for e in search.standing.entries.values())
        promoted += sum(1 for t in taken if t.pipeline.id in search.standing.entries)
        return promotion if promoted < _share(search) * (explored + promoted + len(taken)) else exploration
    spent = search.explored_seconds + search.promoted_seconds
    busy = sum(_cost(search, t.pipeline) for t in taken if t.fold)
    return promotion if search.promoted_seconds + busy < _share(search) * (spent + busy) else exploration


def _share(search: Search) -> float:
    standing = search.standing
    whole = sum(map(standing.complete, standing.entries.values()))
    return PROMOTE_SHARE if whole >= FEWEST_WHOLE or standing.doubt < 1 else HURRIED_SHARE


def _cost(search: Search, spec: PipelineSpec) -> float:
    """CPU seconds one fold of a pipeline should take, from its own folds or from others' by nominal cost."""
    entry = search.standing.entries.get(spec.id)
    if entry and entry.results:
        return entry.seconds
    known = [(e.seconds, e.spec) for e in search.standing.entries.values() if e.results and e.spec.rows is None]
    same = [seconds / e.cost for seconds, e in known if e.family == spec.family]
    rates = same or [seconds / e.cost for seconds, e in known]
    return spec.cost * sum(rates) / len(rates) if rates else 0.0


def _in_time(search: Search, spec: PipelineSpec, folds: int = 1) -> bool:
    if search.seconds_left is None:
        return True
    rounds = -(-folds // max(search.slots, 1))
    return 1.15 * _cost(search, spec) * rounds < search.seconds_left


def _promotion(search: Search, taken: Sequence[TrialSpec]) -> TrialSpec | None:
    standing = search.standing
    scored = standing.scored()
    if not scored:
        return None
    best = standing.estimate(scored[0])
    gap = max(standing.baseline - best, 1e-12)
    families = {e.spec.family for e in scored if standing.complete(e)}
    hopeful: list[tuple[float, Entry]] = []
    distances = [(standing.estimate(e) - best) / gap for e in scored]
    middle = median(distances)
    for rank, (entry, behind) in enumerate(zip(scored, distances, strict=True)):
        missing = _missing(standing, entry, taken)
        if not missing or entry.failed:
            continue
        grace = 0.0
        if entry.spec.family not in families:
            grace = OTHER_KIND if _costs_little(search, entry.spec, len(missing)) else NEAR
        if (behind - grace <= NEAR or rank < 2) and _in_time(search, entry.spec, len(missing)):
            # The best of many on one fold had luck there: what is seen on few rows is drawn to the middle of all.
            seen, doubt = len(entry.results), standing.doubt
            hopeful.append(((seen * behind + doubt * middle) / (seen + doubt) - grace, entry))
    if not hopeful:
        return None
    entry = min(hopeful, key=lambda h: (h[0], h[1].spec.id))[1]
    return TrialSpec(entry.spec, _missing(standing, entry, taken)[0])


def _costs_little(search: Search, spec: PipelineSpec, folds: int) -> bool:
    if search.seconds_left is None:
        return folds < LITTLE * (search.trials_left or 0)
    return folds * _cost(search, spec) < LITTLE * search.seconds_left * search.slots


def _missing(standing: Standing, entry: Entry, taken: Sequence[TrialSpec]) -> list[int]:
    going = {t.fold for t in taken if t.pipeline.id == entry.spec.id}
    return [f for f in range(standing.folds) if f not in entry.results and f not in going]


def _exploration(search: Search, taken: Sequence[TrialSpec]) -> TrialSpec | None:
    known = set(search.standing.entries) | {t.pipeline.id for t in taken}
    for spec in _ordered(search):
        if spec.id not in known and _in_time(search, spec):
            return TrialSpec(spec, 0)
    tried = len(known)
    scored = _leaning(search.standing, taken)
    if not scored:
        return None
    if scored[0].spec.family == "lightgbm" and len(scored) >= ENOUGH:
        return _tuned(search, known, tried)
    for spec in islice(variations(scored[0].spec, search.seed + tried), MOST_DRAWN):
        if spec.id not in known and _in_time(search, spec):
            return TrialSpec(spec, _fold(search, tried))
    return None


def _ordered(search: Search) -> Sequence[PipelineSpec]:
    """The portfolio; what did worse with LightGBM so far comes last: trees of a size, CatBoost on a target's scale."""
    scored = [e.spec for e in search.standing.scored() if e.spec.family == "lightgbm"]
    leaves = [spec.params.get("num_leaves", LARGE) for spec in scored]
    sizes = [count >= LARGE for count in leaves if count < SMALL or count >= LARGE]
    scales = [spec.log_target for spec in scored]

    def less_promising(spec: PipelineSpec) -> bool:
        if spec.family == "catboost":
            return len(set(scales)) == 2 and spec.log_target != scales[0]
        count = spec.params.get("num_leaves", LARGE)
        known = len(set(sizes)) == 2 and "extra_trees" not in spec.params
        return known and (count < SMALL if sizes[0] else count > LARGE)

    return sorted(search.portfolio, key=less_promising)


def _leaning(standing: Standing, taken: Sequence[TrialSpec]) -> list[Entry]:
    """The scored entries, best first, of the family that the best leans on most for how often it was tried."""
    tried = Counter(e.spec.family for e in standing.entries.values() if e.spec.rows is None)
    tried.update(t.pipeline.family for t in taken if t.pipeline.id not in standing.entries)
    leaning = dict.fromkeys(VARIED, 0.0)
    for key, weight in standing.best().items():
        family = standing.entries[key].spec.family
        if family in leaning:
            leaning[family] += weight
    by_family = {f: [e for e in standing.scored() if e.spec.family == f] for f in VARIED}
    known = [f for f in VARIED if by_family[f]]
    return by_family[max(known, key=lambda f: leaning[f] / tried[f])] if known else []


def _tuned(search: Search, known: set[str], tried: int) -> TrialSpec | None:
    for number in range(5):
        spec = suggestion(history(search.standing), search.seed + tried + 1000 * number)
        if spec.id not in known and _in_time(search, spec):
            return TrialSpec(spec, _fold(search, tried))
    return None


def _fold(search: Search, tried: int) -> int:
    """Newcomers take turns in which fold they meet first, so that none is fitted to one of them."""
    return tried % search.standing.folds if search.standing.reference() else 0
