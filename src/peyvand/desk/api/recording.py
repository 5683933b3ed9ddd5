"""What people note about a customer, for programs: a spoken opinion, a call, a note; each can be taken back for half an hour."""

from typing import Any, Literal

from django.http import Http404
from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.customers.services.moments import Call, Recorded, add_words, log_call, record_opinion, take_back, write_note
from peyvand.desk.api.customers import checked, customer_of
from peyvand.desk.people.recorded import recorded_by, undo_token
from peyvand.identities.models import Customer
from peyvand.timeline.services.batches import BatchError
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, pid
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["customers"])


class OpinionIn(Said):
    """A spoken opinion: satisfaction from 1 to 5, and the words."""

    score: int = Field(ge=1, le=5)
    words: str = Field("", max_length=2000)


class CallIn(Said):
    """A call that was had."""

    direction: Literal["in", "out"] = "out"
    outcome: Literal["reached", "no_answer", "wrong_number"] = "reached"
    note: str = Field("", max_length=1000)


class NoteIn(Said):
    """A note for colleagues."""

    note: str = Field(min_length=1, max_length=2000)


class Noted(Schema):
    """What was recorded on the timeline."""

    interaction: str
    undo: str = Field(description="for `POST …/undo`, within half an hour, by the key's maker alone")


class Undo(Said):
    """What is taken back."""

    undo: str = Field(max_length=400, description="as it was told when it was recorded")


@opens(ROUTER.post, "/customers/{customer}/opinions", Scope.FEEDBACK_WRITE, response={201: Noted}, summary="Record a spoken opinion")
def new_opinion(request: KeyRequest, customer: str, said: OpinionIn) -> Status[dict[str, Any]]:
    """As the console does in two clicks."""
    found, actor = customer_of(request, customer), request.member.user
    recorded = checked(lambda: record_opinion(customer=found, score=said.score, actor=actor))
    if said.words.strip():
        add_words(customer=found, recorded=recorded, text=said.words, actor=actor)
    return Status(201, _noted(request, found, recorded))


@opens(ROUTER.post, "/customers/{customer}/calls", Scope.CUSTOMERS_WRITE, response={201: Noted}, summary="Record a call")
def new_call(request: KeyRequest, customer: str, said: CallIn) -> Status[dict[str, Any]]:
    """Who rang, and how it ended."""
    found, call = customer_of(request, customer), Call(said.direction, said.outcome, note=said.note)
    return Status(201, _noted(request, found, checked(lambda: log_call(customer=found, call=call, actor=request.member.user))))


@opens(ROUTER.post, "/customers/{customer}/notes", Scope.CUSTOMERS_WRITE, response={201: Noted}, summary="Write a note about a customer")
def new_note(request: KeyRequest, customer: str, said: NoteIn) -> Status[dict[str, Any]]:
    """For colleagues."""
    found = customer_of(request, customer)
    return Status(201, _noted(request, found, checked(lambda: write_note(customer=found, text=said.note, actor=request.member.user))))


@opens(ROUTER.post, "/customers/{customer}/undo", Scope.CUSTOMERS_WRITE, response={204: None}, summary="Take back what was just recorded")
def take_recorded_back(request: KeyRequest, customer: str, said: Undo) -> Status[None]:
    """Nothing of it is kept."""
    found = customer_of(request, customer)
    recorded = recorded_by(said.undo, found, request.member)
    if recorded is None:
        raise Http404
    try:
        take_back(customer=found, batch_id=recorded.batch_id, actor=request.member.user)
    except BatchError:
        raise Refused(422, "not-possible", "It was taken back already.") from None
    return Status(204, None)


def _noted(request: KeyRequest, customer: Customer, recorded: Recorded) -> dict[str, Any]:
    return {"interaction": pid(request, recorded.interaction_id), "undo": undo_token(recorded, customer, request.member)}
