"""Companies for programs: lists in every order, what happened with one, how its people feel; of one's own brand alone, contacts hidden."""

import datetime as dt
import json

import pytest
from django.db import connection, transaction

from peyvand.customers.models import Company
from peyvand.customers.services.companies import add_company, merge_companies
from peyvand.customers.tests.telling import answer, event, follow, who
from peyvand.identities.models import Customer, LinkConflict
from peyvand.insights import counting
from peyvand.insights.tests.conftest import copy
from peyvand.timeline.services import record_many
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import CompanyIn
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_key
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db
AZAR, BANA = CompanyIn(own_id="C-7", name="پتروشیمی آذر"), CompanyIn(name="بنا گستر")
SARA, REZA = (who(f"0912000000{n}", name=name, company=AZAR) for n, name in ((1, "Sara"), (2, "Reza")))
MINA = who("09120000003", name="Mina", company=BANA)


@pytest.fixture
def crm(frozen_clock):
    counting.forget()
    return Program()


@pytest.fixture
def azar(crm):
    return told(crm, answer(SARA, 9, 1), answer(REZA, 3, 2, text="Late: call 09123456789"), event("branch.visited", MINA, 3))


def told(crm, *items):
    """Record these; Azar's company."""
    with transaction.atomic():
        record_many(crm.workspace.pk, items)
    if not connection.in_atomic_block:
        settle()
    follow()
    return Company.objects.get(own_id="C-7")


def narrow(crm, *scopes):
    """A program of the same brand with a narrower key."""
    found = Program.__new__(Program)
    found.workspace = crm.workspace
    found.secret = create_key(workspace=crm.workspace, name="narrow", scopes=list(scopes), actor=crm.owner)[1]
    return found


def walked(crm, path):
    """All items of a list, read one by one."""
    found, after = [], ""
    while True:
        page = crm.told("get", f"{path}limit=1&after={after}")
        found += page["items"]
        if not page["next"]:
            return found
        after = page["next"]


def test_companies_are_listed_in_the_orders_of_their_page(crm, azar):
    quiet = [add_company(workspace=crm.workspace, name=name, actor=crm.owner).name for name in ("تازه", "آرام")]
    orders = {
        "": [*quiet[::-1], BANA.name, AZAR.name],
        "sort=new&": [*quiet[::-1], BANA.name, AZAR.name],
        "sort=name&": [quiet[1], BANA.name, AZAR.name, quiet[0]],
        "sort=people&": [AZAR.name, BANA.name, quiet[1], quiet[0]],
        "sort=seen&": [BANA.name, AZAR.name, *quiet[::-1]],
    }
    assert {order: [one["name"] for one in walked(crm, f"/companies?{order}")] for order in orders} == orders
    by_name = crm.told("get", "/companies?sort=name&limit=1")["next"]
    assert crm.refused("get", f"/companies?sort=people&after={by_name}") == (400, "bad-cursor", "after")


def test_a_page_of_companies_goes_on_behind_what_was_read_whatever_comes_in(crm, azar):
    first = crm.told("get", "/companies?sort=name&limit=1")
    add_company(workspace=crm.workspace, name="آرام", actor=crm.owner)
    rest = crm.told("get", f"/companies?sort=name&after={first['next']}")
    assert [one["name"] for one in first["items"] + rest["items"]] == [BANA.name, AZAR.name]


def test_pairs_are_listed_in_the_orders_of_their_page(crm, azar):
    people = {one.name: one for one in Customer.objects.all()}
    made = {}
    for name, origin, score, times in (("low", "alike", 60, 1), ("high", "alike", 90, 1), ("often", "met", 0, 5), ("once", "met", 0, 1)):
        pair = {"kept": people["Sara"], "other": people["Reza"], "kept_type": 1, "kept_value": "a", "other_type": 1, "other_value": name}
        row = LinkConflict.objects.create(workspace=crm.workspace, origin=origin, score=score, times=times, **pair)
        made[crm.pid(row.pk)] = name
    orders = {
        "": ["once", "often", "high", "low"],
        "sort=likeliest&": ["often", "once", "high", "low"],
    }
    assert {order: [made[one["id"]] for one in walked(crm, f"/pairs?{order}")] for order in orders} == orders


