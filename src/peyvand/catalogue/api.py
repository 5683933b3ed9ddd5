"""Names of things for programs: products, branches, touchpoints and their like, added, renamed, merged, put away."""

from typing import Annotated, Any, Literal

from django.http import Http404
from ninja import Query, Router, Schema, Status
from pydantic import Field

from peyvand.catalogue.models import Term
from peyvand.catalogue.services import CatalogueError, merge_terms, save_term, separate_term, settle_term
from peyvand.catalogue.types import CODE_LENGTH, Dimension
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, own, page, pid
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["names"])
Shown = Literal["channel", "stage", "touchpoint", "product", "branch", "department", "employee"]
SHOWN = ("channel", "stage", "touchpoint", "product", "branch", "department", "employee")
Names = dict[Literal["fa", "en"], Annotated[str, Field(max_length=120)]]


class TermTold(Schema):
    """One name; `code` is what interactions say, and never changes."""

    id: str
    dimension: str
    code: str
    names: dict[str, str]
    parent: str | None = Field(description="of a touchpoint: the code of its stage")
    merged_into: str | None = Field(description="the id of the one it counts as")
    archived: bool
    seen_only: bool = Field(description="first met in an event or a file; nobody has looked at it yet")


class TermPage(Schema):
    """Names, those added last first."""

    items: list[TermTold]
    next: str


class TermsAsked(Paging):
    """Which names are asked for."""

    dimension: Shown | None = Field(None, description="without: names of every dimension")
    code: str = ""
    seen_only: bool | None = None


class TermIn(Said):
    """A new name."""

    dimension: Shown
    code: str = Field(min_length=1, max_length=CODE_LENGTH, pattern=r"\S")
    names: Names = {}
    parent: str = Field("", description="of a touchpoint: the code of its stage")


class TermChange(Said):
    """What changes; what is left out stays."""

    names: Names | None = None
    parent: str | None = None
    archived: bool | None = None


class Into(Said):
    """Which one stands for both."""

    into: str


@opens(ROUTER.get, "/names", Scope.READ, response=TermPage, summary="Names, of one dimension or all")
def names(request: KeyRequest, asked: Annotated[TermsAsked, Query()]) -> dict[str, Any]:
    """Page by page; merged ones say into which."""
    dimensions = [asked.dimension] if asked.dimension else SHOWN
    found = Term.objects.filter(workspace=request.workspace, dimension__in=dimensions).select_related("parent")
    if asked.code:
        found = found.filter(code=asked.code)
    if asked.seen_only is not None:
        found = found.filter(seen_only=asked.seen_only)
    rows, following = page(request, "names", found, asked)
    return {"items": [_told(request, term) for term in rows], "next": following}


@opens(ROUTER.post, "/names", Scope.CATALOGUE_MANAGE, response={201: TermTold}, summary="Add a name")
def new_name(request: KeyRequest, said: TermIn) -> Status[dict[str, Any]]:
    """Events with its code need not wait for it: a code never met is added by itself."""
    changes: dict[str, object] = {"names": _written(said.names)}
    if said.parent:
        changes["parent"] = _stage(request, said.dimension, said.parent)
    workspace, actor = request.workspace, request.member.user
    try:
        term = save_term(workspace=workspace, actor=actor, dimension=said.dimension, code=said.code, changes=changes)
    except CatalogueError as error:
        raise Refused(422, "not-possible", str(error), "code") from None
    return Status(201, _told(request, term))


@opens(ROUTER.patch, "/names/{term}", Scope.CATALOGUE_MANAGE, response=TermTold, summary="Rename a name, or put it away")
def change_name(request: KeyRequest, term: str, said: TermChange) -> dict[str, Any]:
    """Its code stays."""
    row, actor = _own(request, term), request.member.user
    changes: dict[str, object] = {}
    if said.names is not None:
        changes["names"] = _written(said.names)
    if said.parent is not None:
        changes["parent"] = _stage(request, row.dimension, said.parent) if said.parent else None
    if changes:
        row = save_term(workspace=request.workspace, actor=actor, term=row, changes=changes)
    if said.archived is not None and said.archived != row.archived:
        settle_term(term=row, archived=said.archived, actor=actor)
    return _told(request, own(request, _shown(), term))


@opens(ROUTER.post, "/names/{term}/merge", Scope.CATALOGUE_MANAGE, response=TermTold, summary="Let another name stand for this one")
def merge_name(request: KeyRequest, term: str, said: Into) -> dict[str, Any]:
    """What was recorded is read as the other one; it can be separated again."""
    away = _own(request, term)
    try:
        keep = _own(request, said.into)
    except Http404:
        raise Refused(422, "unknown-name", "into: there is no name with this id.", "into") from None
    try:
        merge_terms(keep=keep, away=away, actor=request.member.user)
    except CatalogueError as error:
        raise Refused(422, "not-possible", str(error)) from None
    return _told(request, own(request, _shown(), term))


@opens(ROUTER.post, "/names/{term}/separate", Scope.CATALOGUE_MANAGE, response=TermTold, summary="Undo a merge")
def separate_name(request: KeyRequest, term: str) -> dict[str, Any]:
    """It stands for itself again, in what was recorded too."""
    row = own(request, _shown(), term)
    if row.merged_into_id is None:
        raise Refused(422, "not-possible", "This name was not merged into another one.")
    try:
        separate_term(term=row, actor=request.member.user)
    except CatalogueError as error:
        raise Refused(422, "not-possible", str(error)) from None
    return _told(request, own(request, _shown(), term))


def _shown() -> Any:
    return Term.objects.filter(dimension__in=SHOWN).select_related("parent")


def _own(request: KeyRequest, text: str) -> Term:
    row: Term = own(request, _shown().filter(merged_into=None), text)
    return row


def _written(names: dict[Any, str]) -> dict[str, str]:
    return {str(language): name.strip() for language, name in names.items() if name.strip()}


def _stage(request: KeyRequest, dimension: str, code: str) -> Term:
    found = Term.objects.filter(workspace=request.workspace, dimension=Dimension.STAGE, code=code, merged_into=None).first()
    if dimension != Dimension.TOUCHPOINT or found is None:
        raise Refused(422, "unknown-code", f"parent: a touchpoint has a stage, and there is no stage “{code}”.", "parent")
    return found


def _told(request: KeyRequest, term: Term) -> dict[str, Any]:
    words = {name: getattr(term, name) for name in ("dimension", "code", "names", "archived", "seen_only")}
    return words | {
        "id": pid(request, term.pk),
        "parent": term.parent.code if term.parent is not None else None,
        "merged_into": pid(request, term.merged_into_id) if term.merged_into_id is not None else None,
    }
