"""Filters of customer lists as conditions on profiles; stages of the relationship said in SQL as `lifecycle` says them in Python."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTransform

from peyvand.core import clock
from peyvand.customers.lifecycle import PROMOTES_FROM, REPEAT_FROM
from peyvand.customers.models import Membership, Profile, StageMove
from peyvand.customers.types import BY_DECISION, NEVER, RULES, Band, Rules, Stage


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty values narrow nothing. `channel` is a Term integer, `attributes` code → value.

    `kept` are those who are known and not lost; `companies` those one of which a customer acts for now; `moved_from` and
    `moved_since` narrow `moved_to` and nothing by themselves.
    """

    phone: bool | None = None
    email: bool | None = None
    channel: int | None = None
    band: Band | None = None
    stage: Stage | None = None
    seen_since: datetime | None = None
    kept: bool = False
    moved_from: Stage | None = None
    moved_to: Stage | None = None
    moved_since: datetime | None = None
    rules: Rules = RULES
    companies: tuple[int, ...] | None = None
    attributes: dict[str, object] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether the list is narrowed at all."""
        return self != Filters(rules=self.rules)

    @property
    def out_of_reach(self) -> bool:
        """Whether those are asked for whom neither a phone nor an e-mail address reaches."""
        return self.phone is False and self.email is False

    @property
    def only_out_of_reach(self) -> bool:
        """Whether nothing else is asked for than to be one of those."""
        return self == Filters(phone=False, email=False, rules=self.rules)


def narrowed(profiles: "QuerySet[Profile]", filters: Filters) -> "QuerySet[Profile]":
    """The profiles that pass all filters."""
    found = Q()
    for column, value in (
        ("has_phone", filters.phone),
        ("has_email", filters.email),
        ("last_channel", filters.channel),
        ("last_band", filters.band),
        ("last_seen_at__gte", filters.seen_since),
    ):
        if value is not None:
            found &= Q(**{column: value})
    if filters.stage is not None:
        found &= in_stage(filters.stage, clock.now(), filters.rules)
    if filters.kept:
        found &= Q(known=True, interactions__gt=0) & ~in_stage(Stage.LOST, clock.now(), filters.rules)
    if filters.moved_to is not None:
        found &= Q(pk__in=_moves(filters).values("customer_id"))
    if filters.companies is not None:
        acting = Membership.objects.filter(company_id__in=filters.companies, until=None)
        found &= Q(pk__in=acting.values("customer_id"))
    for n, (code, wanted) in enumerate(filters.attributes.items()):
        profiles = profiles.alias(**{f"attribute_{n}": KeyTransform(code, "attributes")})
        found &= Q(**{f"attribute_{n}": wanted})
    return profiles.filter(found)


def _moves(filters: Filters) -> "QuerySet[StageMove]":
    """The moves that are asked for; who was merged or parted moved nowhere."""
    moves = StageMove.objects.filter(to_stage=filters.moved_to, at__gte=filters.moved_since or NEVER).exclude(from_stage="")
    if filters.moved_from is not None:
        moves = moves.filter(from_stage=filters.moved_from)
    return moves.exclude(cause__in=BY_DECISION)


def in_stage(stage: Stage, now: datetime, rules: Rules = RULES) -> Q:
    """The condition that a profile stands in a stage at a moment, by these rules."""
    bought = _bought(1)
    if stage in {Stage.STRANGER, Stage.VISITOR}:
        return ~bought & Q(known=stage is Stage.VISITOR)
    lost = Q(last_seen_at__lt=now - rules.lost_after)
    if stage is Stage.LOST:
        return bought & lost
    hurt = Q(matters__gt=0) | Q(last_band=Band.BAD, last_score_at__gte=now - rules.hurt_for)
    risk = Q(last_seen_at__lt=now - rules.risk_after) | hurt
    if stage is Stage.AT_RISK:
        return bought & risk & ~lost
    well = Q(last_seen_at__gte=now - rules.risk_after, matters__lte=0) & (
        ~Q(last_band=Band.BAD) | Q(last_score_at__lt=now - rules.hurt_for)
    )
    promotes = Q(last_nps__gte=PROMOTES_FROM)
    quiet = Q(last_nps__isnull=True) | Q(last_nps__lt=PROMOTES_FROM)
    return (
        well
        & {
            Stage.FIRST_TIME: bought & ~_bought(REPEAT_FROM),
            Stage.AMBASSADOR: _bought(REPEAT_FROM) & promotes,
            Stage.LOYAL: _bought(rules.loyal_purchases) & quiet,
            Stage.REPEAT: _bought(REPEAT_FROM) & ~_bought(rules.loyal_purchases) & quiet,
        }[stage]
    )


def _bought(times: int) -> Q:
    """At least so many purchases, told as orders or proven by deliveries."""
    return Q(purchases__gte=times) | Q(deliveries__gte=times)
