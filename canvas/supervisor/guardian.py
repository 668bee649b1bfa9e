"""Outlives a killed supervisor just long enough to end the process groups it left behind; standard library only."""

from __future__ import annotations

import os
import signal
import sys
import time

GRACE = 3.0


def alive(group: int) -> bool:
    """Whether any process of the group is still there."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(groups: set[int], grace: float = GRACE) -> None:
    """Ask every group to stop, then kill what has not gone after `grace` seconds."""
    for group in groups:
        _signal(group, signal.SIGTERM)
    until = time.monotonic() + grace
    while any(map(alive, groups)) and time.monotonic() < until:
        time.sleep(0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def main() -> None:
    """Read `+group` and `-group` lines from the supervisor; when it is gone, end the groups that are left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    end(groups)


if __name__ == "__main__":
    main()
