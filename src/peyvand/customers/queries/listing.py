"""Lists of customers: searched, narrowed, sorted and paged by keyset, fast at a million. Called by the desk, exports and the API."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import F, Q, QuerySet

from peyvand.core.db import is_sqlite
from peyvand.core.fields import from_micros, to_micros
from peyvand.core.ids import private_id, public_id
from peyvand.customers.models import Profile
from peyvand.customers.queries.filters import Filters, narrowed
from peyvand.customers.queries.search import FEW, Search, among
from peyvand.customers.types import Sort
from peyvand.workspaces.models import Workspace

PAGE: Final = 50
STROLL: Final = 2_000  # read so many in order before asking an index: what is frequent is found on the way
LONG_STROLL: Final = 8_000  # where reading ends as soon as a page is full
# And so many where the index names too many: PostgreSQL's takes as long to name them all as reading a hundred thousand in order.
WALK: Final = {"sqlite": 20_000, "postgresql": 100_000}
COUNT: Final = 50_000  # counted exactly so far, from an index alone
NARROWED: Final = 25_000  # and so far where each profile must be looked at: at a million customers some 60 ms
COLUMN: Final = {
    Sort.LAST_SEEN: "last_seen_at",
    Sort.NAME: "sort_name",
    Sort.PURCHASES: "purchase_total",
    Sort.FIRST_SEEN: "first_seen_at",
}
RISING: Final = frozenset({Sort.NAME})
NUMBER: Final = re.compile(r"-?[0-9]+")


class Cursor(NamedTuple):
    """A place in a sorted list: the value sorted by, the customer, and which way to read from there."""

    value: Any
    customer_id: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What list is asked for, once: where few are listed, a page and its count read them together."""

    workspace: Workspace
    search: Search | None = None
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.LAST_SEEN
    cursor: Cursor | None = None
    size: int = PAGE
    known: dict[str, list[tuple[Any, int]]] = field(default_factory=dict, init=False, compare=False, repr=False)  # what `_places` read


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
    found = _found(wanted)
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


def _found(wanted: Wanted) -> list[Profile]:
    """One row more than a page holds. What many share is met soon by reading in order; what few share an index names."""
    back = _reads_back(wanted)
    rows = _ordered(_beyond_cursor(wanted, _matching(wanted)), wanted.sort, back=back).select_related("customer")
    if (few := _out_of_reach(wanted)) is not None:
        return _in_order(wanted, few)
    if wanted.search is None:
        return list(rows[: wanted.size + 1])
    every = _beyond_cursor(wanted, _everybody(wanted, wanted.sort))
    if not wanted.filters.any and not is_sqlite():
        return _met_in_order(wanted, wanted.search)
    for walk in (STROLL, WALK[connection.vendor]):
        end = _place(wanted.sort, every, walk, back=back)
        if end is None:
            return list(rows[: wanted.size + 1])
        near = list(rows.filter(_upto(wanted.sort, end, back=back))[: wanted.size + 1])
        if len(near) > wanted.size:
            return near
        if walk == STROLL and (few := wanted.search.few(wanted.workspace.pk)) is not None:
            return _in_order(wanted, few)
    return list(rows.filter(wanted.search.candidates(wanted.workspace.pk))[: wanted.size + 1])


def _met_in_order(wanted: Wanted, search: Search) -> list[Profile]:
    """The same on PostgreSQL, where nothing but a search narrows the list."""
    for walk in (LONG_STROLL, WALK[connection.vendor]):
        near = _met_among(wanted, search, walk)
        if len(near) > wanted.size:
            return near
        if walk == LONG_STROLL and (few := search.few(wanted.workspace.pk)) is not None:
            return _in_order(wanted, few)
    rows = _ordered(_beyond_cursor(wanted, _matching(wanted)), wanted.sort, back=_reads_back(wanted)).select_related("customer")
    return list(rows.filter(search.candidates(wanted.workspace.pk))[: wanted.size + 1])


def _met_among(wanted: Wanted, search: Search, walk: int) -> list[Profile]:
    """Those of so many, next in order, whom a search finds, one more than a page holds.

    PostgreSQL takes words for rarer than they are and would read all of them first; asked about each by itself, it ends with the last one.
    """
    nearest = _beyond_cursor(wanted, Profile.objects.filter(workspace=wanted.workspace, merged=False))
    places = _ordered(nearest, wanted.sort, back=_reads_back(wanted)).values_list(COLUMN[wanted.sort], "pk")[:walk]
    inner, parameters = places.query.sql_with_params()
    condition, words = search.on_entry()
    each = f"SELECT FROM customers_searchentry WHERE profile_id = p.pk AND ({condition}) OFFSET 0"
    with connection.cursor() as cursor:
        sql = f"SELECT p.pk FROM ({inner}) p CROSS JOIN LATERAL ({each}) e LIMIT %s"
        cursor.execute(sql, [*parameters, *words, wanted.size + 1])
        met = [row[0] for row in cursor.fetchall()]
    profiles = Profile.objects.select_related("customer").in_bulk(met)
    return [profiles[pk] for pk in met if pk in profiles]


