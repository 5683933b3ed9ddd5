"""What the ingest doors answer: one object an item, in order, or problem+json. Called by the doors and edge.writing."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec

from peyvand.core.ids import public_ids
from peyvand.edge.asgi import SAFE, Headers, Send
from peyvand.edge.wire import Read, Unreadable
from peyvand.timeline.types import Outcome, Refused, Status

JSON: Final = b"application/json"
PROBLEM: Final = b"application/problem+json"
_RECORDED, _DUPLICATE = (f'{{"status":"{status}"' for status in (Status.RECORDED, Status.DUPLICATE))
_encode: Final = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    body: bytes
    kind: bytes = JSON
    headers: Headers = []


def problem(status: int, code: str, detail: str, *, field: str = "", headers: Headers | None = None) -> Answer:
    """A problem (RFC 9457) with a code that does not change between releases; `field` names what was wrong."""
    told = {"type": f"urn:peyvand:problem:{code}", "code": code, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if field:
        told["field"] = field
    return Answer(status, _encode(told), PROBLEM, headers or [])


def unreadable(error: Unreadable) -> Answer:
    """The answer to a body of which nothing was recorded."""
    return problem(error.status, error.code, error.detail, field=error.field)


def recorded(found: Read, outcomes: Sequence[Outcome], id_key: bytes | None) -> Answer:
    """The answer to a body that was read: `outcomes` are those of its items, in order, without the refused ones.

    Without `id_key` it names no ids.
    """
    words = _words(outcomes, id_key)
    for n, refused in sorted(found.refused.items()):
        words.insert(n, _rejected(refused.field, refused.reason))
    if not found.single:
        return Answer(200, b"[" + b",".join(words) + b"]")
    wrong = next(iter(found.refused.values()), None) or _refusal(outcomes[0])
    if wrong is None:
        return Answer(200, words[0])
    named = f"{wrong.field}: {wrong.reason}" if wrong.field else wrong.reason
    return problem(422, "item-rejected", named, field=wrong.field)


def _refusal(outcome: Outcome) -> Refused | None:
    return Refused(outcome.field, outcome.reason) if outcome.status is Status.REJECTED else None


def _words(outcomes: Sequence[Outcome], id_key: bytes | None) -> list[bytes]:
    numbers = [outcome.interaction_id for outcome in outcomes if outcome.interaction_id is not None]
    named = [f',"id":"{text}"}}' for text in public_ids(id_key, numbers)] if id_key is not None else ["}"] * len(numbers)
    ends = iter(named)
    return [
        _rejected(outcome.field, outcome.reason)
        if outcome.interaction_id is None
        else f"{_RECORDED if outcome.status is Status.RECORDED else _DUPLICATE}{next(ends)}".encode()
        for outcome in outcomes
    ]


def _rejected(field: str, reason: str) -> bytes:
    return _encode({"status": Status.REJECTED, "field": field, "reason": reason})


async def give(send: Send, given: Answer, *, safe: bool = True, length: int | None = None) -> None:
    """Send an answer; `safe` adds what every answer of the edge carries, `length` is that of the body a HEAD leaves out."""
    headers = [*(SAFE if safe else SAFE[:1]), *given.headers]
    if given.status not in {204, 304}:
        size = len(given.body) if length is None else length
        headers = [(b"content-type", given.kind), (b"content-length", str(size).encode()), *headers]
    await send({"type": "http.response.start", "status": given.status, "headers": headers})
    await send({"type": "http.response.body", "body": given.body})
