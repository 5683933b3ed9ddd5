"""The bridge under a real uvicorn: half a body, forged headers, clients that do not read or that leave, wrong lengths."""

import contextlib
import select
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.waiting import PATIENCE, until

from peyvand.edge.bridge import REFUSED
from peyvand.edge.rooms import Room
from peyvand.edge.tests.serving import ask, connect, get, read, serving

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


class Site:  # its pages all have the shape of WSGI, whether they need all of it or not
    """A WSGI application that notes what reached it."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.written = 0
        self.closed = threading.Event()
        self.release = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self.seen.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        return getattr(self, environ["PATH_INFO"].strip("/") or "plain")(environ, start)

    def plain(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        body = environ.get("HTTP_X_ASKS", "hello").encode()
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    def big(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        start("200 OK", [("Content-Type", "application/octet-stream")])
        return self._pieces(48)

    def endless(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        start("200 OK", [("Content-Type", "application/octet-stream")])
        return self._pieces(10**9)

    def _pieces(self, count: int) -> Iterator[bytes]:
        try:
            for _ in range(count):
                yield b"x" * (1 << 20)
                self.written += 1 << 20
        finally:
            self.closed.set()

    def long(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        start("200 OK", [("Content-Length", "5")])
        try:
            yield b"12345"
            yield b"6789"
            self.written = 9
        finally:
            self.closed.set()

    def short(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Length", "50")])
        return [b"12345"]

    def fails(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        raise ValueError("before any answer")

    def waits(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        self.release.wait(PATIENCE)
        return self.plain(environ, start)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    with serving(site, threads=2, max_body=1 << 20) as port:
        yield port


def test_a_whole_post_arrives_whole(site: Site, port: int) -> None:
    body = b"a=1&" * 200_000
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert ask(port, head + body)[0] == 200
    assert site.bodies == [body]
    assert site.seen[0]["CONTENT_LENGTH"] == str(len(body))


@pytest.mark.parametrize("chunked", [False, True])
def test_only_somebody_signed_in_may_send_much(site: Site, chunked: bool) -> None:
    body = b"x" * (3 << 20)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{length}\r\n"
    sent = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n" if chunked else body
    with serving(site, threads=2, signed_in=lambda scope: (b"cookie", b"me") in scope["headers"]) as port:
        assert ask(port, f"{head}Cookie: else\r\n\r\n".encode() + sent)[0] == 413
        assert site.bodies == []
        assert ask(port, f"{head}Cookie: me\r\n\r\n".encode() + sent)[0] == 200
        assert site.bodies == [body]


def test_a_person_who_sends_too_much_is_answered_by_the_site_without_the_body(site: Site, port: int) -> None:
    body = b"x" * (3 << 20)
    head = f"POST /w/narenj/imports/new/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    status, headers, _ = ask(port, f"{head}Accept: application/json\r\n\r\n".encode() + body)
    assert (status, headers["content-type"], site.seen) == (413, "application/problem+json", [])
    site.__dict__["w/narenj/imports/new"] = site.plain
    assert ask(port, f"{head}Accept: text/html,*/*\r\n\r\n".encode() + body)[0] == 200
    assert site.bodies == [b""]
    assert site.seen[0][REFUSED] == (413, "too-large", "The body is larger than 1048576 bytes.")
    assert (site.seen[0]["PATH_INFO"], site.seen[0]["CONTENT_LENGTH"]) == ("/w/narenj/imports/new/", "0")


def test_a_header_cannot_pass_for_a_refusal(site: Site, port: int) -> None:
    ask(port, get("/", "peyvand.refused: 413"))
    assert REFUSED not in site.seen[0]


def test_a_body_in_chunks_arrives_with_its_length(site: Site, port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert ask(port, head + b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")[0] == 200
    assert site.bodies == [b"abcdefg"]
    assert site.seen[0]["CONTENT_LENGTH"] == "7"


def test_a_post_cut_short_never_reaches_the_site(site: Site, port: int) -> None:
    connect(port, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly half").close()
    assert ask(port, get("/"))[0] == 200
    assert [environ["REQUEST_METHOD"] for environ in site.seen] == ["GET"]


def test_a_body_that_an_upgrade_swallowed_is_a_400(site: Site, port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\n"
    status, headers, body = ask(port, head + b"{}")
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert b"ended after 0 of the 2 bytes" in body
    assert site.seen == []


def test_a_body_that_stops_coming_is_given_up(site: Site, port: int) -> None:
    status, headers, _ = ask(port, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly half")
    assert (status, headers["content-type"]) == (408, "application/problem+json")
    assert site.seen == []


def test_a_body_that_comes_byte_by_byte_is_given_up_however_often_one_comes(site: Site) -> None:
    with (
        serving(site, send_seconds=2) as port,
        connect(port, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n") as made,
    ):
        end = time.monotonic() + PATIENCE
        while not select.select([made], [], [], 0.2)[0]:
            assert time.monotonic() < end, "still read"
            made.sendall(b" ")
        assert read(made)[0] == 408
    assert site.seen == []


def test_strangers_bodies_fill_their_room_and_nobody_elses(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    held, real = [0], Room.take

    def take(self: Room, sender: str, more: int) -> bool:
        took = real(self, sender, more)
        held.append(self._held.get(sender, 0))
        return took

    monkeypatch.setattr(Room, "take", take)
    size = 1_900_000  # four are less than the 8 MB of one address
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {size}\r\n"
    unfinished = f"{head}\r\n".encode() + b"x" * (size - 1)
    with serving(site, threads=2, signed_in=lambda scope: (b"cookie", b"me") in scope["headers"]) as port, contextlib.ExitStack() as stack:
        flood = []
        for n in range(1, 5):
            flood.append(stack.enter_context(connect(port, unfinished)))
            until(lambda: held[-1] == n * (size - 1))  # noqa: B023 - asked at once
        status, headers, body = ask(port, unfinished)
        assert (status, headers["retry-after"], b'"code":"busy"' in body) == (503, "2", True)
        assert ask(port, b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")[0] == 200
        assert ask(port, f"{head}Cookie: me\r\n\r\n".encode() + b"x" * size)[0] == 200
        for made in flood:
            made.sendall(b"x")
            assert read(made)[0] == 200
        assert ask(port, unfinished + b"x")[0] == 200
    assert sorted(map(len, site.bodies)) == [2, *[size] * 6]


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_too_large_is_refused_with_413(site: Site, port: int, *, declared: bool) -> None:
    size = (1 << 20) + 1
    if declared:
        status, headers, body = ask(port, f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode())
    else:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        status, headers, body = ask(port, head + f"{size:x}\r\n".encode() + b"x" * size)
    assert (status, headers["content-type"]) == (413, "application/problem+json")
    assert b'"code":"too-large"' in body
    assert site.seen == []


def test_headers_with_underscores_and_those_of_strange_proxies_are_dropped(site: Site, port: int) -> None:
    ask(port, get("/", "X_Forwarded_For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8", "X-Forwarded-Proto: https", "Forwarded: for=1.1.1.1"))
    environ = site.seen[0]
    assert not [name for name in environ if "FORWARDED" in name]
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("127.0.0.1", "http")


def test_a_trusted_proxy_is_believed(site: Site) -> None:
    with serving(site, proxies=("127.0.0.0/8", "10.0.0.0/8")) as port:
        ask(port, get("/", "X-Forwarded-For: 6.6.6.6, 5.6.7.8, 10.0.0.9", "X-Forwarded-Proto: https"))
    environ = site.seen[0]
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("5.6.7.8", "https")


def test_clients_that_do_not_read_hold_nobody_up(site: Site, port: int) -> None:
    idle = [connect(port, get("/big")) for _ in range(8)]  # four times as many as threads
    until(lambda: len(site.seen) == 8)
    started = time.monotonic()
    assert ask(port, get("/"))[0] == 200
    assert time.monotonic() - started < 20, "a client that reads nothing is cut off after thirty seconds"
    for each in idle:
        each.close()


def test_a_client_that_reads_late_gets_everything_in_order(site: Site) -> None:
    with serving(site, send_seconds=PATIENCE) as port, connect(port, get("/big")) as client:
        assert site.closed.wait(PATIENCE)  # the thread is done long before anybody read
        time.sleep(0.3)
        status, _, body = read(client)
    assert status == 200
    assert body.count(b"x") >= 48 << 20


def test_a_client_that_never_reads_is_cut_off(site: Site) -> None:
    with serving(site, send_seconds=1) as port, connect(port, get("/endless")):
        assert site.closed.wait(PATIENCE)
    assert site.written < 2 << 30


def test_a_client_that_leaves_stops_the_export(site: Site, port: int) -> None:
    client = connect(port, get("/endless"))
    client.recv(1000)
    client.close()
    assert site.closed.wait(PATIENCE)


def test_more_than_was_promised_raises_in_the_thread_and_sends_no_more(site: Site, port: int) -> None:
    status, _, body = ask(port, get("/long"))
    assert (status, body) == (200, b"12345")
    assert site.closed.wait(PATIENCE)
    assert site.written == 0
    assert ask(port, get("/"))[0] == 200, "the thread is free again"


def test_less_than_was_promised_is_cut_so_that_nobody_takes_it_for_the_whole(port: int) -> None:
    with connect(port, b"GET /short HTTP/1.1\r\nHost: localhost\r\n\r\n") as client:  # keep-alive: the end must show
        _, headers, body = read(client)
    assert len(body) < int(headers.get("content-length", "50"))


def test_a_fault_before_any_answer_is_a_500(port: int) -> None:
    status, headers, body = ask(port, get("/fails"))
    assert (status, headers["content-type"]) == (500, "application/problem+json")
    assert b"before any answer" not in body


def test_a_nul_in_the_address_is_a_400(site: Site, port: int) -> None:
    assert ask(port, get("/a%00b"))[0] == 400
    assert ask(port, get("/?a=%00"))[0] == 400
    assert site.seen == []


def test_two_hosts_are_a_400(site: Site, port: int) -> None:
    assert ask(port, get("/", "Host: evil.example"))[0] == 400
    assert site.seen == []


def test_a_persian_path_arrives_as_wsgi_wants_it(site: Site, port: int) -> None:
    ask(port, get("/plain", "Cookie: a=1", "Cookie: b=2", "X-Asks: one", "X-Asks: two"))
    assert site.seen[0]["HTTP_COOKIE"] == "a=1; b=2"
    assert site.seen[0]["HTTP_X_ASKS"] == "one,two"
    ask(port, get("/%D8%B3%D9%84%D8%A7%D9%85?q=%D8%B3"))
    assert site.seen[1]["PATH_INFO"].encode("latin-1").decode() == "/سلام"
    assert site.seen[1]["QUERY_STRING"] == "q=%D8%B3"


def test_too_many_waiting_requests_are_told_to_come_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peyvand.edge.bridge.WAITING", 2)
    with serving(site, threads=1) as port:
        waiting = {connect(port, get("/waits")) for _ in range(4)}
        (refused,), _, _ = select.select(waiting, [], [], PATIENCE)
        status, headers, _ = read(refused)
        assert (status, headers["retry-after"]) == (503, "2")
        site.release.set()
        assert [read(client)[0] for client in waiting - {refused}] == [200, 200, 200]
        for client in waiting:
            client.close()


def test_health_answers_without_the_site(site: Site, port: int) -> None:
    status, headers, body = ask(port, get("/healthz"))
    assert (status, body) == (200, b"ok\n")
    assert headers["x-content-type-options"] == "nosniff"
    assert site.seen == []
