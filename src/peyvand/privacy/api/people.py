"""What a program may do with everything kept of one person: give it to them, or forget it for good."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import Http404, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from peyvand.core.ids import private_id
from peyvand.identities.models import Customer
from peyvand.identities.queries import standing
from peyvand.privacy.forms import ForgetForm
from peyvand.privacy.models import Erasure
from peyvand.privacy.queries import erasure_of, erasures, interactions_of, left_of
from peyvand.privacy.services import archive_of, erase
from peyvand.workspaces.bearer import KeyRequest, Paging, opens, own, page, pid, tell_once
from peyvand.workspaces.filling import filled
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["privacy"])
ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
ARCHIVE = {"responses": {200: {"description": "person.json and person.html", "content": ZIP}}}


class Kept(Schema):
    """How much is kept of a person."""

    customer: str = Field(description="who stands for the person now")
    interactions: int


class Forget(Said):
    """That somebody means it."""

    sure: bool = Field(description="true: I know that this cannot be undone")


class ErasureTold(Schema):
    """That somebody was forgotten, without a word of who it was."""

    id: str
    state: Literal["asked", "parted", "wiped", "copied", "done"]
    asked_at: dt.datetime
    asked_by: str | None
    finished_at: dt.datetime | None
    interactions: int = Field(description="what is counted on without the person; known at the end")
    left: list[str] = Field(description="what could not be reached and is still there")
    backups_until: dt.datetime | None = Field(description="when the last backup in the installation's own folder that holds them goes")


class ErasurePage(Schema):
    """Erasures, the latest first."""

    items: list[ErasureTold]
    next: str


@opens(ROUTER.get, "/customers/{customer}/kept", Scope.PRIVACY, response=Kept, summary="How much is kept of a person")
def kept_of(request: KeyRequest, customer: str) -> dict[str, Any]:
    """Of everybody who was merged into them, too."""
    found = _customer(request, customer)
    return {"customer": pid(request, found.pk), "interactions": interactions_of(found)}


@opens(ROUTER.post, "/customers/{customer}/archive", Scope.PRIVACY, openapi_extra=ARCHIVE, summary="Everything kept of a person, as a ZIP")
def archive(request: KeyRequest, customer: str) -> HttpResponse:
    """Made at once and kept nowhere; contacts are in it, whatever else the key may."""
    made = HttpResponse(archive_of(customer=_customer(request, customer), actor=request.member.user), content_type="application/zip")
    made["Content-Disposition"] = f'attachment; filename="person-{customer}.zip"'
    tell_once(request)
    return made


@opens(ROUTER.post, "/customers/{customer}/erasure", Scope.PRIVACY, response={202: ErasureTold}, summary="Forget a person for good")
def new_erasure(request: KeyRequest, customer: str, said: Forget) -> Status[dict[str, Any]]:
    """Takes a few minutes; what happened is counted on without them. Nobody can bring them back."""
    found = _customer(request, customer)
    filled(ForgetForm({"sure": said.sure}))
    return Status(202, _told(request, erase(customer=found, actor=request.member.user)))


@opens(ROUTER.get, "/erasures", Scope.PRIVACY, response=ErasurePage, summary="Who was forgotten")
def erasure_list(request: KeyRequest, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """When, at whose word, and how far it is."""
    rows, following = page(request, "erasures", erasures(request.workspace), asked)
    return {"items": [_told(request, one) for one in rows], "next": following}


@opens(ROUTER.get, "/erasures/{erasure}", Scope.PRIVACY, response=ErasureTold, summary="One erasure")
def one_erasure(request: KeyRequest, erasure: str) -> dict[str, Any]:
    """How far it is."""
    return _told(request, own(request, Erasure.objects.select_related("asked_by"), erasure))


def _customer(request: KeyRequest, text: str) -> Customer:
    number = private_id(bytes(request.workspace.id_key), text)
    row = Customer.objects.filter(workspace=request.workspace, pk=number).first() if number is not None else None
    found = standing(row) if row is not None else None
    if found is None or erasure_of(found) is not None:
        raise Http404
    return found


def _told(request: KeyRequest, erasure: Erasure) -> dict[str, Any]:
    words = {name: getattr(erasure, name) for name in ("state", "asked_at", "finished_at", "interactions")}
    left, until = left_of(erasure)
    who = str(erasure.asked_by) if erasure.asked_by else None
    return words | {"id": pid(request, erasure.pk), "asked_by": who, "left": left, "backups_until": until}
