"""A second process that takes large bodies in: what is read and written there leaves this interpreter to the others.

The web process hands requests over by a connection on this machine, one frame each: four bytes of length, then
MessagePack. Each carries its key, which is looked up on the other side as here. Called by edge.intake and edge.doors.
"""

import asyncio
import itertools
from contextlib import suppress
from typing import Final, TypeVar

import msgspec
import structlog

from peyvand.edge import answers, wire
from peyvand.edge.answers import Answer
from peyvand.edge.intake import Intake
from peyvand.edge.reading import Request
from peyvand.edge.writing import NOT_KNOWN

log = structlog.get_logger("peyvand.edge")
HERE: Final = "127.0.0.1"
READY: Final = b"\x01"  # said first by who takes, since a port is open before anybody stands behind it
REST_SECONDS: Final = 0.3
BUFFER: Final = 1024 * 1024
MOST_BYTES: Final = wire.MOST_BYTES + 64 * 1024  # of a frame: a body and what is said about it
ENDS: Final = (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError)  # how a connection ends, or one of somebody else
LOST: Final = answers.problem(503, "fate-unknown", NOT_KNOWN, headers=[(b"retry-after", b"2")])
T = TypeVar("T")


class Handed(msgspec.Struct, array_like=True):
    """A request on its way over, numbered."""

    number: int
    secret: str
    scope: str
    body: bytes
    lines: bool
    packed: bool
    repeat_key: str


class Given(msgspec.Struct, array_like=True):
    """Its answer on the way back."""

    number: int
    status: int
    body: bytes
    kind: bytes
    headers: list[tuple[bytes, bytes]]


_encode: Final = msgspec.msgpack.Encoder().encode
_handed: Final = msgspec.msgpack.Decoder(Handed)
_given: Final = msgspec.msgpack.Decoder(Given)


class Beside:
    """The web process's side: `answer` gives what the other process answers. Serves one event loop."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._keeping: asyncio.Task[None] | None = None
        self.waiting_bytes = 0

    def open(self) -> None:
        """Begin to look for the other process, again whenever it is lost."""
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    def close(self) -> None:
        """Hand nothing over any more."""
        if self._keeping is not None:
            self._keeping.cancel()

    @property
    def is_there(self) -> bool:
        return self._writer is not None

    async def answer(self, request: Request) -> Answer:
        """Hand a request over and wait for its answer; where the other process is lost meanwhile, the answer says so."""
        assert self._writer is not None  # noqa: S101 - asked only where it is there
        number, size = next(self._numbers), len(request.body)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answered
        handed = Handed(number, request.secret, request.scope, request.body, request.lines, request.packed, request.repeat_key)
        self.waiting_bytes += size
        try:
            _write(self._writer, handed)
            return await answered
        finally:
            self.waiting_bytes -= size
            self._waiting.pop(number, None)

    async def _keep(self) -> None:
        while True:
            with suppress(*ENDS):
                reader, writer = await asyncio.open_connection(HERE, self._port, limit=BUFFER)
                try:
                    await reader.readexactly(len(READY))
                    self._writer = writer
                    while True:
                        self._tell(await _read(reader, _given))
                finally:
                    self._writer = None
                    writer.close()
                    self._lose()
            await asyncio.sleep(REST_SECONDS)

    def _tell(self, given: Given) -> None:
        answered = self._waiting.get(given.number)
        if answered is not None and not answered.done():  # the client may have left meanwhile
            answered.set_result(Answer(given.status, given.body, given.kind, given.headers))

    def _lose(self) -> None:
        if self._waiting:
            log.warning("process beside lost", requests=len(self._waiting))
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_result(LOST)


async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, intake: Intake) -> None:
    """The other side: answer what one connection hands over, many at a time, until it ends."""
    answering: set[asyncio.Task[None]] = set()
    writer.write(READY)
    try:
        while True:
            handed = await _read(reader, _handed)
            task = asyncio.get_running_loop().create_task(_answer(handed, writer, intake))
            answering.add(task)
            task.add_done_callback(answering.discard)
    except ENDS:
        writer.close()


async def _answer(handed: Handed, writer: asyncio.StreamWriter, intake: Intake) -> None:
    request = Request(handed.secret, handed.scope, handed.body, lines=handed.lines, packed=handed.packed, repeat_key=handed.repeat_key)
    given = await intake.answer(request)
    if not writer.is_closing():
        _write(writer, Given(handed.number, given.status, given.body, given.kind, given.headers))


def _write(writer: asyncio.StreamWriter, message: msgspec.Struct) -> None:
    frame = _encode(message)
    writer.writelines((len(frame).to_bytes(4), frame))


async def _read(reader: asyncio.StreamReader, decoder: "msgspec.msgpack.Decoder[T]") -> T:
    length = int.from_bytes(await reader.readexactly(4))
    if length > MOST_BYTES:
        raise ConnectionError(f"a frame of {length} bytes")
    return decoder.decode(await reader.readexactly(length))
