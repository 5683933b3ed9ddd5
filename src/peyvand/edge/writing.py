"""One group of requests, one transaction: records what they hold and gives each its answer. Called by edge.intake's writer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

import structlog
from django.db import DatabaseError, connection, transaction

from peyvand.core import clock, walls
from peyvand.core.db import store_failure
from peyvand.edge import answers
from peyvand.edge.answers import Answer
from peyvand.edge.keys import Bearer
from peyvand.edge.services import Repeatable, given_answers, keep_answers
from peyvand.edge.wire import Read
from peyvand.identities.services import hold
from peyvand.timeline.services import Drafted, Facts, draft, join, write_drafted
from peyvand.timeline.types import Outcome

log = structlog.get_logger("peyvand.edge")
TRIES: Final = 3
ONE_EFFECT: Final = "one_effect_a_repeat"
ONE_EFFECT_ON_SQLITE: Final = "UNIQUE constraint failed: timeline_interaction.source"
REPEATS_SECONDS: Final = 60.0
RACES: Final = ("23505", "23503", "40P01", "40001")  # taken meanwhile, gone meanwhile, a deadlock, a serialization failure
REPLAYED: Final = [(b"idempotency-replayed", b"true")]
NOT_KNOWN: Final = (
    "The store failed while it was committing, so it is not known whether this was recorded. "
    "Send it again: items with the same source and external_id, or a request with the same Idempotency-Key, have one effect."
)


@dataclass(slots=True, eq=False)
class Ready:
    """A request that was read and drafted."""

    bearer: Bearer
    found: Read
    facts: Facts
    drafted: Drafted
    asked: Repeatable | None = None
    outcomes: Sequence[Outcome] = ()
    answer: Answer | None = field(default=None)
    tells_ids: bool = True

    @property
    def weight(self) -> int:
        """How much work it is, in items."""
        return len(self.found.items) + 1

    @property
    def is_doubtful(self) -> bool:
        """Whether anything in it was refused."""
        return bool(self.found.refused) or any(self.drafted.outcomes)

    def begin_again(self) -> None:
        """Forget a try that failed; drafts that were joined are numbered as they were joined."""
        self.answer, self.outcomes = None, ()
        self.drafted = draft(self.facts, self.found.items)

    def finish(self) -> Answer:
        """The answer to give; made on demand, since it need not be made while others wait for the store."""
        if self.answer is None:
            self.answer = answers.recorded(self.found, self.outcomes, self.bearer.id_key if self.tells_ids else None)
        return self.answer


def body_hash(body: bytes) -> str:
    """What tells one body from another under the same Idempotency-Key."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


class UnknownFateError(Exception):
    """The connection broke during the commit: the store may hold the group or not."""


def write(group: Sequence[Ready]) -> None:
    """Record a group; afterwards each has its outcomes or its answer. Never raises.

    A request that cannot be written by a fault of its own costs the others nothing: they are then written one by one.
    """
    try:
        _write_with_tries(group)
    except Exception as error:  # noqa: BLE001 - answered, logged, and the next group comes
        connection.close()  # the next group begins with a sound one
        if len(group) == 1 or isinstance(error, UnknownFateError) or store_failure(error) is not None:
            _fail(group, error)
            return
        for one in group:
            one.begin_again()
            write([one])


def _write_with_tries(group: Sequence[Ready]) -> None:
    """Write; again where another writer got in between, or where the connection was lost before the commit began.

    The database looks each row up once more as it goes in, so nobody looks for repeats before, or for who makes the same people
    now, unless one was met lately. Who met one writes its workspaces alone, which nobody can get in between.
    """
    for attempt in range(TRIES):
        look = attempt > 0 or clock.monotonic() < _Progress.repeats_until
        progress = _Progress(look=look, alone=attempt > 0)
        try:
            _write(group, progress)
        except DatabaseError as error:
            repeats = _met_repeats(error)
            raced = repeats or _state(error) in RACES
            if repeats:
                _Progress.repeats_until = clock.monotonic() + REPEATS_SECONDS
            if progress.committing and not raced and _fate_is_unknown(error):
                raise UnknownFateError from error
            if attempt == TRIES - 1 or not (raced or (connection.vendor == "postgresql" and not connection.is_usable())):
                raise
            connection.close()
            for one in group:
                one.begin_again()
        else:
            return


