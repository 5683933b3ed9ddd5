"""The processes of one machine: taking the port, starting and watching web and worker, ending them together."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Final

from peyvand.config.command import WRONG_SETTING, WRONG_USE, Abort
from peyvand.config.speech import tell

LAST_PORT: Final = 65535
END_SECONDS: Final = 6.0
SHORT_LIFE: Final = 30.0
LONGEST_REST: Final = 1.5  # with the start itself, a process that was killed often serves again well within five seconds
TAKE_SECONDS: Final = 1.5


def listen(host: str, port: int) -> socket.socket:
    """Bind the port, or say plainly why not. A predecessor that is just ending gets a second and a half."""
    if not 0 <= port <= LAST_PORT:
        raise Abort(f"there is no port {port}; choose one from 1 to {LAST_PORT}.", WRONG_USE)
    end = time.monotonic() + TAKE_SECONDS
    while True:
        try:
            return _bind(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                raise Abort(_why_not(error, host, port)) from None
            time.sleep(0.1)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(1024)
    except OSError:
        made.close()
        raise
    made.set_inheritable(True)
    return made


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken, perhaps by another `peyvand serve`. Stop that one, or choose another port with PEYVAND_PORT."
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"port {port} may not be opened by this user. Choose one above 1023 with PEYVAND_PORT and put a proxy in front."
    return f"cannot listen on {host}:{port}: {error.strerror or error}. Look at PEYVAND_HOST and PEYVAND_PORT."


def when_told_to_end(act: Callable[[], object]) -> None:
    """Call `act` once SIGTERM or SIGINT has come, in a thread of its own.

    A handler interrupts the main thread wherever it stands, also where it holds the lock of the event that `act` sets, and
    would wait for itself for ever. Of what wakes a thread only `SimpleQueue.put` may be called there.
    """
    told: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: told.put(number))

    def wait() -> None:
        told.get()
        act()

    threading.Thread(target=wait, name="told to end", daemon=True).start()


def follow(lifeline: int) -> None:
    """End this process when its supervisor is gone: that one's end of the pipe closes even when it is killed."""

    def wait() -> None:
        os.read(lifeline, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


@contextmanager
def worker_beside() -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker process beside a long command, so that both cores work; it ends with the block, or with this process."""
    ours, lifeline = os.pipe()
    words = [sys.executable, "-m", "peyvand", "worker", "--lifeline", str(ours)]
    process = subprocess.Popen(words, pass_fds=(ours,), stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    os.close(ours)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        os.close(lifeline)


@dataclass
class Child:
    """One process under watch, started again after a crash, later each time it dies young."""

    words: list[str]
    inherited: tuple[int, ...]
    process: "subprocess.Popen[bytes] | None" = None
    born: float = 0.0
    again_at: float = 0.0
    deaths: int = field(default=0)

    def start(self) -> None:
        self.born = time.monotonic()
        # A group of its own: Ctrl-C in a terminal reaches the supervisor, which then ends the children in order. No session
        # of its own: Linux gives each session the same share of the processors, whatever priority the worker in it has.
        self.process = subprocess.Popen(  # noqa: S603 - our own program with our own words
            [sys.executable, "-m", "peyvand", *self.words], pass_fds=self.inherited, stdin=subprocess.DEVNULL, process_group=0
        )

    def look(self) -> None:
        """Start it (again) where it is due. Aborts when the child says that its settings are wrong."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.process = None
        if code == WRONG_SETTING:
            raise Abort(f"`peyvand {self.words[0]}` cannot run as things are; see its message above.", WRONG_SETTING)
        self.deaths = 1 if now - self.born > SHORT_LIFE else self.deaths + 1
        rest = min(LONGEST_REST, 0.1 * 2 ** min(self.deaths, 10))  # bounded: a float ends after a thousand deaths
        self.again_at = now + rest
        tell(f"peyvand: {self.words[0]} ended with {code}; it is started again in {rest:.1f} s.", sys.stderr)

    def tell(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def wait_until(self, end: float) -> bool:
        """Wait for its end; False when it still runs then."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True


class Supervisor:
    """Keeps web and worker processes running until it is told to end: on each of these sockets a web, and so many workers."""

    def __init__(self, *listening: socket.socket, workers: int = 1) -> None:
        self._stop = threading.Event()
        self._reading, self._lifeline = os.pipe()
        ports, lifeline = [each.fileno() for each in listening], ["--lifeline", str(self._reading)]
        self._children = [
            *(Child(["web", "--fd", str(port), *lifeline], (port, self._reading)) for port in ports),
            *(Child(["worker", *lifeline], (self._reading,)) for _ in range(workers)),
        ]

    def run(self) -> int:
        """Watch until SIGTERM or SIGINT; returns the exit code."""
        when_told_to_end(self._stop.set)
        try:
            while not self._stop.is_set():
                for child in self._children:
                    child.look()
                self._stop.wait(0.2)
        finally:
            self._end()
        return 0

    def _end(self) -> None:
        for child in self._children:
            child.tell(signal.SIGTERM)
        end = time.monotonic() + END_SECONDS
        for child in self._children:
            if not child.wait_until(end):
                child.tell(signal.SIGKILL)
                child.wait_until(end + 1)
        os.close(self._lifeline)
