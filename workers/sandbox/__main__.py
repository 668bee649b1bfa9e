"""The sandbox service of a machine: `python -m workers.sandbox <folder> [--until-stdin-closes]`."""

from __future__ import annotations

import signal
import sys

from workers.sandbox import host

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    host.main(sys.argv[1], "--until-stdin-closes" in sys.argv[2:])
