"""A workspace's own settings and holidays."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from peyvand.workspaces.models import Holiday, User, Workspace
from peyvand.workspaces.services.audit import audit

EDITABLE = frozenset(
    {
        "names",
        "logo",
        "colour",
        "languages",
        "default_language",
        "calendar",
        "time_zone",
        "currency",
        "rial_shown_as",
        "phone_region",
        "business_hours",
        "preferences",
    }
)


@transaction.atomic
def update_workspace(*, workspace: Workspace, changes: Mapping[str, object], actor: User | None) -> Workspace:
    """Change settings (names of `EDITABLE`) and keep before and after in the audit trail."""
    unknown = set(changes) - EDITABLE
    if unknown:
        raise ValueError(f"not settings of a workspace: {sorted(unknown)}")
    locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
    changed = {name: value for name, value in changes.items() if getattr(locked, name) != value}
    if not changed:
        return locked
    before = {name: getattr(locked, name) for name in changed}
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(changed))
    audit(workspace=locked, actor=actor, action="workspace.changed", target=locked, detail={"before": before, "after": changed})
    return locked


@transaction.atomic
def set_preference(*, workspace: Workspace, name: str, value: object) -> None:
    """Keep one thing an app remembers of a workspace, beside those of others; no audit entry, since no person chose it."""
    locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
    Workspace.objects.filter(pk=workspace.pk).update(preferences={**locked.preferences, name: value})


@transaction.atomic
def put_holiday(
    *, workspace: Workspace, date: dt.date, names: Mapping[str, str], off: bool, actor: User | None, moved: Holiday | None = None
) -> Holiday:
    """Add a holiday or change the one of that day; `moved` is one that gives its place up where its day became another."""
    if moved is not None and moved.date != date:
        delete_holiday(holiday=moved, actor=actor)
    before = Holiday.objects.filter(workspace=workspace, date=date).first()
    holiday, _ = Holiday.objects.update_or_create(workspace=workspace, date=date, defaults={"names": dict(names), "off": off})
    audit(workspace=workspace, actor=actor, action="holiday.put", target=holiday, detail=_change(before, holiday))
    return holiday


@transaction.atomic
def delete_holiday(*, holiday: Holiday, actor: User | None) -> None:
    """Forget a holiday."""
    audit(workspace=holiday.workspace, actor=actor, action="holiday.deleted", target=holiday, detail=_known(holiday))
    holiday.delete()


def _known(holiday: Holiday) -> dict[str, object]:
    return {"name": next(iter(holiday.names.values()), ""), "off": holiday.off}


def _change(before: Holiday | None, after: Holiday) -> dict[str, object]:
    return _known(after) if before is None else {"before": _known(before), "after": _known(after)}
