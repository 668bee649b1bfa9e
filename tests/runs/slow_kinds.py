"""Kinds for tests of the queue: one slow, one with a query of minutes, one that kills its worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import Field

from tests.runs.model_kinds import Made, Taught
from workers import registry
from workers.explain import scoring
from workers.kind import CellKind, Params, Step


class SlowParams(Params):
    """How long, and a number that makes fingerprints differ."""

    seconds: float = Field(1.0)
    number: int = Field(0)


class Slow(CellKind):
    """Yields a step every 20 ms until its time is over."""

    name, title, group, icon, params, prompt = "slow", "Slow", "Explore", "timer", SlowParams, True

    def compute(self, params: Any) -> Iterator[Step]:
        """Steps, then the exact one."""
        end = time.monotonic() + params.seconds
        while time.monotonic() < end:
            time.sleep(0.02)
            yield Step({"type": "value", "value": 0}, fraction=0.5, exact=False)
        yield Step({"type": "value", "value": params.number})


class Hungry(Slow):
    """One query that takes minutes and yields nothing meanwhile: only an interrupt ends it."""

    name, title = "hungry", "Hungry"

    def compute(self, params: Any) -> Iterator[Step]:
        """A cross join of millions with millions."""
        from workers.engine.duck import engine

        query = "SELECT sum(hash(a.range * b.range)) FROM range(10_000_000) a, range(10_000_000) b"
        yield Step({"type": "value", "value": str(engine().fetch(query))})


class Poison(Slow):
    """Ends its process, every time."""

    name, title = "poison", "Poison"

    def compute(self, params: Any) -> Iterator[Step]:
        """Nothing."""
        os.kill(os.getpid(), signal.SIGKILL)
        yield Step({})


def install() -> None:
    """Make the registry of this process know these kinds too; chunks are so small that a small table has many."""
    scoring.CHUNK = 500
    found: Mapping[str, CellKind] = MappingProxyType(
        {**registry.kinds(), **{kind.name: kind() for kind in (Slow, Hungry, Poison, Made, Taught)}})
    registry.kinds = lambda: found  # type: ignore[assignment]
