"""Heads of requests that do not end, or hold more than any honest one."""

import pytest

from peyvand.edge.tests.serving import connect, read, serving

WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


@pytest.mark.parametrize(
    "without_end",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"a: b\r\n" * 400_000,
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 2_000_000,
        b"GET /?" + b"a" * 2_000_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 2_000_000,
    ],
    ids=["headers", "a header", "an address", "a trailer"],
)
def test_a_head_without_end_is_refused_long_before_it_fills_the_memory(without_end):
    """Each byte of it would cost fifteen."""
    with serving(app) as port, connect(port, b"") as made:
        made.settimeout(10)
        with pytest.raises(ConnectionError):
            made.sendall(without_end * 100)
    with serving(app) as port, connect(port, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"a: b\r\n" * 201 + b"\r\n") as made:
        assert read(made)[0] == 400
    honest = WHOLE.removesuffix(b"\r\n") + b"Connection: close\r\n" + b"a: b\r\n" * 150 + b"Cookie: " + b"a" * 50_000 + b"\r\n\r\n"
    with serving(app) as port, connect(port, honest) as made:
        assert read(made)[0] == 200
