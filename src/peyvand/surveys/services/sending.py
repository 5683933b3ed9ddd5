"""Sending what is due, in the hours people may be written to, and learning what became of it. Called by a job every half minute."""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from peyvand.channels.models import Outgoing
from peyvand.channels.queries import last_refusal
from peyvand.channels.services import may_write_to, send
from peyvand.channels.services.approving import APPROVE_ABOVE
from peyvand.channels.types import Message, Purpose
from peyvand.core import clock
from peyvand.core.reader import use_reader
from peyvand.surveys.mail import Asking, asking_mail
from peyvand.surveys.models import Invitation, Survey
from peyvand.surveys.queries.approvals import NOT_AGREED, bulk_subject
from peyvand.surveys.queries.withdrawn import UNDONE, fallen
from peyvand.surveys.services.answering import OPEN, SOURCE, known_as, link_token, origin
from peyvand.surveys.services.declining import unsubscribe_token
from peyvand.surveys.services.planning import CHANNEL
from peyvand.surveys.types import EXPIRES, SEND_FROM, SEND_UNTIL, InvitationState
from peyvand.surveys.wording import known_of
from peyvand.timeline.services import record_many
from peyvand.timeline.types import CustomerIn, Item, Subject
from peyvand.workspaces.links import absolute_public
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.queries.days import works_on
from peyvand.workspaces.readers import reader_of

A_TURN = 200
LOOK_AHEAD = 30  # days
KEY = "survey"  # of its messages in the outbox: survey:<invitation>


def send_due() -> int:
    """Send invitations whose time has come; returns how many were looked at, at most A_TURN.

    Each is a transaction of its own. Where it is night or a day off, and while its survey is paused, they wait; what
    waited longer than 30 days is given up.
    """
    now = clock.now()
    due = Invitation.objects.filter(state=InvitationState.PLANNED, send_at__lte=now)
    due.filter(send_at__lt=now - EXPIRES).update(state=InvitationState.EXPIRED, reason="")
    workspaces = Workspace.objects.filter(pk__in=due.values("workspace").distinct())
    awake = [workspace.pk for workspace in workspaces if may_write_now(workspace, now)]
    ready = due.filter(workspace__in=awake, survey__is_active=True).order_by("send_at")  # as its index says it: thousands are due at once
    if limits := _limits(ready):
        some = [
            pk for survey, most in limits.items() for pk in ready.filter(survey=survey).values_list("pk", flat=True)[: min(most, A_TURN)]
        ]
        ready = ready.filter(~Q(survey__in=limits) | Q(pk__in=some))
    ids = list(ready.values_list("pk", flat=True)[:A_TURN])
    for invitation_id in ids:
        send_one(invitation_id)
    return len(ids)


def _limits(ready: QuerySet[Invitation]) -> dict[int, int]:
    """Survey → how many may be sent now, of those that would write to more people in a day than may be without somebody's word."""
    waiting = dict(ready.order_by().values_list("survey").annotate(n=Count("pk")))
    surveys = Survey.objects.filter(pk__in=waiting, workspace__preferences__has_key=APPROVE_ABOVE)
    limits = {}
    for survey in surveys.select_related("workspace", "begun_by"):
        due = waiting[survey.pk] - _hold_refused(survey)
        if due and (allowed := _allowed(survey, due)) < due:
            limits[survey.pk] = allowed
    return limits


def _allowed(survey: Survey, due: int) -> int:
    sent = Invitation.objects.filter(workspace=survey.workspace, survey=survey)
    return may_write_to(
        workspace=survey.workspace,
        subject=bulk_subject(survey),
        recipients=due,
        sent=lambda since: sent.filter(sent_at__gte=since).count(),
        label=str(survey.names.get(survey.workspace.default_language) or survey.code),
        begun_by=survey.begun_by,
    )


def _hold_refused(survey: Survey) -> int:
    """Give up what waited when somebody refused to let it be sent; returns how many."""
    refusal = last_refusal(survey.workspace, bulk_subject(survey))
    if refusal is None:
        return 0
    refused = Invitation.objects.filter(survey=survey, state=InvitationState.PLANNED, send_at__lte=refusal.refused_at)
    return refused.update(state=InvitationState.HELD, reason=NOT_AGREED) if refused.exists() else 0


def may_write_now(workspace: Workspace, now: dt.datetime) -> bool:
    """Whether customers of this brand may be written to: from nine to nine on days it works."""
    return may_write_from(workspace, now) <= now


def may_write_from(workspace: Workspace, now: dt.datetime) -> dt.datetime:
    """From when on they may be: now itself in those hours; a brand that works on no day of the next month may from then on."""
    zone = ZoneInfo(workspace.time_zone)
    today = now.astimezone(zone).date()
    for day in (today + dt.timedelta(days=n) for n in range(LOOK_AHEAD)):
        until = dt.datetime.combine(day, dt.time(SEND_UNTIL), zone)
        if now < until and works_on(workspace, day):
            return max(now, dt.datetime.combine(day, dt.time(SEND_FROM), zone))
    return now + dt.timedelta(days=LOOK_AHEAD)


