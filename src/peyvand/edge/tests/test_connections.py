"""Whoever opens connections and says nothing keeps nobody else out."""

import contextlib
import resource
import socket
import threading

import pytest
from tests.waiting import PATIENCE, until

from peyvand.edge.app import Door
from peyvand.edge.asgi import problem
from peyvand.edge.connections import Connection, hang_up_on_silent, make_room
from peyvand.edge.tests.serving import connect, get, read, serving

WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def sweep(connections, seconds):
    """As the server does it, in the thread of its loop."""
    done = threading.Event()

    def run():
        hang_up_on_silent(connections, seconds)
        done.set()

    next(iter(connections)).loop.call_soon_threadsafe(run)
    assert done.wait(PATIENCE)


def is_closed(made: socket.socket) -> bool:
    made.settimeout(PATIENCE)
    try:
        return made.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("said", [b"", b"GET /", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", WHOLE + b"POST / HTTP/1.1\r\nHo"])
def test_a_connection_whose_head_does_not_come_is_ended(said):
    served = []
    with serving(app, served=served) as port, connect(port, said) as silent, connect(port, WHOLE) as idle:
        assert idle.recv(8) == b"HTTP/1.1"
        connections = served[0].server_state.connections
        until(lambda: len(connections) == 2)
        sweep(connections, 60)
        assert len(connections) == 2
        until(lambda: sum(one.awaited_since is not None for one in connections) == 1)
        sweep(connections, -1)
        until(lambda: len(connections) == 1)
        while not is_closed(silent):
            pass


def test_the_rest_of_a_body_that_was_answered_is_not_kept_and_not_waited_for():
    async def refuse(scope, receive, send):
        await problem(send, 415, "unsupported-media-type", "No.")

    served, half = [], b"POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 90_000
    door = Door(paths={"/refuse": refuse})
    with serving(app, doors=(door,), served=served) as port, connect(port, half) as dribbling, connect(port, half) as honest:
        for made in (dribbling, honest):
            assert made.recv(12) == b"HTTP/1.1 415"
        connections = served[0].server_state.connections
        until(lambda: sum(one.awaited_since is not None for one in connections) == 2)
        honest.sendall(b"x" * 10_000 + WHOLE)
        dribbling.sendall(b"x")
        until(lambda: sum(one.awaited_since is not None for one in connections) == 1)
        assert sum(len(one.cycle.body) for one in connections) == 0
        sweep(connections, -1)
        until(lambda: len(connections) == 1)
        while not is_closed(dribbling):
            pass
        honest.settimeout(PATIENCE)
        came = b""
        while not came.endswith(b"\r\n\r\nok"):
            came += honest.recv(1000)


def test_connections_beyond_the_room_are_refused_and_the_others_served(monkeypatch):
    monkeypatch.setattr(Connection, "most", 3)
    with serving(app) as port, contextlib.ExitStack() as held:
        silent = [held.enter_context(connect(port, b"GET /")) for _ in range(3)]
        assert is_closed(held.enter_context(connect(port, b"")))
        silent[0].sendall(get("/").removeprefix(b"GET /"))
        assert read(silent[0])[0] == 200


def test_the_process_takes_the_files_it_may_have_and_keeps_some_for_itself():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(600, before[1]), before[1]))
        room = make_room()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > room > 0
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= min(65_536, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
