"""What was done for the unhappy ones among the cast: who called when, what was noted, and how it ended. Used by `simulation`.

Whatever lies after the present has not happened, so that the open cases look like a working day at any hour.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from peyvand.demo.cast import ARASH, BEHNAM, FARZAD, KEYVAN, MINA, NEGAR, PARISA, ROYA
from peyvand.demo.cast_stage import Stage, answer_id, story_day
from peyvand.demo.follow_ups import LATER, NO_ANSWER, RECOVERED, TALKED, FollowUp
from peyvand.demo.telling import Story

# Who, when they answered, whose case, why; then when they were called, with what result, and what was noted
_OPEN: Final = (
    (KEYVAN, (0, "08:25"), "saman", "late", (0, "12:40"), NO_ANSWER, "10:30", "دو بار زنگ زدم، جواب نداد."),
    (NEGAR, (0, "10:12"), "saman", "late", (0, "13:50"), LATER, "11:30", "سر کار بود؛ گفت فردا پیش از ظهر زنگ بزنیم."),
    (MINA, (2, "12:40"), "tara", "support", (1, "10:20"), TALKED, "", "سابقه را خواندم تا از اول نگوید؛ فنجان تازه در راه است."),
    (BEHNAM, (3, "16:10"), "mahour", "price", (2, "10:30"), LATER, "12:00", "خواست وقتی تخفیف به حسابش برگشت خبرش کنیم."),
    (FARZAD, (3, "19:08"), "bardia", "returns", (1, "15:00"), TALKED, "", "عذرخواهی کردم؛ بازگشت وجه به حسابداری سپرده شد."),
)
_WON: Final = (
    (ROYA, (8, "11:20"), (8, "13:10"), (1, "18:30"), "late", "ارسال سفارش بعدی رایگان شد.", 9, "همان روز زنگ زدم و عذر خواستم."),
    (ARASH, (10, "09:50"), (10, "12:05"), (5, "20:15"), "other", "کالای درست را در شعبه گرفت.", 7, "قرار شد در شعبه عوض کند."),
    (PARISA, (9, "15:05"), (9, "16:40"), (3, "12:40"), "price", "تخفیف ازدست‌رفته را برگرداندیم.", 9, "همان پشت خط ثبت شد."),
)


def cast_follow_ups(story: Story, until: datetime) -> list[FollowUp]:
    """The cases of the cast: five open, three closed with a better score."""
    stage = Stage(story, story_day(until))
    found = [_open_case(stage, until, *told) for told in _OPEN] + [_won_case(stage, *told) for told in _WON]
    return [case for case in found if case.opened_at <= until]


def _open_case(stage: Stage, until: datetime, *told: Any) -> FollowUp:
    who, opened, owner, reason, called, result, again, words = told
    at = stage.working(*called)
    case = FollowUp(answer=answer_id(stage.number(who)), opened_at=stage.moment(*opened), owner=owner, reason=reason)
    if at > until:
        return case
    return replace(case, contacted_at=at, result=result, again_at=stage.working(-1, again) if again else None, note=words)


def _won_case(stage: Stage, *told: Any) -> FollowUp:
    who, opened, called, again, reason, remedy, score, words = told
    at = stage.moment(*called)
    return FollowUp(
        answer=answer_id(stage.number(who)),
        opened_at=stage.moment(*opened),
        owner="saman",
        reason=reason,
        contacted_at=at,
        result=TALKED,
        note=words,
        outcome=RECOVERED,
        remedy=remedy,
        closed_at=at + timedelta(hours=3),
        asked_again=answer_id(stage.number(who), "again-"),
        asked_again_at=stage.moment(*again),
        score_after=score,
    )
