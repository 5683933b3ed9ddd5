"""Moves between stages of the relationship: noted with their reason, told to the timeline; and the rules a brand judges by."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from peyvand.core import clock, walls
from peyvand.core.display import num
from peyvand.core.fields import to_micros
from peyvand.core.giving_way import commit_without_sync, give_way
from peyvand.customers.lifecycle import Reason, moved_at, moves_by_itself, reason_of, stage_of
from peyvand.customers.models import LifecycleRules, Profile, StageMove, forget_rules
from peyvand.customers.services.people import best_identity
from peyvand.customers.types import NEVER, RULE_LIMITS, Cause, Rules, Stage
from peyvand.identities.models import Customer
from peyvand.timeline.services import record_many
from peyvand.timeline.types import CustomerIn, Item
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

A_TURN: Final = 100  # customers a transaction: others want to write too
TURNS: Final = 10
FAR: Final = datetime(2900, 1, 1, tzinfo=NEVER.tzinfo)
LATELY: Final = timedelta(days=1)  # who was seen last longer ago did not buy or come back just now
TOLD_WITHIN: Final = timedelta(days=7)  # an older move is history that was brought in: nothing need react to it
KIND: Final = "lifecycle.moved"
SOURCE: Final = "lifecycle"
LOOKED: Final = "UPDATE customers_profile SET stage = %s, look_again_at = %s WHERE customer_id = %s"


class RulesError(Exception):
    """Rules that cannot be; the message is for the person who asked, `field` names what to change."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def lifecycle_round() -> bool:
    """Look at up to a thousand customers who may have moved, then rest; says whether more wait.

    What a power failure takes back is looked at again, so no commit need wait for the disk.
    """
    commit_without_sync()
    for _turn in range(TURNS):
        began = clock.monotonic()
        if note_moves() < A_TURN:
            return False
        give_way(clock.monotonic() - began)
    return True


@transaction.atomic
def note_moves(most: int = A_TURN) -> int:
    """Note who stands elsewhere than before, in one transaction; returns how many were looked at.

    Who is placed for the first time has a move from nowhere, which is told to nobody.
    """
    now = clock.now()
    rows = list(waiting(now).select_for_update(of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked)[:most])
    forget_rules()  # another process may have changed them just now, and nobody looks again at who is placed by those of before
    moves = [move for profile in rows if not profile.merged and (move := _look(profile, now)) is not None]
    StageMove.objects.bulk_create(moves)
    looked = []
    for profile in rows:
        again = None if profile.merged else moves_by_itself(profile.standing, now)
        looked.append((profile.stage, to_micros(again or FAR), profile.pk))
    with connection.cursor() as cursor:
        cursor.executemany(LOOKED, looked)
    _tell([move for move in moves if move.from_stage and now - move.at <= TOLD_WITHIN])
    return len(rows)


def waiting(now: datetime) -> QuerySet[Profile]:
    """Who may have moved by now, in the order of the index alone: thousands wait since one moment, and would be sorted for each turn."""
    return Profile.objects.filter(look_again_at__lte=now).order_by("look_again_at")


def _look(profile: Profile, now: datetime) -> StageMove | None:
    """The move of a customer who stands elsewhere than was noted last; None for who stays."""
    standing = profile.standing
    stage = stage_of(standing, now)
    if stage == profile.stage:
        return None
    before = Stage(profile.stage) if profile.stage else stage
    reason = reason_of(standing, before, now)
    left = "" if _was_brought_in(profile, before, reason, now) else profile.stage
    move = StageMove(workspace_id=profile.workspace_id, customer_id=profile.pk, from_stage=left, to_stage=stage.value)
    move.cause, move.figures = reason.cause.value, reason.figures
    vars(move)["at"] = moved_at(standing, reason, now)
    profile.stage = stage.value
    return move


@transaction.atomic
def note_merged(customer_id: int, at: datetime) -> None:
    """Note where somebody stands by a merge of this moment. It is nobody's doing and told to nobody; call it once they are counted anew."""
    _note_decided([customer_id], Cause.MERGED, at)


