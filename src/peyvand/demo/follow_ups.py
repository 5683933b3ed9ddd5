"""What became of unhappy answers: who called when, what was promised and done, and how the customer answered when asked again.

The loader gives these outcomes to the cases that the real services open; those of the last days are still open.
"""

import math
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from peyvand.demo.arrays import DAY
from peyvand.demo.asking import CHANNEL_CODES, DELIVERY, EMAIL, RETURNS, SMS, STORE, SUPPORT, SURVEYS
from peyvand.demo.deliveries import NEVER
from peyvand.demo.seasons import working_moment
from peyvand.demo.survey_items import first_score, mood, survey_id
from peyvand.demo.telling import Story, moment
from peyvand.demo.wording import BAD, MIXED, PRAISED, Occasion, comment, note
from peyvand.demo.world import SOURCE, STAGE_OF
from peyvand.timeline.types import Item, PerceptionIn, Subject

RECOVERED: Final = "recovered"
UNCHANGED: Final = "unchanged"
UNREACHED: Final = "unreached"
TALKED: Final = "talked"
NO_ANSWER: Final = "no_answer"
LATER: Final = "later"
WHOSE_TURN: Final = ""
ASK_AGAIN_DAYS: Final = 3
_HOUR: Final = 3600
_IN_TIME: Final = 3.8  # working hours; the first contact is promised within four
_REMEDIES: Final = {
    "late": "ارسال سفارش بعدی رایگان شد.",
    "breakage": "کالای سالم جایگزین فرستادیم.",
    "price": "تخفیف ازدست‌رفته را برگرداندیم.",
    "support": "عذرخواهی کردیم و کار را تا آخر بردیم.",
    "returns": "وجه را همان روز برگرداندیم.",
    "quality": "کالای سالم جایگزین فرستادیم.",
}
COMPENSATED: Final = frozenset({"late", "breakage", "price", "returns", "quality"})  # the others were put right by words and work
_APOLOGY: Final = "عذرخواهی کردیم و توضیح دادیم."


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """One case as it went. Times after `until` of the simulation are None: that part has not happened yet.

    `answer` and `asked_again` are external ids of `survey.answered` items; `owner` is a member's code, WHOSE_TURN where the
    brand's turn decides, None where nobody has taken the case. `result` is that of the contact; `again_at` the day agreed
    for the next call. `outcome` is recovered, unchanged or unreached once the case is closed, with what was done as `remedy`.
    """

    answer: str
    opened_at: datetime
    owner: str | None
    reason: str
    contacted_at: datetime | None = None
    result: str | None = None
    again_at: datetime | None = None
    note: str = ""
    outcome: str | None = None
    remedy: str = ""
    closed_at: datetime | None = None
    asked_again: str | None = None
    asked_again_at: datetime | None = None
    score_after: int | None = None


@dataclass(frozen=True)
class AskedAgain:
    """The second question of one case: times in seconds, NEVER where there was none."""

    case: int
    sent: int
    answered: int
    score: int


def cases_in_order(story: Story) -> list[int]:
    """Row numbers of cases by the time they opened."""
    return [int(i) for i in np.argsort(story.history.recovery.opened, kind="stable")]


def reason_of(story: Story, case: int) -> str:
    """The family of a complaint, which decides remedy and note."""
    recovery, episode = story.history.recovery, story.history.episode
    row, survey = int(recovery.row[case]), int(story.history.asked.survey[recovery.asked[case]])
    if survey in {SUPPORT, RETURNS, STORE}:
        return {SUPPORT: "support", RETURNS: "returns", STORE: "branch"}[survey]
    if episode.delivery.damaged[row] or episode.delivery.wrong[row]:
        return "breakage" if episode.delivery.damaged[row] else "other"
    if episode.placed.discount_lost[row]:
        return "price"
    if episode.delivery.days_late[row]:
        return "late"
    return "quality" if story.history.feelings.quality[row] < -0.2 else "other"


def contact_moment(story: Story, case: int) -> int:
    """When the customer was called: mostly in time, two or three working hours after the answer; one in six too late."""
    chance = story.chance("contact", case)
    work = min(_IN_TIME, 1.7 * math.exp(chance.gauss(0, 0.6)))
    if chance.random() < 0.17:
        work = chance.uniform(4.5, 11)
    return working_moment(story.season, int(story.history.recovery.opened[case]), int(work * _HOUR))


def closing_moment(story: Story, case: int) -> int:
    """When a case was closed: some working hours after the call, or at the second call where nobody answered the first."""
    chance = story.chance("closing", case)
    reached = bool(story.history.recovery.reached[case])
    work = min(14.0, 4 * math.exp(chance.gauss(0, 0.8))) if reached else chance.uniform(6, 12)
    return working_moment(story.season, contact_moment(story, case), int(work * _HOUR))


def asked_again(story: Story, case: int) -> AskedAgain:
    """Whether, when and how a customer answered the question put three days after the end."""
    recovery, chance = story.history.recovery, story.chance("again", case)
    person, row = int(recovery.person[case]), int(recovery.row[case])
    named = bool(story.history.episode.placed.named[row])
    reachable = named and bool(story.people.has_phone[person] or story.people.has_email[person]) and not story.people.no_surveys[person]
    if not recovery.reached[case] or not reachable:
        return AskedAgain(case, NEVER, NEVER, 0)
    closed = closing_moment(story, case)
    sent = closed - closed % DAY + ASK_AGAIN_DAYS * DAY + chance.randint(7 * _HOUR, 12 * _HOUR)
    won = bool(recovery.won[case])
    answers = chance.random() < (0.66 if won else 0.5)
    first = first_score(story, int(recovery.asked[case]))
    after = (_nps_after if first.measure == "nps" else _csat_after)(chance, int(first.value or 0), won=won)
    return AskedAgain(case, sent, sent + int(math.exp(chance.gauss(8.6, 1.2))) if answers else NEVER, after)


