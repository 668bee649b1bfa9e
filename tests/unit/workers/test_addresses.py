"""The address guard: what is not on the public internet is refused without a packet, however it is spelled."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from tests.fixtures.web import silent_listener
from workers.engine.connect.addresses import Policy, database_policy, is_public, place_of, url_policy
from workers.engine.connect.fetch import Limits, fetch
from workers.kind import CellError

# Each names something that is not for us, in one of the ways that other products' guards have missed.
HOSTILE = [
    # loopback, in every spelling a resolver takes
    "http://127.0.0.1/", "http://127.0.0.2:80/", "http://127.1/", "http://127.0.1/", "http://0/", "http://0.0.0.0/",
    "http://0x7f.1/", "http://0x7f000001/", "http://0x7f.0x0.0x0.0x1/", "http://2130706433/", "http://017700000001/",
    "http://0177.0.0.1/", "http://127.0.0.1./", "http://127.0.0.01/", "http://127.0.0.1%00.example.org/",
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://localhost/", "http://localhost./",
    # unicode that becomes ASCII on the way
    "http://127。0。0。1/", "http://127．0．0．1/", "http://①②⑦.0.0.1/", "http://１２７.0.0.1/", "http://ⓛocalhost/",
    "http://loca\u00adlhost/", "http://[::ffff:１27.0.0.1]/",
    # private, shared, link-local, test, multicast, reserved, broadcast
    "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/",
    "http://100.127.255.254/", "http://169.254.169.254/latest/meta-data/", "http://192.0.0.192/", "http://192.0.2.1/",
    "http://198.18.0.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://224.0.0.1/", "http://239.255.255.250/",
    "http://240.0.0.1/", "http://255.255.255.255/", "http://0.1.2.3/", "http://192.88.99.1/",
    # IPv6 that carries or hides IPv4, and its own private ranges
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::a9fe:a9fe]/", "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25lo]/", "http://[fec0::1]/",
    "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/", "http://[100::1]/", "http://[2001:db8::1]/",
    "http://[5f00::1]/",
    # other doors: schemes, credentials, ports, splitting tricks
    "file:///etc/passwd", "gopher://example.org/", "ftp://example.org/a.csv", "dict://example.org:11211/", "//x/a.csv",
    "http://example.org:22/", "http://example.org:6379/", "http://example.org:0/", "http://example.org:99999/",
    "http://user:word@example.org/", "http://example.org@127.0.0.1/", "http://127.0.0.1#@example.org/",
    "http://127.0.0.1\\@example.org/", "http://example.org /", "http://exa\nmple.org/", "http:///a.csv", "http://",
    "http://-example.org/", "http://example..org/", "http://unix:/var/run/docker.sock", "http://example.org:80:22/",
]


@pytest.fixture
def no_calls(monkeypatch):
    """The only names known are of a public server; any packet is noted."""
    packets: list[object] = []

    def note(self, address, *more):
        packets.append(address)
        raise AssertionError(f"a packet to {address}")

    real = socket.getaddrinfo

    def names(host, *args, **kwargs):
        known = {"example.org": "93.184.216.34", "93.184.216.34": "93.184.216.34"}
        return real(known.get(host, "127.0.0.1"), *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", note)
    monkeypatch.setattr(socket.socket, "connect_ex", note)
    monkeypatch.setattr(socket, "getaddrinfo", names)
    return packets


@pytest.mark.parametrize("url", HOSTILE)
def test_it_is_refused_without_a_packet(url, no_calls):
    with pytest.raises(CellError) as refused:
        fetch(url, _Nothing(), url_policy(), Limits(1000, 2))
    assert refused.value.code in ("bad_url", "bad_address", "private_address", "port_refused", "secret_in_url",
                                  "unknown_host")
    assert no_calls == []


def test_the_list_is_long_enough_and_a_public_address_would_pass(no_calls):
    assert len(set(HOSTILE)) >= 60
    with pytest.raises(AssertionError, match="a packet to"):
        fetch("http://example.org/table.csv", _Nothing(), url_policy(), Limits(1000, 2))
    assert len(no_calls) == 1


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111"])
def test_public_addresses_are_public(address):
    assert is_public(ipaddress.ip_address(address))


def test_one_private_answer_among_public_ones_refuses_the_name():
    policy = Policy(resolve=lambda host, port: ["93.184.216.34", "10.0.0.7"])
    with pytest.raises(CellError, match=r"10\.0\.0\.7"):
        place_of("mixed.example.org", 80, policy)


def test_a_name_that_changes_its_answer_is_asked_once_and_the_checked_address_is_called(monkeypatch):
    """Rebinding: public when checked, loopback when called. The second answer is never asked for."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    called: list[object] = []
    with silent_listener() as (port, heard):
        def dialled(address, *more, **named):
            called.append(address)
            raise ConnectionRefusedError("no network in tests")

        monkeypatch.setattr(socket, "create_connection", dialled)
        policy = Policy(ports=frozenset({port}), resolve=lambda host, p: next(answers))
        with pytest.raises(CellError, match="Nothing answers"):
            fetch(f"http://rebind.example.org:{port}/", _Nothing(), policy, Limits(1000, 2))
    assert called == [("93.184.216.34", port)]
    assert next(answers) == ["127.0.0.1"], "the name was looked up a second time"
    assert heard == []


def test_an_operator_allows_networks_by_name(monkeypatch):
    monkeypatch.setenv("URL_NETWORKS", "127.0.0.0/8, 10.1.0.0/16")
    monkeypatch.setenv("URL_PORTS", "8080")
    assert place_of("127.0.0.1", 8080, url_policy()).address == "127.0.0.1"
    assert place_of("10.1.2.3", 80, url_policy()).address == "10.1.2.3"
    for host, port in (("10.2.0.1", 80), ("127.0.0.1", 8081)):
        with pytest.raises(CellError):
            place_of(host, port, url_policy())
    with pytest.raises(CellError, match="DATABASE_NETWORKS"):
        place_of("10.1.2.3", 5432, database_policy())


def test_a_mapped_address_does_not_pass_through_an_allowed_network(monkeypatch):
    monkeypatch.setenv("URL_NETWORKS", "127.0.0.0/8")
    with pytest.raises(CellError, match="not on the public internet"):
        place_of("::ffff:127.0.0.1", 80, url_policy())


class _Nothing:
    def write(self, chunk: bytes) -> None:
        raise AssertionError("bytes came from a refused address")
