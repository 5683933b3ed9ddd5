"""What operations of figures are asked in common, and figures as they are told. Read by the modules beside it."""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import override
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from ninja import Schema
from pydantic import Field

from peyvand.core import clock
from peyvand.insights.asking import filters_of, question
from peyvand.insights.board import Board, board, usual_length
from peyvand.insights.pairs import Pair
from peyvand.insights.questions import Question, QuestionError, Span, UnknownCodeError
from peyvand.insights.terms import remembering
from peyvand.insights.windows import Against, Length, window
from peyvand.measures import ScaleError
from peyvand.measures.contrast import GroupError
from peyvand.workspaces.bearer import KeyRequest, Refused

T = TypeVar("T")
MOMENTS = "a date, or a moment with an offset; dates are whole days of the workspace"
WHERE = "a filter such as channel=sms or source=shop; repeat it to narrow further; branch!=… leaves a branch out"
EARLIEST = dt.date(1900, 1, 1)  # of days looked from: a window before it may leave a calendar
AS_OF = "an earlier day: it is looked at as if it were today, and what was recorded later is left out"


class WindowAsked(Schema):
    """A length of time up to today, and what it is compared with, as on Pulse."""

    time: Length | None = Field(None, description="without: the shortest with enough answers to conclude from")
    against: Against = "lastyear"
    where: list[str] = Field([], description=WHERE)
    as_of: dt.date | None = Field(None, ge=EARLIEST, description=f"{AS_OF}; from {EARLIEST.year} on")


class WindowTold(Schema):
    """The span that was counted, and the one before."""

    time: Length
    since: dt.date | None = Field(description="the first day; null: from the beginning")
    until: dt.date = Field(description="the last day")
    then_since: dt.date | None
    then_until: dt.date | None
    as_of: dt.datetime | None


class FigureTold(Schema):
    """A figure now and then: n, value, se, low, high; `small`: fewer than 30 answers stand behind it."""

    measure: str
    label: str
    scale: list[float]
    now: dict[str, Any]
    then: dict[str, Any] | None
    change: dict[str, Any] | None = Field(
        description="now minus then, with its interval; `beyond_noise` says whether it can be told from noise"
    )


def in_reader_language(request: KeyRequest, do: Callable[[], T], accepted: str = "") -> T:
    """Do it with labels in the language asked for, else the brand's own. Raises Refused for what cannot be understood."""
    try:
        with override(_language(accepted) or request.workspace.default_language), remembering():
            return do()
    except UnknownCodeError as error:
        raise Refused(422, "unknown-code", str(error)) from None
    except GroupError as error:
        raise Refused(422, "invalid", str(error)) from None
    except (QuestionError, ScaleError) as error:
        raise Refused(400, "invalid", str(error)) from None


def _language(accepted: str) -> str:
    """The first language of the header that there is; empty where it names none, or any."""
    for code, _quality in parse_accept_lang_header(accepted.lower()):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return ""


def spoken(request: KeyRequest) -> str:
    """The languages a program asks for."""
    return str(request.headers.get("Accept-Language", ""))


def board_of(request: KeyRequest, asked: WindowAsked) -> Board:
    """Everything that Pulse draws of the window asked for."""
    workspace = request.workspace
    filters = narrowed(request, asked.where).filters
    day = asked.as_of if asked.as_of is not None and asked.as_of < clock.today(workspace.time_zone) else None
    length = asked.time or usual_length(workspace, day)
    return board(workspace, window(workspace, length, asked.against, day), filters)


def narrowed(request: KeyRequest, where: list[str], since: str = "", until: str = "", as_of: str = "") -> Question:
    """Span and filters, understood and checked as those of one measure are."""
    return question(request.workspace, "nps", filters=filters_of(where), since=since, until=until, as_of=as_of)


def window_told(found: Board) -> dict[str, Any]:
    """The window of a board."""
    seen = found.window
    then = {"then_since": seen.then_first, "then_until": seen.then_last}
    return {"time": seen.length, "since": seen.first, "until": seen.last, "as_of": seen.as_of} | then


def figure_told(label: str, pair: Pair) -> dict[str, Any]:
    """One figure with its uncertainty."""
    then = pair.then.to_json() if pair.then is not None else None
    change = pair.change.to_json() if pair.change is not None else None
    return {"measure": pair.measure, "label": label, "scale": list(pair.scale), "now": pair.now.to_json(), "then": then, "change": change}


def span_told(span: Span) -> dict[str, dt.datetime]:
    """A span of moments."""
    return {"since": span.since, "until": span.until}