def _out_of_reach(wanted: Wanted) -> Q | None:
    """Those whom no phone and no e-mail address reaches, where they are asked for and few: an index holds them alone."""
    if not wanted.filters.out_of_reach:
        return None
    found = list(_everybody(wanted, Sort.LAST_SEEN).values_list("pk", flat=True)[: FEW + 1])
    return among(found) if len(found) <= FEW else None


def _in_order(wanted: Wanted, few: Q) -> list[Profile]:
    """The first of few, who are read and then sorted: a database would rather read everybody in order until it has met them."""
    rising, places = (wanted.sort in RISING) is not _reads_back(wanted), _places(wanted, few)
    if wanted.cursor is not None:
        here = (wanted.cursor.value, wanted.cursor.customer_id)
        places = [place for place in places if (place > here if rising else place < here)]
    chosen = [pk for _value, pk in sorted(places, reverse=not rising)[: wanted.size + 1]]
    profiles = Profile.objects.select_related("customer").in_bulk(chosen)
    return [profiles[pk] for pk in chosen if pk in profiles]


def _places(wanted: Wanted, few: Q) -> list[tuple[Any, int]]:
    """What those of few whom a list holds are sorted by, with their numbers, in no order."""
    if "places" not in wanted.known:
        wanted.known["places"] = list(_among(wanted, few).order_by().values_list(COLUMN[wanted.sort], "pk"))
    return wanted.known["places"]


def _everybody(wanted: Wanted, sort: Sort) -> QuerySet[Profile]:
    """All of the index that a list in this order is read from, some who were merged away too: said so that the index alone is read."""
    if wanted.filters.out_of_reach and sort is Sort.LAST_SEEN:
        return Profile.objects.filter(workspace=wanted.workspace, merged=False, has_phone=False, has_email=False)
    return Profile.objects.filter(workspace=wanted.workspace)


def _place(sort: Sort, profiles: QuerySet[Profile], walk: int, *, back: bool) -> Cursor | None:
    """The place so many steps on in the order; None where it ends before."""
    end = _ordered(profiles, sort, back=back).values_list(COLUMN[sort], "pk")[walk : walk + 1].first()
    return Cursor(*end) if end else None


def _reads_back(wanted: Wanted) -> bool:
    return wanted.cursor is not None and wanted.cursor.back


def count(wanted: Wanted) -> Count:
    """How many customers there are, counted up to 50,000; with filters among the first 25,000 in an order, with a search where the
    index finds more than it names at once among those it names first.
    """
    if (places := wanted.known.get("places")) is not None:
        return Count(len(places))
    if wanted.search is None and (not wanted.filters.any or wanted.filters.only_out_of_reach):
        return _counted(_matching(wanted))
    if (few := _out_of_reach(wanted)) is not None:
        return Count(len(_places(wanted, few)))
    if wanted.search is not None and wanted.workspace.pk in wanted.search.known:  # the page met too few in order
        return _counted_by_index(wanted, wanted.search)
    sort = Sort.LAST_SEEN if wanted.filters.out_of_reach else wanted.sort
    end = _place(sort, _everybody(wanted, sort), NARROWED if wanted.search is None else STROLL, back=False)
    if end is None:
        return _counted(_matching(wanted))
    near = _counted(_matching(wanted).filter(_upto(sort, end, back=False)))
    return Count(near.n, more=True) if wanted.search is None or near.n >= wanted.size else _counted_by_index(wanted, wanted.search)


def seen(page: Listed, found: Count) -> Count:
    """A count that ended early is no less than what a page of the list shows."""
    if found.n >= len(page.profiles):
        return found
    return Count(len(page.profiles), more=bool(page.previous or page.following))


def _counted_by_index(wanted: Wanted, search: Search) -> Count:
    workspace_id = wanted.workspace.pk
    if (few := search.few(workspace_id)) is not None:
        return Count(len(_places(wanted, few)))
    first = _counted(_among(wanted, search.first(workspace_id)))
    return Count(first.n, more=True) if first.n else _counted(_matching(wanted).filter(search.candidates(workspace_id)))


def _counted(profiles: QuerySet[Profile]) -> Count:
    n = profiles.order_by()[: COUNT + 1].count()
    return Count(min(n, COUNT), n > COUNT)


def _matching(wanted: Wanted) -> QuerySet[Profile]:
    profiles = narrowed(Profile.objects.filter(workspace=wanted.workspace, merged=False), wanted.filters)
    return profiles.filter(wanted.search.condition()) if wanted.search is not None else profiles


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
    return _matching(wanted)


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
    if way not in {"b", "f"} or customer_id is None or not NUMBER.fullmatch(value):
        return None
    return Cursor(_cursor_value(sort, value), customer_id, back=way == "b")


def _cursor_value(sort: Sort, text: str) -> Any:
    if sort is Sort.NAME:
        return text[:64]
    number = max(-(2**62), min(int(text[:20]), 2**62))
    return number if sort is Sort.PURCHASES else from_micros(max(-(2**55), min(number, 2**55)))