def _nps_after(chance: random.Random, before: int, *, won: bool) -> int:
    if won:
        return min(10, max(7, before + chance.choice((3, 4, 4, 5, 5, 6))))
    return max(0, min(6, before + chance.choice((-1, 0, 0, 1, 2))))


def _csat_after(chance: random.Random, before: int, *, won: bool) -> int:
    return chance.choice((4, 4, 4, 5, 5)) if won else max(1, min(3, before + chance.choice((-1, 0, 0, 1))))


def follow_up(story: Story, case: int, until: float) -> FollowUp:
    """One case as far as it has come by `until` (seconds)."""
    recovery, chance = story.history.recovery, story.chance("case", case)
    opened, contacted, closed = int(recovery.opened[case]), contact_moment(story, case), closing_moment(story, case)
    again, reason, reached = asked_again(story, case), reason_of(story, case), bool(recovery.reached[case])
    outcome = RECOVERED if recovery.won[case] else UNCHANGED if reached else UNREACHED
    told, answered = contacted <= until, again.answered <= until
    words = {RECOVERED: "won", UNCHANGED: "lost", UNREACHED: "unreached"}[outcome]
    by_phone = bool(story.people.has_phone[recovery.person[case]])
    waits = not told and chance.random() < 0.4
    return FollowUp(
        answer=f"answered-{survey_id(story, int(recovery.asked[case]))}",
        opened_at=moment(opened),
        owner=None if waits else WHOSE_TURN,
        reason=reason,
        contacted_at=moment(contacted) if told else None,
        result=(TALKED if reached else NO_ANSWER) if told else None,
        again_at=moment(closed) if told and not reached else None,
        note=note(chance, reason if by_phone else "email", words) if told else "",
        outcome=outcome if closed <= until else None,
        remedy=_REMEDIES.get(reason, _APOLOGY) if closed <= until and outcome == RECOVERED else "",
        closed_at=moment(closed) if closed <= until else None,
        asked_again=f"answered-again-{survey_id(story, int(recovery.asked[case]))}" if answered else None,
        asked_again_at=moment(again.answered) if answered else None,
        score_after=again.score if answered else None,
    )


def sent_again_item(story: Story, again: AskedAgain) -> Item:
    """The second question, sent."""
    return Item(
        kind="survey.sent",
        occurred_at=moment(again.sent),
        external_id=f"sent-again-{_id(story, again)}",
        properties=_about(story, again),
        **_setting(story, again),
    )


def answered_again_item(story: Story, again: AskedAgain) -> Item:
    """The second question, answered."""
    person = int(story.history.recovery.person[again.case])
    chance = story.chance("again words", again.case)
    first = first_score(story, int(story.history.recovery.asked[again.case]))
    text = comment(chance, _occasion(story, again, person, chance)) if chance.random() < 0.45 else ""
    return Item(
        kind="survey.answered",
        occurred_at=moment(again.answered),
        external_id=f"answered-again-{_id(story, again)}",
        language=story.language(person),
        device="mobile",
        properties=_about(story, again),
        perceptions=[PerceptionIn(measure=first.measure, value=float(again.score), scale=first.scale, text=text)],
        **_setting(story, again),
    )


def _occasion(story: Story, again: AskedAgain, person: int, chance: random.Random) -> Occasion:
    level = mood(first_score(story, int(story.history.recovery.asked[again.case])), again.score)
    tone = (BAD, MIXED, PRAISED)[level + 1]
    register = "c" if story.people.colloquial[person] else "f"
    topics = [("recovered", tone)] if chance.random() < 0.85 else [("recovered", tone), ("general", tone)]
    return Occasion(topics, {}, register, bool(story.people.careless[person]), tone)


def _id(story: Story, again: AskedAgain) -> str:
    return survey_id(story, int(story.history.recovery.asked[again.case]))


def _about(story: Story, again: AskedAgain) -> dict[str, Any]:
    survey = SURVEYS[int(story.history.asked.survey[story.history.recovery.asked[again.case]])]
    return {"survey": survey, "again": True, "first_answer": f"answered-{_id(story, again)}"}


def _setting(story: Story, again: AskedAgain) -> dict[str, Any]:
    recovery = story.history.recovery
    person, row = int(recovery.person[again.case]), int(recovery.row[again.case])
    channel = SMS if story.people.has_phone[person] else EMAIL
    survey = int(story.history.asked.survey[recovery.asked[again.case]])
    return {
        "customer": story.customer(person, CHANNEL_CODES[channel] if channel == EMAIL else "phone", "own_id"),
        "channel": CHANNEL_CODES[channel],
        "touchpoint": "complaint",
        "stage": STAGE_OF["complaint"],
        "product": story.product(row) if survey == DELIVERY else "",
        "department": "support",
        "subject": Subject(type="order", id=story.order_number(row)),
        "source": SOURCE,
    }
