"""The path of a request through the ingest doors: drafted where it came in or by a thread beside, written by another, in groups.

Group commit without a timer: whatever came while the last commit ran goes into the next one. Called by the doors.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final

import structlog
from django.db import connection
from django.utils import translation

from peyvand.core.db import keep_pages
from peyvand.edge import answers
from peyvand.edge.answers import Answer
from peyvand.edge.counting import GROUPS
from peyvand.edge.reading import Question, Reader, Request, refused
from peyvand.edge.writing import Ready, write
from peyvand.workspaces.services.keys import touch_key

log = structlog.get_logger("peyvand.edge")
MOST_WAITING: Final = 5_000  # requests in the house
MOST_WAITING_BYTES: Final = 64 * 1024 * 1024
MOST_ASKING: Final = 100  # large bodies whose key is being looked up: each may have brought 300 KB into its connection
SHARE: Final = 2  # one key takes at most half of either: others may come at any moment
GROUP_ITEMS: Final = 2_500  # a commit holds the gate for some 50 ms, and pages wait for it
MOST_AHEAD: Final = GROUP_ITEMS  # items drafted before the writing thread takes them
BUSY: Final = answers.problem(503, "busy", "Too much waits to be recorded already; nothing of this was.", headers=[(b"retry-after", b"1")])

Waiting = tuple[Request, Ready]
NOTHING: Final = (0, 0)


class Intake:
    """Takes requests in and gives their answers; one of these serves a whole process.

    A small request is drafted in the event loop, since handing it on costs more; all else by a thread that works while
    the writing one waits for the store. Neither gets far ahead of the other.
    """

    def __init__(self) -> None:
        self._reader = Reader()
        self.keys = self._reader.keys
        self._arrived: SimpleQueue[Request | Question | None] = SimpleQueue()
        self._drafted: SimpleQueue[Waiting | None] = SimpleQueue()
        self._ahead = 0  # items drafted and not yet taken for writing
        self._room = threading.Condition()
        self._waiting = self._waiting_bytes = 0
        self._asking = 0
        self._held: dict[str, tuple[int, int]] = {}  # secret → its requests in the house and their bytes
        self._ending = False
        self._threads = [
            threading.Thread(target=self._read_all, name="intake reading", daemon=True),
            threading.Thread(target=self._write_all, name="intake writing", daemon=True),
        ]
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Begin to work for the running event loop."""
        self._loop = asyncio.get_running_loop()
        for thread in self._threads:
            thread.start()

    async def close(self) -> None:
        """Take no more, end what is in hand."""
        self._ending = True
        self._arrived.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join, 2.0)

    @property
    def is_full(self) -> bool:
        """Whether another request would have to wait too long."""
        return self._ending or self._waiting >= MOST_WAITING or self._waiting_bytes >= MOST_WAITING_BYTES

    def has_its_share(self, secret: str) -> bool:
        """Whether a key has so much in the house that another request of it must wait outside, whoever else is there."""
        requests, size = self._held.get(secret, NOTHING)
        return requests >= MOST_WAITING // SHARE or size >= MOST_WAITING_BYTES // SHARE

    async def refusal(self, secret: str, scope: str) -> Answer | None:
        """What keeps a key from sending a large body, told before it is read: UNAUTHORISED, BUSY where too many ask; None for nothing."""
        knows, bearer = self.keys.recall(secret)
        if knows:
            return refused(bearer, scope)
        if self._ending or self._asking >= MOST_ASKING:
            return BUSY
        assert self._loop is not None  # noqa: S101 - as below
        question = Question(secret, scope, self._loop.create_future())
        self._asking += 1
        try:
            self._arrived.put(question)
            return await question.done
        finally:
            self._asking -= 1

    async def answer(self, request: Request) -> Answer:
        """Wait for the answer to a request; what it acknowledges is on disk by then. BUSY where there is no room for it."""
        assert self._loop is not None  # noqa: S101 - doors are opened before they are served
        secret, size = request.secret, len(request.body)
        if self.is_full or self.has_its_share(secret):  # many may have come while their bodies were read
            return BUSY
        requests, held = self._held.get(secret, NOTHING)
        self._held[secret] = (requests + 1, held + size)
        request.done = self._loop.create_future()
        self._waiting += 1
        self._waiting_bytes += size
        try:
            if (ready := self._reader.from_memory(request)) is not None:
                self._pass_on(request, ready)
            else:
                self._arrived.put(request)
            found = await request.done
        finally:
            self._waiting -= 1
            self._waiting_bytes -= size
            requests, held = self._held.pop(secret)
            if requests > 1:
                self._held[secret] = (requests - 1, held - size)
        return found if isinstance(found, Answer) else found.finish()

    def _read_all(self) -> None:
        translation.activate("en")  # what the API says, it says in English
        while (request := self._arrived.get()) is not None:
            if isinstance(request, Question):
                self._in_loop(_tell, request, self._reader.refusal(request))
                continue
            with self._room:
                self._room.wait_for(lambda: self._ahead < MOST_AHEAD)
            drafted = self._reader.read(request)
            if isinstance(drafted, Ready):
                self._pass_on(request, drafted)
            else:
                self._deliver([(request, drafted)])
        self._drafted.put(None)
        connection.close()

    def _pass_on(self, request: Request, ready: Ready) -> None:
        with self._room:
            self._ahead += ready.weight
        self._drafted.put((request, ready))

    def _write_all(self) -> None:
        translation.activate("en")
        keep_pages()
        held: deque[Waiting] = deque()
        while group := self._next_group(held):
            with self._room:
                self._ahead -= sum(ready.weight for _request, ready in group)
                self._room.notify()
            write([ready for _request, ready in group])
            GROUPS.observe(sum(ready.weight for _request, ready in group))
            self._deliver(group)
            _touch_keys(group)
        connection.close()

    def _next_group(self, held: deque[Waiting]) -> list[Waiting]:
        """What is to be written together, up to a bound; empty when the house closes. What must wait for the next group is `held`.

        At most half of the requests in the house: the others come in and are answered while these are written. Whoever
        took all of them would have nothing to write, and the event loop nothing to do, in turns.
        """
        group: list[Waiting] = []
        keys: set[tuple[int, str]] = set()
        weight = 0
        while weight < GROUP_ITEMS and 2 * len(group) <= self._waiting and (one := self._next(held, wait=not group)) is not None:
            ready = one[1]
            if ready.asked is not None:
                if ready.asked[:2] in keys:
                    held.append(one)  # the second of two with one key finds the first one's answer in the next group
                    break
                keys.add(ready.asked[:2])
            group.append(one)
            weight += ready.weight
        return group

    def _next(self, held: deque[Waiting], *, wait: bool) -> Waiting | None:
        if held:
            return held.popleft()
        try:
            one = self._drafted.get(block=wait)
        except Empty:
            return None
        if one is None:
            self._drafted.put(None)  # the end: also for who looks next
        return one

    def _deliver(self, answered: Sequence[tuple[Request, Ready | Answer]]) -> None:
        self._in_loop(_resolve, answered)

    def _in_loop(self, call: Callable[..., None], *given: object) -> None:
        assert self._loop is not None  # noqa: S101 - as above
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *given)


def _resolve(answered: Sequence[tuple[Request, Ready | Answer]]) -> None:
    for request, result in answered:
        if request.done is not None and not request.done.done():  # the client may have left meanwhile
            request.done.set_result(result)


def _tell(question: Question, told: Answer | None) -> None:
    if not question.done.done():
        question.done.set_result(told)


def _touch_keys(group: Sequence[Waiting]) -> None:
    for key in {ready.bearer.key.pk: ready.bearer.key for _request, ready in group}.values():
        try:
            touch_key(key=key)
        except Exception as error:  # noqa: BLE001 - when a key was last used is nothing to stop for
            connection.close()
            log.warning("key not touched", error=type(error).__name__)
