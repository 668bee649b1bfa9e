"""Fetching: redirects checked one by one, caps while streaming, formats told by type, and a stop that is heard."""

from __future__ import annotations

import gzip
import ipaddress
import threading

import pytest

from tests.fixtures.web import silent_listener, site
from workers.engine.connect.addresses import Policy
from workers.engine.connect.fetch import Fetched, Limits, fetch, look
from workers.kind import Cancel, Cancelled, CellError

CSV = b"city,trips\nOslo,12\nLima,7\n"
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class Bytes:
    """Takes bytes."""

    def __init__(self) -> None:
        self.whole = b""

    def write(self, chunk: bytes) -> None:
        self.whole += chunk


def brought(url: str, *, size: int = 1_000_000, seconds: float = 10, cancel: Cancel | None = None,
            resolve=None) -> tuple[Fetched, bytes]:
    """Fetch with loopback allowed, as an operator may."""
    policy = Policy(LOOPBACK, **({"resolve": resolve} if resolve else {}))
    sink = Bytes()
    return fetch(url, sink, policy, Limits(size, seconds, 5), cancel=cancel), sink.whole


@pytest.fixture
def web():
    with site() as made:
        yield made


def test_a_file_comes_whole_with_what_the_server_says_of_it(web):
    url = web.page("/trips.csv", CSV, ETag='"v1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT")
    got, body = brought(url)
    assert body == CSV and (got.ending, got.etag, got.size) == ("csv", '"v1"', len(CSV))


def test_the_server_hears_the_name_people_wrote(web):
    web.page("/trips.csv", CSV)
    brought(f"http://data.example.org:{web.port}/trips.csv", resolve=lambda host, port: ["127.0.0.1"])
    assert web.calls == [f"GET /trips.csv data.example.org:{web.port}"]


@pytest.mark.parametrize(("path", "headers", "ending"), [
    ("/a.parquet", {}, "parquet"), ("/export", {"Content_Type": "text/csv; charset=utf-8"}, "csv"),
    ("/export", {"Content_Type": "application/json"}, "json"), ("/a.csv.gz", {}, "csv.gz"),
    ("/download?id=7", {"Content_Disposition": 'attachment; filename="year.xlsx"'}, "xlsx"),
    ("/plain", {"Content_Type": "application/octet-stream"}, "csv"),
])
def test_the_format_is_told_by_name_or_type(web, path, headers, ending):
    web.page(path.partition("?")[0], CSV, **headers)
    assert brought(web.url + path)[0].ending == ending


def test_redirects_are_followed_three_times_at_most(web):
    web.page("/trips.csv", CSV)
    for hop in range(1, 5):
        web.page(f"/{hop}", b"", 302, Location=f"/{hop - 1}" if hop > 1 else "/trips.csv")
    assert brought(f"{web.url}/3")[1] == CSV
    with pytest.raises(CellError) as refused:
        brought(f"{web.url}/4")
    assert refused.value.code == "too_many_redirects"


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/",
                                    "file:///etc/passwd", "http://2130706433/", "http://x:y@127.0.0.1/", "ftp://127.0.0.1/"])
def test_a_redirect_is_refused_like_a_first_address(web, target):
    web.page("/away", b"", 302, Location=target)
    with pytest.raises(CellError) as refused:
        brought(f"{web.url}/away")
    assert refused.value.code in ("private_address", "bad_url", "bad_address", "secret_in_url")
    assert len(web.calls) == 1


def test_a_redirect_to_a_port_of_this_machine_is_refused_without_a_packet(web):
    with silent_listener() as (port, heard):
        web.page("/away", b"", 302, Location=f"http://127.0.0.1:{port}/")
        policy = Policy(LOOPBACK, frozenset({web.port}))
        with pytest.raises(CellError) as refused:
            fetch(f"{web.url}/away", Bytes(), policy, Limits(1000, 5))
    assert refused.value.code == "port_refused" and heard == []


def test_more_bytes_than_there_is_room_for_are_refused_announced_or_not(web):
    web.page("/big.csv", b"x" * 5000)

    def endless(request):
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"a,b\n" * 1000)

    web.live("/endless.csv", endless)
    web.page("/bomb.csv", gzip.compress(b"0" * 5_000_000), Content_Encoding="gzip")
    for path in ("/big.csv", "/endless.csv", "/bomb.csv"):
        with pytest.raises(CellError) as refused:
            brought(web.url + path, size=4000)
        assert refused.value.code == "too_big"


def test_a_packed_answer_is_unpacked(web):
    assert brought(web.page("/a.csv", gzip.compress(CSV), Content_Encoding="gzip"))[1] == CSV


def test_a_slow_server_and_one_that_breaks_off_end_in_words(web):
    def drip(request):
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"a")
            if gone.wait(0.05):
                return

    def half(request):
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(CSV)

    gone = threading.Event()
    web.live("/drip.csv", drip)
    web.live("/half.csv", half)
    with pytest.raises(CellError) as slow:
        brought(f"{web.url}/drip.csv", seconds=0.4)
    with pytest.raises(CellError) as cut:
        brought(f"{web.url}/half.csv")
    gone.set()
    assert (slow.value.code, cut.value.code) == ("too_slow", "no_answer")


def test_a_stop_is_heard_while_the_server_says_nothing():
    with silent_listener() as (port, heard):
        cancel = Cancel()
        threading.Timer(0.2, cancel.set).start()
        with pytest.raises(Cancelled):
            brought(f"http://127.0.0.1:{port}/a.csv", cancel=cancel)
        assert len(heard) == 1


@pytest.mark.parametrize(("status", "headers", "code"), [
    (404, {}, "not_found"), (401, {}, "not_allowed"), (403, {}, "not_allowed"), (429, {}, "busy"),
    (500, {}, "bad_status"),
    (200, {"Content_Type": "text/html"}, "web_page"), (200, {"Content_Encoding": "br"}, "odd_packing"),
])
def test_what_a_server_refuses_is_said_with_the_next_step(web, status, headers, code):
    with pytest.raises(CellError) as refused:
        brought(web.page("/a.csv", CSV, status, **headers))
    assert refused.value.code == code and len(refused.value.message) > 20


def test_nothing_answers_and_no_http_are_two_words():
    with silent_listener() as (port, _):
        pass
    with pytest.raises(CellError) as refused:
        brought(f"http://127.0.0.1:{port}/")
    assert refused.value.code == "no_answer"


def test_a_certificate_nobody_signed_is_refused(tmp_path):
    import ssl

    key, cert = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with site(context) as web:
        web.page("/a.csv", CSV)
        with pytest.raises(CellError) as refused:
            brought(f"{web.url}/a.csv")
        assert refused.value.code == "bad_certificate" and web.calls == []


def test_looking_for_a_newer_version_sends_no_body(web):
    url = web.page("/a.csv", CSV, ETag='"v1"')
    policy = Policy(LOOPBACK)
    assert look(url, policy, {"etag": '"v1"'}).changed is False
    assert look(url, policy, {"etag": '"v0"'}).changed is True
    web.page("/b.csv", CSV, Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT")
    known = {"modified": "Mon, 01 Jan 2024 00:00:00 GMT", "bytes": len(CSV)}
    assert look(f"{web.url}/b.csv", policy, known).changed is False
    assert look(f"{web.url}/b.csv", policy, {**known, "bytes": 3}).changed is True
    assert {call.split()[0] for call in web.calls} == {"HEAD"}


def _self_signed(folder):
    """A key and a certificate for 127.0.0.1 that nobody signed."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .sign(key, hashes.SHA256()))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "key.pem", folder / "cert.pem"
