"""Fetches one file over http(s): guarded at every hop, capped while streaming, stopped at once."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from workers.engine.connect.addresses import Place, Policy, dial, place_of
from workers.engine.sniff import KINDS
from workers.kind import Cancel, CellError

HOPS = 3
CHUNK = 1 << 16
SECONDS = 600.0
SILENCE = 20.0
_MOVED = (301, 302, 303, 307, 308)
ENDINGS: Mapping[str, str] = {
    "text/csv": "csv", "text/tab-separated-values": "tsv", "application/json": "json", "text/json": "json",
    "application/x-ndjson": "ndjson", "application/jsonl": "jsonl", "application/vnd.apache.parquet": "parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "application/vnd.ms-excel": "xls",
    "application/vnd.oasis.opendocument.spreadsheet": "ods", "application/zip": "zip",
}


class Sink(Protocol):
    """Where bytes go."""

    def write(self, chunk: bytes) -> object:
        """Take bytes."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server said about a file. `changed` is False when it answered that nothing is new."""

    url: str
    ending: str = ""
    etag: str = ""
    modified: str = ""
    size: int = 0
    changed: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What a fetch may take."""

    size: int
    seconds: float = SECONDS
    silence: float = SILENCE


def parsed(url: str) -> SplitResult:
    """A URL that may be fetched, in parts. Raises CellError bad_url with what to write instead."""
    text = url.strip()
    if not text or any(ord(c) <= 32 or ord(c) == 127 for c in text) or "\\" in text:
        words = "This is no web address. It looks like https://example.org/table.csv."
        raise CellError("bad_url", words, param="source")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        words = "This web address cannot be read. Check how it is written."
        raise CellError("bad_url", words, param="source") from error
    if parts.scheme not in ("http", "https"):
        raise CellError("bad_url", "Only addresses that begin with https:// or http:// can be read.", param="source")
    if parts.username is not None or parts.password is not None:
        words = "A web address with a name or password in it is not fetched: everybody on this canvas could read it."
        raise CellError("secret_in_url", words, param="source")
    if not parts.hostname:
        raise CellError("bad_url", "This web address names no server.", param="source")
    return parts


def fetch(url: str, sink: Sink, policy: Policy, limits: Limits, *, cancel: Cancel | None = None,
          progress: Callable[[float], None] = lambda share: None) -> Fetched:
    """Stream what is at `url` into `sink`; every redirect is checked like the first address."""
    cancel = cancel or Cancel()
    with _answer("GET", url, {}, policy, limits, cancel) as (where, answer):
        _refuse_status(answer.status, where)
        ending = ending_of(answer, where)
        size = _stream(answer, sink, limits, cancel, progress)
        return Fetched(where.geturl(), ending, answer.headers.get("ETag", "")[:200],
                       answer.headers.get("Last-Modified", "")[:100], size)


def look(url: str, policy: Policy, known: Mapping[str, Any], *, cancel: Cancel | None = None,
         seconds: float = 15.0) -> Fetched:
    """Ask whether a file changed since it was fetched, without its body: HEAD with its ETag and date."""
    headers = {name: str(known[key]) for name, key in (("If-None-Match", "etag"), ("If-Modified-Since", "modified"))
               if known.get(key)}
    with _answer("HEAD", url, headers, policy, Limits(0, seconds), cancel or Cancel()) as (where, answer):
        if answer.status != 304:
            _refuse_status(answer.status, where)
        told = {"etag": answer.headers.get("ETag", ""), "modified": answer.headers.get("Last-Modified", "")}
        length = answer.headers.get("Content-Length", "")
        same = answer.status == 304 or (told["etag"] and told["etag"] == known.get("etag")) or (
            not told["etag"] and (told["modified"], length) == (known.get("modified"), str(known.get("bytes"))))
        return Fetched(where.geturl(), changed=not same, size=int(length) if length.isdigit() else 0, **told)


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, under the name that people wrote."""

    def __init__(self, place: Place, tls: bool, silence: float, cancel: Cancel) -> None:
        self.default_port = 443 if tls else 80
        super().__init__(place.host, place.port, timeout=silence)
        self._place, self._tls, self._cancel = place, tls, cancel
        self._line: socket.socket | None = None

    def connect(self) -> None:
        """Dial the address itself; the certificate must be that of the name."""
        self.sock = dial(self._place, self._cancel)
        self._cancel.on_set(self.cut)
        self.sock.settimeout(self.timeout)
        if self._tls:
            try:
                self.sock = _tls().wrap_socket(self.sock, server_hostname=self._place.host)
            except ssl.SSLError as error:
                words = f"The certificate of {self._place.host} is not valid, so what it sends is not trusted."
                raise CellError("bad_certificate", words, detail=str(error)) from error
        # Kept apart: http.client lets go of its own while a body without a length is still being read.
        self._line = self.sock

    def cut(self) -> None:
        """End the connection from another thread."""
        line = self._line or self.sock
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    """Certificates the system trusts, and Mozilla's where a system has none."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@contextmanager
def _answer(method: str, url: str, headers: Mapping[str, str], policy: Policy, limits: Limits,
            cancel: Cancel) -> Iterator[tuple[SplitResult, http.client.HTTPResponse]]:
    """The first answer that is no redirect, its connection closed afterwards; time and cancel cut it."""
    where = parsed(url)
    connection: list[_Pinned] = []
    late = threading.Event()

    def end() -> None:
        late.set()
        for one in connection:
            one.cut()

    alarm = threading.Timer(limits.seconds, end)
    alarm.daemon = True
    alarm.start()
    try:
        for hop in range(HOPS + 1):
            answer = _ask(method, where, headers, policy, limits, cancel, connection)
            moved = answer.headers.get("Location")
            if answer.status not in _MOVED or not moved:
                yield where, answer
                if late.is_set():
                    raise OSError("cut by the clock, so the end that was read is not the end of the file")
                return
            connection.pop().close()
            if hop < HOPS:
                where = parsed(urljoin(where.geturl(), moved))
        raise CellError("too_many_redirects", f"This address leads on more than {HOPS} times. Use the last one itself.")
    except (OSError, http.client.HTTPException, ValueError) as error:
        cancel.check()
        if late.is_set():
            words = f"The server took longer than {limits.seconds:g} s. Try again, or upload the file."
            raise CellError("too_slow", words) from error
        words = f"{where.hostname} broke off, or does not speak http. Try again, or upload the file."
        raise CellError("no_answer", words, detail=f"{type(error).__name__}: {error}") from error
    finally:
        alarm.cancel()
        for one in connection:
            one.close()


def _ask(method: str, where: SplitResult, headers: Mapping[str, str], policy: Policy, limits: Limits, cancel: Cancel,
         held: list[_Pinned]) -> http.client.HTTPResponse:
    tls = where.scheme == "https"
    port = (443 if tls else 80) if where.port is None else where.port
    place = place_of(where.hostname or "", port, policy, cancel)
    connection = _Pinned(place, tls, limits.silence, cancel)
    held.append(connection)
    target = (where.path or "/") + (f"?{where.query}" if where.query else "")
    # A browser would percent-encode these too; a control character was refused before.
    target = re.sub(r"[^!-~]", lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), target)
    connection.request(method, target, headers={"User-Agent": "Inkling", "Accept": "*/*",
                                                "Accept-Encoding": "identity", **headers})
    return connection.getresponse()


def _refuse_status(status: int, where: SplitResult) -> None:
    if status == 200:
        return
    words = {
        401: ("not_allowed", "asks for a sign-in. Download the file yourself and upload it here"),
        403: ("not_allowed", "does not give this out. Download the file yourself and upload it here"),
        404: ("not_found", "has nothing at this address. Check its spelling"),
        410: ("not_found", "has nothing at this address any more"),
        429: ("busy", "gets too many requests. Try again later"),
    }
    code, rest = words.get(status, ("bad_status", f"answered {status}. Try again later, or upload the file"))
    raise CellError(code, f"{where.hostname} {rest}.", param="source")


def ending_of(answer: http.client.HTTPResponse, where: SplitResult) -> str:
    """The ending a file has: told by its name, else by its type. Raises CellError for a web page."""
    told = answer.headers.get_content_type() if answer.headers.get("Content-Type") else ""
    if told in ("text/html", "application/xhtml+xml"):
        raise CellError("web_page", "This is the address of a web page, not of a table. Use the address of the file "
                                    "behind its download button.", param="source")
    names = [answer.headers.get_filename() or "", unquote(where.path).rpartition("/")[2]]
    for name in names:
        last, before = [*reversed(name.lower().split(".")), "", ""][:2]
        if last in KINDS or last == "zip":
            return last
        if last == "gz":
            return f"{before}.gz" if before in KINDS else "csv.gz"
    return ENDINGS.get(told, "csv")


def _stream(answer: http.client.HTTPResponse, sink: Sink, limits: Limits, cancel: Cancel,
            progress: Callable[[float], None]) -> int:
    announced = int(answer.headers.get("Content-Length") or 0)
    if announced > limits.size:
        raise too_big(limits.size)
    packed = answer.headers.get("Content-Encoding", "identity").lower()
    if packed not in ("identity", "gzip", "x-gzip", "deflate", ""):
        raise CellError("odd_packing", f"The server packs this file as “{packed[:20]}”, which is not read here.")
    unpack = zlib.decompressobj(47) if packed not in ("identity", "") else None
    size = came = 0
    while chunk := answer.read1(CHUNK):
        cancel.check()
        came += len(chunk)
        while chunk:
            plain = unpack.decompress(chunk, 8 * CHUNK) if unpack else chunk
            chunk = unpack.unconsumed_tail if unpack else b""
            size += len(plain)
            if size > limits.size:
                raise too_big(limits.size)
            sink.write(plain)
        progress(came / announced if announced else came / (came + 20_000_000))
    cancel.check()
    if announced and came < announced:
        raise http.client.IncompleteRead(b"")
    if size == 0:
        raise CellError("empty_file", "There is nothing at this address: the file is empty.", param="source")
    return size


def too_big(limit: int) -> CellError:
    """The refusal for size."""
    room = f"{limit / 1024**3:.3g} GiB" if limit > 10_000_000 else f"{limit:,} bytes"
    return CellError("too_big", f"This is more than the {room} there is room for. Take a part of it.")
