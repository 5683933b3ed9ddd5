"""The shapes of ASGI, and plain answers given without Django. Used by every door of the edge."""

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

# What every answer of the edge carries; pages have their own policy from Django.
SAFE: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


async def answer(send: Send, status: int, body: bytes, kind: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send a whole answer."""
    length = str(len(body)).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", kind), (b"content-length", length), *SAFE, *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def problem(send: Send, status: int, code: str, detail: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send problem+json (RFC 9457) with a code that does not change between releases."""
    body = {"type": f"urn:peyvand:problem:{code}", "code": code, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    await answer(send, status, msgspec.json.encode(body), b"application/problem+json", headers)


def header(scope: Scope, name: bytes) -> bytes:
    """Return a request header (name in lower case), or nothing."""
    return next((value for key, value in scope["headers"] if key == name), b"")
