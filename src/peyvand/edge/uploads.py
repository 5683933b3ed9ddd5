"""Bodies of requests to pages: each is taken in whole before anything runs, and only so much of all at once. Called by the bridge."""

import asyncio
from collections.abc import Callable
from typing import IO, Final

from peyvand.edge.asgi import Receive, Scope, drop_rest, header
from peyvand.edge.limits import network_of
from peyvand.edge.outbox import ClientGoneError
from peyvand.edge.refusing import RefusedError
from peyvand.edge.rooms import SLOWEST, Place, Room

SignedIn = Callable[[Scope], bool]
STRANGERS_BODY: Final = 2 << 20
SHARES: Final = 8  # of the strangers' room: more addresses than one are needed to fill it
MEMBERS_BODIES: Final = 8  # of the largest size


class Uploads:
    """Takes bodies in. Sizes are in bytes, times in seconds.

    Nobody fills the memory or the disk: a body that is large comes from somebody signed in, or it is refused before it is taken in, and
    those that do not come in one piece have a place until their request is answered. Who is signed in has room where strangers took theirs.
    """

    def __init__(self, signed_in: SignedIn, max_body: int, seconds: float) -> None:
        self._signed_in, self._max_body, self._seconds = signed_in, max_body, seconds
        self._strangers = Room(shares=SHARES)
        self._members = Room(MEMBERS_BODIES * max_body, shares=1)

    def place(self, scope: Scope) -> Place:
        """A place for the body of a request, to be held until it is answered."""
        return self._strangers.place(network_of(scope["client"][0]) if scope.get("client") else "")

    async def read(self, scope: Scope, receive: Receive, body: IO[bytes], place: Place) -> int:
        """Take in a whole body and return its length; a client that leaves half-way was never here: ClientGoneError.

        Raises RefusedError for what is too large, too slow, one too many or not as long as it said.
        """
        declared = header(scope, b"content-length")
        promised = int(declared) if declared.isdigit() else None
        begun, length, more, piece = asyncio.get_running_loop().time(), 0, True, b""
        try:
            await self._check_size(promised or 0, scope, place)
            while more:
                piece, more = await self._next(receive, begun + self._seconds + length / SLOWEST)
                length += len(piece)
                await self._check_size(length, scope, place)
                if more or length > len(piece):
                    await self._check_room(length, scope, place)
                body.write(piece)
        except RefusedError as refused:
            piece = b""  # nothing is kept while the rest is let by
            body.seek(0)
            body.truncate()
            place.leave()
            if more and refused.status != 408 and (length or not header(scope, b"expect")):  # who asks first has sent nothing yet
                await drop_rest(receive)
            raise
        if promised not in {None, length}:  # uvicorn reads no body after an Upgrade that it does not know
            raise RefusedError(400, "bad-request", f"The body ended after {length} of the {promised} bytes its Content-Length promised.")
        body.seek(0)
        return length

    async def _next(self, receive: Receive, end: float) -> tuple[bytes, bool]:
        """The next piece, and whether more come after it; `end` is the moment of the loop until which it must be there."""
        try:
            async with asyncio.timeout_at(min(asyncio.get_running_loop().time() + self._seconds, end)):
                message = await receive()
        except TimeoutError:
            told = f"The body came too slowly: nothing for {self._seconds:.0f} seconds, or less than {SLOWEST >> 10} KB a second."
            raise RefusedError(408, "too-slow", told) from None
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        return message.get("body", b""), message.get("more_body", False)

    async def _check_size(self, length: int, scope: Scope, place: Place) -> None:
        most = self._max_body
        if STRANGERS_BODY < length <= most and not await self._is_members(scope, place):
            most = STRANGERS_BODY
        if length > most:
            raise RefusedError(413, "too-large", f"The body is larger than {most} bytes.")

    async def _check_room(self, length: int, scope: Scope, place: Place) -> None:
        if not place.grow_to(length) and not (await self._is_members(scope, place) and place.grow_to(length)):
            raise RefusedError(503, "busy", "Too many bodies are on their way in already.")

    async def _is_members(self, scope: Scope, place: Place) -> bool:
        """Whether somebody signed in sends this; a member is asked for once."""
        if place.room is not self._members and await asyncio.to_thread(self._signed_in, scope):
            place.move_to(self._members)
        return place.room is self._members