def test_pairs_decided_last_come_first(crm, azar, frozen_clock):
    sara, *others = (Customer.objects.get(name=name) for name in ("Sara", "Reza", "Mina"))
    pair = {"kept": sara, "kept_type": 1, "kept_value": "a", "other_type": 1, "other_value": "b"}
    rows = [LinkConflict.objects.create(workspace=crm.workspace, other=other, **pair) for other in others]
    for row in reversed(rows):
        frozen_clock.advance(dt.timedelta(minutes=1))
        crm.told("put", f"/pairs/{crm.pid(row.pk)}/decision", {"decision": "apart"})
    assert [one["id"] for one in walked(crm, "/pairs?decision=apart&sort=decided&")] == [crm.pid(row.pk) for row in rows]
    assert [one["id"] for one in walked(crm, "/pairs?decision=apart&")] == [crm.pid(row.pk) for row in reversed(rows)]


def test_what_happened_with_a_company_is_told_backwards_page_by_page(crm, azar):
    there = f"/companies/{crm.pid(azar.pk)}/timeline?"
    found = [one for one in walked(crm, there) if one["kind"] == "review.written"]
    assert [(one["perceptions"][0]["value"], one["company"]) for one in found] == [(3, "C-7"), (9, "C-7")]
    assert found[0]["customer"] == crm.pid(Customer.objects.get(name="Reza").pk)
    assert AuditEntry.objects.filter(workspace=crm.workspace, action="interactions.read", actor=crm.owner).count() == 1
    other = crm.told("get", f"/companies/{crm.pid(Company.objects.get(name=BANA.name).pk)}/timeline?limit=1")
    assert [one["kind"] for one in other["items"]] == ["branch.visited"]
    of_azar = crm.told("get", f"{there}limit=1")["next"]
    assert crm.refused("get", f"/companies/{crm.pid(Company.objects.get(name=BANA.name).pk)}/timeline?after={of_azar}")[1] == "bad-cursor"


def test_contacts_in_a_companys_timeline_are_hidden_from_keys_that_may_not_see_them(crm, azar):
    there = f"/companies/{crm.pid(azar.pk)}/timeline"
    assert "09123456789" in json.dumps(crm.told("get", there))
    hidden = json.dumps(narrow(crm, "customers.read").told("get", there))
    assert "3456789" not in hidden
    assert "Late" in hidden


@pytest.mark.django_db(transaction=True)
def test_the_people_of_a_company_feel_what_they_answered(crm, azar):
    copy()
    (nps,) = crm.told("get", f"/companies/{crm.pid(azar.pk)}/figures?time=all")["items"]
    assert (nps["measure"], nps["now"]["n"], nps["now"]["value"]) == ("nps", 2, 0)
    said = crm.told("get", "/interactions?company=C-7&kind=review.written")["items"]
    assert [(one["perceptions"][0]["value"], one["company"]) for one in said] == [(9, "C-7"), (3, "C-7")]
    bana = Company.objects.get(name=BANA.name)
    assert [one["now"]["n"] for one in crm.told("get", f"/companies/{crm.pid(bana.pk)}/figures?time=all")["items"]] == [0]
    merge_companies(kept=bana, other=azar, actor=crm.owner)
    for company in (azar, bana):  # one that was merged is answered as the one that stands for both
        assert crm.told("get", f"/companies/{crm.pid(company.pk)}/figures?time=all")["items"][0]["now"]["n"] == 2
        timeline = crm.told("get", f"/companies/{crm.pid(company.pk)}/timeline")["items"]
        assert {one["kind"] for one in timeline} >= {"branch.visited", "review.written"}


def test_nobody_else_is_told_of_a_company(crm, azar):
    twin = Program("twin")
    for part in ("timeline", "figures"):
        there = f"/companies/{crm.pid(azar.pk)}/{part}"
        assert twin.refused("get", there) == (404, "not-found", "")
        assert twin.refused("get", f"/companies/{twin.pid(azar.pk)}/{part}") == (404, "not-found", "")
    assert narrow(crm, "read").refused("get", f"/companies/{crm.pid(azar.pk)}/timeline")[:2] == (403, "forbidden")
    assert narrow(crm, "customers.read").refused("get", f"/companies/{crm.pid(azar.pk)}/figures")[:2] == (403, "forbidden")
