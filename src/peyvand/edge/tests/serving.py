"""A real uvicorn around a WSGI application, and raw sockets to misbehave with, for the tests of the edge."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from tests.waiting import PATIENCE, until

from peyvand.edge.app import Door, Edge
from peyvand.edge.bridge import Bridge
from peyvand.edge.clients import Clients
from peyvand.edge.connections import Connection


@contextlib.contextmanager
def serving(
    wsgi: Any, *, proxies: tuple[str, ...] = (), doors: tuple[Door, ...] = (), served: list[uvicorn.Server] | None = None, **options: Any
) -> Iterator[int]:
    """Serve on a free port for the length of the block; yields the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    bridge = Bridge(wsgi, **{"signed_in": lambda _scope: False, **options})
    edge = Edge(pages=bridge, clients=Clients(proxies), doors=list(doors))
    config = uvicorn.Config(edge, ws="none", http=Connection, log_config=None, access_log=False, proxy_headers=False, lifespan="on")
    server = uvicorn.Server(config)
    if served is not None:
        served.append(server)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(PATIENCE)
        bridge.close()
        listening.close()


def connect(port: int, request: bytes) -> socket.socket:
    """Open a connection and send raw bytes."""
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    made.sendall(request)
    return made


def ask(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send raw bytes and read the whole answer: status, headers in lower case, body."""
    with connect(port, request) as made:
        return read(made)


def read(made: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read until the other side closes."""
    taken = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while piece := made.recv(65536):
            taken += piece
    head, _, body = bytes(taken).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]) if first else 0, headers, body


def get(path: str, *lines: str) -> bytes:
    """A GET request that closes the connection afterwards."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", ""]).encode("latin-1")