@dataclass(slots=True)
class _Progress:
    """One try to write a group: whether it looks for repeats first, whether others wait, and whether its commit was begun."""

    repeats_until: ClassVar[float] = 0.0  # who sends one thing again mostly sends others again too

    look: bool
    alone: bool
    committing: bool = False


def _write(group: Sequence[Ready], progress: _Progress) -> None:
    with transaction.atomic():
        fresh = _answer_repeats(group)
        by_workspace: dict[int, list[Ready]] = {}
        for one in fresh:
            by_workspace.setdefault(one.bearer.workspace_id, []).append(one)
        for workspace, requests in sorted(by_workspace.items()):
            with walls.inside(workspace):
                if progress.alone:
                    hold(workspace)
                outcomes = write_drafted(join([one.drafted for one in requests]), look=progress.look)
            start = 0
            for one in requests:
                one.outcomes = outcomes[start : start + len(one.found.items)]
                start += len(one.found.items)
        keyed = [(one.asked, one.finish()) for one in fresh if one.asked is not None]
        if keyed:
            keep_answers((asked, given.status, given.body) for asked, given in keyed)
        progress.committing = True


def _answer_repeats(group: Sequence[Ready]) -> list[Ready]:
    """Answer those whose Idempotency-Key was used before; returns the others."""
    asked = [one.asked for one in group if one.asked is not None]
    given = given_answers(asked) if asked else {}
    if not given:
        return list(group)
    for one in group:
        earlier = given.get(one.asked[:2]) if one.asked is not None else None
        if earlier is None or one.asked is None:
            continue
        if earlier.body_hash != one.asked.body_hash:
            one.answer = answers.problem(409, "idempotency-key-reused", "This Idempotency-Key was used with another body within a day.")
        else:
            kind = answers.JSON if earlier.status == 200 else answers.PROBLEM
            one.answer = Answer(earlier.status, earlier.body.encode(), kind, REPLAYED)
    return [one for one in group if one.answer is None]


def _state(error: DatabaseError) -> str:
    return str(getattr(error.__cause__, "sqlstate", None) or "")


def _met_repeats(error: DatabaseError) -> bool:
    """Whether something in the group was recorded before: PostgreSQL names the constraint, SQLite its columns."""
    named = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return named == ONE_EFFECT or ONE_EFFECT_ON_SQLITE in str(error)


def _fate_is_unknown(error: DatabaseError) -> bool:
    """A server that still speaks has rolled back, and so has SQLite when the disk was full."""
    if connection.vendor == "postgresql":
        return _state(error)[:2] in {"", "08", "57"}
    return "full" not in str(error)


def _fail(group: Sequence[Ready], error: Exception) -> None:
    failure = store_failure(error)
    if isinstance(error, UnknownFateError):
        log.error("fate of a group unknown", requests=len(group), exc_info=error)
        given = answers.problem(503, "fate-unknown", NOT_KNOWN, headers=[(b"retry-after", b"2")])
    elif failure is not None:
        log.warning("store unavailable", requests=len(group), reason=str(failure))
        again = [(b"retry-after", str(failure.retry_after).encode())]
        given = answers.problem(503, "store-unavailable", f"{failure} Nothing was recorded.", headers=again)
    else:
        log.error("request could not be written", requests=len(group), exc_info=error)
        given = answers.problem(500, "fault", "A fault on the server's side; it is in its log. Nothing was recorded.")
    for one in group:
        one.answer = given
