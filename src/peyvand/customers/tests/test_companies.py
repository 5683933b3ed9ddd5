"""Companies: told by events or made by hand, found by name and own id, with the people who act for them."""

from datetime import timedelta

import pytest
from django.db import transaction

from peyvand.catalogue.models import Term
from peyvand.customers.models import Company, Membership
from peyvand.customers.services.companies import (
    CompanyError,
    add_company,
    change_company,
    merge_companies,
    separate_company,
)
from peyvand.customers.services.moving import move_memberships
from peyvand.customers.services.placing import place_customer
from peyvand.customers.services.undoing import clear_undone
from peyvand.customers.tests.telling import START, event, who
from peyvand.identities.models import Customer
from peyvand.identities.types import Move
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import open_batch, record, undo_batch
from peyvand.timeline.types import CompanyIn, Refused
from peyvand.workspaces.models import AuditEntry

SARA, REZA = "09120000001", "09120000002"
AZAR = CompanyIn(name="پتروشیمی آذر")


def sara(company: CompanyIn | None = None):
    return who(SARA, name="Sara", company=company)


def company_of(name: str) -> Company | None:
    open_one = Membership.objects.filter(customer__name=name, until=None).first()
    return open_one.company if open_one else None


def carried() -> list[int | None]:
    return list(Interaction.objects.order_by("pk").values_list("company", flat=True))


def test_an_event_makes_the_company_and_places_the_customer(workspace, tell):
    tell(event("branch.visited", sara(CompanyIn(own_id="C-1", name="پتروشیمی آذر"))))

    company = Company.objects.get()
    assert (company.own_id, company.name, str(company.term)) == ("C-1", "پتروشیمی آذر", "پتروشیمی آذر")
    assert company.term.code == "C-1"
    assert carried() == [company.term_id]
    placed = Membership.objects.get()
    assert (placed.company, placed.customer.name, placed.since, placed.until) == (company, "Sara", START, None)


def test_spellings_of_persian_are_one_company(tell):
    tell(
        event("branch.visited", sara(AZAR)),
        event("branch.visited", who(REZA, name="Reza", company=CompanyIn(name="پتروشيمي  آذر"))),
    )

    assert Company.objects.count() == 1
    assert company_of("Sara") == company_of("Reza")


def test_an_item_without_a_company_carries_that_of_its_customer_from_then_on(tell):
    tell(event("branch.visited", sara(AZAR), day=10))
    tell(event("branch.visited", sara(), day=11), event("branch.visited", sara(), day=9), event("branch.visited", who(REZA)))

    term = Company.objects.get().term_id
    assert carried() == [term, term, None, None]


def test_an_own_id_takes_over_the_company_known_by_its_name(tell):
    tell(event("branch.visited", sara(AZAR)))
    tell(event("branch.visited", who(REZA, company=CompanyIn(own_id="C-7", name="پتروشیمی آذر"))))
    tell(event("branch.visited", who("09120000003", company=CompanyIn(own_id="C-7"))))

    company = Company.objects.get()
    assert company.own_id == "C-7"
    assert Membership.objects.filter(company=company, until=None).count() == 3


def test_two_own_ids_of_one_name_stay_two_and_a_bare_name_between_them_is_a_third(tell):
    tell(
        event("branch.visited", sara(CompanyIn(own_id="C-1", name="آذر"))),
        event("branch.visited", who(REZA, company=CompanyIn(own_id="C-2", name="آذر"))),
    )
    tell(event("branch.visited", who("09120000003", company=CompanyIn(name="آذر"))))

    assert sorted(Company.objects.values_list("own_id", flat=True), key=str) == ["C-1", "C-2", None]


def test_a_later_word_moves_a_customer_and_an_older_one_does_not(tell):
    tell(event("branch.visited", sara(CompanyIn(name="A")), day=5))
    tell(event("branch.visited", sara(CompanyIn(name="B")), day=8))
    tell(event("branch.visited", sara(CompanyIn(name="C")), day=6))

    rows = [(str(one.company), one.since, one.until) for one in Membership.objects.order_by("since")]
    assert rows == [
        ("A", START + timedelta(days=5), START + timedelta(days=8)),
        ("B", START + timedelta(days=8), None),
    ]


