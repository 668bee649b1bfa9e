"""A compute worker with a slow kind and one whose scans are shared, started by celery as any other is."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pydantic import Field

from workers import registry
from workers.celery import app
from workers.engine import Query, answer, meeting
from workers.kind import CellKind, Params, Step

__all__ = ["app"]


class SlowParams(Params):
    how: str = Field("query", title="How")


class Slow(CellKind):
    """A first answer at once, the exact one much later."""

    name, title, group, icon = "slow", "Slow", "Explore", "x"
    params, view, takes_turns = SlowParams, "value", True

    def compute(self, params: SlowParams) -> Iterator[Step]:
        """Waits in DuckDB, in steps, or deaf in Python."""
        yield Step(view={"type": "value", "value": 1}, exact=False, fraction=0.1)
        if params.how == "query":
            from workers.engine.duck import engine

            engine().fetch("SELECT sum(a.range * b.range % 7) FROM range(1000000) a, range(1000000) b")
        for _ in range(0 if params.how == "soon" else 600):
            time.sleep(30 if params.how == "deaf" else 0.05)
            yield Step(view={"type": "value", "value": 2}, exact=False, fraction=0.5)
        yield Step(view={"type": "value", "value": 3})


class CountedParams(Params):
    by: str = Field("city", title="By")
    salt: str = Field("", title="Salt")


class Counted(CellKind):
    """Groups of a small table; tells how many questions were answered by scans that were shared."""

    name, title, group, icon = "counted", "Counted", "Explore", "x"
    params, view, takes_turns = CountedParams, "value", True

    def compute(self, params: CountedParams) -> Iterator[Step]:
        """A first answer, then the exact one."""
        yield Step(view={"type": "value", "value": 0}, exact=False, fraction=0.1)
        columns = [{"name": "city", "type": "text"}, {"name": "zone", "type": "integer"}]
        rows = [[["Oslo", "Lima", "Quito"][i % 3], i % 5] for i in range(60)]
        groups = list(answer({"op": "inline", "columns": columns, "rows": rows}, Query((params.by,))))[-1].groups
        here = getattr(meeting._seat, "meeting", None)
        yield Step(view={"type": "value", "value": groups, "shared": here.shared if here else 0})


_found = {**registry.kinds(), "slow": Slow(), "counted": Counted()}
registry.kinds = lambda: _found  # type: ignore[assignment]
