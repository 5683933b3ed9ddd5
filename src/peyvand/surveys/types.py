"""Plain vocabulary of surveys: what is measured, on which scale, and where an invitation stands."""

import datetime as dt
from enum import StrEnum
from typing import NamedTuple


class Scale(NamedTuple):
    """The points a score may take and where happy and unhappy begin."""

    low: int
    high: int
    happy_from: int
    unhappy_to: int

    @property
    def points(self) -> range:
        """Every score from low to high."""
        return range(self.low, self.high + 1)

    def mood(self, score: float) -> str:
        """Whether a score is happy, mixed or unhappy."""
        return "happy" if score >= self.happy_from else "unhappy" if score <= self.unhappy_to else "mixed"


SCALES: dict[str, Scale] = {
    "nps": Scale(0, 10, 9, 6),
    "csat": Scale(1, 5, 4, 2),
    "ces": Scale(1, 7, 5, 3),
}


class InvitationState(StrEnum):
    """From planned to its end; `held` carries a reason."""

    PLANNED = "planned"
    QUEUED = "queued"  # in the outbox
    SENT = "sent"
    STARTED = "started"
    ANSWERED = "answered"
    DECLINED = "declined"
    HELD = "held"
    EXPIRED = "expired"


FRESH = dt.timedelta(days=14)  # what happened longer ago asks nobody
EXPIRES = dt.timedelta(days=30)  # after it was sent; what could not be sent within it is given up
PARTIAL_AFTER = dt.timedelta(minutes=30)
SEND_FROM, SEND_UNTIL = 9, 21  # o'clock where the workspace is, on days it works
MOST_REASONS = 12
CASE_CLOSED = "case.closed"  # as follow-up tells the timeline
PLACEHOLDERS = ("brand", "order", "date", "name", "again_days")


class TextField(NamedTuple):
    """One editable text of a survey: its longest length, whether it has several lines, and whether it may be left empty."""

    name: str
    longest: int
    lines: bool = False
    optional: bool = False


QUESTION_TEXTS = (
    TextField("question", 200),
    TextField("lead", 200, optional=True),
    TextField("low", 60),
    TextField("high", 60),
)
WHY_TEXTS = (TextField("why", 160), TextField("why_lead", 200, optional=True), TextField("words", 80))
THANKS_TEXTS = (
    TextField("thanks", 120),
    TextField("thanks_happy", 600, lines=True),
    TextField("thanks_mixed", 600, lines=True),
    TextField("thanks_unhappy", 600, lines=True),
)
MAIL_TEXTS = (
    TextField("mail_subject", 120),
    TextField("mail_body", 1200, lines=True),
    TextField("mail_button", 40),
    TextField("again_lead", 300, lines=True),
)
TEXTS = (*QUESTION_TEXTS, *WHY_TEXTS, *THANKS_TEXTS, *MAIL_TEXTS)