def test_the_same_word_again_changes_nothing_and_an_earlier_one_begins_it_earlier(tell):
    tell(event("branch.visited", sara(AZAR), day=5))
    tell(event("branch.visited", sara(AZAR), day=6), event("branch.visited", sara(AZAR), day=2))

    assert [(one.since, one.until) for one in Membership.objects.all()] == [(START + timedelta(days=2), None)]


@pytest.mark.parametrize(
    ("company", "field"),
    [
        (CompanyIn(), "customer.company"),
        (CompanyIn(name="  "), "customer.company"),
        (CompanyIn(name="a\x00b"), "customer.company"),
        (CompanyIn(own_id="name:x"), "customer.company.own_id"),
    ],
)
def test_a_company_that_is_none_is_refused_by_its_field(workspace, company, field):
    with transaction.atomic(), pytest.raises(Refused) as refused:
        record(workspace.pk, event("branch.visited", sara(company)))
    assert refused.value.field == field
    assert not Term.objects.filter(dimension="company").exists()


def test_made_by_hand_it_is_the_one_that_events_name(workspace, alice, tell):
    company = add_company(workspace=workspace, name="پتروشیمی آذر", own_id="C-1", actor=alice, attributes={"employees": "۱۲۰"})
    tell(event("branch.visited", sara(CompanyIn(own_id="C-1"))), event("branch.visited", who(REZA, company=AZAR)))

    assert Company.objects.get() == company
    assert company.attributes == {"employees": 120}
    assert Membership.objects.filter(company=company).count() == 2
    assert AuditEntry.objects.filter(action="company.added", target_id=company.pk).count() == 1


def test_a_name_keeps_its_letters_however_many_are_alike(workspace, alice):
    company = add_company(workspace=workspace, name="AAA  Trading", actor=alice)
    assert company.name == "AAA Trading"


def test_a_second_one_of_the_same_name_or_own_id_is_refused_by_hand(workspace, alice):
    add_company(workspace=workspace, name="آذر", own_id="C-1", actor=alice)
    with pytest.raises(CompanyError):
        add_company(workspace=workspace, name="آذر", actor=alice)
    with pytest.raises(CompanyError) as error:
        add_company(workspace=workspace, name="دیگر", own_id="C-1", actor=alice)
    assert error.value.field == "own_id"
    with pytest.raises(CompanyError):
        add_company(workspace=workspace, name=" ", actor=alice)
    assert Company.objects.count() == 1


def test_brands_have_companies_of_their_own(workspace, other_workspace, tell):
    tell(event("branch.visited", sara(AZAR)))
    tell(event("branch.visited", sara(AZAR)), to=other_workspace)

    assert sorted(Company.objects.values_list("workspace_id", flat=True)) == [workspace.pk, other_workspace.pk]


def test_renamed_it_is_found_by_both_names(workspace, alice, tell):
    company = add_company(workspace=workspace, name="آذر", actor=alice)
    change_company(company=company, actor=alice, name="آذر نو", domain="https://www.Azar.ir/about", attributes={"city": "تبریز"})
    tell(event("branch.visited", sara(CompanyIn(name="آذر"))), event("branch.visited", who(REZA, company=CompanyIn(name="آذر نو"))))

    company.refresh_from_db()
    assert (company.domain, company.attributes, str(company.term)) == ("azar.ir", {"city": "تبریز"}, "آذر نو")
    assert Membership.objects.filter(company=company).count() == 2


def test_what_cannot_be_said_of_a_company_is_refused_by_its_field(workspace, alice):
    company = add_company(workspace=workspace, name="آذر", actor=alice)
    for given, field in (({"domain": "no domain"}, "domain"), ({"attributes": {"employees": "many"}}, "employees")):
        with pytest.raises(CompanyError) as error:
            change_company(company=company, actor=alice, name="آذر", **{"attributes": {}, **given})
        assert error.value.field == field


