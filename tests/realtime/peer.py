"""A browser in pycrdt: the y-protocols client over a real websocket, with acks and closes made visible."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import websockets
from pycrdt import Doc, Map

from canvas.documents.document import cell_as_map, open_doc, read_json
from canvas.documents.schema import new_id
from canvas.realtime import protocol as p


class Peer:
    """One page: its document outlives its socket, as a browser's does."""

    def __init__(self, port: int, canvas: str, cookie: str, client_id: int | None = None) -> None:
        self.port, self.canvas, self.cookie = port, canvas, cookie
        self.doc: Doc = open_doc(client_id=client_id)
        self.sent = self.acked = 0
        self.messages: list[dict[str, Any]] = []
        self.presence: dict[int, Any] = {}
        self.order: list[str] = []
        self.closed: int | None = None
        self.synced = asyncio.Event()
        self._news = asyncio.Event()
        self._outbox: list[bytes] = []
        self._quiet = False
        self._sub = self.doc.observe(self._changed)

    async def join(self, *, epoch: int = 0, origin: str | None = None, **options: Any) -> Peer:
        """Open the socket and sync. The document's own client id is the one in the URL."""
        url = f"ws://127.0.0.1:{self.port}/ws/canvases/{self.canvas}/?client={self.doc.client_id}&epoch={epoch}"
        headers = {"Cookie": self.cookie, "Origin": origin or f"http://127.0.0.1:{self.port}"}
        self.ws = await websockets.connect(url, additional_headers=headers, max_size=None, **options)
        self.closed, self.sent, self.acked = None, 0, 0
        self.synced.clear()
        self._outbox.clear()
        self.reading = asyncio.create_task(self._read())
        with contextlib.suppress(websockets.ConnectionClosed):
            # A refused socket may be closed already; whoever waits sees that in `closed`.
            await self.send(p.sync_frame(p.STEP_1, self.doc.get_state()))
        return self

    async def ready(self) -> Peer:
        """Join and wait until what the server has is here, or the socket closed."""
        await self.join()
        await self.until(lambda: self.synced.is_set() or self.closed is not None)
        return self

    async def _read(self) -> None:
        try:
            async for data in self.ws:
                await self._take(data if isinstance(data, bytes) else data.encode())
        except websockets.ConnectionClosed:
            pass
        self.closed = self.ws.close_code
        self._news.set()

    async def _take(self, data: bytes) -> None:
        reader = p.Reader(data)
        channel = reader.varuint()
        if channel == p.SYNC:
            kind, payload = reader.varuint(), reader.block()
            if kind == p.STEP_1:
                missing = self.doc.get_update(payload)
                self.sent += missing != p.EMPTY_UPDATE
                await self.send(p.sync_frame(p.STEP_2, missing))
            else:
                self.order.append("update")
                self._quiet = True
                self.doc.apply_update(payload)
                self._quiet = False
                if kind == p.STEP_2:
                    self.synced.set()
        elif channel == p.AWARENESS:
            states = p.Reader(reader.block())
            for _ in range(states.varuint()):
                client, _, text = states.varuint(), states.varuint(), states.text()
                self.presence[client] = json.loads(text)
        elif channel == p.ACK:
            self.acked = reader.varuint()
            self.order.append("ack")
        else:
            self.messages.append(json.loads(data[reader.pos :]))
        self._news.set()

    def _changed(self, event: Any) -> None:
        if not self._quiet:
            self._outbox.append(event.update)

    async def send(self, frame: bytes) -> None:
        """Send raw bytes."""
        await self.ws.send(frame)

    async def flush(self) -> None:
        """Send the local edits made since the last time."""
        edits, self._outbox = self._outbox, []
        for update in edits:
            self.sent += 1
            await self.send(p.sync_frame(p.UPDATE, update))

    async def until(self, fact: Any, seconds: float = 15.0) -> None:
        """Wait for something to be true; what is awaited always arrives, so the limit is only for a failing test."""
        async with asyncio.timeout(seconds):
            while not fact():
                self._news.clear()
                if fact():
                    return
                try:
                    await asyncio.wait_for(self._news.wait(), 0.2)
                except TimeoutError:
                    continue

    async def cut(self) -> None:
        """Wait until the server has closed the socket."""
        await self.until(lambda: self.closed is not None)

    async def saved(self) -> None:
        """Wait until every frame sent is durable."""
        await self.flush()
        await self.until(lambda: self.acked >= self.sent)

    async def present(self, state: dict[str, Any] | None, client: int | None = None, clock: int = 1) -> None:
        """Send an awareness state."""
        body = p.write_bytes(json.dumps(state).encode())
        client = self.doc.client_id if client is None else client
        payload = b"\x01" + p.write_varuint(client) + p.write_varuint(clock) + body
        await self.send(bytes((p.AWARENESS,)) + p.write_bytes(payload))

    async def leave(self) -> None:
        """Close the socket."""
        await self.ws.close()
        await self.reading

    def add(self, cell_id: str = "", **fields: Any) -> str:
        """Add a cell locally; its id."""
        cell_id = cell_id or new_id()
        cell = {"kind": "filter", "pos": [10.0, 20.0], "size": [300.0, 200.0], "z": "a0", "title": "T", "name": "t",
                "params": {}, **fields}
        self.doc.get("cells", type=Map)[cell_id] = cell_as_map(cell)
        return cell_id

    def cell(self, cell_id: str) -> Map:
        """A cell of the local document."""
        return self.doc.get("cells", type=Map)[cell_id]

    @property
    def json(self) -> dict[str, Any]:
        """What the local document says."""
        return read_json(self.doc)

    def told(self, kind: str) -> list[dict[str, Any]]:
        """JSON messages of a type, in order."""
        return [m for m in self.messages if m.get("type") == kind]
