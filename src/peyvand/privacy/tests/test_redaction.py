"""No door lets a card's number in: what is kept in the records is what the text became."""

import pytest
from django.db import connection

from peyvand.cases.models import Case
from peyvand.cases.services.opening import open_by_hand
from peyvand.cases.services.promising import promise
from peyvand.cases.services.working import add_note
from peyvand.channels.models import BulkApproval
from peyvand.channels.services import resume_sending, stop_sending
from peyvand.channels.services.approving import refuse
from peyvand.core import clock
from peyvand.customers.models import Company, Profile
from peyvand.customers.services.companies import add_company, change_company
from peyvand.customers.services.consents import set_consent
from peyvand.customers.services.moments import Call, add_words, log_call, record_opinion, write_note
from peyvand.customers.services.people import add_customer, rename, save_details, save_preferences
from peyvand.customers.tests.telling import follow
from peyvand.identities.models import Customer
from peyvand.identities.services.sharing import share
from peyvand.surveys.models import Invitation
from peyvand.surveys.services.answering import keep_score, submit
from peyvand.surveys.types import InvitationState
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.services import record
from peyvand.timeline.types import CompanyIn, CustomerIn, IdentityIn, Item, PerceptionIn

pytestmark = pytest.mark.django_db(transaction=True)
CARD = "6037991123456786"


def bought(brand, **properties):
    known = CustomerIn(identities=[IdentityIn("phone", "09120000012")], name=f"نگار {CARD}", attributes={"account": CARD})
    felt = [PerceptionIn("csat", 1, (1.0, 5.0), text=f"برگردانید به {CARD}")]
    return record(
        brand.pk, Item(kind="order.placed", occurred_at=clock.now(), customer=known, source="shop", perceptions=felt, properties=properties)
    )


def everything() -> str:
    with connection.cursor() as cursor:
        told = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            told += [str(row) for row in cursor.fetchall()]
    return "\n".join(told)


def test_a_card_comes_in_by_no_door(brand):
    member = brand.members.get()
    outcome = bought(brand, note=f"به {CARD}", lines=[{"name": CARD}])
    customer = Customer.objects.get(pk=outcome.customer_id)
    assert customer.name == "نگار کارت ••••6786"
    rename(customer=customer, name=f"آرش {CARD}", actor=member.user)
    add_customer(workspace=brand, name=f"مینا {CARD}", given={"phone": "09120000013"}, actor=member.user)
    save_details(customer=customer, attributes={"account": f"x {CARD}", "city": "کرج"}, language="fa", actor=member.user)
    assert Profile.objects.get(pk=customer.pk).attributes == {"account": "x کارت ••••6786", "city": "کرج"}
    opinion = record_opinion(customer=customer, score=2, actor=member.user)
    add_words(customer=customer, recorded=opinion, text=f"x {CARD}", actor=member.user)
    log_call(customer=customer, call=Call("in", "reached", "late", f"x {CARD}", 60.0), actor=member.user)
    write_note(customer=customer, text=f"x {CARD}", actor=member.user)
    save_preferences(customer=customer, channel="", hour="", note=f"x {CARD}", actor=member.user)
    set_consent(customer=customer, purpose="service", channel="email", granted=True, source="phone", note=f"x {CARD}", actor=member.user)
    case = open_by_hand(workspace=brand, customer=customer, words=f"x {CARD}", reason="late", actor=member)
    add_note(case=case, actor=member, text=f"x {CARD}")
    promise(case=case, actor=member, text=f"x {CARD}", due_at=clock.now())
    survey = brand.surveys.earliest("pk")
    invitation = Invitation.objects.create(
        workspace=brand, survey=survey, customer=customer, nonce="n", send_at=clock.now(), sent_at=clock.now(), state=InvitationState.SENT
    )
    keep_score(invitation=invitation, score=survey.scale.low, language="fa")
    submit(invitation=invitation, reasons=[], words=f"x {CARD}")
    assert Case.objects.count() == 1
    assert CARD not in everything()
    event = events(read_ids([outcome.interaction_id or 0]))[0]
    assert event.properties["note"] == "به کارت ••••6786"
    assert event.perceptions[0].text == "برگردانید به کارت ••••6786"


def test_what_is_written_about_companies_and_sending_lets_no_card_in(brand):
    user = brand.members.get().user
    company = add_company(workspace=brand, name=f"آذر {CARD}", note=f"x {CARD}", attributes={"city": f"x {CARD}"}, actor=user)
    assert (company.name, company.note, company.attributes["city"]) == ("آذر کارت ••••6786", "x کارت ••••6786", "x کارت ••••6786")
    change_company(company=company, name=f"نو {CARD}", note=f"y {CARD}", attributes={"city": f"y {CARD}"}, actor=user)
    known = CustomerIn(identities=[IdentityIn("phone", "09120000014")], company=CompanyIn(name=f"مهر {CARD}"))
    record(brand.pk, Item(kind="order.placed", occurred_at=clock.now(), customer=known, source="shop"))
    follow()
    assert set(Company.objects.values_list("name", flat=True)) == {"نو کارت ••••6786", "مهر کارت ••••6786"}
    share(workspace=brand, type_name="phone", value="09120000015", note=f"x {CARD}", actor=user)
    stop_sending(workspace=brand, reason=f"x {CARD}", actor=user)
    resume_sending(workspace=brand, actor=user, reason=f"x {CARD}")
    asked = BulkApproval.objects.create(workspace=brand, subject="survey:1", recipients=9)
    assert refuse(approval=asked, actor=user, reason=f"x {CARD}")
    assert CARD not in everything()


def test_numbers_and_names_of_properties_are_looked_at_too(brand):
    event = events(read_ids([bought(brand, card=int(CARD), **{CARD: "x"}).interaction_id or 0]))[0]
    assert event.properties["card"] == "کارت ••••6786"
    assert event.properties["کارت ••••6786"] == "x"
    assert CARD not in everything()


def test_a_workspace_lets_a_kind_stand_where_it_says_so(brand):
    brand.preferences = {"unredacted": {"card": ["terminal"]}}
    brand.save()
    event = events(read_ids([bought(brand, terminal=CARD, note=CARD).interaction_id or 0]))[0]
    assert (event.properties["terminal"], event.properties["note"]) == (CARD, "کارت ••••6786")
