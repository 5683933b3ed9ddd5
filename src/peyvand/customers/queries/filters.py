"""Filters of customer lists as conditions on profiles; stages of the relationship said in SQL as `lifecycle` says them in Python."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTransform

from peyvand.core import clock
from peyvand.customers.lifecycle import HURT_FOR, LOST_AFTER, LOYAL_FROM, PROMOTES_FROM, REPEAT_FROM, RISK_AFTER
from peyvand.customers.models import Membership, Profile
from peyvand.customers.types import Band, Stage


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty values narrow nothing. `channel` is a Term integer, `attributes` code → value.

    `companies` are the companies one of which a customer acts for now; an empty one holds nobody.
    """

    phone: bool | None = None
    email: bool | None = None
    channel: int | None = None
    band: Band | None = None
    stage: Stage | None = None
    seen_since: datetime | None = None
    companies: tuple[int, ...] | None = None
    attributes: dict[str, object] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether the list is narrowed at all."""
        return self != Filters()


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
        found &= in_stage(filters.stage, clock.now())
    if filters.companies is not None:
        acting = Membership.objects.filter(company_id__in=filters.companies, until=None)
        found &= Q(pk__in=acting.values("customer_id"))
    for n, (code, wanted) in enumerate(filters.attributes.items()):
        profiles = profiles.alias(**{f"attribute_{n}": KeyTransform(code, "attributes")})
        found &= Q(**{f"attribute_{n}": wanted})
    return profiles.filter(found)


def in_stage(stage: Stage, now: datetime) -> Q:
    """The condition that a profile stands in a stage at a moment."""
    bought = _bought(1)
    if stage in {Stage.STRANGER, Stage.VISITOR}:
        return ~bought & Q(known=stage is Stage.VISITOR)
    lost = Q(last_seen_at__lt=now - LOST_AFTER)
    if stage is Stage.LOST:
        return bought & lost
    hurt = Q(matters__gt=0) | Q(last_band=Band.BAD, last_score_at__gte=now - HURT_FOR)
    risk = Q(last_seen_at__lt=now - RISK_AFTER) | hurt
    if stage is Stage.AT_RISK:
        return bought & risk & ~lost
    well = Q(last_seen_at__gte=now - RISK_AFTER, matters__lte=0) & (~Q(last_band=Band.BAD) | Q(last_score_at__lt=now - HURT_FOR))
    promotes = Q(last_nps__gte=PROMOTES_FROM)
    quiet = Q(last_nps__isnull=True) | Q(last_nps__lt=PROMOTES_FROM)
    return (
        well
        & {
            Stage.FIRST_TIME: bought & ~_bought(REPEAT_FROM),
            Stage.AMBASSADOR: _bought(REPEAT_FROM) & promotes,
            Stage.LOYAL: _bought(LOYAL_FROM) & quiet,
            Stage.REPEAT: _bought(REPEAT_FROM) & ~_bought(LOYAL_FROM) & quiet,
        }[stage]
    )


def _bought(times: int) -> Q:
    """At least so many purchases, told as orders or proven by deliveries."""
    return Q(purchases__gte=times) | Q(deliveries__gte=times)
