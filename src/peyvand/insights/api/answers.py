"""The single answers under a figure, for programs: by every filter, part of the scale and earlier day that the figure takes."""

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.core.ids import read_token, sign_token
from peyvand.core.masking import readable
from peyvand.insights.api.reading import AS_OF, MOMENTS, WHERE, in_reader_language, spoken
from peyvand.insights.asking import filters_of, question
from peyvand.insights.counting import Count
from peyvand.insights.listing import Answered, answers_page
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, pid, sees_contacts
from peyvand.workspaces.services.audit import note_bulk_view
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["measures"])
CURSOR = "api.answers_under"


class UnderAsked(Paging):
    """What the figure was asked for, and a part of its scale."""

    since: str = Field("", description=MOMENTS)
    until: str = Field("", description=MOMENTS)
    where: list[str] = Field([], description=WHERE)
    as_of: str = Field("", description=AS_OF)
    at_least: float | None = Field(None, description="only scores from this on, of whatever scale")
    below: float | None = Field(None, description="only scores below this")


class BornTerm(Schema):
    """A name that the answer bears: its code, and its label for people."""

    code: str
    label: str


class UnderTold(Schema):
    """One answer; `customer` and `name` are empty where nobody in particular gave it."""

    interaction: str
    at: dt.datetime
    customer: str | None
    name: str
    value: float | None
    low: float | None
    high: float | None
    words: str
    subject: str
    terms: dict[str, BornTerm]


class UnderPage(Schema):
    """Answers, the newest first; `n`: how many the figure counts."""

    n: int
    items: list[UnderTold]
    next: str


@opens(ROUTER.get, "/measures/{measure}/answers", Scope.FEEDBACK_READ, response=UnderPage, summary="The answers under a figure")
def answers_under(request: KeyRequest, measure: str, asked: Annotated[UnderAsked, Query()]) -> dict[str, Any]:
    """No more and no fewer than `/measures/{measure}` counts by the same words; labels are as there."""
    return in_reader_language(request, lambda: _told(request, measure, asked), spoken(request))


def _told(request: KeyRequest, measure: str, asked: UnderAsked) -> dict[str, Any]:
    words = {name: getattr(asked, name) for name in ("since", "until", "as_of")}
    wanted = question(request.workspace, measure, filters=filters_of(asked.where), **words)
    count = Count(
        workspace=request.workspace,
        measures=(measure,),
        span=wanted.span,
        filters=wanted.filters,
        within=_within(asked),
        as_of=wanted.as_of,
    )
    found = answers_page(count, _place(request, asked.after), asked.limit)
    note_bulk_view(member=request.member, action="answers.listed", detail={"contacts": sees_contacts(request)})
    return {
        "n": sum(row[-1] for row in count.rows()),
        "items": [_answer(request, one) for one in found.answers],
        "next": sign_token(CURSOR, [request.workspace.pk, *found.following]) if found.following else "",
    }


def _place(request: KeyRequest, after: str) -> tuple[int, int] | None:
    if not after:
        return None
    place = read_token(CURSOR, after)
    if place is None or place[0] != request.workspace.pk:
        raise Refused(400, "bad-cursor", "after: give `next` of an earlier answer of this list as it was.", "after")
    return int(place[1]), int(place[2])


def _within(asked: UnderAsked) -> tuple[float, float] | None:
    if asked.at_least is None and asked.below is None:
        return None
    return (
        float("-inf") if asked.at_least is None else asked.at_least,
        float("inf") if asked.below is None else asked.below,
    )


def _answer(request: KeyRequest, answer: Answered) -> dict[str, Any]:
    sees = sees_contacts(request)
    numbers = {name: getattr(answer, name) for name in ("at", "value", "low", "high")}
    return numbers | {
        "interaction": pid(request, answer.interaction),
        "customer": pid(request, answer.customer_id) if answer.customer_id is not None else None,
        "name": readable(answer.name, sees=sees),
        "words": readable(answer.text, sees=sees),
        "subject": readable(answer.subject, sees=sees),
        "terms": {name: {"code": answer.codes[name], "label": label} for name, label in answer.terms.items()},
    }
