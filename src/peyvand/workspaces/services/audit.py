"""The audit trail: one entry for every change, bulk view and export an owner would ask about."""

from collections.abc import Mapping

from django.db.models import Model

from peyvand.workspaces.models import AuditEntry, User, Workspace


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
        actor_label=(actor_label or (str(actor) if actor else "peyvand"))[:120],
        action=action,
        target_type=type(target).__name__.lower() if target is not None else "",
        target_id=target.pk if target is not None else None,
        target_label=str(target)[:200] if target is not None else "",
        detail=dict(detail or {}),
    )
