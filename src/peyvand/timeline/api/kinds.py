"""Kinds of interaction for programs: those built in, and those a brand declares, changes and puts away."""

from typing import Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.timeline.forms import ROWS, KindForm
from peyvand.timeline.kinds import kinds as built_in
from peyvand.timeline.queries import declared_fields
from peyvand.timeline.services import declare_kind
from peyvand.timeline.services.kinds import KindError
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid
from peyvand.workspaces.filling import filled
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["kinds"])
Type = Literal["text", "number", "yes_no", "date"]
Names = dict[Literal["fa", "en"], Annotated[str, Field(max_length=80)]]
PARTS = {"field": "code", "type": "type", "fa": "names.fa", "en": "names.en"}
PLACES = {"name_fa": "names.fa", "name_en": "names.en"} | {
    f"{part}_{n}": f"fields.{n}.{place}" for n in range(ROWS) for part, place in PARTS.items()
}


class FieldSaid(Said):
    """A property with its type and what people call it."""

    code: str = Field(min_length=1, max_length=40)
    type: Type = "text"
    names: Names = {}


class KindChange(Said):
    """An own kind whole."""

    names: Names = {}
    fields: list[FieldSaid] = Field([], max_length=ROWS)
    archived: bool = Field(default=False, description="put away: refused from now on; what was recorded stays")


class KindIn(Said):
    """A new kind."""

    code: str = Field(max_length=79, description="what, and what happened: `repair.finished`")
    names: Names = {}
    fields: list[FieldSaid] = Field([], max_length=ROWS)


class KindTold(Schema):
    """A kind of interaction."""

    id: str | None = Field(description="null: built in, and cannot be changed")
    code: str
    names: dict[str, str]
    fields: list[FieldSaid] = Field(description="of an own kind")
    archived: bool


class KindList(Schema):
    """The kinds of a brand."""

    items: list[KindTold]


@opens(ROUTER.get, "/kinds", Scope.READ, response=KindList, summary="Kinds of interaction, own and built in")
def kinds(request: KeyRequest) -> dict[str, Any]:
    """The own ones first, those put away too."""
    own_ones = _declared().filter(workspace=request.workspace).order_by("archived", "code")
    usual: dict[str, Any] = {"id": None, "fields": [], "archived": False}
    others = [usual | {"code": one.code, "names": {"fa": one.fa, "en": one.en}} for one in built_in().values()]
    return {"items": [*(_told(request, term) for term in own_ones), *others]}


@opens(ROUTER.post, "/kinds", Scope.SETTINGS_MANAGE, response={201: KindTold}, summary="Declare a kind")
def new_kind(request: KeyRequest, said: KindIn) -> Status[dict[str, Any]]:
    """It can be recorded at once."""
    if _declared().filter(workspace=request.workspace, code=said.code.strip().lower()).exists():
        raise Refused(422, "not-possible", "code: this kind is declared already; change it by PUT.", "code")
    return Status(201, _told(request, _declare(request, KindForm(_filled_in(said.code, said.names, said.fields)))))


@opens(ROUTER.get, "/kinds/{kind}", Scope.READ, response=KindTold, summary="One kind of your own")
def one_kind(request: KeyRequest, kind: str) -> dict[str, Any]:
    """By its id."""
    return _told(request, own(request, _declared(), kind))


@opens(ROUTER.put, "/kinds/{kind}", Scope.SETTINGS_MANAGE, response=KindTold, summary="Change a kind of your own, or put it away")
def put_kind(request: KeyRequest, kind: str, said: KindChange) -> dict[str, Any]:
    """Its code stays."""
    known = own(request, _declared(), kind)
    form = KindForm(_filled_in(known.code, said.names, said.fields), known=known)
    return _told(request, _declare(request, form, archived=said.archived))


def _declared() -> Any:
    return Term.objects.filter(dimension=Dimension.KIND, details__declared=True)


def _filled_in(code: str, names: dict[Any, str], fields: list[FieldSaid]) -> Any:
    """What a person would type into the form."""
    given = {"code": code, "name_fa": names.get("fa", ""), "name_en": names.get("en", "")}
    for n, field in enumerate(fields):
        words = {"field": field.code, "type": field.type, "fa": field.names.get("fa", ""), "en": field.names.get("en", "")}
        given |= {f"{part}_{n}": said for part, said in words.items()}
    return {f"{part}_{n}": "" for n in range(ROWS) for part in PARTS} | given


def _declare(request: KeyRequest, form: KindForm, *, archived: bool = False) -> Term:
    given = filled(form, PLACES).declared()
    try:
        return declare_kind(workspace=request.workspace, actor=request.member.user, archived=archived, **given)
    except KindError as error:
        raise Refused(422, "not-possible", f"code: {error}", "code") from None


def _told(request: KeyRequest, term: Term) -> dict[str, Any]:
    labels = term.details.get("labels") or {}
    fields = [{"code": code, "type": of, "names": labels.get(code, {})} for code, of in declared_fields(term).items()]
    return {"id": pid(request, term.pk), "code": term.code, "names": term.names, "fields": fields, "archived": term.archived}
