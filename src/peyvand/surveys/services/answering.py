"""What a customer does with a personal link: begin, change their mind, submit once. Called by the survey's pages and a job."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from peyvand.core import clock
from peyvand.core.ids import read_token, sign_token
from peyvand.core.redaction import redacted
from peyvand.identities.queries import naming
from peyvand.identities.types import IdentityType
from peyvand.surveys.models import Invitation, Response
from peyvand.surveys.services.planning import CHANNEL, SLICED
from peyvand.surveys.types import EXPIRES, PARTIAL_AFTER, InvitationState
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn, Subject

PURPOSE = "survey"
LONGEST_WORDS = 5000
SOURCE = "survey"
OPEN = (InvitationState.QUEUED, InvitationState.SENT, InvitationState.STARTED)


class LinkClosed(Exception):
    """A link that no longer takes answers; `state` says why."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def link_token(invitation: Invitation) -> str:
    """The signed part of a personal link; it ends with the invitation, not with time."""
    return sign_token(PURPOSE, (invitation.pk, invitation.nonce))


def invitation_of(token: str, purpose: str = PURPOSE) -> Invitation | None:
    """The invitation a link belongs to; None for a forged one."""
    read = read_token(purpose, token)
    if read is None or len(read) != 2 or not isinstance(read[0], int):
        return None
    found = Invitation.objects.select_related("survey", "workspace", "customer", "response").filter(pk=read[0], nonce=read[1])
    return found.first()


def closed_as(invitation: Invitation) -> str:
    """Why a link takes no answers: the state that ended it, `expired` by its age alone; the empty text while it is open.

    One that was answered in full is open for good, to its thanks.
    """
    if invitation.state == InvitationState.ANSWERED:
        response = response_of(invitation)
        if response is None:
            return InvitationState.ANSWERED  # forgotten after its time
        if not response.partial:
            return ""
    elif invitation.state not in OPEN:
        return invitation.state
    asked_at = invitation.sent_at or invitation.send_at
    return "" if clock.now() - asked_at <= EXPIRES else InvitationState.EXPIRED


def is_finished(invitation: Invitation) -> bool:
    """Whether everything was said: submitted by the person, not only kept half-way."""
    response = response_of(invitation)
    return response is not None and response.interaction is not None and not response.partial


def response_of(invitation: Invitation) -> Response | None:
    """What was answered so far."""
    return getattr(invitation, "response", None)


@transaction.atomic
def keep_score(*, invitation: Invitation, score: int, language: str) -> Response:
    """Keep the score from the first page; it may be changed until it is on the timeline.

    Raises LinkClosed, ValueError off the scale.
    """
    locked = _locked(invitation)
    if score not in locked.survey.scale.points:
        raise ValueError(f"score {score} is off the scale")
    response = Response.objects.filter(invitation=locked).first()
    if response is not None and response.interaction is not None:
        return response
    response = response or Response(invitation=locked)
    response.score, response.language, response.changed_at = score, language, clock.now()
    response.save()
    Invitation.objects.filter(pk=locked.pk, state__in=OPEN).update(state=InvitationState.STARTED)
    return response


@transaction.atomic
def submit(*, invitation: Invitation, reasons: Sequence[str], words: str, partial: bool = False) -> Response:
    """Finish an answer and record it on the timeline, once however often it is repeated.

    Repeating gives what was recorded first. What comes after a score that was kept half-way is recorded beside it.
    Raises LinkClosed when there is no score yet or the link was closed.
    """
    locked = _locked(invitation)
    response = Response.objects.filter(invitation=locked).first()
    if response is None:
        raise LinkClosed(locked.state)
    if response.interaction is not None and (partial or not response.partial):
        return response
    known = {reason["code"] for reason in locked.survey.offered_reasons}
    response.reasons = [code for code in dict.fromkeys(reasons) if code in known]
    response.words = _cleaned(words)
    now = clock.now()
    if response.interaction is None:
        response.submitted_at, response.partial = now, partial
        response.interaction = record(locked.workspace_id, answer_item(locked, response)).interaction_id
    else:
        response.partial = False
        if response.reasons or response.words:
            record(locked.workspace_id, completing_item(locked, response, now))
    response.changed_at = now
    response.save()
    Invitation.objects.filter(pk=locked.pk).update(state=InvitationState.ANSWERED)
    return response


