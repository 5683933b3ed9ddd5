"""Where a relationship stands: one plain rule over counters and dates. `queries.filters` says the same in SQL."""

from datetime import datetime, timedelta
from typing import Final

from peyvand.customers.types import Band, Stage, Standing

LOST_AFTER: Final = timedelta(days=365)
RISK_AFTER: Final = timedelta(days=180)
HURT_FOR: Final = timedelta(days=90)
LOYAL_FROM: Final = 4  # purchases
REPEAT_FROM: Final = 2
PROMOTES_FROM: Final = 9  # of 10


def stage_of(standing: Standing, now: datetime) -> Stage:
    """The stage of a relationship at a moment.

    Who never bought is a stranger (known by a device alone) or a visitor. Buyers are lost after a year out of sight, at
    risk after half a year, within 90 days of a bad score or while a case of theirs is open, whatever they said meanwhile;
    else first-time, repeat, loyal (four purchases) or, loyal or repeat with a 9 or 10 for recommending, ambassadors.
    """
    if not standing.purchases:
        return Stage.VISITOR if standing.known else Stage.STRANGER
    unseen = now - standing.last_seen_at
    if unseen > LOST_AFTER:
        return Stage.LOST
    if unseen > RISK_AFTER or standing.waits or is_hurt(standing, now):
        return Stage.AT_RISK
    if standing.purchases < REPEAT_FROM:
        return Stage.FIRST_TIME
    if standing.last_nps is not None and standing.last_nps >= PROMOTES_FROM:
        return Stage.AMBASSADOR
    return Stage.LOYAL if standing.purchases >= LOYAL_FROM else Stage.REPEAT


def is_hurt(standing: Standing, now: datetime) -> bool:
    """Whether the last thing a person said was bad, and lately."""
    return standing.last_band is Band.BAD and standing.last_score_at is not None and now - standing.last_score_at <= HURT_FOR
