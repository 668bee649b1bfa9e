"""`python -m tests.load.scoring_kill [rows]`: kill -9 of the worker that predicts 100,000 rows."""

from __future__ import annotations

import sys
import time

from tests.runs.lab import running_lab


def main() -> int:
    """Print what was seen."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with running_lab() as lab:
        began = time.monotonic()
        seen = lab.play("scoring", str(rows), timeout=900)
        print(f"{rows:,} rows in {time.monotonic() - began:.0f} s: {seen}")
    whole = (seen["rows"], seen["distinct"], seen["in_order"], seen["resumed"]) == (rows, rows, True, True)
    return int(not whole or set(seen["states"]) != {"done"} or seen["attempts"] != 2)


if __name__ == "__main__":
    raise SystemExit(main())
