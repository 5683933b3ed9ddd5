"""From a request to what can be written: whose it is, what its body says, and drafts of its rows. Called by edge.intake."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import connection

from peyvand.core import clock, walls
from peyvand.core.db import store_failure
from peyvand.edge import answers
from peyvand.edge.answers import Answer
from peyvand.edge.keys import Bearer, Keys
from peyvand.edge.services import Repeatable
from peyvand.edge.wire import Read, Unreadable, read, unpack
from peyvand.edge.writing import Ready, body_hash
from peyvand.timeline.services import Facts, draft, facts_of

log = structlog.get_logger("peyvand.edge")
FACTS_SECONDS: Final = 2.0
SMALL_BYTES: Final = 4096  # some ten items, read in half a millisecond
UNAUTHORISED: Final = answers.problem(
    401, "unauthorised", "Give a valid key: Authorization: Bearer sk_…", headers=[(b"www-authenticate", b'Bearer realm="peyvand"')]
)


@dataclass(slots=True, eq=False)
class Request:
    """One request as it came in. `shape` may take from what was read what its door does not let in."""

    secret: str
    scope: str
    body: bytes
    lines: bool = False
    packed: bool = False
    repeat_key: str = ""
    shape: Callable[[Read], Read] | None = None
    tells_ids: bool = True
    done: "asyncio.Future[Ready | Answer] | None" = None


@dataclass(slots=True, eq=False)
class Question:
    """Whether a key may send at all, asked before a large body is read. The answer is what to refuse it with, or None."""

    secret: str
    scope: str
    done: "asyncio.Future[Answer | None]"


class Reader:
    """Reads and drafts requests. What it asked the database it remembers for a moment, for all threads."""

    def __init__(self) -> None:
        self.keys = Keys()
        self._facts: dict[int, tuple[float, Facts]] = {}

    def from_memory(self, request: Request) -> Ready | None:
        """What can be written of a small request in which all is well; None where the database must be asked or words be found."""
        if len(request.body) > SMALL_BYTES or request.packed:
            return None
        bearer = self.keys.recall(request.secret)[1]
        facts = None if bearer is None else self._recent_facts(bearer.workspace_id)
        if facts is None:
            return None
        try:
            ready = self._draft(request, bearer, facts)
        except Exception:  # noqa: BLE001 - read again where there is time for it
            return None
        return ready if isinstance(ready, Ready) and not ready.is_doubtful else None

    def read(self, request: Request) -> Ready | Answer:
        """What can be written of any request, or the answer to one of which nothing can. Never raises."""
        try:
            bearer = self.keys.find(request.secret)
            ready = self._draft(request, bearer, self._facts_of(bearer))
            if isinstance(ready, Ready) and ready.is_doubtful:
                ready = self._draft(request, bearer, self._facts_of(bearer, fresh=True))  # a kind may just have been declared
        except Exception as error:  # noqa: BLE001 - answered and logged; the next request comes
            connection.close()
            return _trouble(error)
        return ready

    def refusal(self, question: Question) -> Answer | None:
        """What keeps a key from sending, of the database where memory does not know. Never raises."""
        try:
            return refused(self.keys.find(question.secret), question.scope)
        except Exception as error:  # noqa: BLE001 - as above
            connection.close()
            return _trouble(error)

    def _draft(self, request: Request, bearer: Bearer | None, facts: Facts | None) -> Ready | Answer:
        if bearer is None or facts is None:
            return UNAUTHORISED
        if request.scope not in bearer.scopes:
            return _forbidden(request.scope)
        try:
            body = unpack(request.body) if request.packed else request.body
            found = read(body, lines=request.lines)
        except Unreadable as error:
            return answers.unreadable(error)
        if request.shape is not None:
            found = request.shape(found)
        drafted = draft(facts, found.items)
        asked = Repeatable(bearer.workspace_id, request.repeat_key, body_hash(body)) if request.repeat_key else None
        return Ready(bearer, found, facts, drafted, asked, tells_ids=request.tells_ids)

    def _recent_facts(self, workspace_id: int) -> Facts | None:
        kept = self._facts.get(workspace_id)
        return None if kept is None or clock.monotonic() > kept[0] else kept[1]

    def _facts_of(self, bearer: Bearer | None, *, fresh: bool = False) -> Facts | None:
        if bearer is None:
            return None
        facts = None if fresh else self._recent_facts(bearer.workspace_id)
        if facts is None:
            with walls.inside(bearer.workspace_id):
                facts = facts_of(bearer.workspace_id)
            self._facts[bearer.workspace_id] = (clock.monotonic() + FACTS_SECONDS, facts)
        return facts


def refused(bearer: Bearer | None, scope: str) -> Answer | None:
    """What keeps the holder of a key from sending."""
    if bearer is None:
        return UNAUTHORISED
    return None if scope in bearer.scopes else _forbidden(scope)


def _forbidden(scope: str) -> Answer:
    return answers.problem(403, "forbidden", f"This key lacks the scope '{scope}'.")


def _trouble(error: Exception) -> Answer:
    failure = store_failure(error)
    if failure is not None:
        again = [(b"retry-after", str(failure.retry_after).encode())]
        return answers.problem(503, "store-unavailable", f"{failure} Nothing was recorded.", headers=again)
    log.error("request could not be read", exc_info=error)
    return answers.problem(500, "fault", "A fault on the server's side; it is in its log. Nothing was recorded.")