def _locked(invitation: Invitation) -> Invitation:
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("survey", "workspace", "customer").get(pk=invitation.pk)
    if why := closed_as(locked):
        raise LinkClosed(why)
    return locked


def _cleaned(words: str) -> str:
    """Words as they may be stored: no NUL and no half surrogates, no numbers of cards, ends trimmed, not longer than a page of text."""
    return redacted(words.encode("utf-8", "ignore").decode().replace("\x00", "").strip()[:LONGEST_WORDS])


def keep_partial_answers() -> int:
    """Record scores whose pages were left half an hour ago, without words; returns how many."""
    left = Response.objects.filter(interaction=None, changed_at__lt=clock.now() - PARTIAL_AFTER).select_related("invitation")
    kept = 0
    for response in left.order_by("changed_at")[:500]:
        try:
            submit(invitation=response.invitation, reasons=(), words="", partial=True)
            kept += 1
        except LinkClosed:
            _keep_late(response)
    return kept


@transaction.atomic
def _keep_late(response: Response) -> None:
    """A score given before the link was closed counts all the same: somebody who then asks for no more mail has answered."""
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("survey", "workspace").get(pk=response.invitation_id)
    locked = Response.objects.get(pk=response.pk)
    if locked.interaction is None:
        locked.submitted_at, locked.partial = clock.now(), True
        locked.interaction = record(invitation.workspace_id, answer_item(invitation, locked)).interaction_id
        locked.save()


def answer_item(invitation: Invitation, response: Response) -> Item:
    """The interaction an answer becomes: it inherits what the question was about."""
    scale = invitation.survey.scale
    item = _item(invitation, response, response.submitted_at or clock.now())
    item.external_id = f"survey:{invitation.pk}"
    if response.partial:
        item.properties["partial"] = True
    felt = PerceptionIn(invitation.survey.measure, float(response.score), (float(scale.low), float(scale.high)), text=response.words)
    item.perceptions = [felt]
    return item


def completing_item(invitation: Invitation, response: Response, at: dt.datetime) -> Item:
    """Reasons and words that came after the score had been recorded: an interaction of its own, since none is ever changed."""
    item = _item(invitation, response, at)
    item.external_id = completing_id(invitation.pk)
    item.properties["completes"] = response.interaction
    item.perceptions = [PerceptionIn(invitation.survey.measure, text=response.words)] if response.words else []
    return item


def completing_id(invitation_id: int) -> str:
    """What we call the interaction that completes the answer to an invitation."""
    return f"survey:{invitation_id}:more"


def _item(invitation: Invitation, response: Response, at: dt.datetime) -> Item:
    slices = invitation.slices
    item = Item(
        kind="survey.answered",
        occurred_at=at,
        customer=CustomerIn(identities=known_as(invitation.customer_id)),
        channel=CHANNEL,
        language=response.language,
        subject=Subject(slices["subject_type"], slices["subject_id"]) if slices.get("subject_id") else None,
        properties={"reasons": response.reasons, **origin(invitation)},
        source=SOURCE,
    )
    for dimension in SLICED:
        if slices.get(dimension):
            setattr(item, dimension, slices[dimension])
    return item


def origin(invitation: Invitation) -> dict[str, object]:
    """Properties that say which survey, and whether it asked once more."""
    found: dict[str, object] = {"survey": invitation.survey.code}
    if invitation.again:
        found |= {"again": True, "case": invitation.case}
    return found


def known_as(customer_id: int) -> list[IdentityIn]:
    """The strongest identity of a customer, which an item about them is recorded under."""
    strongest = naming(customer_id)
    if strongest is None:
        return []
    return [IdentityIn(IdentityType(strongest.type).name.lower(), strongest.value)]
