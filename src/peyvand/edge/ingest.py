"""`POST /api/v1/interactions`: the ingest door, answered without Django. See docs/reference/ingest.md."""

import re
from typing import Final

from peyvand.edge.answers import give, problem
from peyvand.edge.asgi import Receive, Scope, Send
from peyvand.edge.bodies import Bodies, GoneError, Refusal
from peyvand.edge.intake import BUSY, Intake
from peyvand.edge.reading import UNAUTHORISED, Request
from peyvand.workspaces.types import Scope as KeyScope

JSON_TYPES: Final = frozenset({b"application/json", b""})
LINE_TYPES: Final = frozenset({b"application/x-ndjson", b"application/ndjson", b"application/jsonl", b"application/x-jsonlines"})
_repeat_key: Final = re.compile(rb'"?([!#-~]{1,200})"?').fullmatch


class Ingest:
    """The ASGI application of the door."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._bodies = Bodies(intake, KeyScope.INGEST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            request = self._accept(headers)
            request.body = await self._bodies.read(request.secret, headers, receive)
            given = await self._intake.answer(request)
        except GoneError:
            return
        except Refusal as refusal:
            given = refusal.given
        await give(send, given)

    def _accept(self, headers: dict[bytes, bytes]) -> Request:
        """What the headers say; raises Refusal for all that can be told without the body."""
        if self._intake.is_full:
            raise Refusal(BUSY)
        word, _, secret = headers.get(b"authorization", b"").partition(b" ")
        secret = secret.strip()
        if word.lower() != b"bearer" or not secret or not secret.isascii():
            raise Refusal(UNAUTHORISED)
        secret_text = secret.decode()
        if self._intake.has_its_share(secret_text):
            raise Refusal(BUSY)
        knows, bearer = self._intake.keys.recall(secret_text)
        if knows and bearer is None:
            raise Refusal(UNAUTHORISED)
        return Request(
            secret_text,
            KeyScope.INGEST,
            b"",
            lines=_is_lines(headers.get(b"content-type", b"")),
            packed=_is_packed(headers.get(b"content-encoding", b"")),
            repeat_key=_key(headers.get(b"idempotency-key", b"")),
        )


def _is_lines(content_type: bytes) -> bool:
    kind, _, parameters = content_type.partition(b";")
    kind = kind.strip().lower()
    charset = parameters.lower().replace(b" ", b"").replace(b'"', b"")
    if b"charset=" in charset and b"charset=utf-8" not in charset:
        raise Refusal(problem(415, "unsupported-media-type", "The body must be UTF-8."))
    if kind not in JSON_TYPES | LINE_TYPES:
        raise Refusal(
            problem(415, "unsupported-media-type", "Send Content-Type: application/json, or application/x-ndjson for one item a line.")
        )
    return kind in LINE_TYPES


def _is_packed(encoding: bytes) -> bool:
    encoding = encoding.strip().lower()
    if encoding not in {b"", b"identity", b"gzip"}:
        refused = problem(415, "unsupported-encoding", "The body may be sent as it is or with Content-Encoding: gzip.")
        raise Refusal(refused._replace(headers=[(b"accept-encoding", b"gzip")]))
    return encoding == b"gzip"


def _key(given: bytes) -> str:
    if not given:
        return ""
    matched = _repeat_key(given.strip())
    if matched is None:
        raise Refusal(problem(400, "bad-idempotency-key", "An Idempotency-Key has 1 to 200 visible ASCII characters."))
    return matched[1].decode()
