"""`python -m tests.load.search_budgets`: searches through real Celery; what each took beside its budget."""

from __future__ import annotations

import argparse
import os

from tests.runs.lab import running_lab

TABLES = {"small": (2_000, 8), "wide": (3_000, 1_000), "large": (300_000, 10)}
HEAD = ("table", "budget", "cell s", "over", "click to commit s", "first s", "searched s", "trials", "pipelines",
        "whole", "kept", "reports", "compared", "curve", "score")
COUNTS = ("trials", "pipelines", "whole", "kept", "reports", "versus", "learning")


def main() -> int:
    """Print a row for each table and budget; 1 when a search failed or took more than 3 % too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", nargs="+", choices=list(TABLES), default=list(TABLES))
    parser.add_argument("--budgets", nargs="+", type=int, default=[10, 30])
    told = parser.parse_args()
    worst = 0.0
    with running_lab() as lab:
        print(" | ".join(HEAD), flush=True)
        for name in told.tables:
            for seconds in told.budgets:
                seen = lab.play("budget", *map(str, TABLES[name]), str(seconds), timeout=20 * seconds + 300)
                over = seen["worker"] / seconds - 1
                worst = max(worst, over if seen["state"] == "done" else 1.0)
                times = [f"{seen[k]:.2f}" for k in ("committed", "first", "searched")]
                row = (name, seconds, f"{seen['worker']:.2f}", f"{over:+.1%}", *times, *(seen[k] for k in COUNTS),
                       f"{seen['score']:.4f}")
                print(" | ".join(map(str, row)), flush=True)
    print(f"most over: {worst:+.1%}, load of the machine {os.getloadavg()[0]:.1f}")
    return int(worst > 0.03)


if __name__ == "__main__":
    raise SystemExit(main())
