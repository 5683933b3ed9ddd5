"""Plain vocabulary of customers: purposes of consent, types of attributes, stages of the relationship, bands of scores."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # stands in columns that are sorted by, where there is no moment yet


class Purpose(StrEnum):
    """Why somebody is written to or called."""

    SURVEY = "survey"
    SERVICE = "service"
    MARKETING = "marketing"


ASKED_FIRST = frozenset({Purpose.MARKETING})  # what nobody gets who has not agreed; the rest is allowed until refused
ANY_CHANNEL = "any"
CONSENT_CHANNELS = ("sms", "email", "phone")  # shown on every person; others appear once something was said about them


class AttributeType(StrEnum):
    """What an attribute's values are."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


# What is known of a company beside its name, and of which type each value is.
COMPANY_FIELDS = {"city": AttributeType.TEXT, "industry": AttributeType.TEXT, "employees": AttributeType.NUMBER}


class Stage(StrEnum):
    """How far the relationship has come, from the first sight to its end."""

    STRANGER = "stranger"
    VISITOR = "visitor"
    FIRST_TIME = "first_time"
    REPEAT = "repeat"
    LOYAL = "loyal"
    AMBASSADOR = "ambassador"
    AT_RISK = "at_risk"
    LOST = "lost"


class Cause(StrEnum):
    """Why somebody moved to another stage."""

    KNOWN = "known"  # nothing was bought; known by more than a device, or by nothing more
    BOUGHT = "bought"
    PROMOTES = "promotes"
    UNHAPPY = "unhappy"
    CASE = "case"
    QUIET = "quiet"  # not seen for long
    BACK = "back"  # seen again, or what hurt was put right
    MERGED = "merged"  # somebody said that two are one person
    UNMERGED = "unmerged"  # and that they are two


BY_DECISION: Final = frozenset({Cause.MERGED, Cause.UNMERGED})  # the customer did nothing: no move of theirs to count or tell of


@dataclass(frozen=True, slots=True)
class Rules:
    """By what a brand judges its relationships; each within RULE_LIMITS."""

    risk_days: int = 180  # out of sight
    lost_days: int = 365
    hurt_days: int = 90  # after a bad score
    loyal_purchases: int = 4

    @property
    def risk_after(self) -> timedelta:
        """Out of sight for longer than this, a buyer is at risk."""
        return timedelta(days=self.risk_days)

    @property
    def lost_after(self) -> timedelta:
        """Out of sight for longer than this, a buyer is lost."""
        return timedelta(days=self.lost_days)

    @property
    def hurt_for(self) -> timedelta:
        """So long a bad score hurts."""
        return timedelta(days=self.hurt_days)


RULES = Rules()
RULE_LIMITS = {"risk_days": (7, 1825), "lost_days": (14, 3650), "hurt_days": (1, 365), "loyal_purchases": (3, 100)}


class Band(IntEnum):
    """Whether a score is good, mixed or bad; NONE where nothing was said."""

    NONE = 0
    BAD = 1
    MIXED = 2
    GOOD = 3


class Hour(StrEnum):
    """When a person likes to be reached."""

    MORNING = "morning"
    NOON = "noon"
    EVENING = "evening"


class Sort(StrEnum):
    """What a list of customers is ordered by."""

    LAST_SEEN = "seen"
    NAME = "name"
    PURCHASES = "value"
    FIRST_SEEN = "since"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the stage of a relationship is judged by; the moments are aware, NEVER and None mean there is none."""

    known: bool  # by more than a device
    purchases: int  # told as orders, or proven by deliveries
    last_seen_at: datetime
    last_band: Band = Band.NONE
    last_score_at: datetime | None = None
    last_nps: float | None = None
    waits: bool = False  # for something to be put right: a case is open
    last_score: float | None = None
    rules: Rules = RULES
