"""Holidays for programs: those kept, those offered, and working days that others have off."""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid
from peyvand.workspaces.models import Holiday
from peyvand.workspaces.queries.days import offered
from peyvand.workspaces.services import delete_holiday, put_holiday
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["workspace"])
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class HolidayIn(Said):
    """A day on which nobody works, or, with `off` false, somebody does after all."""

    date: dt.date
    names: dict[Literal["fa", "en"], Name] = Field(min_length=1)
    off: bool = True


class HolidayTold(Schema):
    """A day that differs from its week."""

    id: str
    date: dt.date
    names: dict[str, str]
    off: bool


class HolidayList(Schema):
    """Every day that is kept, in order."""

    items: list[HolidayTold]


class HolidayOffered(Schema):
    """A public holiday that is not kept yet."""

    date: dt.date
    names: dict[str, str]
    estimated: bool = Field(description="the moon decides; the day may still move")


class HolidaysOffered(Schema):
    """Public holidays from today to the end of next year."""

    items: list[HolidayOffered]


@opens(ROUTER.get, "/holidays", Scope.SETTINGS_MANAGE, response=HolidayList, summary="Days that differ from their week")
def holidays(request: KeyRequest) -> dict[str, Any]:
    """Past ones too."""
    return {"items": [_told(request, one) for one in Holiday.objects.filter(workspace=request.workspace)]}


@opens(ROUTER.get, "/holidays/offered", Scope.SETTINGS_MANAGE, response=HolidaysOffered, summary="Public holidays to take over")
def offered_holidays(request: KeyRequest) -> dict[str, Any]:
    """Those that are not kept yet; `POST /holidays` takes one over."""
    kept = set(Holiday.objects.filter(workspace=request.workspace).values_list("date", flat=True))
    found = [one for one in offered(request.workspace) if one.day not in kept]
    return {"items": [{"date": one.day, "names": one.names, "estimated": one.estimated} for one in found]}


@opens(ROUTER.post, "/holidays", Scope.SETTINGS_MANAGE, response={201: HolidayTold}, summary="Keep a holiday")
def new_holiday(request: KeyRequest, said: HolidayIn) -> Status[dict[str, Any]]:
    """Refused where the day is kept already."""
    if Holiday.objects.filter(workspace=request.workspace, date=said.date).exists():
        raise Refused(422, "not-possible", f"date: {said.date} is kept already; change that one.", "date")
    return Status(201, _put(request, said, None))


@opens(ROUTER.put, "/holidays/{holiday}", Scope.SETTINGS_MANAGE, response=HolidayTold, summary="Change a holiday")
def put_one_holiday(request: KeyRequest, holiday: str, said: HolidayIn) -> dict[str, Any]:
    """Moved to a kept day, it takes that one's place."""
    return _put(request, said, own(request, Holiday.objects.all(), holiday))


@opens(ROUTER.delete, "/holidays/{holiday}", Scope.SETTINGS_MANAGE, response={204: None}, summary="Forget a holiday")
def drop_holiday(request: KeyRequest, holiday: str) -> Status[None]:
    """The day is like its week again."""
    delete_holiday(holiday=own(request, Holiday.objects.all(), holiday), actor=request.member.user)
    return Status(204, None)


def _put(request: KeyRequest, said: HolidayIn, moved: Holiday | None) -> dict[str, Any]:
    actor = request.member.user
    return _told(request, put_holiday(workspace=request.workspace, actor=actor, moved=moved, **said.model_dump()))


def _told(request: KeyRequest, holiday: Holiday) -> dict[str, Any]:
    return {name: getattr(holiday, name) for name in ("date", "names", "off")} | {"id": pid(request, holiday.pk)}
