"""An end for connections to machines of others: a limit for each read does not hold one whose bytes drip. Called by whatever asks them."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Self, TypeVar

S = TypeVar("S", bound=socket.socket)


class Alarm:
    """Cuts the socket that it watches once the block around it has lasted so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.rang = threading.Event()
        self._wire: socket.socket | None = None
        self._seconds, self._end = seconds, 0.0
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def left(self) -> float:
        """Seconds until it rings, 0 once it rang: as long as anything that it cannot cut may take."""
        return 0.0 if self.rang.is_set() else max(0.0, self._end - time.monotonic())

    def watch(self, wire: S) -> S:
        """Watch this socket from now on, instead of the one before."""
        self._wire = wire
        if self.rang.is_set():
            self._cut()
        return wire

    def secured(self, wire: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """Put a socket under TLS and watch that one; the handshake may drip, too."""
        secure = self.watch(context.wrap_socket(wire, server_hostname=host, do_handshake_on_connect=False))
        try:
            secure.do_handshake()
        except BaseException:
            secure.close()
            raise
        return secure

    def __enter__(self) -> Self:
        self._end = time.monotonic() + self._seconds
        self._timer.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        self.rang.set()
        self._cut()

    def _cut(self) -> None:
        if self._wire is not None:
            with suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)