@transaction.atomic
def send_one(invitation_id: int) -> None:
    """Put one invitation into the outbox, or hold it with the reason; does nothing when it was sent meanwhile."""
    waiting = Invitation.objects.select_for_update(of=("self",)).filter(pk=invitation_id, state=InvitationState.PLANNED)
    invitation = waiting.select_related("workspace", "survey", "customer").first()
    if invitation is None:
        return
    if invitation.trigger is not None and fallen({invitation.trigger}):
        invitation.state, invitation.reason = InvitationState.HELD, UNDONE
        invitation.save(update_fields=["state", "reason"])
        return
    outgoing = send(
        workspace=invitation.workspace,
        customer=invitation.customer,
        purpose=Purpose.SURVEY,
        message=compose(invitation),
        key=f"{KEY}:{invitation.pk}",
        channel_kind=CHANNEL,
    )
    held = outgoing.state == Outgoing.State.HELD
    invitation.state = InvitationState.HELD if held else InvitationState.QUEUED
    invitation.reason, invitation.message, invitation.sent_at = outgoing.error[:300], outgoing, None if held else clock.now()
    invitation.save(update_fields=["state", "reason", "message", "sent_at"])


def compose(invitation: Invitation) -> Message:
    """The mail of an invitation, in the language and the way of writing of its addressee."""
    with use_reader(reader_of(invitation.workspace, invitation.language)):
        return asking_mail(
            Asking(
                survey=invitation.survey,
                workspace=invitation.workspace,
                known=known_of(invitation),
                url=absolute_public("surveys:score", link_token(invitation)),
                stop_url=absolute_public("surveys:unsubscribe", unsubscribe_token(invitation)),
                language=invitation.language,
                again=invitation.again,
            )
        )


def settle() -> int:
    """Learn what became of what is in the outbox; what left is noted on the timeline, once. Returns how many changed."""
    unsettled = Invitation.objects.filter(sent_noted=False).exclude(message=None)
    left = unsettled.filter(message__state__in=(Outgoing.State.SENT, Outgoing.State.UNSURE)).select_related("survey", "message")
    moved = _note_sent(list(left[:A_TURN]))
    refused = unsettled.filter(state=InvitationState.QUEUED, message__state__in=(Outgoing.State.FAILED, Outgoing.State.HELD))
    for invitation in refused.select_related("message")[:A_TURN]:
        reason = invitation.message.error[:300] if invitation.message else ""
        changed = Invitation.objects.filter(pk=invitation.pk, state=InvitationState.QUEUED)
        moved += changed.update(state=InvitationState.HELD, reason=reason, sent_at=None)
    return moved


def _note_sent(invitations: Iterable[Invitation]) -> int:
    """Record `survey.sent` for mails that left."""
    by_workspace: dict[int, list[Invitation]] = {}
    for invitation in invitations:
        by_workspace.setdefault(invitation.workspace_id, []).append(invitation)
    for workspace_id, sent in by_workspace.items():
        with transaction.atomic():
            record_many(workspace_id, [sent_item(invitation) for invitation in sent])
            for invitation in sent:
                _mark_sent(invitation)
    return sum(len(sent) for sent in by_workspace.values())


def _mark_sent(invitation: Invitation) -> None:
    sent_at = invitation.message.sent_at if invitation.message else None
    here = Invitation.objects.filter(pk=invitation.pk)
    here.filter(state__in=(InvitationState.QUEUED, InvitationState.HELD)).update(state=InvitationState.SENT, reason="")
    here.update(sent_noted=True, sent_at=sent_at or clock.now())


def sent_item(invitation: Invitation) -> Item:
    """The interaction of a mail that left, about the same subject as its answer, so that the two are found together."""
    slices = invitation.slices
    subject = Subject(slices["subject_type"], slices["subject_id"]) if slices.get("subject_id") else None
    return Item(
        kind="survey.sent",
        occurred_at=(invitation.message.sent_at if invitation.message else None) or clock.now(),
        customer=CustomerIn(identities=known_as(invitation.customer_id)),
        channel=CHANNEL,
        touchpoint=slices.get("touchpoint", ""),
        branch=slices.get("branch", ""),
        subject=subject,
        properties=origin(invitation),
        source=SOURCE,
        external_id=f"asked:{invitation.pk}",
    )


def expire() -> int:
    """Close the links of those who did not answer within 30 days; returns how many."""
    late = Invitation.objects.filter(state__in=OPEN, sent_at__lt=clock.now() - EXPIRES)
    return late.exclude(response__interaction=None, response__isnull=False).update(state=InvitationState.EXPIRED)
