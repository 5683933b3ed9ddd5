"""Where a relationship stands, why it moved there, and when it may move by itself: plain rules over counters and dates.

`queries.filters` says the same in SQL.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from peyvand.customers.types import Band, Cause, Stage, Standing

REPEAT_FROM: Final = 2
PROMOTES_FROM: Final = 9  # of 10
AWAY: Final = frozenset({Stage.AT_RISK, Stage.LOST})
MOMENT: Final = timedelta(microseconds=1)


class Reason(NamedTuple):
    """Why somebody stands in a stage: a cause and the figures that made it so."""

    cause: Cause
    figures: dict[str, float]


def stage_of(standing: Standing, now: datetime) -> Stage:
    """The stage of a relationship at a moment, by the rules of its brand.

    Who never bought is a stranger (known by a device alone) or a visitor. Buyers are lost when long out of sight, at risk when
    out of sight for less, hurt by a bad score or while a case of theirs is open, whatever they said meanwhile; else first-time,
    repeat, loyal or, loyal or repeat with a 9 or 10 for recommending, ambassadors. How long and how much `standing.rules` say.
    """
    rules = standing.rules
    if not standing.purchases:
        return Stage.VISITOR if standing.known else Stage.STRANGER
    unseen = now - standing.last_seen_at
    if unseen > rules.lost_after:
        return Stage.LOST
    if unseen > rules.risk_after or standing.waits or is_hurt(standing, now):
        return Stage.AT_RISK
    if standing.purchases < REPEAT_FROM:
        return Stage.FIRST_TIME
    if standing.last_nps is not None and standing.last_nps >= PROMOTES_FROM:
        return Stage.AMBASSADOR
    return Stage.LOYAL if standing.purchases >= rules.loyal_purchases else Stage.REPEAT


def is_hurt(standing: Standing, now: datetime) -> bool:
    """Whether the last thing a person said was bad, and lately."""
    return standing.last_band is Band.BAD and standing.last_score_at is not None and now - standing.last_score_at <= standing.rules.hurt_for


def reason_of(standing: Standing, before: Stage, now: datetime) -> Reason:
    """Why somebody who stood in `before` stands where they stand now."""
    stage = stage_of(standing, now)
    if stage in {Stage.STRANGER, Stage.VISITOR}:
        return Reason(Cause.KNOWN, {})
    if stage is Stage.AT_RISK and standing.waits:
        return Reason(Cause.CASE, {})
    if stage is Stage.AT_RISK and is_hurt(standing, now):
        return Reason(Cause.UNHAPPY, {"score": standing.last_score} if standing.last_score is not None else {})
    if stage in AWAY:
        return Reason(Cause.QUIET, {"days": (now - standing.last_seen_at).days})
    if stage is Stage.AMBASSADOR and standing.last_nps is not None:
        return Reason(Cause.PROMOTES, {"score": standing.last_nps})
    return Reason(Cause.BACK if before in AWAY else Cause.BOUGHT, {"purchases": standing.purchases})


def moves_by_itself(standing: Standing, now: datetime) -> datetime | None:
    """The next moment at which time alone may move somebody; None where nothing but an event does."""
    if not standing.purchases:
        return None
    rules = standing.rules
    ends = [standing.last_seen_at + after + MOMENT for after in (rules.risk_after, rules.lost_after)]
    if standing.last_band is Band.BAD and standing.last_score_at is not None:
        ends.append(standing.last_score_at + rules.hurt_for + MOMENT)
    return min((end for end in ends if end > now), default=None)


def moved_at(standing: Standing, reason: Reason, now: datetime) -> datetime:
    """When a move took place: for who has not been seen, the moment the time ran out; else when it was noticed."""
    if reason.cause is not Cause.QUIET:
        return now
    unseen, rules = now - standing.last_seen_at, standing.rules
    return standing.last_seen_at + (rules.lost_after if unseen > rules.lost_after else rules.risk_after) + MOMENT
