"""Reading whole bodies of a bounded size within a bounded time, of keys that are somebody's. Called by the ingest doors."""

import asyncio
from typing import Final

from peyvand.edge.answers import Answer, problem
from peyvand.edge.asgi import Receive, drop_rest
from peyvand.edge.intake import BUSY, SHARE, Intake
from peyvand.edge.rooms import SLOWEST, Place, Room
from peyvand.edge.wire import MOST_BYTES

READ_SECONDS: Final = 30.0
LARGE: Final = 64 * 1024  # whose key is asked for before anything of it is read
TOO_SLOW: Final = problem(
    408, "too-slow", f"The body came too slowly: nothing for {READ_SECONDS:.0f} seconds, or less than {SLOWEST >> 10} KB a second."
)


class GoneError(Exception):
    """The client left before its request was whole."""


class Refusal(Exception):
    """A request that is answered before its body is looked at."""

    def __init__(self, given: Answer) -> None:
        super().__init__(given.status)
        self.given = given


class Bodies:
    """Reads whole bodies of at most so many bytes, and ends the wait for those that do not come.

    A small body mostly comes in one piece, with its head: nothing is counted or asked of it here. Of all else strangers could fill the
    memory, so it is read for keys that are somebody's alone, and only so much of it at once.
    """

    def __init__(self, intake: Intake, scope: str, most: int = MOST_BYTES) -> None:
        self._intake, self._scope = intake, scope
        self._most = most
        self._room = Room(shares=SHARE)
        self._reading: dict[asyncio.Task[None] | None, float] = {}
        self._watching = False

    async def read(self, secret: str, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """The whole body; raises Refusal for one too large, too slow, nobody's or one too many, GoneError when the client leaves."""
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > LARGE:
            await self._check_large(int(declared), secret, headers, receive)
        piece, more = await self._next(receive)
        if not more:
            if len(piece) > self._most:
                raise Refusal(_last(_too_large(self._most)))
            return piece
        body = bytearray(piece)
        piece = b""  # whoever is refused keeps nothing here while the rest is let by
        given = await self._intake.refusal(secret, self._scope)
        if given is None:
            with self._room.place(secret) as place:
                given, more = await self._read_on(body, place, receive)
        if given is None:
            return bytes(body)
        body.clear()
        if more:
            await drop_rest(receive)
        raise Refusal(_last(given))

    async def _check_large(self, size: int, secret: str, headers: dict[bytes, bytes], receive: Receive) -> None:
        """Raise Refusal for a body that says it is large and will not be taken."""
        given = _too_large(self._most) if size > self._most else await self._intake.refusal(secret, self._scope)
        if given is not None:
            if not headers.get(b"expect"):  # who asks first has sent nothing yet
                await drop_rest(receive)
            raise Refusal(_last(given))

    async def _read_on(self, body: bytearray, place: Place, receive: Receive) -> tuple[Answer | None, bool]:
        """Read the rest of a body; what it is refused with, if it is, and whether more of it would come."""
        begun, more = asyncio.get_running_loop().time(), True
        while True:
            if len(body) > self._most:
                return _too_large(self._most), more
            if not place.grow_to(len(body)):
                return BUSY, more
            if not more:
                return None, more
            piece, more = await self._next(receive, begun + READ_SECONDS + len(body) / SLOWEST)
            body += piece

    async def _next(self, receive: Receive, end: float | None = None) -> tuple[bytes, bool]:
        """The next piece, and whether more come after it; `end` is the moment of the loop until which it must be there."""
        # One watch for all: a timer a request would cost more than the request.
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        self._reading[task] = loop.time() + READ_SECONDS if end is None else min(loop.time() + READ_SECONDS, end)
        if not self._watching:
            self._watching = True
            loop.call_later(READ_SECONDS / 4, self._watch, loop)
        try:
            message = await receive()
        except asyncio.CancelledError:
            if task is not None and self._reading.get(task) == 0:
                task.uncancel()
                raise Refusal(_last(TOO_SLOW)) from None
            raise
        finally:
            del self._reading[task]
        if message["type"] == "http.disconnect":
            raise GoneError
        return message.get("body", b""), message.get("more_body", False)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task, end in self._reading.items():
            if 0 < end < now and task is not None:
                self._reading[task] = 0
                task.cancel()
        self._watching = bool(self._reading)
        if self._watching:
            loop.call_later(READ_SECONDS / 4, self._watch, loop)


def _too_large(most: int) -> Answer:
    return problem(413, "too-large", f"The body is larger than {most} bytes; send it in parts.")


def _last(given: Answer) -> Answer:
    """An answer after which the connection closes: the rest of the body may still be on its way."""
    return given._replace(headers=[*given.headers, (b"connection", b"close")])
