"""What a search knows so far: the results of each pipeline by fold, and who leads; nothing but data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workers.automl.ensemble import greedy
from workers.automl.metrics import Metric
from workers.automl.space import PipelineSpec
from workers.automl.trial import TrialResult

FEWEST_TO_BLEND = 400
"""Rows of the first folds from which on a blend may be found on them alone."""

MOST_OF_A_FAMILY = 4
"""Pipelines of one family that a blend may be found among."""


@dataclass(slots=True)
class Entry:
    """One pipeline and its results by fold; `refit` is it on all rows, where time orders them."""

    spec: PipelineSpec
    results: dict[int, TrialResult] = field(default_factory=dict)
    failed: str = ""
    refit: TrialResult | None = None

    @property
    def seconds(self) -> float:
        """Mean seconds of a fold on the clock."""
        return sum(r.wall for r in self.results.values()) / max(len(self.results), 1)

    def loss(self, folds: int | None = None) -> float:
        """Mean loss over its folds, or the loss on one."""
        if folds is not None:
            return self.results[folds].loss
        return sum(r.loss for r in self.results.values()) / len(self.results)


@dataclass(slots=True)
class Standing:
    """All entries of a search; `dummy` are the losses of the usual answer, one for each fold.

    `known` keeps what was worked out from results, under all that it follows from. `usual` are the losses by fold
    that others are measured by: folds differ in hardness, so a pipeline seen on one alone says nothing without them.
    """

    dummy: list[float]
    metric: Metric
    y: Any
    entries: dict[str, Entry] = field(default_factory=dict)
    blend: dict[str, float] = field(default_factory=dict)
    blend_folds: tuple[int, ...] = ()
    blend_loss: float = float("inf")
    known: dict[Any, Any] = field(default_factory=dict)
    usual: list[float] = field(default_factory=list)

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return len(self.dummy)

    @property
    def doubt(self) -> float:
        """How much one fold leaves open: 1 where its rows are too few for a blend, near 0 where they are many."""
        return min(FEWEST_TO_BLEND * self.folds / max(len(self.y), 1), 1.0)

    @property
    def baseline(self) -> float:
        """The mean loss of the usual answer."""
        return sum(self.dummy) / len(self.dummy)

    def add(self, result: TrialResult) -> None:
        """Take in one result; the order in which results come changes nothing."""
        spec = result.spec.pipeline
        entry = self.entries.setdefault(spec.id, Entry(spec))
        if result.error:
            entry.failed = result.error
        else:
            entry.results[result.spec.fold] = result
            self.usual = self._usual()

    def _usual(self) -> list[float]:
        """The losses by fold of the pipeline known best; on a fold it lacks, as far from the dummy as on its others."""
        seen = [e for e in self.entries.values() if e.results and e.spec.rows is None]
        if not seen:
            return self.dummy
        most = max(len(e.results) for e in seen)
        ahead = {e.spec.id: self._ahead(e) for e in seen if len(e.results) == most}
        lead = min(ahead, key=lambda key: (ahead[key], key))
        known = self.entries[lead].results
        return [known[f].loss if f in known else loss * ahead[lead] if self._positive() else loss + ahead[lead]
                for f, loss in enumerate(self.dummy)]

    def _positive(self) -> bool:
        return min(self.dummy) > 0

    def _ahead(self, entry: Entry) -> float:
        """The ratio (difference, where losses may be negative) of a pipeline's losses to the dummy's."""
        mine, theirs = sum(r.loss for r in entry.results.values()), sum(self.dummy[f] for f in entry.results)
        return mine / theirs if self._positive() else (mine - theirs) / len(entry.results)

    def complete(self, entry: Entry) -> bool:
        """Whether all folds of a pipeline are known."""
        return len(entry.results) == self.folds

    def scored(self) -> list[Entry]:
        """Entries over whole folds with a result, best first."""
        found = [e for e in self.entries.values() if e.results and e.spec.rows is None]
        return sorted(found, key=lambda e: (self.estimate(e), e.spec.id))

    def reference(self) -> Entry | None:
        """The best complete pipeline: others are compared with it fold by fold."""
        whole = [e for e in self.entries.values() if self.complete(e) and e.spec.rows is None]
        return min(whole, key=lambda e: (e.loss(), e.spec.id)) if whole else None

    def estimate(self, entry: Entry) -> float:
        """The loss of a pipeline over all folds; what is missing is filled in from the reference, paired by fold."""
        if self.complete(entry):
            return entry.loss()
        return self.paired({fold: r.loss for fold, r in entry.results.items()})

    def paired(self, losses: Mapping[int, float]) -> float:
        """A loss over all folds from that on some: folds differ in hardness, so what it is ahead there is kept.

        As a difference: where next to nothing is lost on an easy fold, any other loss is many times as much.
        """
        known = self.usual or self.dummy
        ahead = sum(loss - known[fold] for fold, loss in losses.items()) / len(losses)
        return sum(known) / len(known) + ahead

    def out_of_fold(self, entry: Entry, folds: tuple[int, ...]) -> Any:
        """Predictions of the validated rows of some folds, in their order."""
        import numpy as np

        return np.concatenate([entry.results[f].predictions for f in folds])

    def truth(self, entry: Entry, folds: tuple[int, ...]) -> Any:
        """The target of the same rows."""
        import numpy as np

        return self.y[np.concatenate([entry.results[f].valid for f in folds])]

    def mix(self) -> None:
        """Find the greedy blend: over complete pipelines once there are two, else over the first folds of all."""
        import numpy as np

        scored = self.scored()
        members, folds = [e for e in scored if self.complete(e)], tuple(range(self.folds))
        if len(members) < 2:
            folds = self._enough(scored)
            members = [e for e in scored if all(f in e.results for f in folds)]
        members = _mingled(members)
        if len(members) < 2 or not folds:
            return
        y = self.truth(members[0], folds)
        predictions = [self.out_of_fold(e, folds) for e in members]
        weights = greedy(predictions, y, self.metric)
        self.blend = {e.spec.id: w for e, w in zip(members, weights, strict=True) if w > 0}
        total = sum(w * p for w, p in zip(weights, predictions, strict=True))
        ends = np.cumsum([len(members[0].results[f].valid) for f in folds])[:-1]
        parts = zip(folds, np.split(y, ends), np.split(total, ends), strict=True)
        # By fold, as for all others: over all rows at once the loss is another number, and the blend looks worse.
        self.blend_folds = folds
        self.blend_loss = self.paired({fold: self.metric.loss(t, p) for fold, t, p in parts})

    def _enough(self, scored: Sequence[Entry]) -> tuple[int, ...]:
        """The first folds that have the rows to find a blend on; none if weights found on them would be chance."""
        found: list[int] = []
        rows = 0
        for fold in range(self.folds):
            known = next((e.results[fold] for e in scored if fold in e.results), None)
            if known is None:
                return ()
            found.append(fold)
            rows += len(known.valid)
            if rows >= FEWEST_TO_BLEND:
                return tuple(found)
        return ()

    @staticmethod
    def _known_well(scored: list[Entry]) -> list[Entry]:
        """The entries seen on at least half as many folds as any: one lucky small fold must not lead."""
        most = max((len(e.results) for e in scored), default=0)
        return [e for e in scored if 2 * len(e.results) >= most]

    def best(self) -> dict[str, float]:
        """The weights by pipeline of what should be used now; empty before the first result."""
        if self.blend:
            return self.blend
        scored = self._known_well(self.scored()) or sorted((e for e in self.entries.values() if e.results),
                                         key=lambda e: (e.loss(), e.spec.id))
        return {scored[0].spec.id: 1.0} if scored else {}


def _mingled(scored: Sequence[Entry]) -> list[Entry]:
    """The best few of each family, best first: a long search has many near-twins, and they would fill the blend."""
    taken: Counter[str] = Counter()
    members = []
    for entry in scored:
        taken[entry.spec.family] += 1
        if taken[entry.spec.family] <= MOST_OF_A_FAMILY:
            members.append(entry)
    return members
