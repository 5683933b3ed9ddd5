"""Fields of customers for programs: those that data brought in are named and typed, own ones are added, any can be put away."""

from typing import Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.customers.forms import FieldForm
from peyvand.customers.models import AttributeDefinition
from peyvand.customers.services.attributes import AttributeDefinitionError, add_attribute, archive_attribute, save_attribute
from peyvand.customers.types import AttributeType
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid
from peyvand.workspaces.filling import filled
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["customer fields"])
PLACES = {"name_fa": "names.fa", "name_en": "names.en", "type_name": "type"}
Names = dict[Literal["fa", "en"], Annotated[str, Field(max_length=80)]]


class FieldChange(Said):
    """A field whole."""

    names: Names = {}
    type: AttributeType
    choices: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=200, description="of a `choice`")
    archived: bool = Field(default=False, description="put away: on no page and in no form; its values stay")


class FieldIn(Said):
    """A new field."""

    code: str = Field(max_length=60, description="as programs and files write it; it never changes")
    names: Names = {}
    type: AttributeType
    choices: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=200, description="of a `choice`")


class FieldTold(FieldChange):
    """A field of the customers."""

    id: str
    code: str
    seen_only: bool = Field(description="first met in an event or a file; nobody has looked at it yet")


class FieldList(Schema):
    """Every field."""

    items: list[FieldTold]


@opens(ROUTER.get, "/customer-fields", Scope.CUSTOMERS_READ, response=FieldList, summary="Fields of the customers")
def customer_fields(request: KeyRequest) -> dict[str, Any]:
    """As they stand on a customer's page; those put away last."""
    known = AttributeDefinition.objects.filter(workspace=request.workspace).order_by("archived", "position", "code")
    return {"items": [_told(request, one) for one in known]}


@opens(ROUTER.post, "/customer-fields", Scope.SETTINGS_MANAGE, response={201: FieldTold}, summary="Add a field")
def new_customer_field(request: KeyRequest, said: FieldIn) -> Status[dict[str, Any]]:
    """Events with its code need not wait for it: a code never met is added by itself."""
    form = filled(FieldForm(_filled_in(said) | {"code": said.code}), PLACES)
    return Status(201, _told(request, _saved(lambda: add_attribute(code=form.cleaned_data["code"], **_who(request), **form.given()))))


@opens(ROUTER.get, "/customer-fields/{field}", Scope.CUSTOMERS_READ, response=FieldTold, summary="One field")
def one_customer_field(request: KeyRequest, field: str) -> dict[str, Any]:
    """By its id."""
    return _told(request, own(request, AttributeDefinition.objects.all(), field))


@opens(
    ROUTER.put,
    "/customer-fields/{field}",
    Scope.SETTINGS_MANAGE,
    outside=True,
    response=FieldTold,
    summary="Change a field, or put it away",
)
def put_customer_field(request: KeyRequest, field: str, said: FieldChange) -> dict[str, Any]:
    """Its type changes only where every value known so far can be read as the new one."""
    known = own(request, AttributeDefinition.objects.all(), field)
    form = filled(FieldForm(_filled_in(said), new=False), PLACES)
    made = _saved(lambda: save_attribute(code=known.code, **_who(request), **form.given()))
    if said.archived:
        archive_attribute(definition=made, actor=request.member.user)
        made.refresh_from_db()
    return _told(request, made)


def _who(request: KeyRequest) -> dict[str, Any]:
    return {"workspace": request.workspace, "actor": request.member.user}


def _filled_in(said: FieldIn | FieldChange) -> dict[str, str]:
    """What a person would type into the form."""
    names = {"name_fa": said.names.get("fa", ""), "name_en": said.names.get("en", "")}
    return names | {"type_name": said.type, "choices": "\n".join(said.choices)}


def _saved(save: Any) -> AttributeDefinition:
    try:
        made: AttributeDefinition = save()
    except AttributeDefinitionError as error:
        field = PLACES.get(error.field, error.field)
        raise Refused(422, "not-possible", f"{field}: {error}", field) from None
    return made


def _told(request: KeyRequest, one: AttributeDefinition) -> dict[str, Any]:
    words = {name: getattr(one, name) for name in ("code", "names", "type", "choices", "archived", "seen_only")}
    return words | {"id": pid(request, one.pk)}
