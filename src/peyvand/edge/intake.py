"""The path of a request through the ingest doors: read, drafted and written by one thread, in groups.

Group commit without a timer: whatever came while the last commit ran goes into the next one. Called by the doors.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

import structlog
from django.db import connection
from django.utils import translation

from peyvand.core import clock
from peyvand.core.db import store_failure
from peyvand.edge import answers
from peyvand.edge.answers import Answer
from peyvand.edge.keys import Bearer, Keys
from peyvand.edge.services import Repeatable
from peyvand.edge.wire import Read, Unreadable, read, unpack
from peyvand.edge.writing import Ready, body_hash, write
from peyvand.timeline.services import Facts, draft, facts_of
from peyvand.workspaces.services.keys import touch_key

log = structlog.get_logger("peyvand.edge")
MOST_WAITING: Final = 5_000  # requests in the house
MOST_WAITING_BYTES: Final = 64 * 1024 * 1024
GROUP_ITEMS: Final = 2_500  # a commit holds the gate for some 50 ms, and pages wait for it
FACTS_SECONDS: Final = 2.0
BUSY: Final = answers.problem(503, "busy", "Too much waits to be recorded already; nothing of this was.", headers=[(b"retry-after", b"1")])
UNAUTHORISED: Final = answers.problem(
    401, "unauthorised", "Give a valid key: Authorization: Bearer sk_…", headers=[(b"www-authenticate", b'Bearer realm="peyvand"')]
)


@dataclass(slots=True, eq=False)
class Request:
    """One request as it came in. `shape` may take from what was read what its door does not let in."""

    secret: str
    scope: str
    body: bytes
    lines: bool = False
    packed: bool = False
    repeat_key: str = ""
    shape: Callable[[Read], Read] | None = None
    tells_ids: bool = True
    done: "asyncio.Future[Ready | Answer] | None" = None


Waiting = tuple[Request, Ready]


class Intake:
    """Takes requests in and gives their answers; one of these serves a whole process.

    One thread does all that is not waiting: two that both run Python would stand in each other's way at every statement.
    """

    def __init__(self) -> None:
        self.keys = Keys()
        self._arrived: SimpleQueue[Request | None] = SimpleQueue()
        self._waiting = self._waiting_bytes = 0
        self._facts: dict[int, tuple[float, Facts]] = {}
        self._ending = False
        self._thread = threading.Thread(target=self._take_in, name="intake", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Begin to work for the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def close(self) -> None:
        """Take no more, end what is in hand."""
        self._ending = True
        self._arrived.put(None)
        await asyncio.to_thread(self._thread.join, 2.0)

    @property
    def is_full(self) -> bool:
        """Whether another request would have to wait too long."""
        return self._ending or self._waiting >= MOST_WAITING or self._waiting_bytes >= MOST_WAITING_BYTES

    async def answer(self, request: Request) -> Answer:
        """Wait for the answer to a request; what it acknowledges is on disk by then."""
        assert self._loop is not None  # noqa: S101 - doors are opened before they are served
        size = len(request.body)
        request.done = self._loop.create_future()
        self._waiting += 1
        self._waiting_bytes += size
        try:
            self._arrived.put(request)
            found = await request.done
        finally:
            self._waiting -= 1
            self._waiting_bytes -= size
        return found if isinstance(found, Answer) else found.finish()

    def _take_in(self) -> None:
        translation.activate("en")  # what the API says, it says in English
        held: deque[Waiting] = deque()
        while group := self._next_group(held):
            write([ready for _request, ready in group])
            self._deliver(group)
            _touch_keys(group)
        connection.close()

    def _next_group(self, held: deque[Waiting]) -> list[Waiting]:
        """All that has come, drafted, up to a bound; empty when the house closes. What must wait for the next group is `held`."""
        group: list[Waiting] = []
        keys: set[tuple[int, str]] = set()
        weight = 0
        while weight < GROUP_ITEMS and (one := self._next(held, wait=not group)) is not None:
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
        """The next request that can be written, None where there is none; those that cannot are answered on the way."""
        if held:
            return held.popleft()
        try:
            while (request := self._arrived.get(block=wait)) is not None:
                drafted = self._drafted(request)
                if isinstance(drafted, Ready):
                    return request, drafted
                self._deliver([(request, drafted)])
        except Empty:
            return None
        self._arrived.put(None)  # the end: also for who looks next
        return None

    def _drafted(self, request: Request) -> Ready | Answer:
        try:
            bearer = self.keys.find(request.secret)
            ready = self._draft(request, bearer, self._facts_of(bearer))
            if isinstance(ready, Ready) and ready.is_doubtful:
                ready = self._draft(request, bearer, self._facts_of(bearer, fresh=True))  # a kind may just have been declared
        except Exception as error:  # noqa: BLE001 - answered and logged; the next request comes
            connection.close()
            return _trouble(error)
        return ready

    def _draft(self, request: Request, bearer: Bearer | None, facts: Facts | None) -> Ready | Answer:
        if bearer is None or facts is None:
            return UNAUTHORISED
        if request.scope not in bearer.scopes:
            return answers.problem(403, "forbidden", f"This key lacks the scope '{request.scope}'.")
        try:
            body = unpack(request.body) if request.packed else request.body
            found = read(body, lines=request.lines)
        except Unreadable as error:
            return answers.unreadable(error)
        if request.shape is not None:
            found = request.shape(found)
        drafted = draft(facts, found.items)
        asked = Repeatable(bearer.workspace_id, request.repeat_key, body_hash(body)) if request.repeat_key else None
        return Ready(bearer, found, facts, drafted, asked, tells_ids=request.tells_ids)

    def _facts_of(self, bearer: Bearer | None, *, fresh: bool = False) -> Facts | None:
        if bearer is None:
            return None
        now = clock.monotonic()
        kept = self._facts.get(bearer.workspace_id)
        if fresh or kept is None or now > kept[0]:
            kept = self._facts[bearer.workspace_id] = (now + FACTS_SECONDS, facts_of(bearer.workspace_id))
        return kept[1]

    def _deliver(self, answered: Sequence[tuple[Request, Ready | Answer]]) -> None:
        assert self._loop is not None  # noqa: S101 - as above
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_resolve, answered)


def _resolve(answered: Sequence[tuple[Request, Ready | Answer]]) -> None:
    for request, result in answered:
        if request.done is not None and not request.done.done():  # the client may have left meanwhile
            request.done.set_result(result)


def _trouble(error: Exception) -> Answer:
    failure = store_failure(error)
    if failure is not None:
        again = [(b"retry-after", str(failure.retry_after).encode())]
        return answers.problem(503, "store-unavailable", f"{failure} Nothing was recorded.", headers=again)
    log.error("request could not be read", exc_info=error)
    return answers.problem(500, "fault", "A fault on the server's side; it is in its log. Nothing was recorded.")


def _touch_keys(group: Sequence[Waiting]) -> None:
    for key in {ready.bearer.key.pk: ready.bearer.key for _request, ready in group}.values():
        try:
            touch_key(key=key)
        except Exception as error:  # noqa: BLE001 - when a key was last used is nothing to stop for
            connection.close()
            log.warning("key not touched", error=type(error).__name__)
