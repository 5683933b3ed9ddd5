"""Plain vocabulary of follow-up: states, outcomes of a contact and of a case."""

from collections.abc import Mapping
from enum import StrEnum


class CaseState(StrEnum):
    """From the first complaint to its end."""

    OPEN = "open"
    IN_HAND = "in_hand"
    WAITING = "waiting"
    CLOSED = "closed"


class ContactResult(StrEnum):
    """What came of trying to reach the customer."""

    TALKED = "talked"
    NO_ANSWER = "no_answer"
    LATER = "later"
    WRITTEN = "written"


class Outcome(StrEnum):
    """How a case ended."""

    SOLVED = "solved"
    COMPENSATED = "compensated"
    COULD_NOT = "could_not"
    UNREACHABLE = "unreachable"
    NOT_NEEDED = "not_needed"


class Assignment(StrEnum):
    """Who gets a new case."""

    TURN = "turn"  # agents and leads in turn
    BRANCH = "branch"  # those of the case's branch in turn, where there are any
    NOBODY = "nobody"  # it waits until somebody takes it


LIMITS: dict[str, float] = {"nps": 6, "csat": 2, "ces": 3, "rating": 2}
HAPPY: dict[str, float] = {"nps": 9, "csat": 4, "ces": 5, "rating": 4}
SATISFIED: dict[str, float] = {"nps": 7, "csat": 4, "ces": 5, "rating": 4}  # no longer unhappy after follow-up
SCALES: dict[str, tuple[float, float]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "rating": (1, 5)}  # what limits are said on
REASONS = (
    ("late", "دیرکرد تحویل", "Late delivery"),
    ("packaging", "بسته‌بندی یا شکستگی", "Packaging or damage"),
    ("wrong_item", "کالای اشتباه یا ناقص", "Wrong or missing item"),
    ("quality", "کیفیت محصول", "Product quality"),
    ("price", "قیمت یا تخفیف", "Price or discount"),
    ("support", "پاسخ‌گویی پشتیبانی", "Support"),
    ("conduct", "رفتار", "Conduct"),
    ("no_news", "بی‌خبری", "No news"),
    ("other", "چیز دیگری", "Something else"),
)


def on_usual_scale(measure: str, value: float, low: float | None, high: float | None) -> float:
    """A score moved to the scale its measure's limits are said on: 4 of 10 stars is 2.33 of 5."""
    usual = SCALES.get(measure)
    if usual is None or low is None or high is None or high <= low or (low, high) == usual:
        return value
    return usual[0] + (value - low) / (high - low) * (usual[1] - usual[0])


def is_unhappy(limits: Mapping[str, float], measure: str, value: float, scale: tuple[float | None, float | None]) -> bool:
    """Whether a score lies at or below the limit of its measure; measures without a limit never do."""
    limit = limits.get(measure)
    return limit is not None and on_usual_scale(measure, value, *scale) <= limit


def tone_of(measure: str, value: float, low: float | None, high: float | None) -> str:
    """How a score is drawn: "good", "" for mixed, "bad"."""
    usual = on_usual_scale(measure, value, low, high)
    if measure not in HAPPY:
        return ""
    return "good" if usual >= HAPPY[measure] else "" if usual >= SATISFIED[measure] else "bad"


def is_satisfied(measure: str, value: float, low: float | None, high: float | None) -> bool:
    """Whether a customer who was unhappy no longer is."""
    return measure in SATISFIED and on_usual_scale(measure, value, low, high) >= SATISFIED[measure]
