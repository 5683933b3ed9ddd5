"""The buffer between a WSGI thread, which is never held up by a slow client, and the event loop that sends to it."""

import asyncio
import os
import tempfile
import threading
from types import TracebackType
from typing import IO, Final, Self

IN_MEMORY: Final = 1 << 20
ON_DISK: Final = 256 << 20
PIECE: Final = 1 << 16


class ClientGoneError(Exception):
    """The client left or reads nothing any more; whoever still writes for it stops."""


class Outbox:
    """Pieces in order: up to 1 MB in memory, what comes beyond in a file; only past 256 MB unread the writer waits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._some = asyncio.Event()
        self._lock = threading.Lock()
        self._room = threading.Event()
        self._room.set()
        self._pieces: list[bytes] = []
        self._held = 0
        self._file: IO[bytes] | None = None
        self._written = self._read = 0
        self._closed = self._left = False
        self._waiting = False
        self.gone = False
        self.error: BaseException | None = None

    def put(self, piece: bytes) -> None:
        """Add a piece (from the WSGI thread); raises ClientGoneError once nobody will read it."""
        self._room.wait()
        if self.gone:
            raise ClientGoneError
        if not self._in_memory(piece):
            self._to_file(piece)
        with self._lock:
            wake, self._waiting = self._waiting, False
        if wake:
            self._loop.call_soon_threadsafe(self._some.set)

    def close(self, error: BaseException | None = None) -> None:
        """Say that nothing more comes (from the WSGI thread)."""
        with self._lock:
            self.error = error
            self._closed = True
            self._close_file()
        self._loop.call_soon_threadsafe(self._some.set)

    async def take(self) -> bytes | None:
        """Wait for the next piece; None at the end."""
        while True:
            self._some.clear()
            with self._lock:
                if piece := self._next():
                    return piece
                if self._closed:
                    return None
                self._waiting = True
            await self._some.wait()

    def abandon(self) -> None:
        """Say that nobody reads any more (from the event loop); the writer learns it at its next piece."""
        with self._lock:  # a writer in the midst of a piece would clear the room again, and wait for ever
            self.gone = True
            self._room.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abandon()
        with self._lock:
            self._left = True
            self._close_file()

    def _close_file(self) -> None:
        """Close the file when both ends are through with it: the last of them does it."""
        if self._file is not None and self._closed and self._left:
            self._file.close()

    def _next(self) -> bytes | None:
        if self._pieces:  # all there is at once: a hundred small pieces are one write to the socket
            piece = b"".join(self._pieces)
            self._pieces.clear()
            self._held = 0
            return piece
        if self._file is None or self._read == self._written:
            return None
        piece = os.pread(self._file.fileno(), min(PIECE, self._written - self._read), self._read)
        self._read += len(piece)
        if self._written - self._read <= ON_DISK // 2:
            self._room.set()
        return piece

    def _in_memory(self, piece: bytes) -> bool:
        with self._lock:
            if self._file is not None or self._held + len(piece) > IN_MEMORY:
                return False
            self._pieces.append(piece)
            self._held += len(piece)
            return True

    def _to_file(self, piece: bytes) -> None:
        """Write outside the lock, which the event loop also takes: it must not wait for a disk."""
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in _close_file
        view, end = memoryview(piece), self._written
        while view:
            count = os.pwrite(self._file.fileno(), view, end)
            end += count
            view = view[count:]
        with self._lock:
            self._written = end
            if end - self._read > ON_DISK and not self.gone:
                self._room.clear()
