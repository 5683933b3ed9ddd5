"""The process beside the web process: large bodies are shared with it, and it may be lost at any time."""

import asyncio
import concurrent.futures
import contextlib
import gzip
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from peyvand.edge import intake, writing
from peyvand.edge.beside import take
from peyvand.edge.tests.conftest import served_shop
from peyvand.edge.tests.serving import until
from peyvand.timeline.models import Interaction


def order(number):
    return {
        "kind": "order.placed",
        "occurred_at": "2026-05-01T10:00:00+03:30",
        "source": "shop",
        "external_id": f"e-{number}",
        "properties": {"note": "x" * 100},
    }


def large(start):
    return [order(n) for n in range(start, start + 40)]


class Other:
    """Takes requests in as the other process does, here in a thread with an event loop of its own."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.intake = intake.Intake()
        self._writers: list[asyncio.StreamWriter] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def hang_up(self) -> None:
        """What a killed process does to its connections."""
        for writer in self._writers:
            self._loop.call_soon_threadsafe(writer.transport.abort)

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self.intake.close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()

    async def _serve(self) -> None:
        self.intake.open()
        await asyncio.start_server(self._take, sock=self._listening)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        await take(reader, writer, self.intake)


@pytest.fixture
def other(transactional_db: None) -> Iterator[Other]:
    made = Other()
    yield made
    made.end()


@pytest.fixture
def taken(monkeypatch) -> list[int]:
    """The bytes of each body that the other process was given."""
    sizes: list[int] = []
    real = intake.Intake.answer

    async def answer(self, request):
        if self._other is None:
            sizes.append(len(request.body))
        return await real(self, request)

    monkeypatch.setattr(intake.Intake, "answer", answer)
    return sizes


@contextlib.contextmanager
def busy(shop, monkeypatch, number) -> Iterator[concurrent.futures.Future]:
    """A large request in the hand of the web process, held there until the block ends."""
    begun, go_on, real = threading.Event(), threading.Event(), writing.write

    def write(group):
        if not begun.is_set():
            begun.set()
            assert go_on.wait(20)
        real(group)

    monkeypatch.setattr(intake, "write", write)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        held = pool.submit(shop.post, large(number))
        assert begun.wait(20)
        try:
            yield held
        finally:
            go_on.set()


def test_a_large_body_goes_to_who_has_less_in_hand(other, taken, monkeypatch):
    with served_shop(other.port) as shop:
        until(lambda: shop.post(order(0)).status == 200)
        until(lambda: other._writers)
        assert {one["status"] for one in shop.post(large(100)).json} == {"recorded"}
        assert taken == []  # nobody was busy
        with busy(shop, monkeypatch, 200) as held:
            answered = shop.post(large(300))
            assert not held.done()
        assert {one["status"] for one in held.result().json + answered.json} == {"recorded"}
    assert len(taken) == 1
    assert Interaction.objects.count() == 121


def test_all_that_a_request_says_goes_with_it(other, taken, monkeypatch):
    monkeypatch.setattr(intake.Intake, "_is_better_there", lambda _self, _request, there: there.is_there)
    with served_shop(other.port) as shop:
        until(lambda: other._writers)
        lines = gzip.compress(b"\n".join(json.dumps(one).encode() for one in large(0)))
        said = {"content_type": "application/x-ndjson", "content_encoding": "gzip", "idempotency_key": "once"}
        first, again = (shop.post(lines, **said) for _ in range(2))
        assert first.status == again.status == 200
        assert first.body == again.body
        assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
        assert shop.post(large(500), authorization="Bearer sk_nobody").status == 401
        odd = shop.post(json.dumps(large(600)).encode() + b"]")
        assert (odd.status, odd.headers["content-type"]) == (400, "application/problem+json")
    assert len(taken) == 4


def test_a_process_lost_with_a_request_in_hand_is_told_and_the_next_one_is_served_here(other, monkeypatch):
    monkeypatch.setattr(intake.Intake, "_is_better_there", lambda _self, _request, there: there.is_there)
    begun, go_on, real = threading.Event(), threading.Event(), writing.write

    def write(group):
        begun.set()
        assert go_on.wait(20)
        real(group)

    monkeypatch.setattr(intake, "write", write)
    with served_shop(other.port) as shop, concurrent.futures.ThreadPoolExecutor(1) as pool:
        until(lambda: other._writers)
        lost = pool.submit(shop.post, large(0))
        assert begun.wait(20)
        other.hang_up()
        answered = lost.result()
        assert (answered.status, answered.json["code"], answered.headers["retry-after"]) == (503, "fate-unknown", "2")
        go_on.set()
        statuses = {one["status"] for one in shop.post(large(0)).json}
        assert len(statuses) == 1
        assert statuses <= {"recorded", "duplicate"}  # sent again it has one effect, whatever became of the first
    assert Interaction.objects.count() == 40


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\xff\xff\xff\xff", b"\x00\x00\x00\x02\x92\x01", b""])
def test_whoever_speaks_another_language_is_hung_up_on(other, said):
    with socket.create_connection(("127.0.0.1", other.port), timeout=10) as stranger:
        assert stranger.recv(1) == b"\x01"
        stranger.sendall(said)
        stranger.shutdown(socket.SHUT_WR)
        assert stranger.recv(1) == b""


def test_without_the_other_process_everything_is_taken_here(transactional_db):
    with socket.create_server(("127.0.0.1", 0)) as nobody, served_shop(nobody.getsockname()[1]) as shop:
        assert {one["status"] for one in shop.post(large(0)).json} == {"recorded"}
