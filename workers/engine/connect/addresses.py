"""The address guard: names are resolved once, private addresses are refused, and what is dialled is the answer."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from workers.kind import Cancel, CellError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
T = TypeVar("T")

# Everything that is not the public internet (IANA's special-purpose registries), spelled out: what Python calls
# global changed between its patch releases.
_PRIVATE = tuple(ipaddress.ip_network(n) for n in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    # 2000::/3 is what is routed; within it: Teredo and other protocol assignments, documentation, 6to4.
    "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"))
_ROUTED = ipaddress.ip_network("2000::/3")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
PATIENCE = 10.0
"""Seconds for a name to resolve, and for a server to take a call."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator allows beyond the public internet; `ports` None is every port."""

    networks: tuple[Network, ...] = ()
    ports: frozenset[int] | None = None
    setting: str = ""
    resolve: Resolver = field(default=lambda host, port: system_resolver(host, port), compare=False)

    def allows(self, address: str) -> bool:
        """Whether an address may be called."""
        ip = ipaddress.ip_address(address)
        return is_public(ip) or any(ip in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect: the name people wrote, for TLS and the Host header, and the one address that was checked."""

    host: str
    address: str
    port: int


def url_policy() -> Policy:
    """For addresses of files: ports 80 and 443 and the public internet, and what URL_NETWORKS and URL_PORTS add."""
    more = {int(port) for port in _listed(os.environ.get("URL_PORTS", ""))}
    return Policy(_networks(os.environ.get("URL_NETWORKS", "")), frozenset({80, 443} | more), "URL_NETWORKS")


def database_policy() -> Policy:
    """For databases: any port, the public internet, and what DATABASE_NETWORKS adds."""
    return Policy(_networks(os.environ.get("DATABASE_NETWORKS", "")), None, "DATABASE_NETWORKS")


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(word) for word in _listed(text))


def is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is on the public internet; forms of IPv6 that carry an IPv4 address are not."""
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _ROUTED or ip.scope_id):
        return False
    return not any(ip.version == network.version and ip in network for network in _PRIVATE)


def system_resolver(host: str, port: int) -> list[str]:
    """Addresses of a name as the system knows them."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def checked_host(host: str) -> str:
    """A host name or a plainly written address, in ASCII. Raises CellError bad_address for any other spelling."""
    odd = CellError("bad_address", f"“{host[:80]}” is no address of a server. Check how it is written.")
    if not host or len(host) > 255 or unicodedata.normalize("NFKC", host) != host:
        raise odd
    try:
        return str(ipaddress.ip_address(host)) if "%" not in host else _refuse(odd)
    except ValueError:
        pass
    try:
        plain = host.encode("idna").decode().lower() if not host.isascii() else host.lower()
    except UnicodeError:
        raise odd from None
    # Resolvers read 2130706433, 0x7f.1 and 017700000001 as addresses; people do not write them.
    if not _NAME.fullmatch(plain) or _NUMBER.fullmatch(plain.rstrip(".").rpartition(".")[2]):
        raise odd
    return plain


def _refuse(error: CellError) -> str:
    raise error


def place_of(host: str, port: int, policy: Policy, cancel: Cancel | None = None) -> Place:
    """Resolve a name once and check every answer. Raises CellError bad_address, unknown_host or private_address."""
    name = checked_host(host)
    if not 0 < port < 65536 or (policy.ports is not None and port not in policy.ports):
        raise CellError("port_refused", f"Port {port} is not used for this. Leave it out, or ask whoever runs Inkling.")
    try:
        found = [str(ipaddress.ip_address(name))]
    except ValueError:
        found = _resolved(name, port, policy, cancel or Cancel())
    if bad := [address for address in found if not policy.allows(address)]:
        raise CellError(
            "private_address",
            f"“{name}” is at {bad[0]}, which is not on the public internet. This server does not go there unless "
            f"whoever runs it allows that network in {policy.setting or 'its settings'}.")
    return Place(name, found[0], port)


def _resolved(name: str, port: int, policy: Policy, cancel: Cancel) -> list[str]:
    try:
        found = [*abandonable(lambda: policy.resolve(name, port), cancel)]
    except (OSError, UnicodeError) as error:
        raise CellError("unknown_host", f"There is no server called “{name}”. Check the spelling.") from error
    except TimeoutError as error:
        raise CellError("unknown_host", f"The name “{name}” could not be looked up in time. Try again.") from error
    if not found:
        raise CellError("unknown_host", f"There is no server called “{name}”. Check the spelling.")
    return found


def abandonable(do: Callable[[], T], cancel: Cancel, seconds: float = PATIENCE) -> T:
    """Do something that cannot be interrupted; leave it behind when the run is cancelled or time is up."""
    done, results, failure = threading.Event(), list[T](), list[BaseException]()

    def inside() -> None:
        try:
            results.append(do())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            failure.append(error)
        done.set()

    threading.Thread(target=inside, name="outside", daemon=True).start()
    until = time.monotonic() + seconds
    while not done.wait(0.02):
        cancel.check()
        if time.monotonic() > until:
            raise TimeoutError("no answer in time")
    if failure:
        raise failure[0]
    return results[0]


def dial(place: Place, cancel: Cancel, seconds: float = PATIENCE) -> socket.socket:
    """A TCP connection to the checked address. Raises CellError no_answer; a cancel is heard at once."""
    made = list[socket.socket]()

    def call() -> socket.socket:
        made.append(socket.create_connection((place.address, place.port), timeout=seconds))
        return made[0]

    try:
        return abandonable(call, cancel, seconds + 1)
    except ConnectionRefusedError as error:
        words = f"Nothing answers at {place.host}:{place.port}. Check host and port, and that the server runs."
        raise CellError("no_answer", words) from error
    except OSError as error:
        words = f"{place.host}:{place.port} cannot be reached. Check the address, or try again later."
        raise CellError("no_answer", words, detail=str(error)) from error
