"""How long a job of a warm sandbox takes from asking to its answer: `python -m tests.load.sandbox_start`."""

from __future__ import annotations

import statistics
import time
from typing import Any

from workers.kind import Cancel
from workers.sandbox.answers import read_answer
from workers.sandbox.client import Allowance, finish, sandbox

ROUNDS = 60
JOBS: dict[str, tuple[str, dict[str, Any]]] = {
    "python 1 + 1": ("python", {"code": "1 + 1", "tables": {}, "values": {}}),
    "python group-by of 10,000 rows": ("python", {
        "code": "pd.DataFrame({'a': np.arange(10_000) % 7, 'b': 1.0}).groupby('a').b.sum()",
        "tables": {}, "values": {}}),
    "python figure": ("python", {"code": "px.bar(x=[1, 2], y=[3, 4])", "tables": {}, "values": {}}),
    "sql SELECT": ("sql", {"sql": "SELECT 1 AS n", "views": [], "values": {}, "memory": 256, "spill": 1,
                           "describe": False}),
    "sql columns only": ("sql", {"sql": "SELECT 1 AS n", "views": [], "values": {}, "memory": 256, "spill": 1,
                                 "describe": True}),
}


def once(kind: str, wanted: dict[str, Any]) -> float:
    """Milliseconds of one job."""
    started = time.perf_counter()
    with sandbox.start(kind, wanted, {}, Allowance(memory=512, seconds=20), Cancel()) as running:
        for _ in finish(running, Cancel()):
            pass
        assert read_answer(running.folder).ok
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Print median and p95 of each job."""
    started = time.perf_counter()
    tier = sandbox.tier()
    print(f"tier {tier.letter}, proved {time.perf_counter() - started:.1f} s after its start")
    for name, (kind, wanted) in JOBS.items():
        once(kind, wanted)
        took = sorted(once(kind, wanted) for _ in range(ROUNDS))
        print(f"{name:32} median {statistics.median(took):6.0f} ms   p95 {took[int(len(took) * 0.95)]:6.0f} ms")
    sandbox.close()


if __name__ == "__main__":
    main()
