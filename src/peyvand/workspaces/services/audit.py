"""The audit trail: one entry for every change, bulk view and export an owner would ask about."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import translation

from peyvand.core import clock, walls
from peyvand.core.privacy import GONE, Person, hide
from peyvand.workspaces.models import AuditEntry, Member, User, Workspace

LABEL: Final = 200
THROUGH: ContextVar[str] = ContextVar("through", default="")  # the key by which the API acts in somebody's name
PAUSE: Final = timedelta(hours=1)
AT_LEAST: Final = timedelta(days=365)  # so that nobody hides traces by a rule of retention
COLLEAGUES: Final = ("member", "user", "invitation", "role", "apikey")
CUSTOMER: Final = "customer"  # how entries about a customer call their target


def audit(
    *,
    workspace: Workspace,
    actor: User | None,
    action: str,
    target: Model | None = None,
    detail: Mapping[str, object] | None = None,
    actor_label: str = "",
) -> AuditEntry:
    """Write one entry in the caller's transaction.

    `action` is `noun.past_participle` (`member.invited`); `actor` None means a program, named by `actor_label`.
    `detail` holds plain JSON and never secrets or customers' contact details.
    """
    return AuditEntry.objects.create(
        workspace=workspace,
        actor=actor,
        actor_label=(actor_label or _who(actor))[:120],
        action=action,
        target_type=type(target).__name__.lower() if target is not None else "",
        target_id=target.pk if target is not None else None,
        target_label=str(target)[:LABEL] if target is not None else "",
        target_names=_names(target) if target is not None else {},
        detail=dict(detail or {}),
    )


def _who(actor: User | None) -> str:
    return " · ".join(part for part in (str(actor) if actor else "", THROUGH.get()) if part) or "peyvand"


def audit_person(*, user: User, action: str, actor: User | None, target: Model | None = None) -> None:
    """The same in the trail of every brand a person works for: what concerns their sign-in concerns each."""
    with walls.across():
        for workspace in Workspace.objects.filter(members__user=user, members__is_active=True):
            audit(workspace=workspace, actor=actor, action=action, target=target)


def _names(target: Model) -> dict[str, str]:
    """The label in each language, where they differ: whoever reads the trail may read another than whoever wrote it."""
    names = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names[language] = str(target)[:LABEL]
    return names if len(set(names.values())) > 1 else {}


def note_bulk_view(*, member: Member, action: str, detail: Mapping[str, object] | None = None) -> None:
    """Say that a member reads a list of many people's data: once an hour for each kind of list, not for each page."""
    since, seen = clock.now() - PAUSE, dict(detail or {})
    lately = AuditEntry.objects.filter(workspace_id=member.workspace_id, action=action, at__gte=since, actor_id=member.user_id)
    if not any(entry.detail == seen for entry in lately):
        audit(workspace=member.workspace, actor=member.user, action=action, detail=seen)


def old_entries(workspace_id: int, before: datetime, _loss: str) -> "QuerySet[AuditEntry]":
    """Entries from before a moment."""
    return AuditEntry.objects.filter(workspace=workspace_id, at__lt=before)


@transaction.atomic
def let_go_of_entries(ids: Sequence[int], _loss: str) -> None:
    """Delete them, but never one of the last year, whoever asks."""
    AuditEntry.objects.filter(pk__in=ids, at__lt=clock.now() - AT_LEAST).delete()


def hide_person(person: Person) -> None:
    """Hide a person who was erased in labels and details; the one exception to that entries never change.

    Who did something stays said, and what was done with colleagues: nobody shall empty the trail by erasing a namesake of theirs.
    """
    trail = AuditEntry.objects.filter(workspace=person.workspace_id)
    mine = trail.filter(target_type=CUSTOMER, target_id__in=person.customers)
    mine.exclude(target_label=GONE).update(target_label=GONE, target_names={})
    hide(mine, person, "detail")
    if person.words:
        hide(trail.exclude(target_type__in=COLLEAGUES), person.surely, "target_label", "target_names", "detail")
