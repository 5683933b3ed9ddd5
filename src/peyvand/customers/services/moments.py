"""What people of the brand record about a customer in passing: a spoken opinion, a call, a note; and taking it back."""

from dataclasses import dataclass

from django.db import transaction

from peyvand.core import clock, jobs
from peyvand.customers.services.counting import recount
from peyvand.customers.services.people import SOURCE, best_identity
from peyvand.identities.models import Customer
from peyvand.timeline.models import Batch
from peyvand.timeline.services import close_batch, open_batch, record, undo_batch
from peyvand.timeline.services.batches import BatchError
from peyvand.timeline.types import CustomerIn, Item, PerceptionIn, Subject
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit

CSAT = (1.0, 5.0)
CLEAR_UNDONE = "customers.clear_undone"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded, and the batch by which it can be taken back."""

    interaction_id: int
    batch_id: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was logged; times in seconds."""

    direction: str  # in | out
    outcome: str  # reached | no_answer | voicemail | wrong_number
    reason: str = ""
    note: str = ""
    duration_s: float | None = None


@transaction.atomic
def record_opinion(*, customer: Customer, score: int, actor: User, channel: str = "", branch: str = "") -> Recorded:
    """Record how satisfied a customer said they are, 1 to 5. Raises timeline's Refused for any other score."""
    opinion = [PerceptionIn(measure="csat", value=float(score), scale=CSAT)]
    item = _item("opinion.spoken", customer, actor, said_to=str(actor))
    item.perceptions, item.channel, item.branch = opinion, channel, branch
    return _recorded(customer, item, actor, "opinion.recorded")


@transaction.atomic
def add_words(*, customer: Customer, recorded: Recorded, text: str, actor: User) -> None:
    """Add what the customer said to an opinion just recorded; taken back together with it."""
    item = _item("opinion.spoken", customer, actor, said_to=str(actor))
    item.perceptions = [PerceptionIn(measure="csat", text=text)]
    item.subject = Subject(type="opinion", id=str(recorded.interaction_id))
    record(customer.workspace_id, item, batch=recorded.batch_id)


@transaction.atomic
def log_call(*, customer: Customer, call: Call, actor: User) -> Recorded:
    """Record a call with a customer that this person had."""
    item = _item("call.ended", customer, actor, direction=call.direction, outcome=call.outcome, reason=call.reason, note=call.note)
    item.duration_s = call.duration_s
    return _recorded(customer, item, actor, "call.logged")


@transaction.atomic
def write_note(*, customer: Customer, text: str, actor: User) -> Recorded:
    """Write something down about a customer, for colleagues to read."""
    return _recorded(customer, _item("note.written", customer, actor, note=text.strip(), by=str(actor)), actor, "note.written")


@transaction.atomic
def take_back(*, customer: Customer, batch_id: int, actor: User) -> None:
    """Undo something just recorded: gone from pages at once, from the lake by a job. Raises BatchError when done before."""
    batch = Batch.objects.select_for_update().get(pk=batch_id, workspace_id=customer.workspace_id)
    if batch.state not in (Batch.State.OPEN, Batch.State.DONE):
        raise BatchError(f"batch {batch.pk} was taken back already")
    undo_batch(batch=batch)
    recount([customer.pk])
    jobs.enqueue(name=CLEAR_UNDONE, payload={"batch": batch.pk}, key=f"batch {batch.pk}", workspace_id=customer.workspace_id)
    audit(workspace=customer.workspace, actor=actor, action="record.taken_back", target=customer)


def _item(kind: str, customer: Customer, actor: User, **properties: str) -> Item:
    return Item(
        kind=kind,
        occurred_at=clock.now(),
        customer=CustomerIn(identities=[best_identity(customer)]),
        properties={name: text for name, text in properties.items() if text},
        employee=actor.email,
        source=SOURCE,
    )


def _recorded(customer: Customer, item: Item, actor: User, action: str) -> Recorded:
    batch = open_batch(workspace=customer.workspace, label=item.kind)
    outcome = record(customer.workspace_id, item, batch=batch.pk)
    close_batch(batch=batch)
    audit(workspace=customer.workspace, actor=actor, action=action, target=customer)
    return Recorded(outcome.interaction_id or 0, batch.pk)
