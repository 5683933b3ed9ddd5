"""Bodies that come in pieces to the ingest door: whose they are is asked before they are read, and all of them together are bounded."""

import contextlib
import json
import secrets
import select
import socket
import time

import pytest
from tests.waiting import PATIENCE

from peyvand.edge import bodies, intake
from peyvand.edge.rooms import Room
from peyvand.edge.tests.serving import read
from peyvand.timeline.models import Interaction
from peyvand.workspaces.services.keys import create_key

LARGE = 4_900_000


def order(n=0, **fields):
    return {"kind": "order.placed", "occurred_at": "2026-06-01T10:30:00+03:30", "source": "shop", "external_id": f"e-{n}", **fields}


def head(secret: str, length: str, *more: str) -> bytes:
    lines = ["POST /api/v1/interactions HTTP/1.1", "Host: a", f"Authorization: Bearer {secret}", "Content-Type: application/json"]
    return "\r\n".join([*lines, length, *more, "", ""]).encode()


def begin(shop, secret: str, size: int) -> socket.socket:
    """Send all of a body but its last byte."""
    made = shop.connect()
    made.sendall(head(secret, f"Content-Length: {size + 1}", "Connection: close") + b"[" + b" " * (size - 1))
    return made


def made_up() -> str:
    return f"sk_{secrets.token_hex(16)}"


def assert_unauthorised(made: socket.socket) -> None:
    status, headers, body = read(made)  # until the other side closes
    assert (status, json.loads(body)["code"], headers["connection"]) == (401, "unauthorised", "close")


def test_a_strangers_large_body_is_refused_before_it_is_read(shop):
    with shop.connect() as made:
        made.sendall(head(made_up(), "Content-Length: 5000000", "Expect: 100-continue"))
        assert_unauthorised(made)  # and nobody said: continue


@pytest.mark.parametrize("chunked", [False, True])
def test_a_strangers_body_that_does_not_come_whole_is_let_by_and_the_connection_closed(shop, chunked):
    piece = b"[" + b" " * (LARGE - 1)
    with contextlib.ExitStack() as held:
        strangers = [held.enter_context(shop.connect()) for _ in range(6)]
        for made in strangers:
            length = "Transfer-Encoding: chunked" if chunked else "Content-Length: 5000000"
            made.sendall(head(made_up(), length) + (b"%x\r\n%s\r\n" % (LARGE, piece) if chunked else piece))
        for made in strangers:
            assert_unauthorised(made)
    assert shop.post(order()).status == 200


def test_a_small_body_in_pieces_is_a_strangers_too(shop):
    with shop.connect() as made:
        made.sendall(head(made_up(), "Transfer-Encoding: chunked") + b"1\r\n[\r\n")
        assert_unauthorised(made)


def test_a_key_without_the_scope_is_told_before_its_body_is_read(shop):
    _key, reader = create_key(workspace=shop.workspace, name="reader", scopes=["read"])
    with shop.connect() as made:
        made.sendall(head(reader, "Content-Length: 5000000", "Expect: 100-continue"))
        assert read(made)[0] == 403


def test_nothing_is_asked_of_a_small_body_in_one_piece(shop, monkeypatch):
    asked, real = [], intake.Intake.refusal

    async def refusal(self, secret, scope):
        asked.append(secret)
        return await real(self, secret, scope)

    monkeypatch.setattr(intake.Intake, "refusal", refusal)
    assert shop.post(order(1)).status == 200
    assert asked == []
    assert shop.post([order(n, properties={"note": "x" * 500}) for n in range(200)]).status == 200
    assert set(asked) == {shop.secret}


def test_a_key_brings_half_of_what_may_come_at_once_and_leaves_the_rest_to_another(shop):
    _key, other = create_key(workspace=shop.workspace, name="till", scopes=["ingest"])
    with contextlib.ExitStack() as held:
        flood = {held.enter_context(begin(shop, shop.secret, LARGE)) for _ in range(7)}  # six are less than 32 MB
        (refused,), _, _ = select.select(flood, [], [], PATIENCE)
        status, headers, body = read(refused)
        assert (status, json.loads(body)["code"], headers["retry-after"], headers["connection"]) == (503, "busy", "1", "close")
        assert shop.post(order(1)).status == 200, "what comes in one piece needs no place"
        another = held.enter_context(begin(shop, other, LARGE))
        another.sendall(b"]")
        assert read(another)[0] == 200
        for made in flood - {refused}:
            made.sendall(b"]")
            assert read(made)[0] == 200
    with begin(shop, shop.secret, LARGE) as made:
        made.sendall(b"]")
        assert read(made)[0] == 200


def test_who_comes_while_too_many_keys_are_looked_up_comes_again(shop, monkeypatch):
    monkeypatch.setattr(intake, "MOST_ASKING", 0)
    with shop.connect() as made:
        made.sendall(head(made_up(), "Content-Length: 5000000", "Expect: 100-continue"))
        assert read(made)[0] == 503
    assert shop.post(order()).status == 200
    with begin(shop, shop.secret, LARGE) as made:  # its key is known by now
        made.sendall(b"]")
        assert read(made)[0] == 200


def test_a_body_that_comes_byte_by_byte_is_given_up_however_often_one_comes(shop, monkeypatch):
    monkeypatch.setattr(bodies, "READ_SECONDS", 2.0)
    with shop.connect() as made:
        made.sendall(head(shop.secret, "Content-Length: 5000", "Connection: close") + b"[")
        end = time.monotonic() + PATIENCE
        while not select.select([made], [], [], 0.2)[0]:
            assert time.monotonic() < end, "still read"
            made.sendall(b" ")
        status, headers, body = read(made)
    assert (status, json.loads(body)["code"], headers["connection"]) == (408, "too-slow", "close")


def test_a_slow_line_has_the_time_it_needs(shop, monkeypatch):
    monkeypatch.setattr(bodies, "READ_SECONDS", 3.0)
    body = json.dumps([order(n, properties={"note": "x" * 1000}) for n in range(120)]).encode()
    step = len(body) // 5 + 1
    with shop.connect() as made:
        made.sendall(head(shop.secret, f"Content-Length: {len(body)}", "Connection: close"))
        for start in range(0, len(body), step):
            made.sendall(body[start : start + step])
            time.sleep(1)
        assert read(made)[0] == 200
    assert Interaction.objects.count() == 120


def test_a_room_has_so_much_for_all_and_a_share_for_each():
    room = Room(100, shares=2)
    with room.place("a") as first, room.place("a") as second, room.place("b") as third, room.place("c") as fourth:
        assert first.grow_to(30)
        assert not second.grow_to(21), "more than half"
        assert second.grow_to(20)
        assert third.grow_to(45)
        assert not fourth.grow_to(6), "more than all"
        first.move_to(Room(100, shares=1))
        assert fourth.grow_to(35)
        assert not fourth.grow_to(36)
    with room.place("d") as place, room.place("e") as another:
        assert place.grow_to(50)
        assert another.grow_to(50)
