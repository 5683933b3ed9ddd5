"""The gate of the SQLite file: writers of all processes and threads pass one at a time, nearly in order of arrival."""

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

CALM: Final = b"~"  # what stands in the file of the gate while somebody is inside who gives way to others


class GateTimeoutError(Exception):
    """Another writer kept the database for longer than we may wait."""


class Gate:
    """One place in the queue: each database connection has its own, because a lock belongs to an open file.

    SQLite's own busy handler sleeps and tries again, so a bulk writer that returns at once starves everyone else. Here two
    advisory locks do it: who waits for `gate` holds `queue`, so that the one who just left cannot overtake the one who
    waits. The kernel lets go of both when a process dies.
    """

    def __init__(self, database: Path, seconds: float = 30.0) -> None:
        self._paths = (Path(f"{database}.queue"), Path(f"{database}.gate"))
        self._seconds = seconds
        self._files: tuple[int, int] | None = None
        self._process = 0
        self.held = False
        self.calm = False  # whether who enters here is in no hurry

    def enter(self) -> None:
        """Wait for the turn; raise GateTimeoutError after the allowed seconds. Not reentrant: `held` tells."""
        queue, gate = self._open()
        if not (_try(queue) and self._try_gate(queue, gate)):
            self._wait(queue, gate)
        self.held = True
        if self.calm:
            os.pwrite(self._open()[1], CALM, 0)

    def leave(self) -> None:
        """Let the next one in; harmless where the gate is not held."""
        if self.held and self._files is not None and self._process == os.getpid():
            if self.calm:
                os.ftruncate(self._files[1], 0)
            fcntl.flock(self._files[1], fcntl.LOCK_UN)
        self.held = False

    def is_taken(self) -> bool:
        """Whether somebody else is inside now who is in a hurry; ask only from outside.

        A holder in no hurry that was killed leaves its mark until the next such holder leaves.
        """
        gate = self._open()[1]
        if not _try(gate):
            return os.pread(gate, 1, 0) != CALM
        fcntl.flock(gate, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        """Leave and give the files back."""
        self.leave()
        if self._files is not None and self._process == os.getpid():
            for descriptor in self._files:
                os.close(descriptor)
        self._files = None

    def __enter__(self) -> Self:
        self.enter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.leave()

    def _open(self) -> tuple[int, int]:
        # After a fork the descriptors are shared with the parent, and so would be the lock: open them anew.
        if self._files is None or self._process != os.getpid():
            queue, gate = (os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in self._paths)
            self._files, self._process = (queue, gate), os.getpid()
        return self._files

    @staticmethod
    def _try_gate(queue: int, gate: int) -> bool:
        try:
            return _try(gate)
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)

    def _wait(self, queue: int, gate: int) -> None:
        # flock knows no time limit, so a thread waits for us; if we give up, it lets go as soon as it gets through.
        turn = _Turn(queue, gate)
        threading.Thread(target=turn.take, name="gate", daemon=True).start()
        if not turn.wait(self._seconds):
            self._files = None
            raise GateTimeoutError(
                f"The database was kept busy by another writer for {self._seconds:.0f} seconds; nothing was written. "
                "Try again; if it persists, look for a stopped or stuck peyvand process."
            )


class _Turn:
    """A wait for both locks that can be given up."""

    def __init__(self, queue: int, gate: int) -> None:
        self._files = (queue, gate)
        self._arrived = threading.Event()
        self._decided = threading.Lock()
        self._given_up = False

    def take(self) -> None:
        queue, gate = self._files
        fcntl.flock(queue, fcntl.LOCK_EX)
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(queue, fcntl.LOCK_UN)
        with self._decided:
            self._arrived.set()
            if self._given_up:
                os.close(gate)
                os.close(queue)

    def wait(self, seconds: float) -> bool:
        if self._arrived.wait(seconds):
            return True
        with self._decided:
            self._given_up = not self._arrived.is_set()
        return not self._given_up


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
