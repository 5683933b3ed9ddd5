"""`record_many()`: the only way into the timeline, for one item or thousands.

The edge, imports, connectors and every feature call it inside their own transaction.
"""

from collections.abc import Sequence
from typing import Final

from django.db import IntegrityError, OperationalError, connection, transaction

from peyvand.core import bulk, clock
from peyvand.core.fields import to_micros
from peyvand.identities import services as identities
from peyvand.timeline.services import store
from peyvand.timeline.services.drafting import Draft, Drafted, Facts, draft, facts_of, meet
from peyvand.timeline.types import Item, Outcome, Refused, Status

TRIES: Final = 3
RACES: Final = ("23505", "40P01", "40001")  # a unique key was taken; a deadlock; a serialization failure


def record(workspace_id: int, item: Item, *, batch: int | None = None) -> Outcome:
    """Record one item in the caller's transaction; raises Refused when it cannot be recorded."""
    outcome = record_many(workspace_id, [item], batch=batch)[0]
    if outcome.status is Status.REJECTED:
        raise Refused(outcome.field, outcome.reason)
    return outcome


def record_many(workspace_id: int, items: Sequence[Item], *, batch: int | None = None) -> list[Outcome]:
    """Record items in the caller's transaction and answer each, in order.

    A rejected item costs the others nothing; a repeat (same source and external_id) gives the first one's id.
    Customers, terms and links are created on the way. `batch` is a Batch that can be undone whole.
    """
    return record_drafted(draft(facts_of(workspace_id), items), batch=batch)


def record_drafted(drafted: Drafted, *, batch: int | None = None) -> list[Outcome]:
    """As `record_many`, of items that were drafted before the transaction began."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic(savepoint=connection.vendor == "postgresql"):
                return write_drafted(drafted, batch=batch)
        except (IntegrityError, OperationalError) as error:
            if attempt == TRIES - 1 or not _met_another(error):
                raise
    raise AssertionError("unreachable")


def _met_another(error: Exception) -> bool:
    """Say whether another transaction got in between: on PostgreSQL it recorded one of these a moment ago and is now visible."""
    return connection.vendor == "postgresql" and getattr(error.__cause__, "sqlstate", "") in RACES


def write_drafted(drafted: Drafted, *, batch: int | None = None, look: bool = True) -> list[Outcome]:
    """As `record_drafted`, for a caller that begins its whole transaction again when another writer got in between.

    With `look` False it takes for granted that nothing was recorded before and, for a few items, that nobody makes the same
    people now; what is otherwise fails as if another writer had got in between.
    """
    drafts = meet(drafted)
    outcomes = list(drafted.outcomes)
    fresh = _drop_repeats(drafts, outcomes, look=look)
    if fresh:
        _insert(drafted.facts, fresh, batch, outcomes, lock=look or len(fresh) > bulk.FEW)
    _point_repeats(outcomes)
    return [outcome for outcome in outcomes if outcome is not None]


def _drop_repeats(drafts: list[Draft], outcomes: list[Outcome | None], *, look: bool) -> list[Draft]:
    """Answer repeats of what is recorded; a repeat inside this call points to its first for now (negative id)."""
    wanted: dict[tuple[int, str], int] = {}
    fresh: list[Draft] = []
    for one in drafts:
        if one.external_id is not None:
            first = wanted.setdefault((one.source, one.external_id), one.n)
            if first != one.n:
                outcomes[one.n] = Outcome(Status.DUPLICATE, -1 - first)
                continue
        fresh.append(one)
    known = store.find_recorded(wanted.keys()) if wanted and look else {}
    if not known:
        return fresh
    for key, interaction_id in known.items():
        outcomes[wanted[key]] = Outcome(Status.DUPLICATE, interaction_id)
    return [one for one in fresh if outcomes[one.n] is None]


def _point_repeats(outcomes: list[Outcome | None]) -> None:
    for n, outcome in enumerate(outcomes):
        if outcome is not None and outcome.interaction_id is not None and outcome.interaction_id < 0:
            first = outcomes[-1 - outcome.interaction_id]
            outcomes[n] = Outcome(Status.DUPLICATE, first.interaction_id if first else None)


def _insert(facts: Facts, fresh: Sequence[Draft], batch: int | None, outcomes: list[Outcome | None], *, lock: bool) -> None:
    whose, names = [one.identities for one in fresh], [one.name for one in fresh]
    deciding, known, _new, people = identities.resolve_many(facts.workspace_id, whose, names, lock=lock)
    ids = store.take_ids(len(fresh))
    felt = []
    for interaction_id, one, key in zip(ids, fresh, deciding, strict=True):
        own, customer = one.own, None
        own[0] = interaction_id
        if key is not None:
            own[1], customer = known[key]
        for n, perception in enumerate(one.felt):
            perception[0] = interaction_id << 6 | n
            felt.append(perception)
        outcomes[one.n] = Outcome(Status.RECORDED, interaction_id, "", "", customer)
    if facts.for_companies:
        _carry_companies(fresh, [outcomes[one.n] for one in fresh])
    shared = (facts.workspace_id, to_micros(clock.now()), batch)
    bulk.insert(*people, *store.parts(shared, [one.own for one in fresh], felt))


def _carry_companies(fresh: Sequence[Draft], recorded: Sequence[Outcome | None]) -> None:
    """Let what a customer did carry the company they acted for by then, where the item names none."""
    unsaid = [(one.own, found.customer_id) for one, found in zip(fresh, recorded, strict=True) if found and one.own[store.COMPANY] is None]
    places = identities.acting_for({customer for _own, customer in unsaid if customer is not None})
    for own, customer in unsaid:
        company, since = places.get(customer or 0, (None, 0))
        if own[store.OCCURRED_AT] >= since:
            own[store.COMPANY] = company
