"""python -m tests.load.crash: kill -9 the web process again and again under load; how many acknowledged edits are lost."""

from __future__ import annotations

import argparse
import random
import sys
import time

from tests.load.clients import LoadClients, table, valkey
from tests.realtime.site import Site

CHECK = """
from canvas.documents.document import document_json
from canvas.documents.models import Canvas
c = Canvas.objects.get()
marks = [m for cell in document_json(c.pk)["cells"].values() for m in cell.get("params", {})]
seqs = list(c.updates.order_by("seq").values_list("seq", flat=True))
first = c.snapshots.order_by("-seq").values_list("seq", flat=True).first() or 0
out = {"marks": len(set(marks)), "head": c.head_seq, "gapless": seqs == list(range(first + 1, c.head_seq + 1))}
"""


def main() -> int:
    """Kill and restart under load; the exit code says whether anything acknowledged was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--database", default="", help="a PostgreSQL URL; SQLite without")
    parser.add_argument("--seed", type=int, default=20261123)
    given = parser.parse_args()
    rng, down = random.Random(given.seed), []
    with valkey() as redis_url:
        site = Site(given.database, redis_url).prepare(["owner", *["editor"] * given.clients])
        port = site.start()
        clients = LoadClients(site, port, clients=given.clients, editors=given.clients, rate=given.rate, marks=True)
        clients.wait("ready")
        for _ in range(given.kills):
            time.sleep(rng.uniform(0.4, 1.6))
            site.kill()
            began = time.monotonic()
            site.start(port)
            down.append(time.monotonic() - began)
        time.sleep(1.5)
        done = clients.stop()
        stored = site.sql(CHECK)
        site.close()
    table(f"{given.kills} x kill -9, {given.clients} clients at {given.rate}/s, seed {given.seed}", {
        "edits made": done["edits"], "edits acknowledged": done["marks"], "acknowledged edits LOST": done["lost"],
        "edits made and lost at all": done["unsentLost"], "all clients equal at the end": done["equal"],
        "marks in the database": stored["marks"], "log without gaps": stored["gapless"], "head_seq": stored["head"],
        "restart p50 s": sorted(down)[len(down) // 2], "ack p95 ms": done["ack"]["p95"],
        "closed sockets by code": done["closes"]})
    return 0 if done["lost"] == 0 and done["equal"] and stored["gapless"] else 1


if __name__ == "__main__":
    sys.exit(main())
