"""Reading whole bodies of a bounded size within a bounded time. Called by the ingest doors."""

import asyncio
import contextlib
from typing import Final

from peyvand.edge.answers import Answer, problem
from peyvand.edge.asgi import Message, Receive
from peyvand.edge.wire import MOST_BYTES

READ_SECONDS: Final = 30.0
MOST_DROPPED: Final = 128 * 1024 * 1024
DROP_SECONDS: Final = 1.0


class GoneError(Exception):
    """The client left before its request was whole."""


class Refusal(Exception):
    """A request that is answered before its body is looked at."""

    def __init__(self, given: Answer) -> None:
        super().__init__(given.status)
        self.given = given


class Bodies:
    """Reads whole bodies of at most so many bytes, and ends the wait for those that do not come."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._reading: dict[asyncio.Task[None] | None, float] = {}
        self._watching = False

    async def read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """The whole body; raises Refusal for one that is too large or too slow, GoneError when the client leaves."""
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self._most:
            if not headers.get(b"expect"):  # who asks first has sent nothing yet
                await self._drop_rest(receive)
            raise Refusal(_too_large(self._most))
        message = await self._next(receive)
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            if len(body) > self._most:
                raise Refusal(_too_large(self._most))
            return body
        pieces, size = [body], len(body)
        while message.get("more_body"):
            message = await self._next(receive)
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            if size > self._most:
                pieces.clear()
                if message.get("more_body"):
                    await self._drop_rest(receive)
                raise Refusal(_too_large(self._most))
        return b"".join(pieces)

    async def _drop_rest(self, receive: Receive) -> None:
        """Let the rest come and keep none of it, up to a bound: a client that still sends would lose the answer with the connection."""
        dropped, more = 0, True
        with contextlib.suppress(TimeoutError):
            while more and dropped < MOST_DROPPED:
                async with asyncio.timeout(DROP_SECONDS):
                    message = await self._next(receive)
                dropped += len(message.get("body", b""))
                more = message.get("more_body", False)

    async def _next(self, receive: Receive) -> Message:
        # One watch for all: a timer a request would cost more than the request.
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        self._reading[task] = loop.time() + READ_SECONDS
        if not self._watching:
            self._watching = True
            loop.call_later(READ_SECONDS / 4, self._watch, loop)
        try:
            message = await receive()
        except asyncio.CancelledError:
            if task is not None and self._reading.get(task) == 0:
                task.uncancel()
                raise Refusal(problem(408, "too-slow", f"No more of the body came for {READ_SECONDS:.0f} seconds.")) from None
            raise
        finally:
            del self._reading[task]
        if message["type"] == "http.disconnect":
            raise GoneError
        return message

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
    return problem(413, "too-large", f"The body is larger than {most} bytes; send it in parts.", headers=[(b"connection", b"close")])
