"""Pairs of customers that an item named together: a person says whether they are two or one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from peyvand.core.display import num
from peyvand.core.ids import private_id, public_id
from peyvand.customers.queries.people import decided_conflicts, open_conflicts
from peyvand.customers.services.merging import merge, undo_pair
from peyvand.desk.people.contacts import name_shown, sees_contacts, written
from peyvand.desk.people.finding import standing
from peyvand.desk.people.likeness import Definitions, definitions_of, reason_words
from peyvand.desk.people.sides import Side, side
from peyvand.identities.models import Crowd, LinkConflict
from peyvand.identities.queries import open_crowds, with_standing_merge
from peyvand.identities.services import keep_apart, settle_crowd
from peyvand.identities.services.resolving import IdentityError
from peyvand.workspaces.access import ConsoleRequest, own_or_404, requires
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.types import Permission

PAGE = 10
ACTS: dict[str, Callable[..., object]] = {"apart": keep_apart, "same": merge, "undo": undo_pair}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people that an item named together, and what it said."""

    conflict: LinkConflict
    pid: str
    kept: Side
    other: Side
    seen: tuple[SafeString, SafeString]
    reasons: list[str]
    compare_url: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A pair that was decided, as its reader may see it; `undoable` here, for a pair decided along goes with another."""

    conflict: LinkConflict
    pid: str
    names: tuple[str, str]
    undoable: bool


@require_GET
@requires(Permission.CUSTOMERS_WRITE)
def conflicts(request: ConsoleRequest) -> HttpResponse:
    """What waits for a decision, and what was decided last."""
    sees, key = sees_contacts(request.member), bytes(request.workspace.id_key)
    definitions = definitions_of(request.workspace)
    page = Paginator(open_conflicts(request.workspace), PAGE).get_page(request.GET.get("page"))
    if page.paginator.count:
        note_bulk_view(member=request.member, action="customers.listed", detail={"contacts": sees})
    context: dict[str, Any] = {
        "waiting": page.paginator.count,
        "pairs": [_pair(one, key, definitions, sees=sees) for one in page],
        "crowds": [_crowd(one, key, sees=sees) for one in open_crowds(request.workspace)] if page.number == 1 else [],
        "pager": _pager(page),
        "here": f"?page={page.number}" if page.number > 1 else "",
        "decided": _decided(request, key, sees=sees),
    }
    return render(request, "desk/people/conflicts.html", context)


def _pager(page: Page[LinkConflict]) -> dict[str, str]:
    if page.paginator.num_pages == 1:
        return {}
    return {
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "summary": _("%(first)s to %(last)s of %(all)s")
        % {"first": num(page.start_index()), "last": num(page.end_index()), "all": num(page.paginator.count)},
    }


def _pair(conflict: LinkConflict, key: bytes, definitions: Definitions, *, sees: bool) -> Pair:
    kept, other = standing(conflict.kept), standing(conflict.other)
    return Pair(
        conflict,
        public_id(key, conflict.pk),
        side(kept, sees=sees),
        side(other, sees=sees),
        (
            written(conflict.kept_type, conflict.kept_value, sees=sees),
            written(conflict.other_type, conflict.other_value, sees=sees),
        ),
        reason_words(conflict, definitions, sees=sees) if conflict.origin == LinkConflict.Origin.ALIKE else [],
        f"{reverse('desk:customer_merge', args=[public_id(key, kept.pk)])}?{urlencode({'with': public_id(key, other.pk)})}",
    )


def _decided(request: ConsoleRequest, key: bytes, *, sees: bool) -> list[Decided]:
    decided = decided_conflicts(request.workspace)
    merged = with_standing_merge([one.pk for one in decided])
    return [Decided(one, public_id(key, one.pk), _names(one, sees=sees), one.pk in merged) for one in decided]


def _names(pair: LinkConflict, *, sees: bool) -> tuple[str, str]:
    """Both names; of somebody without one, what the pair was known by."""
    return (
        name_shown(pair.kept.name, sees=sees) if pair.kept.name else written(pair.kept_type, pair.kept_value, sees=sees),
        name_shown(pair.other.name, sees=sees) if pair.other.name else written(pair.other_type, pair.other_value, sees=sees),
    )


def _crowd(crowd: Crowd, key: bytes, *, sees: bool) -> dict[str, Any]:
    return {
        "name": name_shown(crowd.customer.name, sees=sees),
        "url": reverse("desk:customer_edit", args=[public_id(key, crowd.pk)]),
        "pid": public_id(key, crowd.pk),
        "crowd": crowd,
    }


@require_POST
@requires(Permission.CUSTOMERS_WRITE)
def settle(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Somebody known by very many ways was looked at."""
    settle_crowd(crowd=own_or_404(request, Crowd.objects.select_related("workspace", "customer"), pid), actor=request.user)
    messages.success(request, _("Noted. They are listed again when more is turned away."))
    return redirect("desk:conflicts")


@require_POST
@requires(Permission.CUSTOMERS_WRITE)
def decide(request: ConsoleRequest, pid: str, decision: str) -> HttpResponse:
    """Two people, one person, or back to two."""
    conflict = _conflict(request, pid)
    act = ACTS.get(decision)
    if act is None:
        raise Http404
    try:
        act(conflict=conflict, actor=request.user)
        conflict = _conflict(request, pid)
    except IdentityError as refused:
        messages.error(request, str(refused))
    else:
        names = {"kept": name_shown(conflict.kept.name, sees=True), "other": name_shown(conflict.other.name, sees=True)}
        said = {
            "apart": _("They stay two people: %(kept)s and %(other)s."),
            "same": _("One person now: %(kept)s. It can be undone below."),
            "undo": _("Two people again: %(kept)s and %(other)s."),
        }
        messages.success(request, said[decision] % names)
    page = request.GET.get("page", "")
    return redirect(reverse("desk:conflicts") + (f"?page={int(page[:9])}" if page.isdecimal() else ""))


def _conflict(request: ConsoleRequest, pid: str) -> LinkConflict:
    integer = private_id(bytes(request.workspace.id_key), pid)
    found = LinkConflict.objects.select_related("kept__workspace", "other__workspace", "workspace").filter(
        workspace=request.workspace, pk=integer or 0
    )
    conflict = found.first()
    if conflict is None:
        raise Http404
    return conflict
