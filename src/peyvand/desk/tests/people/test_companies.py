"""Pages of companies: the list, one company with its people and cases, changing, joining, and placing a customer."""

import pytest

from peyvand.core.ids import public_id
from peyvand.customers.models import Company, Membership
from peyvand.customers.services.companies import add_company
from peyvand.customers.tests.telling import answer, event, who
from peyvand.desk.forms.companies import CompanyForm
from peyvand.desk.tests.people.conftest import customer, page, text
from peyvand.timeline.types import CompanyIn

LIST = "/w/sofalineh/customers/companies/"
AZAR = CompanyIn(own_id="C-7", name="پتروشیمی آذر")
SARA = who("09120000001", name="سارا رضایی", company=AZAR)
REZA = who("09120000002", name="رضا کریمی", company=AZAR)
MINA = who("09120000003", name="مینا", company=CompanyIn(name="بنا گستر"))


@pytest.fixture
def azar(tell):
    tell(answer(SARA, 9, 1), answer(REZA, 3, 2, text="دیر شد، ۰۹۱۲۳۴۵۶۷۸۹ را بگیرید"), event("branch.visited", MINA, 3))
    return Company.objects.get(own_id="C-7")


def address(company, *rest):
    return "/".join([LIST.rstrip("/"), public_id(bytes(company.workspace.id_key), company.pk), *rest, ""])


def test_the_list_counts_people_and_sorts_and_finds_by_persian_rules(azar, enter):
    agent = enter("agent")
    shown = text(agent.get(LIST))
    assert "2 companies" in shown
    assert shown.index("بنا گستر") < shown.index("پتروشیمی آذر")
    by_people = text(agent.get(LIST + "?sort=people"))
    assert by_people.index("پتروشیمی آذر") < by_people.index("بنا گستر")
    for query in ("پتروشيمي", "c-7"):
        found = text(agent.get(LIST, {"q": query}))
        assert "1 company matches" in found
        assert "بنا گستر" not in found
    assert "No company matches" in text(agent.get(LIST, {"q": "هیچ"}))
    assert agent.get(LIST, {"page": "99", "sort": "'"}).status_code == 200


def test_the_page_shows_people_what_happened_and_what_waits(azar, enter):
    shown = text(enter("agent").get(address(azar)))
    for part in ("پتروشیمی آذر", "C-7", "2 people", "سارا رضایی", "رضا کریمی", "Nothing waits for this company", "دیر شد"):
        assert part in shown, part
    assert "مینا" not in shown


def test_contacts_in_words_are_masked_for_who_may_not_see_them(azar, enter):
    assert "۰۹۱۲۳۴۵۶۷۸۹" in text(enter("agent").get(address(azar)))
    assert "۰۹۱۲۳۴۵۶۷۸۹" not in text(enter("analyst").get(address(azar)))


def test_the_list_of_customers_narrows_to_a_company(azar, enter):
    pid = public_id(bytes(azar.workspace.id_key), azar.pk)
    shown = text(enter("agent").get("/w/sofalineh/customers/", {"company": pid}))
    assert "2 customers match" in shown
    assert "مینا" not in shown
    assert "3 customers" in text(enter("agent").get("/w/sofalineh/customers/", {"company": "zzzzzzzzzzzzz"}))


def test_a_customer_is_placed_by_name_moved_and_taken_out(azar, enter):
    agent, sara = enter("agent"), customer("سارا رضایی")
    assert "پتروشیمی آذر" in text(agent.get(page(sara)))
    assert agent.post(page(sara, "company"), {"company": "بنا  گستر"}).status_code == 302
    assert "بنا گستر" in text(agent.get(page(sara)))
    agent.post(page(sara, "company"), {"company": "شرکتی تازه"})
    assert Company.objects.filter(name="شرکتی تازه").count() == 1
    agent.post(page(sara, "company"), {"company": ""})
    assert not Membership.objects.filter(customer=sara, until=None).exists()


def test_a_company_is_made_changed_joined_and_taken_apart(azar, enter):
    agent = enter("agent")
    made = agent.post(LIST + "new/", {"name": "آذر", "employees": "۱۲۰", "domain": "Azar.ir"})
    other = Company.objects.get(name="آذر")
    assert made.headers["Location"].endswith(address(other))
    assert agent.post(LIST + "new/", {"name": "آذر"}).status_code == 422
    assert agent.post(address(other, "edit"), {"name": "آذر", "domain": "nothing"}).status_code == 422
    assert agent.post(address(other, "edit"), {"name": "آذر نو", "city": "تبریز"}).status_code == 302

    assert agent.post(address(azar, "merge"), {"company": "نیست"}).status_code == 422
    assert agent.post(address(azar, "merge"), {"company": "آذر نو"}).status_code == 302
    assert agent.get(address(other)).headers["Location"].endswith(address(azar))
    assert agent.post(address(other, "separate")).status_code == 302
    assert "تبریز" in text(agent.get(address(other)))


def test_the_form_that_joins_two_needs_a_name_and_its_address_can_be_opened_again(azar, enter):
    agent = enter("agent")
    form = agent.get(address(azar, "edit")).context["which"]
    assert (form.fields["company"].required, agent.post(address(azar, "merge"), {"company": ""}).status_code) == (True, 422)
    assert agent.get(address(azar, "merge")).headers["Location"].endswith(address(azar, "edit"))
    assert not agent.get(page(customer("سارا رضایی"), "company")).context["form"].fields["company"].required  # empty: for nobody


def test_nobody_reaches_a_company_of_another_brand_or_without_the_right(azar, rival, enter):
    foreign = add_company(workspace=rival, name="بیگانه", actor=None)
    agent = enter("agent")
    for rest in ((), ("edit",), ("merge",)):
        assert agent.get(address(foreign, *rest)).status_code == 404
    assert agent.post(address(foreign, "separate")).status_code == 404
    assert agent.post(address(azar, "merge"), {"company": "بیگانه"}).status_code == 422
    assert enter("analyst").get(address(azar, "edit")).status_code == 403
    assert enter("viewer").get(LIST).status_code == 403
    assert Company.objects.get(pk=foreign.pk).merged_into is None


def test_who_sees_no_contacts_keeps_a_note_that_holds_one():
    given, known = {"name": "x", "note": "y"}, {"note": "ring 09120000012"}
    kept = CompanyForm(given, initial=known, sees=False)
    assert kept["note"].value() == "ring 0912•••••12"
    assert kept.is_valid()
    assert (kept.given()["name"], kept.given()["note"]) == ("x", "ring 09120000012")
    for form in (CompanyForm(given, initial=known, sees=True), CompanyForm(given, initial={"note": "ring them"}, sees=False)):
        assert form.is_valid()
        assert form.given()["note"] == "y"
