"""Lists of customers: searching by Persian rules, filters, sorting, paging by keyset."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from peyvand.catalogue.models import Term
from peyvand.core.ids import public_id
from peyvand.customers.keys import name_text
from peyvand.customers.models import Profile, SearchEntry
from peyvand.customers.queries import listing, search
from peyvand.customers.queries.filters import Filters
from peyvand.customers.queries.listing import Count, Cursor, Listed, Wanted, count, listed, read_cursor, seen
from peyvand.customers.queries.search import read_search
from peyvand.customers.services.indexing import index_some
from peyvand.customers.tests.telling import START, answer, event, index_all, order, who
from peyvand.customers.types import Band, Sort, Stage


def names(workspace, query: str = "", *, contacts: bool = True, **more: object) -> list[str]:
    search = read_search(workspace.pk, "IR", query, contacts=contacts) if query else None
    return [profile.customer.name for profile in listed(Wanted(workspace, search, **more)).profiles]


@pytest.fixture
def crowd(tell):
    """Six people, the latest seen last."""
    tell(
        order(who("09120000012", email="negar@mail.example", name="نگار صبوری‌فر"), 1, 5_000_000),
        order(who("09351112233", own_id="C-1042", name="علی‌رضا كريمي"), 2, 1_000_000),
        event("site.visited", who("02188776655", name="محمد رضا پارسا"), 3),
        order(who(email="sara@shop.example", name="Sara Moore"), 4, 9_000_000),
        event("site.visited", who(device="d-1", name=""), 5),
        order(who("09120000099", name="ژاله مُدیر"), 6, 2_000_000),
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("صبوری", ["نگار صبوری‌فر"]),
        ("صبوري فر", ["نگار صبوری‌فر"]),
        ("صبوريفر", ["نگار صبوری‌فر"]),
        ("علیرضا", ["علی‌رضا كريمي"]),
        ("علي رضا کریمی", ["علی‌رضا كريمي"]),
        ("محمدرضا", ["محمد رضا پارسا"]),
        ("رضا", ["محمد رضا پارسا", "علی‌رضا كريمي"]),
        ("مدیر", ["ژاله مُدیر"]),
        ("ژا", ["ژاله مُدیر"]),
        ("ما", []),
        ("moore", ["Sara Moore"]),
        ("s", ["Sara Moore"]),
        ("C-1042", ["علی‌رضا كريمي"]),
        ("c-10", ["علی‌رضا كريمي"]),
        ("negar@mail", ["نگار صبوری‌فر"]),
        ("sara@shop.example", ["Sara Moore"]),
        ("09120000012", ["نگار صبوری‌فر"]),
        ("۰۹۱۲ ۰۰۰ ۰۰۱۲", ["نگار صبوری‌فر"]),
        ("+98 912 000 0012", ["نگار صبوری‌فر"]),
        ("00989120000012", ["نگار صبوری‌فر"]),
        ("9120000012", ["نگار صبوری‌فر"]),
        ("0912000", ["ژاله مُدیر", "نگار صبوری‌فر"]),
        ("0012", ["نگار صبوری‌فر"]),
        ("۲۲۳۳", ["علی‌رضا كريمي"]),
        ("021-8877", ["محمد رضا پارسا"]),
        ("نگار 0012", ["نگار صبوری‌فر"]),
        ("کسی که نیست", []),
        ("؟!", []),
        ("100%_", []),
    ],
)
@pytest.mark.parametrize(
    ("walk", "few"), [(2_000, 2_000), (1, 2_000), (1, 0)], ids=["read in order", "few by the index", "many by the index"]
)
def test_customers_are_found_as_people_type(crowd, workspace, monkeypatch, walk, few, query, found):
    read_so_far(monkeypatch, walk, few)
    assert names(workspace, query) == found
    counted = count(Wanted(workspace, read_search(workspace.pk, "IR", query, contacts=True)))
    assert counted == (len(found), False) or (few == 0 and counted.more and 0 < counted.n <= len(found))


def read_so_far(monkeypatch, walk: int, few: int = search.FEW) -> None:
    """Let searches read so many in order, and take so many from the index for few."""
    monkeypatch.setattr(listing, "STROLL", walk)
    monkeypatch.setattr(listing, "LONG_STROLL", max(walk, 1))
    monkeypatch.setattr(listing, "WALK", {connection.vendor: max(walk, 1)})
    for module in (listing, search):
        monkeypatch.setattr(module, "FEW", few)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize(
    ("walk", "few"), [(2_000, 2_000), (1, 2_000), (1, 0)], ids=["read in order", "few by the index", "many by the index"]
)
def test_pages_of_a_search_go_on_and_back_where_they_left(crowd, workspace, monkeypatch, sort, walk, few):
    read_so_far(monkeypatch, walk, few)
    every = names(workspace, "0", sort=sort, size=50)
    assert len(every) == 4
    wanted = Wanted(workspace, read_search(workspace.pk, "IR", "0", contacts=True), sort=sort, size=2)
    first = listed(wanted)
    second = listed(replace(wanted, cursor=read_cursor(workspace, sort, first.following)))
    again = listed(replace(wanted, cursor=read_cursor(workspace, sort, second.previous)))
    assert [one.customer.name for page in (first, second) for one in page.profiles] == every
    assert [one.pk for one in again.profiles] == [one.pk for one in first.profiles]


def test_a_list_read_up_to_a_place_reads_no_further_of_its_index(crowd, workspace):
    for sort in Sort:
        ordered = listing._ordered(Profile.objects.filter(workspace=workspace), sort, back=False)
        for n, end in enumerate(ordered):
            upto = ordered.filter(listing._upto(sort, Cursor(getattr(end, listing.COLUMN[sort]), end.pk), back=False))
            assert list(upto) == list(ordered)[: n + 1]
            bounds = [
                line for line in upto.explain().splitlines() if f"{listing.COLUMN[sort]}<" in line or f"{listing.COLUMN[sort]}>" in line
            ]
            assert bounds or connection.vendor != "sqlite"


def test_who_may_not_see_contacts_finds_them_only_by_the_whole_of_them(crowd, workspace):
    for guess in ("0912000", "0012", "negar@mail", "negar", "989120"):
        assert names(workspace, guess, contacts=False) == []
    assert names(workspace, "۰۹۱۲۰۰۰۰۰۱۲", contacts=False) == ["نگار صبوری‌فر"]
    assert names(workspace, "negar@mail.example", contacts=False) == ["نگار صبوری‌فر"]
    assert names(workspace, "C-1042", contacts=False) == ["علی‌رضا كريمي"]
    assert names(workspace, "صبوری", contacts=False) == ["نگار صبوری‌فر"]


def test_few_are_read_by_their_numbers_and_only_of_their_own_brand(crowd, workspace, other_workspace):
    index_all()
    wanted = Wanted(workspace, read_search(workspace.pk, "IR", "صبوری", contacts=True))
    few = wanted.search.few(workspace.pk)
    assert [one.customer.name for one in listing._among(wanted, few)] == ["نگار صبوری‌فر"]
    assert not listing._among(replace(wanted, workspace=other_workspace), few).exists()
    assert connection.vendor != "sqlite" or "workspace_id=?" not in listing._among(wanted, few).explain()


def test_few_are_read_once_for_a_page_and_its_count(crowd, workspace, monkeypatch, django_assert_num_queries):
    read_so_far(monkeypatch, 0)
    index_all()
    wanted = Wanted(workspace, read_search(workspace.pk, "IR", "رضا", contacts=True), size=1)
    first = listed(wanted)
    with django_assert_num_queries(0):
        assert count(wanted) == (2, False)
    second = replace(wanted, cursor=read_cursor(workspace, wanted.sort, first.following))
    assert ([one.customer.name for one in listed(second).profiles], count(second)) == (["علی‌رضا كريمي"], (2, False))


def test_a_whole_contact_finds_its_owner_alone_and_an_own_id_like_it_another(crowd, tell, workspace):
    tell(event("site.visited", who(email="ar@mail.example", name="Ar"), 1), event("site.visited", who(own_id="09120000012", name="Bo"), 1))
    assert names(workspace, "ar@mail.example") == ["Ar"]  # negar@mail.example holds it too
    assert set(names(workspace, "09120000012")) == {"نگار صبوری‌فر", "Bo"}


def test_a_contact_that_stands_as_a_name_is_found_by_who_may_see_it(tell, workspace):
    tell(event("site.visited", who(own_id="C-7", name="آقای 09120000077"), 1))
    SearchEntry.objects.update(search_key=name_text("آقای 09120000077") + "  c-7", contact_key="")  # as it was stored once
    assert names(workspace, "0000077", contacts=False) == ["آقای 09120000077"]
    import_module("peyvand.customers.migrations.0004_names_without_contacts").hide(apps, None)
    assert names(workspace, "0000077", contacts=False) == []
    for query, contacts in (("0000077", True), ("آقای", False), ("c-7", False)):
        assert names(workspace, query, contacts=contacts) == ["آقای 09120000077"]


def test_another_brand_finds_nothing_here(crowd, other_workspace, monkeypatch):
    for walk in (2_000, 0):
        read_so_far(monkeypatch, walk)
        assert names(other_workspace, "صبوری") == []
        assert names(other_workspace, "09120000012") == []


def test_a_renamed_customer_is_found_by_the_new_name_alone(crowd, workspace, monkeypatch):
    read_so_far(monkeypatch, 1)
    profile = Profile.objects.get(customer__name="Sara Moore")
    profile.entry.search_key = "  پرستو"
    profile.entry.save()
    assert names(workspace, "پرستو") == ["Sara Moore"]
    index_all()
    assert names(workspace, "پرستو") == ["Sara Moore"]
    assert names(workspace, "moore") == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its own index")
def test_the_index_holds_no_trace_of_who_was_deleted_or_renamed(crowd, workspace):
    def indexed(gram: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM customers_search WHERE customers_search MATCH %s", [f'"{gram}"'])
            return cursor.fetchone()[0]

    profile = Profile.objects.get(customer__name="Sara Moore")
    assert indexed("moo") == 1
    profile.entry.search_key = "  پرستو"
    profile.entry.save()
    profile.entry.search_key = "  پروانه"
    profile.entry.save()
    assert index_some(10) == 1
    assert (indexed("moo"), indexed("پرس"), indexed("پرو")) == (0, 0, 1)
    profile.customer.delete()
    index_all()
    assert (indexed("پرو"), index_some(10)) == (0, 0)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.LAST_SEEN, ["ژاله مُدیر", "", "Sara Moore", "محمد رضا پارسا", "علی‌رضا كريمي", "نگار صبوری‌فر"]),
        (Sort.FIRST_SEEN, ["ژاله مُدیر", "", "Sara Moore", "محمد رضا پارسا", "علی‌رضا كريمي", "نگار صبوری‌فر"]),
        (Sort.NAME, ["ژاله مُدیر", "علی‌رضا كريمي", "محمد رضا پارسا", "نگار صبوری‌فر", "Sara Moore", ""]),
        (Sort.PURCHASES, ["Sara Moore", "نگار صبوری‌فر", "ژاله مُدیر", "علی‌رضا كريمي", "", "محمد رضا پارسا"]),
    ],
)
def test_pages_lead_forward_and_back_without_gaps_or_repeats(crowd, workspace, sort, expected):
    seen, cursor, pages = [], None, []
    while True:
        page = listed(Wanted(workspace, sort=sort, cursor=cursor, size=2))
        pages.append([profile.customer.name for profile in page.profiles])
        seen += pages[-1]
        if not page.following:
            break
        cursor = read_cursor(workspace, sort, page.following)
    assert seen == expected
    back = read_cursor(workspace, sort, page.previous)
    before = listed(Wanted(workspace, sort=sort, cursor=back, size=2))
    assert [profile.customer.name for profile in before.profiles] == pages[-2]
    first = listed(Wanted(workspace, sort=sort, cursor=read_cursor(workspace, sort, before.previous), size=2))
    assert ([profile.customer.name for profile in first.profiles], first.previous) == (pages[0], "")


def test_a_page_stays_where_it_was_when_somebody_new_comes(crowd, workspace, tell):
    page = listed(Wanted(workspace, size=2))
    tell(event("site.visited", who(own_id="new", name="تازه"), 9))
    after = listed(Wanted(workspace, cursor=read_cursor(workspace, Sort.LAST_SEEN, page.following), size=2))
    assert [profile.customer.name for profile in after.profiles] == ["Sara Moore", "محمد رضا پارسا"]


@pytest.mark.parametrize(
    "text", ["", "f", "f.1", "f.x.y", "x.1.0000000000000", "f.1e5.0000000000000", "f.²." + "0" * 13, "f." + "9" * 60 + "." + "0" * 13]
)
def test_a_cursor_that_was_not_made_here_means_the_first_page(workspace, text):
    found = read_cursor(workspace, Sort.LAST_SEEN, text)
    assert found is None or isinstance(found, Cursor)
    assert listed(Wanted(workspace, cursor=found)).profiles == []


@pytest.mark.parametrize("number", ["--5", "-", "5-", "٥", " 5", "5\n"])
def test_a_cursor_whose_number_is_none_means_the_first_page(workspace, number):
    assert read_cursor(workspace, Sort.LAST_SEEN, f"f.{number}.{public_id(bytes(workspace.id_key), 7)}") is None


def test_a_cursor_of_another_brand_points_nowhere_real(workspace, other_workspace):
    text = f"f.5.{public_id(bytes(other_workspace.id_key), 7)}"
    found = read_cursor(workspace, Sort.PURCHASES, text)
    assert found is None or found.customer_id != 7


def test_filters_narrow_together(crowd, workspace, tell):
    tell(
        answer(who("09120000012"), 3, 7),
        answer(who("09351112233"), 9, 8),
        event("customer.updated", who("09120000012", attributes={"city": "تهران", "kids": 2, "a__b": "x"}), 8),
    )
    sms = Term.objects.get(workspace=workspace, dimension="channel", code="sms").pk
    for filters, expected in (
        (Filters(email=True), {"نگار صبوری‌فر", "Sara Moore"}),
        (Filters(phone=False), {"Sara Moore", ""}),
        (Filters(channel=sms), {"نگار صبوری‌فر", "علی‌رضا كريمي"}),
        (Filters(channel=sms, band=Band.GOOD), {"علی‌رضا كريمي"}),
        (Filters(band=Band.BAD), {"نگار صبوری‌فر"}),
        (Filters(seen_since=START + timedelta(days=6)), {"نگار صبوری‌فر", "علی‌رضا كريمي", "ژاله مُدیر"}),
        (Filters(attributes={"city": "تهران"}), {"نگار صبوری‌فر"}),
        (Filters(attributes={"kids": 2, "a__b": "x"}), {"نگار صبوری‌فر"}),
        (Filters(attributes={"kids": "2"}), set()),
        (Filters(attributes={"x') OR 1=1 --": "y"}), set()),
    ):
        assert set(names(workspace, filters=filters)) == expected
        assert count(Wanted(workspace, filters=filters)).n == len(expected)


def test_the_stage_filter_follows_the_clock(crowd, workspace, frozen_clock):
    assert set(names(workspace, filters=Filters(stage=Stage.FIRST_TIME))) == {"نگار صبوری‌فر", "علی‌رضا كريمي", "Sara Moore", "ژاله مُدیر"}
    assert names(workspace, filters=Filters(stage=Stage.VISITOR)) == ["محمد رضا پارسا"]
    assert names(workspace, filters=Filters(stage=Stage.STRANGER)) == [""]
    frozen_clock.advance(timedelta(days=400))
    assert len(names(workspace, filters=Filters(stage=Stage.LOST))) == 4


def test_counts_stop_counting_where_nobody_reads_on(crowd, workspace, monkeypatch):
    assert count(Wanted(workspace)) == (6, False)
    monkeypatch.setattr(listing, "COUNT", 4)
    assert count(Wanted(workspace)) == (4, True)
    read_so_far(monkeypatch, 2)
    assert count(Wanted(workspace, read_search(workspace.pk, "IR", "رضا", contacts=True))) == (2, False)


def test_whoever_was_merged_away_is_not_listed(crowd, workspace):
    Profile.objects.filter(customer__name="Sara Moore").update(merged=True)
    assert "Sara Moore" not in names(workspace)
    assert names(workspace, "moore") == []


def test_what_more_are_found_by_than_the_index_names_at_once_is_counted_among_those_it_names(crowd, workspace, monkeypatch):
    read_so_far(monkeypatch, 0, 3)
    index_all()
    wanted = Wanted(workspace, read_search(workspace.pk, "IR", "0", contacts=True))
    assert count(wanted) == (3, True)
    Profile.objects.exclude(customer__name="ژاله مُدیر").update(merged=True)
    assert count(replace(wanted, search=read_search(workspace.pk, "IR", "0", contacts=True))).n == 1
    Profile.objects.update(merged=True)
    assert count(replace(wanted, search=read_search(workspace.pk, "IR", "0", contacts=True))) == (0, False)


@pytest.fixture
def passers_by(tell, other_workspace) -> list[str]:
    """Three whom nothing but their browser names, one of them known by an own id too; the latest seen last."""
    tell(event("site.visited", who(device="d-1"), 1), event("site.visited", who(device="d-2", own_id="c-1", name="رهگذر"), 2))
    tell(event("site.visited", who(device="d-3"), 3), event("site.visited", who("09120000012", name="نگار"), 4))
    tell(event("site.visited", who(device="d-4"), 5), to=other_workspace)
    return ["", "رهگذر", ""]


@pytest.mark.parametrize("few", [5_000, 2])
@pytest.mark.parametrize("sort", Sort)
def test_who_cannot_be_reached_is_listed_and_counted(passers_by, workspace, monkeypatch, few, sort):
    read_so_far(monkeypatch, 2_000, few)
    wanted = Wanted(workspace, filters=Filters(phone=False, email=False), sort=sort, size=2)
    first = listed(wanted)
    second = listed(replace(wanted, cursor=read_cursor(workspace, sort, first.following)))
    shown = [one.customer.name for page in (first, second) for one in page.profiles]
    assert sorted(shown) == sorted(passers_by)
    assert sort is not Sort.LAST_SEEN or [one.last_seen_at for one in first.profiles] == [START + timedelta(days=n) for n in (3, 2)]
    assert count(wanted) == (3, False)
    searched = replace(wanted, search=read_search(workspace.pk, "IR", "رهگذر", contacts=True))
    assert ([one.customer.name for one in listed(searched).profiles], count(searched)) == (["رهگذر"], (1, False))
    Profile.objects.filter(customer__name="").update(merged=True)
    assert ([one.customer.name for one in listed(replace(wanted)).profiles], count(replace(wanted))) == (["رهگذر"], (1, False))


@pytest.mark.parametrize("sort", Sort)
def test_many_who_cannot_be_reached_are_counted_so_far_among_themselves(passers_by, workspace, monkeypatch, sort):
    read_so_far(monkeypatch, 2_000, 1)
    monkeypatch.setattr(listing, "NARROWED", 1)
    wanted = Wanted(workspace, filters=Filters(phone=False, email=False, seen_since=START), sort=sort)
    assert count(wanted) == (2, True)
    assert count(replace(wanted, filters=Filters(phone=False, email=False))) == (3, False)
    monkeypatch.setattr(listing, "COUNT", 2)
    assert count(replace(wanted, filters=Filters(phone=False, email=False))) == (2, True)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a small table whole")
def test_who_cannot_be_reached_is_read_from_an_index_of_those_alone(passers_by, workspace):
    wanted = Wanted(workspace, filters=Filters(phone=False, email=False))
    for profiles in (listing._everybody(wanted, wanted.sort), listing._ordered(listing._matching(wanted), wanted.sort, back=False)):
        plan = profiles.explain()
        assert "profiles_out_of_reach" in plan
        assert "TEMP B-TREE" not in plan


def test_a_filtered_list_is_counted_exactly_as_far_as_counting_goes(crowd, workspace, monkeypatch):
    read_so_far(monkeypatch, 2)
    assert count(Wanted(workspace, filters=Filters(email=True))) == (2, False)
    monkeypatch.setattr(listing, "NARROWED", 3)
    wanted = Wanted(workspace, filters=Filters(email=True))
    assert count(wanted) == (1, True)
    assert seen(listed(wanted), count(wanted)) == (2, False), "two stand there, and no page follows"
    assert seen(listed(wanted), Count(5, more=True)) == (5, True)
    assert seen(Listed([]), Count(0)) == (0, False)
