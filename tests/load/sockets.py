"""python -m tests.load.sockets: 50 Yjs clients, 20 editing at 2/s; are all equal, how soon do others see it, what does it cost."""

from __future__ import annotations

import argparse
import sys
import time

import psutil

from tests.load.clients import LoadClients, table, valkey
from tests.realtime.site import Site


def main() -> int:
    """Run once and print a table; the exit code says whether all clients were equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--editors", type=int, default=20)
    parser.add_argument("--rate", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--cursors", type=float, default=0.0, help="cursor moves per second and client")
    parser.add_argument("--database", default="", help="a PostgreSQL URL; SQLite without")
    given = parser.parse_args()
    with valkey() as redis_url:
        site = Site(given.database, redis_url).prepare(["owner", *["editor"] * min(given.clients, 50)])
        port = site.start()
        server = psutil.Process(site.servers[0].pid)
        clients = LoadClients(site, port, clients=given.clients, editors=given.editors, rate=given.rate,
                              seconds=given.seconds, cursors=given.cursors)
        clients.wait("ready")
        before, wall = server.cpu_times(), time.monotonic()
        clients.wait("measured")
        after, spent = server.cpu_times(), time.monotonic() - wall
        done = clients.wait("done")
        memory = server.memory_info().rss / 2**20
        site.close()
    cpu = (after.user + after.system - before.user - before.system) / spent * 100
    table(f"{given.clients} clients, {given.editors} editing at {given.rate}/s for {given.seconds} s", {
        "all equal, also with a fresh one": done["equal"], "edits": done["edits"], "acked frames": done["acked"],
        "frames received per second": done["frames"] / spent, "seen by others: samples": done["seen"]["n"],
        "seen by others p50 ms": done["seen"]["p50"], "seen by others p95 ms": done["seen"]["p95"],
        "seen by others p99 ms": done["seen"]["p99"], "ack p50 ms": done["ack"]["p50"],
        "ack p95 ms": done["ack"]["p95"], "server CPU, % of a core": cpu, "server RSS, MB": memory,
        "cells at the end": done["cells"], "closed sockets by code": done["closes"]})
    print(site.logs()[-2000:])
    return 0 if done["equal"] and done["settled"] else 1


if __name__ == "__main__":
    sys.exit(main())
