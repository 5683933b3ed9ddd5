"""Two customers made one and two again, for programs, with the history of it. Pairs that wait for a word stand in `pairs`."""

import datetime as dt
from typing import Any

from django.http import Http404
from ninja import Router, Schema
from pydantic import Field

from peyvand.core.ids import private_id
from peyvand.customers.services.merging import merge_by_hand, unmerge
from peyvand.desk.api.customers import CustomerWhole, checked, customer_of, whole
from peyvand.identities.models import Merge
from peyvand.identities.queries import merges_of
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, pid
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["merging"])


class OtherCustomer(Said):
    """Another customer, who is the same person."""

    other: str = Field(max_length=40)


class MergeTold(Schema):
    """That two customers were made one; `kept` stands for both until it is undone."""

    id: str
    kept: str
    other: str
    merged_at: dt.datetime
    merged_by: str | None
    undone_at: dt.datetime | None
    undone_by: str | None


class MergeList(Schema):
    """Every merge of a person, the latest first; undone ones too."""

    items: list[MergeTold]


@opens(ROUTER.post, "/customers/{customer}/merge", Scope.CUSTOMERS_WRITE, response=CustomerWhole, summary="Make two customers one")
def merge_customers(request: KeyRequest, customer: str, said: OtherCustomer) -> dict[str, Any]:
    """The one of the address stays, with everything of the other's."""
    kept = customer_of(request, customer)
    try:
        other = customer_of(request, said.other)
    except Http404:
        raise Refused(422, "unknown-customer", "other: there is no customer with this id.", "other") from None
    checked(lambda: merge_by_hand(kept=kept, other=other, actor=request.member.user))
    return whole(request, customer)


@opens(ROUTER.get, "/customers/{customer}/merges", Scope.CUSTOMERS_READ, response=MergeList, summary="With whom somebody was made one")
def merges(request: KeyRequest, customer: str) -> dict[str, Any]:
    """Of the whole person: merges of merged ones, too."""
    return {"items": [_told(request, one) for one in merges_of(customer_of(request, customer))]}


@opens(
    ROUTER.post,
    "/customers/{customer}/merges/{merge}/undo",
    Scope.CUSTOMERS_WRITE,
    response=MergeTold,
    summary="Make two customers of one again",
)
def undo_merge(request: KeyRequest, customer: str, merge: str) -> dict[str, Any]:
    """What was the other's is theirs again, and what came by their identities since."""
    number = private_id(bytes(request.workspace.id_key), merge)
    done = next((one for one in merges_of(customer_of(request, customer)) if one.pk == number), None)
    if done is None:
        raise Http404
    checked(lambda: unmerge(merge=done, actor=request.member.user))
    return _told(request, Merge.objects.select_related("merged_by", "undone_by").get(pk=done.pk))


def _told(request: KeyRequest, merge: Merge) -> dict[str, Any]:
    words = {"id": merge.pk, "kept": merge.kept_id, "other": merge.other_id}
    return {name: pid(request, number) for name, number in words.items()} | {
        "merged_at": merge.merged_at,
        "merged_by": str(merge.merged_by) if merge.merged_by else None,
        "undone_at": merge.undone_at,
        "undone_by": str(merge.undone_by) if merge.undone_by else None,
    }
