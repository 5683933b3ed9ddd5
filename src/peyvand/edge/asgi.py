"""The shapes of ASGI, and plain answers given without Django. Used by every door of the edge."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

DROP_SECONDS: Final = 20.0
DROP_WAIT_SECONDS: Final = 1.0

# What every answer of the edge carries; pages have their own policy from Django.
SAFE: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


async def answer(send: Send, status: int, body: bytes, kind: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send a whole answer; `headers` may say otherwise than SAFE."""
    length, own = str(len(body)).encode(), dict(headers)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", kind), (b"content-length", length), *(pair for pair in SAFE if pair[0] not in own), *own.items()],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def problem(send: Send, status: int, code: str, detail: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send problem+json (RFC 9457) with a code that does not change between releases."""
    await answer(send, status, problem_body(status, code, detail), b"application/problem+json", headers)


def problem_body(status: int, code: str, detail: str) -> bytes:
    """The JSON of a problem."""
    body = {"type": f"urn:peyvand:problem:{code}", "code": code, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return msgspec.json.encode(body)


def header(scope: Scope, name: bytes) -> bytes:
    """Return a request header (name in lower case), or nothing."""
    return next((value for key, value in scope["headers"] if key == name), b"")


async def drop_rest(receive: Receive) -> None:
    """Let the rest of a refused body come and keep none of it, for a while: who still sends would lose the answer with the connection."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DROP_SECONDS):
            more = True
            while more:
                async with asyncio.timeout(DROP_WAIT_SECONDS):
                    more = (await receive()).get("more_body", False)
