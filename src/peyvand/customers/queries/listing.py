"""Lists of customers: searched, narrowed, sorted and paged by keyset, fast at a million. Called by the desk, exports and the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import F, Q, QuerySet

from peyvand.core.fields import from_micros, to_micros
from peyvand.core.ids import private_id, public_id
from peyvand.customers.models import Profile
from peyvand.customers.queries.filters import Filters, narrowed
from peyvand.customers.queries.search import Search
from peyvand.customers.types import Sort
from peyvand.workspaces.models import Workspace

PAGE: Final = 50
STROLL: Final = 2_000  # read so many in order before asking the index: what is frequent is found on the way
WALK: Final = 20_000  # and so many where the index names too many
COUNT: Final = 50_000  # counted exactly so far, from an index alone
NARROWED: Final = 25_000  # and so far where each profile must be looked at: at a million customers some 60 ms
COLUMN: Final = {
    Sort.LAST_SEEN: "last_seen_at",
    Sort.NAME: "sort_name",
    Sort.PURCHASES: "purchase_total",
    Sort.FIRST_SEEN: "first_seen_at",
}
RISING: Final = frozenset({Sort.NAME})


class Cursor(NamedTuple):
    """A place in a sorted list: the value sorted by, the customer, and which way to read from there."""

    value: Any
    customer_id: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What list is asked for."""

    workspace: Workspace
    search: Search | None = None
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.LAST_SEEN
    cursor: Cursor | None = None
    size: int = PAGE


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, and the cursors of the pages beside it as text; empty where there is none."""

    profiles: Sequence[Profile]
    previous: str = ""
    following: str = ""


class Count(NamedTuple):
    """How many there are; `more` when there are at least so many."""

    n: int
    more: bool = False


def listed(wanted: Wanted) -> Listed:
    """One page of customers."""
    cursor = wanted.cursor
    back = cursor is not None and cursor.back
    ordered = _ordered(_matching(wanted, with_search=False), wanted.sort, back=back)
    found = _found(wanted, _beyond_cursor(wanted, ordered))
    more, page = len(found) > wanted.size, found[: wanted.size]
    if back:
        page.reverse()
    if not page:
        return Listed([])
    has_previous = more if back else cursor is not None
    has_following = more if not back else True
    return Listed(
        page,
        _cursor_text(wanted, page[0], back=True) if has_previous else "",
        _cursor_text(wanted, page[-1], back=False) if has_following else "",
    )


def _found(wanted: Wanted, ordered: QuerySet[Profile]) -> list[Profile]:
    """One row more than a page holds. What many share is met soon by reading in order; what few share the index names."""
    rows = ordered.select_related("customer")
    if wanted.search is None:
        return list(rows[: wanted.size + 1])
    searched = rows.filter(wanted.search.condition())
    for walk in (STROLL, WALK):
        end = _place(wanted, ordered, walk)
        if end is None:
            return list(searched[: wanted.size + 1])
        near = list(searched.filter(_upto(wanted.sort, end, back=_reads_back(wanted)))[: wanted.size + 1])
        if len(near) > wanted.size:
            return near
        if walk == STROLL and (few := wanted.search.few(wanted.workspace.pk)) is not None:
            return _in_order(wanted, _beyond_cursor(wanted, _among(wanted, few)))
    return list(searched.filter(wanted.search.candidates(wanted.workspace.pk))[: wanted.size + 1])


def _in_order(wanted: Wanted, few: QuerySet[Profile]) -> list[Profile]:
    """The first of few, who are read and then sorted: a database would rather read everybody in order until it has met them."""
    rising = (wanted.sort in RISING) is not _reads_back(wanted)
    places = sorted(few.order_by().values_list(COLUMN[wanted.sort], "pk"), reverse=not rising)
    chosen = [pk for _value, pk in places[: wanted.size + 1]]
    profiles = Profile.objects.select_related("customer").in_bulk(chosen)
    return [profiles[pk] for pk in chosen if pk in profiles]


def _place(wanted: Wanted, ordered: QuerySet[Profile], walk: int) -> Cursor | None:
    """The place so many steps on in the order; None where it ends before."""
    end = ordered.values_list(COLUMN[wanted.sort], "pk")[walk : walk + 1].first()
    return Cursor(*end) if end else None


def _reads_back(wanted: Wanted) -> bool:
    return wanted.cursor is not None and wanted.cursor.back


def count(wanted: Wanted) -> Count:
    """How many customers there are, counted up to 50,000; with filters among the first 25,000 in order, with a search among fewer
    where it finds more than the index names at once.
    """
    every = _matching(wanted, with_search=False, with_filters=False)
    if wanted.search is None and not wanted.filters.any:
        return _counted(every)
    ordered = _ordered(every, wanted.sort, back=False)
    matching = _matching(wanted, with_search=True)
    if wanted.search is None:
        end = _place(wanted, ordered, NARROWED)
        return _counted(matching) if end is None else Count(_counted(matching.filter(_upto(wanted.sort, end, back=False))).n, more=True)
    for walk in (STROLL, WALK):
        end = _place(wanted, ordered, walk)
        if end is None:
            return _counted(matching)
        near = _counted(matching.filter(_upto(wanted.sort, end, back=False)))
        if near.n >= wanted.size:
            return Count(near.n, more=True)
        if walk == STROLL and (few := wanted.search.few(wanted.workspace.pk)) is not None:
            return _counted(_among(wanted, few))
    return _counted(matching.filter(wanted.search.candidates(wanted.workspace.pk)))


def _counted(profiles: QuerySet[Profile]) -> Count:
    n = profiles.order_by()[: COUNT + 1].count()
    return Count(min(n, COUNT), n > COUNT)


def _matching(wanted: Wanted, *, with_search: bool, with_filters: bool = True) -> QuerySet[Profile]:
    profiles = Profile.objects.filter(workspace=wanted.workspace, merged=False)
    if with_filters:
        profiles = narrowed(profiles, wanted.filters)
    if with_search and wanted.search is not None:
        profiles = profiles.filter(wanted.search.condition())
    return profiles


def _among(wanted: Wanted, few: Q) -> QuerySet[Profile]:
    """Those of few whom a list holds. The workspace is asked past its indexes: SQLite would rather read one of them whole."""
    profiles: QuerySet[Profile] = Profile.objects.alias(own=F("workspace_id") + 0).filter(few, own=wanted.workspace.pk, merged=False)
    profiles = narrowed(profiles, wanted.filters)
    return profiles.filter(wanted.search.condition()) if wanted.search is not None else profiles


def _beyond_cursor(wanted: Wanted, profiles: QuerySet[Profile]) -> QuerySet[Profile]:
    cursor = wanted.cursor
    return profiles if cursor is None else profiles.filter(_beyond(wanted.sort, cursor, back=cursor.back))


def matching(wanted: Wanted) -> QuerySet[Profile]:
    """Everybody a list holds, in no order; for exports, which read by ranges of customers."""
    return _matching(wanted, with_search=True)


def _ordered(profiles: QuerySet[Profile], sort: Sort, *, back: bool) -> QuerySet[Profile]:
    column = COLUMN[sort]
    if (sort in RISING) is not back:
        return profiles.order_by(F(column).asc(), F("customer_id").asc())
    return profiles.order_by(F(column).desc(), F("customer_id").desc())


def _beyond(sort: Sort, cursor: Cursor, *, back: bool) -> Q:
    """Those that come after a place, in the direction of reading."""
    column, rising = COLUMN[sort], (sort in RISING) is not back
    sign = "gt" if rising else "lt"
    same = Q(**{column: cursor.value, f"customer_id__{sign}": cursor.customer_id})
    return Q(**{f"{column}__{sign}e": cursor.value}) & (Q(**{f"{column}__{sign}": cursor.value}) | same)


def _upto(sort: Sort, end: Cursor, *, back: bool) -> Q:
    """Those that come no later than a place, in the direction of reading: said so that an index reads no further."""
    column, rising = COLUMN[sort], (sort in RISING) is not back
    sign = "lt" if rising else "gt"
    same = Q(**{column: end.value, f"customer_id__{sign}e": end.customer_id})
    return Q(**{f"{column}__{sign}e": end.value}) & (Q(**{f"{column}__{sign}": end.value}) | same)


def _cursor_text(wanted: Wanted, profile: Profile, *, back: bool) -> str:
    value = getattr(profile, COLUMN[wanted.sort])
    text = to_micros(value) if isinstance(value, datetime) else value
    return f"{'b' if back else 'f'}.{text}.{public_id(bytes(wanted.workspace.id_key), profile.pk)}"


def read_cursor(workspace: Workspace, sort: Sort, text: str) -> Cursor | None:
    """The place a text made here stands for; None for anything else, which means the first page."""
    way, _, rest = text.partition(".")
    value, _, pid = rest.rpartition(".")
    customer_id = private_id(bytes(workspace.id_key), pid)
    if way not in {"b", "f"} or customer_id is None or not value.lstrip("-").isascii() or not value.lstrip("-").isdecimal():
        return None
    return Cursor(_cursor_value(sort, value), customer_id, back=way == "b")


def _cursor_value(sort: Sort, text: str) -> Any:
    if sort is Sort.NAME:
        return text[:64]
    number = max(-(2**62), min(int(text[:20]), 2**62))
    return number if sort is Sort.PURCHASES else from_micros(max(-(2**55), min(number, 2**55)))
