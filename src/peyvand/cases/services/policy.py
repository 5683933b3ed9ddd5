"""A workspace's way of following up: limits, deadlines, whose turn it is."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.db import transaction

from peyvand.cases.models import CasePolicy
from peyvand.cases.types import LIMITS, REASONS, Assignment
from peyvand.core.business_time import HoursError, add_working_time, working_time_between
from peyvand.workspaces.models import Member, User, Workspace
from peyvand.workspaces.queries.days import Exceptions, exceptions
from peyvand.workspaces.services import audit
from peyvand.workspaces.types import Permission

EDITABLE = frozenset({"is_active", "limits", "contact_hours", "remedy_hours", "assignment", "reasons"})
_BEFORE, _AHEAD = dt.timedelta(days=2), dt.timedelta(days=3 * 366)


def policy_of(workspace: Workspace) -> CasePolicy:
    """The workspace's policy, laid with sensible limits the first time."""
    reasons = [{"code": code, "fa": fa, "en": en} for code, fa, en in REASONS]
    policy, _created = CasePolicy.objects.get_or_create(workspace=workspace, defaults={"limits": dict(LIMITS), "reasons": reasons})
    policy.workspace = workspace  # known already: nobody asks for it again
    return policy


@transaction.atomic
def set_policy(*, workspace: Workspace, changes: Mapping[str, object], actor: User) -> CasePolicy:
    """Change how this workspace follows up (names of EDITABLE)."""
    policy = policy_of(workspace)
    unknown = set(changes) - EDITABLE
    if unknown:
        raise ValueError(f"not part of a policy: {sorted(unknown)}")
    before = {name: getattr(policy, name) for name in changes}
    for name, value in changes.items():
        setattr(policy, name, value)
    policy.save(update_fields=list(changes))
    audit(workspace=workspace, actor=actor, action="policy.changed", target=policy, detail={"before": before, "after": dict(changes)})
    return policy


def deadline(workspace: Workspace, start: dt.datetime, hours: float) -> dt.datetime:
    """The moment so many working hours after `start`: Fridays, closing hours and holidays do not count.

    Business hours that leave no time must not cost a complaint: then plain hours count.
    """
    known = _exceptions(workspace, start)
    try:
        return add_working_time(
            start,
            dt.timedelta(hours=hours),
            hours=_week(workspace),
            holidays=known.closed,
            opened=known.opened,
            tz=ZoneInfo(workspace.time_zone),
        )
    except HoursError:
        return start + dt.timedelta(hours=hours)


def working_seconds(workspace: Workspace, start: dt.datetime, end: dt.datetime) -> int:
    """How many seconds of working time lie between two moments; 0 when the end comes first."""
    known = _exceptions(workspace, start)
    try:
        span = working_time_between(
            start, end, hours=_week(workspace), holidays=known.closed, opened=known.opened, tz=ZoneInfo(workspace.time_zone)
        )
    except HoursError:
        span = end - start
    return max(0, round(span.total_seconds()))


def _week(workspace: Workspace) -> dict[int, list[tuple[str, str]]]:
    return {int(day): [(span[0], span[1]) for span in spans] for day, spans in workspace.business_hours.items()}


def _exceptions(workspace: Workspace, start: dt.datetime) -> Exceptions:
    first = start.date() - _BEFORE
    return exceptions(workspace, first, first + _AHEAD)


def takes_turns(member: Member) -> bool:
    """Whether cases are this member's daily work: agents and leads, and own roles like theirs; who runs the brand steps in."""
    return member.may(Permission.CASES_WORK) and not member.may(Permission.SETTINGS_MANAGE)


def next_owner(policy: CasePolicy, branch: int | None = None) -> Member | None:
    """Whose turn it is: agents and leads in turn, else a manager or owner; remembers the choice.

    With assignment by branch those of the case's branch come first; nobody where cases wait to be taken.
    """
    if policy.assignment == Assignment.NOBODY:
        return None
    members = Member.objects.filter(workspace=policy.workspace, is_active=True, user__is_active=True).select_related("custom_role")
    able = [member for member in members.order_by("id") if member.may(Permission.CASES_WORK)]
    turn = [member for member in able if takes_turns(member)] or able
    if policy.assignment == Assignment.BRANCH and branch is not None:
        turn = [member for member in turn if member.branch == branch] or turn
    if not turn:
        return None
    later = [member for member in turn if member.pk > (policy.last_owner_id or 0)]
    chosen = (later or turn)[0]
    CasePolicy.objects.filter(pk=policy.pk).update(last_owner=chosen)
    policy.last_owner = chosen
    return chosen
