"""`python -m tests.load.worker_crash [rounds]`: kill -9 of a worker under load, again and again; prints a table."""

from __future__ import annotations

import sys

from tests.runs.lab import running_lab

HEAD = ("round", "killed", "runs", "done", "most attempts", "results", "seconds to the last end")


def main() -> int:
    """Print a row for each kill, then the times of stops; 1 when a run did not end or was committed twice."""
    rounds = sys.argv[1] if len(sys.argv) > 1 else "20"
    with running_lab() as lab:
        lab.play("run")
        stops = [lab.play("cancel", kind)["freed_ms"] for kind in ("slow", "hungry") for _ in range(3)]
        seen = lab.play("crashes", rounds, timeout=3600)
        poison = lab.play("poison")
        broker = lab.play("broker")
    print(" | ".join(HEAD))
    for row in seen["rows"]:
        print(" | ".join(f"{value:>{len(head)}}" for value, head in zip(row, HEAD, strict=True)))
    print(f"runs still live: {seen['live']}; stop to worker free: {', '.join(map(str, stops))} ms")
    print(f"a poison run: {poison['states']} {poison['failed']} after {poison['seconds']} s")
    print(f"runs that waited when the broker forgot everything: {broker['states']}")
    whole = poison["failed"] == ["worker_lost"] and set(broker["states"]) == {"done"}
    return int(not whole or seen["live"] > 0 or any(row[2] != row[3] or row[3] != row[5] for row in seen["rows"]))


if __name__ == "__main__":
    raise SystemExit(main())