def test_two_made_one_share_people_and_go_apart_again(workspace, alice, tell):
    tell(event("branch.visited", sara(CompanyIn(name="A"))), event("branch.visited", who(REZA, name="Reza", company=CompanyIn(name="B"))))
    kept, other = Company.objects.get(name="A"), Company.objects.get(name="B")

    merge_companies(kept=kept, other=other, actor=alice)
    tell(event("branch.visited", who("09120000003", name="Mina", company=CompanyIn(name="B"))))
    assert company_of("Mina") == kept
    assert Membership.objects.filter(customer__name="Reza").count() == 1

    separate_company(company=Company.objects.get(pk=other.pk), actor=alice)
    assert company_of("Reza") == other
    tell(event("branch.visited", who("09120000004", name="Omid", company=CompanyIn(name="B"))))
    assert company_of("Omid") == other
    with pytest.raises(CompanyError):
        merge_companies(kept=kept, other=kept, actor=alice)


def test_placed_by_hand_a_customer_acts_for_one_company_at_a_time(workspace, alice, tell):
    tell(event("branch.visited", sara()))
    one, two = (add_company(workspace=workspace, name=name, actor=alice) for name in ("A", "B"))
    customer = Customer.objects.get(name="Sara")
    for company in (one, two, two):
        place_customer(customer=customer, company=company, actor=alice)

    assert [(str(m.company), m.until is None) for m in Membership.objects.order_by("pk")] == [("A", False), ("B", True)]
    customer.refresh_from_db()
    assert customer.company == two.term_id
    place_customer(customer=customer, company=None, actor=alice)
    customer.refresh_from_db()
    assert (customer.company, company_of("Sara")) == (None, None)
    assert list(AuditEntry.objects.filter(target_type="customer").order_by("pk").values_list("action", flat=True)) == [
        "customer.placed", "customer.placed", "customer.unplaced",
    ]  # fmt: skip


def test_nobody_is_placed_in_a_company_of_another_brand(other_workspace, alice, tell):
    tell(event("branch.visited", sara()))
    foreign = add_company(workspace=other_workspace, name="A", actor=None)
    with pytest.raises(CompanyError):
        place_customer(customer=Customer.objects.get(name="Sara"), company=foreign, actor=alice)
    assert not Membership.objects.exists()


def test_an_undone_import_takes_its_word_back(workspace, tell):
    tell(event("branch.visited", sara(CompanyIn(name="A")), day=1))
    batch = open_batch(workspace=workspace, label="file")
    tell(event("branch.visited", sara(CompanyIn(name="B")), day=2), batch=batch.pk)
    assert str(company_of("Sara")) == "B"

    undo_batch(batch=batch)
    batch.refresh_from_db()
    batch.out_of_lake = True
    batch.save()
    for _turn in clear_undone(batch=batch):
        pass
    assert str(company_of("Sara")) == "A"
    assert Customer.objects.get(name="Sara").company == Company.objects.get(name="A").term_id


def test_people_made_one_act_for_the_company_of_either_and_go_back_with_it(workspace, alice, tell):
    tell(event("branch.visited", who(REZA, name="Reza")), event("branch.visited", sara(AZAR)))
    reza, found = Customer.objects.get(name="Reza"), Customer.objects.get(name="Sara")
    went = move_memberships(Move(found.pk, reza.pk))
    reza.refresh_from_db()
    assert (str(company_of("Reza")), reza.company) == (AZAR.name, Company.objects.get().term_id)

    move_memberships(Move(reza.pk, found.pk, rows=went))
    reza.refresh_from_db()
    assert (company_of("Reza"), reza.company, str(company_of("Sara"))) == (None, None, AZAR.name)


def test_who_acts_for_a_company_keeps_it_when_made_one_with_another(workspace, tell):
    tell(event("branch.visited", who(REZA, name="Reza", company=CompanyIn(name="B"))), event("branch.visited", sara(AZAR)))
    reza, found = Customer.objects.get(name="Reza"), Customer.objects.get(name="Sara")
    assert move_memberships(Move(found.pk, reza.pk)) == {"memberships": []}
    assert str(company_of("Reza")) == "B"
