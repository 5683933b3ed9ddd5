"""ASGI to WSGI: Django's pages in a pool of threads, safe from clients that send half, send much, read slowly or leave."""

import asyncio
import contextlib
import io
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import IO, Any, Final
from urllib.parse import unquote_to_bytes

import structlog

from peyvand.edge import busy
from peyvand.edge.asgi import Receive, Scope, Send, answer, header, problem
from peyvand.edge.clients import PROXY_HEADERS
from peyvand.edge.outbox import ClientGoneError, Outbox
from peyvand.edge.refusing import RefusedError, check_environ
from peyvand.edge.uploads import SignedIn, Uploads

log = structlog.get_logger("peyvand.edge")
WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
SPOOL: Final = 256 * 1024
REFUSED: Final = "peyvand.refused"  # in the environ of a refusal that a person reads: (status, code, words)
FILE_PIECE: Final = 256 * 1024
WAITING: Final = 200
NO_BODY: Final = frozenset({204, 304})


class Bridge:
    """Runs a WSGI application under ASGI. Sizes are in bytes, times in seconds."""

    def __init__(self, wsgi: WSGI, *, signed_in: SignedIn, threads: int = 8, max_body: int = 100 << 20, send_seconds: float = 30.0) -> None:
        self._wsgi = wsgi
        self._uploads = Uploads(signed_in, max_body, send_seconds)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._seconds = send_seconds
        self._running = 0
        self._most = threads + WAITING

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with tempfile.SpooledTemporaryFile(SPOOL) as body, self._uploads.place(scope) as place:
            try:
                length = await self._uploads.read(scope, receive, body, place)
                environ = make_environ(scope, body, length)
                self._check_room()
            except ClientGoneError:
                return
            except RefusedError as refused:
                page = await self._refuse(refused, scope, send)
                if page is None:
                    return
                environ = page
            self._running += 1
            try:
                await self._serve(environ, receive, send)
            finally:
                self._running -= 1

    async def _refuse(self, refused: RefusedError, scope: Scope, send: Send) -> dict[str, Any] | None:
        """Answer a refusal; what is to be answered with a page, since a person asked, comes back as a request without the body."""
        person = b"text/html" in header(scope, b"accept")
        if refused.status == 413:
            with contextlib.suppress(RefusedError):  # a request that names two hosts gets no page
                if person:
                    return make_environ(scope, io.BytesIO(), 0) | {REFUSED: (refused.status, refused.code, refused.detail)}
        if refused.status == 503 and person:  # no thread is free to make a page
            await answer(send, 503, busy.page(), b"text/html; charset=utf-8", busy.HEADERS)
            return None
        more = [(b"retry-after", b"2")] if refused.status == 503 else [(b"connection", b"close")]
        await problem(send, refused.status, refused.code, refused.detail, more)
        return None

    def _check_room(self) -> None:
        if self._running >= self._most:
            raise RefusedError(503, "busy", "Too many requests wait already.")

    async def _serve(self, environ: dict[str, Any], receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        with Outbox(loop) as outbox:
            response = _Response(self._wsgi, environ, outbox)
            # A context of its own: what a request sets (language, reader) must not reach the next one of this thread.
            thread = loop.run_in_executor(self._threads, Context().run, response.run)
            watch = asyncio.ensure_future(_departure(receive))
            sending = asyncio.ensure_future(self._send(response, outbox, send))
            try:
                await asyncio.wait({watch, sending}, return_when=asyncio.FIRST_COMPLETED)
                if not sending.done():
                    sending.cancel()
            finally:
                outbox.abandon()
                watch.cancel()
                await asyncio.wait({thread})
            error = sending.exception() if sending.done() and not sending.cancelled() else None
            if error is not None and not isinstance(error, ClientGoneError):
                raise error

    async def _send(self, response: "_Response", outbox: Outbox, send: Send) -> None:
        started = False
        while (piece := await outbox.take()) is not None:
            if not started:
                started = True
                await self._pass(send, response.start)
            if piece:
                await self._pass(send, {"type": "http.response.body", "body": piece, "more_body": True})
        if outbox.error is not None:
            await self._end_badly(outbox.error, send, started=started)
            return
        if not started:
            await self._pass(send, response.start)
        await self._pass(send, {"type": "http.response.body", "body": b""})

    async def _end_badly(self, error: BaseException, send: Send, *, started: bool) -> None:
        if not isinstance(error, ClientGoneError):
            log.error("page failed below Django", exc_info=error)
        if not started:
            await problem(send, 500, "fault", "A fault on the server's side; it is in its log.")
        else:
            await _cut(send)  # the client must not take a piece for the whole

    async def _pass(self, send: Send, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await send(message)
        except TimeoutError:
            await _cut(send)
            raise ClientGoneError from None

    def close(self) -> None:
        """Take no more work; what runs is left to end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Pieces:
    """A file to be sent, read in large pieces; what a WSGI server offers as wsgi.file_wrapper."""

    def __init__(self, file: IO[bytes], _size: int = 0) -> None:
        self._file = file
        self.close = getattr(file, "close", lambda: None)

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._file.read(FILE_PIECE), b"")


class _Response:
    """One run of the WSGI application in its thread."""

    def __init__(self, wsgi: WSGI, environ: dict[str, Any], outbox: Outbox) -> None:
        self._wsgi, self._environ, self._outbox = wsgi, environ, outbox
        self._promised: int | None = None
        self._sent = 0
        self.start: dict[str, Any] = {}

    def run(self) -> None:
        error: BaseException | None = None
        try:
            if not self._outbox.gone:
                self._run()
        except BaseException as raised:  # noqa: BLE001 - told to the event loop, which logs it
            error = raised
        finally:
            self._outbox.close(error)

    def _run(self) -> None:
        pieces = self._wsgi(self._environ, self._start_response)
        try:
            for piece in pieces:
                self._write(piece)
            if self._promised is not None and self._sent < self._promised and self._has_body():
                raise RuntimeError(f"The response ended after {self._sent} of {self._promised} bytes.")
        finally:
            if close := getattr(pieces, "close", None):
                close()

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info is not None and self._sent:
            raise exc_info[1].with_traceback(exc_info[2])
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._promised = next((int(value) for name, value in encoded if name == b"content-length"), None)
        self.start = {"type": "http.response.start", "status": int(status[:3]), "headers": encoded}
        return self._write

    def _write(self, piece: bytes) -> None:
        self._sent += len(piece)
        if self._promised is not None and self._sent > self._promised and self._has_body():
            raise RuntimeError(f"The response is longer than the {self._promised} bytes its Content-Length promised.")
        self._outbox.put(piece)

    def _has_body(self) -> bool:
        return self._environ["REQUEST_METHOD"] != "HEAD" and self.start.get("status") not in NO_BODY


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cut(send: Send) -> None:
    """Cut the connection under uvicorn: a polite close would first wait for a client that does not read."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await asyncio.sleep(0)


def make_environ(scope: Scope, body: IO[bytes], length: int) -> dict[str, Any]:
    """Return the WSGI environ of a request whose body is at hand."""
    path = unquote_to_bytes(scope.get("raw_path") or scope["path"].encode())
    server = scope.get("server") or ("localhost", None)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 80),
        "REMOTE_ADDR": scope["client"][0] if scope.get("client") else "",
        "CONTENT_LENGTH": str(length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.file_wrapper": _Pieces,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope)
    check_environ(environ)
    return environ


def _add_headers(environ: dict[str, Any], scope: Scope) -> None:
    for name, value in scope["headers"]:
        # WSGI writes - as _, so X_Forwarded_For would pass for X-Forwarded-For: names with an underscore are dropped.
        if b"_" in name or name in PROXY_HEADERS or name == b"content-length":
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        text = value.decode("latin-1")
        if key not in environ:
            environ[key] = text
        else:
            environ[key] += ("; " if key == "HTTP_COOKIE" else ",") + text