@transaction.atomic
def note_parted(customer_ids: Collection[int], merged_at: datetime | None = None) -> None:
    """Note where people stand who are two again: the move that the merge of that moment made is taken back unless others followed."""
    if merged_at is not None:
        for customer_id in customer_ids:
            _take_back(customer_id, merged_at)
    _note_decided(customer_ids, Cause.UNMERGED, clock.now())


def _note_decided(customer_ids: Collection[int], cause: Cause, at: datetime) -> None:
    now = clock.now()
    for profile in Profile.objects.select_for_update().filter(pk__in=customer_ids, merged=False).exclude(stage="").order_by("pk"):
        stage = stage_of(profile.standing, now)
        if stage != profile.stage:
            told: dict[str, Any] = {"from_stage": profile.stage, "to_stage": stage.value, "cause": cause.value, "at": at}
            StageMove.objects.create(workspace_id=profile.workspace_id, customer_id=profile.pk, **told)
            Profile.objects.filter(pk=profile.pk).update(stage=stage.value)


def _take_back(customer_id: int, merged_at: datetime) -> None:
    last = StageMove.objects.filter(customer_id=customer_id).order_by("-at", "-pk").first()
    if last is not None and last.cause == Cause.MERGED and last.at == merged_at:
        Profile.objects.filter(pk=customer_id).update(stage=last.from_stage)
        last.delete()


def _was_brought_in(profile: Profile, before: Stage, reason: Reason, now: datetime) -> bool:
    """Whether old events that came in only now, as an import brings them, changed what was known: that places anew and moves nobody.

    Time and cases move people who were not seen, too.
    """
    was_counted = profile.look_again_at == NEVER
    if not was_counted or reason.cause in (Cause.QUIET, Cause.CASE) or now - profile.last_seen_at <= LATELY:
        return False
    if before is Stage.AT_RISK:
        last = StageMove.objects.filter(customer_id=profile.pk).order_by("-at", "-pk").values_list("cause", flat=True).first()
        return last != Cause.CASE
    return True


def _tell(moves: list[StageMove]) -> None:
    """Put moves on the timeline, where whatever reacts reads them."""
    by_workspace: dict[int, list[Item]] = {}
    people = {one.pk: one for one in Customer.objects.filter(pk__in=[move.customer_id for move in moves]).prefetch_related("identities")}
    for move in moves:
        if people[move.customer_id].identities.all():
            by_workspace.setdefault(move.workspace_id, []).append(_item(people[move.customer_id], move))
    for workspace_id, items in sorted(by_workspace.items()):
        with walls.inside(workspace_id):
            record_many(workspace_id, items)


def _item(customer: Customer, move: StageMove) -> Item:
    at: datetime = move.at
    return Item(
        kind=KIND,
        occurred_at=at,
        customer=CustomerIn(identities=[best_identity(customer)]),
        properties={"from_stage": move.from_stage, "to_stage": move.to_stage, "cause": move.cause, "figures": move.figures},
        source=SOURCE,
        external_id=f"{customer.pk} {to_micros(at)} {move.to_stage}",
    )


@transaction.atomic
def set_rules(*, workspace: Workspace, rules: Rules, actor: User) -> None:
    """Change by what a brand judges its relationships; everybody is looked at anew. Raises RulesError naming the field."""
    for name, (least, most) in RULE_LIMITS.items():
        if not least <= getattr(rules, name) <= most:
            raise RulesError(_("Choose a number from %(least)s to %(most)s.") % {"least": num(least), "most": num(most)}, name)
    if rules.lost_days <= rules.risk_days:
        raise RulesError(_("Lost comes after at risk: choose more days than %(n)s.") % {"n": num(rules.risk_days)}, "lost_days")
    before = LifecycleRules.of(workspace.pk)
    kept, _made = LifecycleRules.objects.update_or_create(workspace=workspace, defaults=_told(rules))
    Profile.objects.filter(workspace=workspace).update(look_again_at=0)
    transaction.on_commit(forget_rules)
    detail = {"before": _told(before), "after": _told(rules)}
    audit(workspace=workspace, actor=actor, action="lifecycle.changed", target=kept, detail=detail)


def _told(rules: Rules) -> Mapping[str, int]:
    return {name: getattr(rules, name) for name in RULE_LIMITS}
