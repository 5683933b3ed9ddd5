"""A brand for programs: its names, logo and colour, how it counts, and when somebody is there."""

from typing import Annotated, Any, Literal

from ninja import File, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from peyvand.core import colours
from peyvand.workspaces.bearer import KeyRequest, Refused, opens
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.filling import filled
from peyvand.workspaces.forms.settings import SPANS, HoursForm, LookForm, RegionForm
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import update_workspace
from peyvand.workspaces.services.logos import remove_logo, save_logo
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import CalendarKind, Scope

ROUTER = Router(tags=["workspace"])
REGION = ("languages", "default_language", "calendar", "time_zone", "currency", "rial_shown_as", "phone_region")
Language = Literal["fa", "en"]
Span = Annotated[list[Annotated[str, Field(max_length=5)]], Field(min_length=2, max_length=2)]
Hours = dict[Literal["0", "1", "2", "3", "4", "5", "6"], Annotated[list[Span], Field(max_length=SPANS)]]
PLACES = {"name_fa": "names.fa", "name_en": "names.en"}
HOURS = "Monday is 0; what is open, from and until in local time; a day that is left out is closed"


class WorkspaceTold(Schema):
    """A brand and how it reads and counts."""

    slug: str
    names: dict[str, str]
    logo: str = Field(description="its address here; empty: none")
    colour: str = Field(description="#rrggbb")
    languages: list[str]
    default_language: str
    calendar: str
    time_zone: str
    currency: str
    rial_shown_as: str
    phone_region: str
    business_hours: dict[str, list[list[str]]] = Field(description=HOURS)
    key: str = Field(description="the name of the key that asks")
    scopes: list[str] = Field(description="what that key may do")


class WorkspaceChange(Said):
    """What changes; what is left out stays."""

    names: dict[Language, Annotated[str, Field(max_length=80)]] | None = Field(None, description="all of them")
    colour: str | None = Field(None, max_length=7)
    languages: list[Language] | None = Field(None, max_length=2)
    default_language: Language | None = None
    calendar: CalendarKind | None = None
    time_zone: str | None = Field(None, max_length=48)
    currency: str | None = Field(None, max_length=3)
    rial_shown_as: Literal["toman", "rial"] | None = None
    phone_region: str | None = Field(None, max_length=2)
    business_hours: Hours | None = Field(None, description=HOURS)


@opens(ROUTER.get, "/workspace", Scope.READ, response=WorkspaceTold, summary="Which brand a key belongs to")
def workspace(request: KeyRequest) -> dict[str, Any]:
    """Also what the key may do."""
    return _told(request, request.workspace)


@opens(ROUTER.patch, "/workspace", Scope.SETTINGS_MANAGE, response=WorkspaceTold, summary="Change how a brand looks, counts and works")
def change_workspace(request: KeyRequest, said: WorkspaceChange) -> dict[str, Any]:
    """Amounts recorded so far keep their currency; deadlines from now on count the new hours."""
    given = said.model_dump(exclude_none=True)
    changes = _look(request.workspace, given) | _region(request.workspace, given)
    if "business_hours" in given:
        changes["business_hours"] = _hours(given["business_hours"])
    return _told(request, update_workspace(workspace=request.workspace, changes=changes, actor=request.member.user))


@opens(ROUTER.post, "/workspace/logo", Scope.SETTINGS_MANAGE, response=WorkspaceTold, summary="Give a brand a logo")
def new_logo(request: KeyRequest, picture: Annotated[UploadedFile, File(description="PNG, JPEG or WebP, up to 2 MB")]) -> dict[str, Any]:
    """It is drawn anew in a small size."""
    try:
        return _told(request, save_logo(workspace=request.workspace, picture=picture, actor=request.member.user))
    except WorkspaceError as error:
        raise Refused(422, "invalid", f"picture: {error}", "picture") from None


@opens(ROUTER.delete, "/workspace/logo", Scope.SETTINGS_MANAGE, response=WorkspaceTold, summary="Go without a logo")
def drop_logo(request: KeyRequest) -> dict[str, Any]:
    """The name stands in its place."""
    return _told(request, remove_logo(workspace=request.workspace, actor=request.member.user))


def _look(workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
    if not given.keys() & {"names", "colour"}:
        return {}
    names = given.get("names", workspace.names)
    form = LookForm({**{f"name_{code}": name for code, name in names.items()}, "colour": given.get("colour", workspace.colour)})
    return filled(form, PLACES).changes()


def _region(workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
    if not given.keys() & set(REGION):
        return {}
    now = {name: getattr(workspace, name) for name in REGION}
    made = filled(RegionForm({**now, **given}, initial=now)).cleaned_data
    return {name: made[name] for name in REGION}


def _hours(said: dict[str, list[list[str]]]) -> dict[str, list[list[str]]]:
    texts = {f"d{day}_{n}_{end}": span[end] for day, spans in said.items() for n, span in enumerate(spans) for end in (0, 1)}
    form = HoursForm(texts, hours={})
    if not form.is_valid():
        raise Refused(422, "invalid", f"business_hours: {next(iter(form.errors.values()))[0]}", "business_hours")
    return form.hours()


def _told(request: KeyRequest, workspace: Workspace) -> dict[str, Any]:
    names = ("slug", "names", "logo", "business_hours", *REGION)
    key = {"key": request.api_key.name, "scopes": request.api_key.scopes}
    return {name: getattr(workspace, name) for name in names} | key | {"colour": workspace.colour or colours.DEFAULT}
