"""Connections that cost more than they bring: those that never say what they want, and those beyond what the machine can hold.

Called by config.web. uvicorn itself waits for ever for the head of a request and takes connections until no file can be opened.
"""

import asyncio
import resource
from collections.abc import Iterable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from peyvand.core import clock

HEAD_SECONDS: Final = 20.0
MOST_HEAD: Final = 64 << 10  # bytes of names and values; proxies in front take no more than half of it
MOST_HEADERS: Final = 200
PIECE: Final = 256 << 10  # what is read at once, of other requests perhaps
MOST_FILES: Final = 65_536
KEPT_FILES: Final = 256  # for the database, the lake, static files


class HeadTooLargeError(Exception):
    """A head of more bytes or headers than any honest request has; the parser makes it a 400."""


class Connection(HttpToolsProtocol):
    """A connection that knows since when the head of a request is awaited, and that is refused where there are too many.

    uvicorn itself takes a head of any size into memory, fifteen times over where its headers are small.
    """

    most: int = MOST_FILES
    awaited_since: float | None = None
    come = 0  # bytes since the last header or piece of a body was whole
    head = 0  # bytes of the headers that are whole

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or hang up at once."""
        super().connection_made(transport)
        self.awaited_since = clock.monotonic()
        if len(self.connections) > self.most:
            transport.abort()

    def on_message_begin(self) -> None:
        """The first line has begun."""
        self.awaited_since = clock.monotonic()
        self.come = self.head = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; a head that is too large ends here, as 400."""
        self.come = 0
        self.head += len(name) + len(value)
        if self.head > MOST_HEAD or len(self.headers) >= MOST_HEADERS:
            raise HeadTooLargeError
        super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Hand a piece on."""
        self.come = 0
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        """Read on; an address, a header or a trailer without end is not waited for."""
        super().data_received(data)
        self.come += len(data)
        if self.come > MOST_HEAD + PIECE and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_headers_complete(self) -> None:
        """From here on the doors and the bridge keep the time."""
        self.awaited_since = None
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Of a body that was answered before it was whole nothing is kept, and its rest is waited for no longer than a head."""
        if self.cycle.more_body and self.cycle.response_complete:
            self.cycle.body = bytearray()
            self.awaited_since = clock.monotonic()
        super().on_response_complete()


def hang_up_on_silent(connections: Iterable[Any], seconds: float = HEAD_SECONDS) -> None:
    """End the connections whose head, or rest of a body that was answered already, has not come within some seconds."""
    before = clock.monotonic() - seconds
    for one in list(connections):
        if isinstance(one, Connection) and one.awaited_since is not None and one.awaited_since < before:
            one.transport.abort()


def make_room() -> int:
    """Let this process open as many files as it may; returns how many connections that leaves room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    files = MOST_FILES if soft == resource.RLIM_INFINITY else soft
    return max(files - KEPT_FILES, files // 2)
