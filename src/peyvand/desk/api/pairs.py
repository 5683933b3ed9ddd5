"""Pairs of customers who may be one person, and customers with very many ways to be known, for programs: a person's word decides."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.db.models import Case, QuerySet, When
from django.db.models.functions import Coalesce
from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.core.masking import readable
from peyvand.customers.services.merging import merge, undo_pair
from peyvand.desk.api.customers import checked, customer_of
from peyvand.desk.people.contacts import plain
from peyvand.desk.people.finding import standing
from peyvand.desk.people.likeness import Definitions, definitions_of, reason_words
from peyvand.identities.models import Crowd, LinkConflict
from peyvand.identities.queries import open_crowds, with_standing_merge
from peyvand.identities.services import keep_apart, settle_crowd
from peyvand.identities.types import IdentityType
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, own, page, pid, sees_contacts
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["merging"])
PairSort = Literal["new", "likeliest", "decided"]
ORDER: dict[PairSort, tuple[str, ...]] = {"new": (), "likeliest": ("alike", "-score", "-times"), "decided": ("-settled_at",)}


class NamedBy(Schema):
    """By what one of a pair was named."""

    type: str
    value: str = Field(description="hidden in part from keys without `contacts.see`")


class PairTold(Schema):
    """Two customers who may be one person; both as who stands for them now."""

    id: str
    origin: LinkConflict.Origin = Field(description="one item named both, somebody looked for the other, or they look alike")
    score: int = Field(description="of look-alikes: 0 to 100")
    reasons: list[str]
    times: int = Field(description="how often one item named both")
    seen_at: dt.datetime
    kept: str
    kept_by: NamedBy
    other: str
    other_by: NamedBy
    decision: LinkConflict.Decision
    decided_at: dt.datetime | None
    can_be_undone: bool


class PairPage(Schema):
    """Pairs in the order that was asked for."""

    items: list[PairTold]
    next: str


class PairsAsked(Paging):
    """Which pairs are asked for."""

    decision: LinkConflict.Decision = LinkConflict.Decision.OPEN
    origin: LinkConflict.Origin | None = None
    sort: PairSort = Field("new", description="found last, likeliest (what met, then look-alikes by score), or decided last")


class Word(Said):
    """Two people, one person, or (`undo`) two again who were made one by this pair."""

    decision: Literal["apart", "same", "undo"]
    stays: str = Field("", max_length=40, description="of `same`: which of the two stays; empty: the one of `kept`")


class CrowdTold(Schema):
    """A customer with so many ways to be known that nothing more is put to them by itself."""

    customer: str
    name: str
    turned_away: int
    seen_at: dt.datetime


class CrowdList(Schema):
    """Those whom nobody looked at since, the most turned away first."""

    items: list[CrowdTold]


@opens(ROUTER.get, "/pairs", Scope.CUSTOMERS_WRITE, response=PairPage, summary="Customers who may be one person")
def pairs(request: KeyRequest, asked: Annotated[PairsAsked, Query()]) -> dict[str, Any]:
    """Those that wait for a word, unless another decision is asked for."""
    found = _pairs().filter(workspace=request.workspace, decision=asked.decision)
    if asked.origin is not None:
        found = found.filter(origin=asked.origin)
    found = found.annotate(
        alike=Case(When(origin=LinkConflict.Origin.ALIKE, then=1), default=0), settled_at=Coalesce("decided_at", "seen_at")
    )
    rows, following = page(request, "pairs", found, asked, *ORDER[asked.sort])
    note_bulk_view(member=request.member, action="customers.listed", detail={"contacts": sees_contacts(request)})
    words, merged = definitions_of(request.workspace), with_standing_merge([one.pk for one in rows])
    return {"items": [_told(request, one, words, undoable=one.pk in merged) for one in rows], "next": following}


@opens(ROUTER.get, "/pairs/{pair}", Scope.CUSTOMERS_WRITE, response=PairTold, summary="One pair")
def one_pair(request: KeyRequest, pair: str) -> dict[str, Any]:
    """By its id."""
    return _one(request, own(request, _pairs(), pair))


@opens(ROUTER.put, "/pairs/{pair}/decision", Scope.CUSTOMERS_WRITE, response=PairTold, summary="Say whether a pair is one person")
def decide_pair(request: KeyRequest, pair: str, said: Word) -> dict[str, Any]:
    """Refused where it was decided already; `undo` takes back `same`."""
    row, actor = own(request, _pairs(), pair), request.member.user
    acts: dict[str, Callable[[], Any]] = {
        "apart": lambda: keep_apart(conflict=row, actor=actor),
        "same": lambda: merge(conflict=row, actor=actor, stays=_stays(request, row, said.stays)),
        "undo": lambda: undo_pair(conflict=row, actor=actor),
    }
    checked(acts[said.decision])
    return _one(request, own(request, _pairs(), pair))


@opens(ROUTER.get, "/crowds", Scope.CUSTOMERS_WRITE, response=CrowdList, summary="Customers with very many ways to be known")
def crowds(request: KeyRequest) -> dict[str, Any]:
    """Something in the data makes many people look like one: a till's phone, a shared account."""
    sees = sees_contacts(request)
    return {"items": [_crowd(request, one, sees=sees) for one in open_crowds(request.workspace)]}


@opens(ROUTER.post, "/crowds/{customer}/settled", Scope.CUSTOMERS_WRITE, response=CrowdTold, summary="Say that somebody looked at one")
def settle(request: KeyRequest, customer: str) -> dict[str, Any]:
    """They are listed again when more is turned away."""
    row = own(request, Crowd.objects.select_related("workspace", "customer"), customer)
    settle_crowd(crowd=row, actor=request.member.user)
    return _crowd(request, row, sees=sees_contacts(request))


def _pairs() -> "QuerySet[LinkConflict]":
    return LinkConflict.objects.select_related("kept__workspace", "other__workspace", "workspace")


def _stays(request: KeyRequest, pair: LinkConflict, text: str) -> Any:
    if not text:
        return None
    two = {standing(pair.kept).pk, standing(pair.other).pk}
    try:
        found = customer_of(request, text)
    except Http404:
        found = None
    if found is None or found.pk not in two:
        raise Refused(422, "unknown-customer", "stays: this is neither of the two.", "stays")
    return found


def _one(request: KeyRequest, pair: LinkConflict) -> dict[str, Any]:
    return _told(request, pair, definitions_of(request.workspace), undoable=bool(with_standing_merge([pair.pk])))


def _told(request: KeyRequest, pair: LinkConflict, words: Definitions, *, undoable: bool) -> dict[str, Any]:
    sees = sees_contacts(request)
    plainly = {name: getattr(pair, name) for name in ("origin", "score", "times", "seen_at", "decision", "decided_at")}
    return plainly | {
        "id": pid(request, pair.pk),
        "reasons": reason_words(pair, words, sees=sees),
        "kept": pid(request, standing(pair.kept).pk),
        "kept_by": _by(pair.kept_type, pair.kept_value, sees=sees),
        "other": pid(request, standing(pair.other).pk),
        "other_by": _by(pair.other_type, pair.other_value, sees=sees),
        "can_be_undone": undoable,
    }


def _by(kind: int, value: str, *, sees: bool) -> dict[str, str]:
    return {"type": IdentityType(kind).name.lower(), "value": plain(kind, value, sees=sees)}


def _crowd(request: KeyRequest, crowd: Crowd, *, sees: bool) -> dict[str, Any]:
    name = readable(crowd.customer.name, sees=sees)
    return {"customer": pid(request, crowd.pk), "name": name, "turned_away": crowd.turned_away, "seen_at": crowd.seen_at}
