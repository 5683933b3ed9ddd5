"""Values that many people share, such as a shop's own phone, for programs: they name nobody."""

import datetime as dt
from typing import Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.core.masking import readable
from peyvand.customers.forms import SharedForm
from peyvand.desk.people.contacts import plain
from peyvand.identities.models import SharedValue
from peyvand.identities.normal import IdentityRefused
from peyvand.identities.queries import known_by_shared, shared_listed
from peyvand.identities.services import IdentityError, make_personal, share
from peyvand.identities.types import IdentityType
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid, sees_contacts
from peyvand.workspaces.filling import filled
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["settings"])


class SharedIn(Said):
    """A value that many people share."""

    type: Literal["phone", "email", "messenger"]
    value: str = Field(min_length=1, max_length=190)
    note: str = Field("", max_length=120, description="whose it is")


class SharedWord(Said):
    """Whether a value is shared, or one person's after all."""

    state: Literal["shared", "personal"]


class SharedTold(Schema):
    """A value and the word on it; `offered`: found by itself, and waits for one."""

    id: str
    type: str
    value: str = Field(description="hidden in part from keys without `contacts.see`")
    state: Literal["offered", "shared", "personal"]
    note: str
    people: int = Field(description="how many it came with when it was offered")
    customers: list[str] = Field(description="who were linked through it before, 20 at most")
    found_at: dt.datetime
    decided_at: dt.datetime | None


class SharedList(Schema):
    """What is offered, then what is shared."""

    items: list[SharedTold]


@opens(ROUTER.get, "/shared-values", Scope.SETTINGS_MANAGE, response=SharedList, summary="Values that many people share")
def shared_values(request: KeyRequest) -> dict[str, Any]:
    """Offers first."""
    return {"items": [_told(request, one) for one in shared_listed(request.workspace)]}


@opens(ROUTER.post, "/shared-values", Scope.SETTINGS_MANAGE, response={201: SharedTold}, summary="Say that many people share a value")
def new_shared(request: KeyRequest, said: SharedIn) -> Status[dict[str, Any]]:
    """It names nobody from now on; what happened by it so far stays where it is."""
    return Status(201, _told(request, _shared(request, **filled(SharedForm(said.model_dump())).cleaned_data)))


@opens(ROUTER.get, "/shared-values/{shared}", Scope.SETTINGS_MANAGE, response=SharedTold, summary="One value")
def one_shared(request: KeyRequest, shared: str) -> dict[str, Any]:
    """One that is personal after all, too."""
    return _told(request, own(request, SharedValue.objects.select_related("workspace"), shared))


@opens(ROUTER.put, "/shared-values/{shared}", Scope.SETTINGS_MANAGE, response=SharedTold, summary="Decide on a value")
def put_shared(request: KeyRequest, shared: str, said: SharedWord) -> dict[str, Any]:
    """Shared, or one person's after all: then it names them again."""
    row = own(request, SharedValue.objects.select_related("workspace"), shared)
    if said.state == "shared":
        return _told(request, _shared(request, IdentityType(row.type).name.lower(), row.value, row.note))
    make_personal(shared=row, actor=request.member.user)
    return one_shared(request, shared)


def _shared(request: KeyRequest, type: str, value: str, note: str) -> SharedValue:  # noqa: A002 - as the form calls it
    try:
        return share(workspace=request.workspace, type_name=type, value=value, note=note, actor=request.member.user)
    except (IdentityRefused, IdentityError) as error:
        raise Refused(422, "not-possible", f"value: {error}", "value") from None


def _told(request: KeyRequest, shared: SharedValue) -> dict[str, Any]:
    words = {name: getattr(shared, name) for name in ("state", "people", "found_at", "decided_at")}
    sees = sees_contacts(request)
    return words | {
        "id": pid(request, shared.pk),
        "type": IdentityType(shared.type).name.lower(),
        "value": plain(shared.type, shared.value, sees=sees),
        "note": readable(shared.note, sees=sees),
        "customers": [pid(request, one.pk) for one in known_by_shared(shared)],
    }
