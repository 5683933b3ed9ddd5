"""Changing a customer: details, identities, consent."""

from datetime import timedelta

import pytest

from peyvand.core.ids import public_id
from peyvand.customers.queries.consent import may_contact
from peyvand.customers.services.attributes import save_attribute
from peyvand.customers.services.consents import set_consent
from peyvand.customers.services.people import rename, save_details, save_preferences
from peyvand.customers.tests.telling import order, profile_of, who
from peyvand.desk.tests.people.conftest import customer, page, text
from peyvand.identities.models import Identity, LinkConflict
from peyvand.identities.services import create_customer
from peyvand.identities.types import IdentityType
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_role
from peyvand.workspaces.types import Permission


@pytest.fixture
def sara(tell, brand):
    tell(order(who("09120000012", name="سارا", attributes={"city": "تهران", "vip": True})))
    save_attribute(workspace=brand, actor=None, code="size", names={"en": "Size"}, type_name="choice", choices=["L", "M"])
    save_attribute(workspace=brand, actor=None, code="kids", names={"en": "Children"}, type_name="number")
    return customer("سارا")


def given(**changes: str) -> dict[str, str]:
    usual = {"name": "سارا", "language": "", "channel": "", "hour": "", "note": "", "attribute_city": "تهران", "attribute_vip": "true"}
    return usual | {"attribute_size": "", "attribute_kids": ""} | changes


def test_everything_is_saved_and_shown_at_once(sara, enter):
    client = enter("agent")
    changes = given(name="سارا کریمی", language="fa", channel="sms", hour="evening", note="فقط پیام", attribute_kids="۲", attribute_city="")
    shown = text(client.post(page(sara, "edit"), changes, follow=True))
    for part in ("سارا کریمی", "SMS, in the evening", "فقط پیام", "Children"):
        assert part in shown, part
    profile = profile_of("سارا کریمی")
    assert profile.attributes == {"vip": True, "kids": 2}
    assert (profile.language, profile.preferences["hour"]) == ("fa", "evening")
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"customer.renamed", "customer.changed", "customer.preferences"} <= actions


def test_saving_without_a_change_writes_nothing(sara, enter):
    before = (Interaction.objects.count(), AuditEntry.objects.count())
    assert enter("agent").post(page(sara, "edit"), given()).status_code == 302
    assert Interaction.objects.count() == before[0]
    assert AuditEntry.objects.filter(action__startswith="customer.").count() == 0


def test_a_day_stands_in_its_field_as_the_reader_writes_days(sara, brand, enter):
    save_attribute(workspace=brand, actor=None, code="born", names={"en": "Born"}, type_name="date")
    client = enter("agent")
    client.post(page(sara, "edit"), given(attribute_born="1370/05/12"))
    assert profile_of("سارا").attributes["born"] == "1991-08-03"
    assert 'value="1370/05/12"' in text(client.get(page(sara, "edit")))
    before = Interaction.objects.count()
    client.post(page(sara, "edit"), given(attribute_born="1370/05/12"))
    assert Interaction.objects.count() == before


def test_a_value_that_does_not_fit_is_refused_and_kept_in_the_form(sara, enter):
    response = enter("agent").post(page(sara, "edit"), given(attribute_kids="two"))
    assert response.status_code == 422
    assert "“Children” needs a number" in text(response)
    assert 'value="two"' in text(response)
    assert enter("agent").post(page(sara, "edit"), given(attribute_size="XXL")).status_code == 422


def test_an_identity_is_added_or_the_reason_said(sara, tell, enter):
    tell(order(who("09120000013", name="نگار")))
    client = enter("agent")
    shown = text(client.post(page(sara, "identity"), {"type": "email", "value": "Sara@Mail.example"}, follow=True))
    assert "sara@mail.example" in shown
    for value, said in (("09120000013", "belongs to another customer already"), ("abc", "not a phone number")):
        response = client.post(page(sara, "identity"), {"type": "phone", "value": value})
        assert response.status_code == 422
        assert said in text(response)


def test_the_address_of_the_form_for_identities_can_be_opened_again(sara, enter):
    client = enter("agent")
    assert client.post(page(sara, "identity"), {"type": "phone", "value": "12"}).status_code == 422
    assert client.get(page(sara, "identity")).headers["Location"] == page(sara, "edit")


def test_an_identity_typed_by_mistake_is_removed_and_one_with_a_history_is_not(sara, brand, enter):
    client = enter("agent")
    client.post(page(sara, "identity"), {"type": "email", "value": "wrong@mail.example"})
    key = bytes(brand.id_key)
    wrong, phone = (Identity.objects.get(customer=sara, type=kind) for kind in (IdentityType.EMAIL, IdentityType.PHONE))
    shown = text(client.get(page(sara, "edit")))
    assert f'name="remove" value="{public_id(key, wrong.pk)}"' in shown
    assert f'name="remove" value="{public_id(key, phone.pk)}"' not in shown
    said = text(client.post(page(sara, "identity"), {"remove": public_id(key, phone.pk)}, follow=True))
    assert "its history belongs to this customer" in said
    said = text(client.post(page(sara, "identity"), {"remove": public_id(key, wrong.pk)}, follow=True))
    assert "Removed." in said
    assert not Identity.objects.filter(pk=wrong.pk).exists()
    assert "wrong@mail.example" not in text(client.get("/w/sofalineh/customers/?q=wrong"))[-4000:]
    assert AuditEntry.objects.filter(action="identity.removed", detail={"type": "email"}).count() == 1
    assert "only way" in text(client.post(page(sara, "identity"), {"remove": public_id(key, phone.pk)}, follow=True))
    other = create_customer(workspace=brand, name="دیگری", identities=[(IdentityType.EMAIL.value, "o@mail.example")], actor=None)
    theirs = public_id(key, other.identities.get().pk)
    assert client.post(page(sara, "identity"), {"remove": theirs}).status_code == 404


def test_an_identity_that_is_somebody_elses_goes_to_a_customer_of_its_own_and_back(sara, brand, tell, enter):
    client, key = enter("agent"), bytes(brand.id_key)
    client.post(page(sara, "identity"), {"type": "email", "value": "mina@mail.example"})
    tell(order(who(email="mina@mail.example"), 3, 7_000_000))
    assert (profile_of("سارا").purchases, customer("سارا").identities.count()) == (2, 2)
    wrong = Identity.objects.get(value="mina@mail.example")
    assert f'name="split" value="{public_id(key, wrong.pk)}"' in text(client.get(page(sara, "edit")))
    said = text(client.post(page(sara, "identity"), {"split": public_id(key, wrong.pk)}, follow=True))
    assert "A customer of their own now" in said
    wrong.refresh_from_db()
    other = wrong.customer
    assert (profile_of("سارا").purchases, other.profile.purchases, other.profile.purchase_total) == (1, 1, 7_000_000)
    assert AuditEntry.objects.get(action="identity.split").target_id == sara.pk
    tell(order(who("09120000012", email="mina@mail.example"), 4))
    pair = LinkConflict.objects.get()
    assert (pair.kept_id, pair.other_id, pair.decision) == (sara.pk, other.pk, "apart")
    client.post(page(sara, "merge"), {"with": public_id(key, other.pk)})
    assert profile_of("سارا").purchases == 3
    client.post(f"/w/sofalineh/customers/conflicts/{public_id(key, pair.pk)}/undo/")
    assert (profile_of("سارا").purchases, Identity.objects.get(pk=wrong.pk).customer_id) == (2, other.pk)


def test_the_only_identity_of_a_customer_is_not_split_off(sara, brand, enter):
    client, phone = enter("agent"), sara.identities.get()
    said = text(client.post(page(sara, "identity"), {"split": public_id(bytes(brand.id_key), phone.pk)}, follow=True))
    assert "only way" in said
    assert 'name="split"' not in said
    assert Identity.objects.get(pk=phone.pk).customer_id == sara.pk


def test_consent_is_changed_by_one_button_and_remembered(sara, enter, frozen_clock):
    client = enter("agent")
    response = client.post(page(sara, "consent"), {"purpose": "survey", "channel": "sms", "granted": "no"}, headers={"HX-Request": "true"})
    assert "does not want it" in text(response)
    assert not may_contact(sara.pk, "survey", "sms")
    frozen_clock.advance(timedelta(minutes=1))
    client.post(page(sara, "consent"), {"purpose": "survey", "channel": "sms", "granted": "yes"})
    assert may_contact(sara.pk, "survey", "sms")
    assert text(client.get(page(sara, "edit"))).count("Surveys: SMS") == 2


@pytest.mark.parametrize("said", [{"granted": "perhaps"}, {}])
def test_a_consent_that_says_nothing_is_unknown(sara, enter, said):
    assert enter("agent").post(page(sara, "consent"), {"purpose": "survey", "channel": "sms", **said}).status_code == 404


@pytest.mark.parametrize("what", ["edit", "identity", "consent"])
def test_an_analyst_changes_nothing(sara, enter, what):
    assert enter("analyst").post(page(sara, what), {"granted": "no"}).status_code == 403


def test_an_agent_of_another_brand_changes_nothing(sara, enter, rival):
    client = enter("owner", workspace=rival)
    assert client.post(page(sara, "edit", slug="raghib"), given(name="x")).status_code == 404
    assert client.post(page(sara, "consent"), {"purpose": "survey", "channel": "sms", "granted": "no"}).status_code == 404
    sara.refresh_from_db()
    assert sara.name == "سارا"


def test_the_history_of_consent_says_in_words_where_a_program_had_it_from(sara, enter):
    set_consent(customer=sara, purpose="survey", channel="email", granted=False, source="unsubscribe")
    set_consent(customer=sara, purpose="survey", channel="sms", granted=True, source="crm7")
    shown = text(enter("agent").get(page(sara, "edit")))
    assert "on the unsubscribe page" in shown
    assert "from “crm7”" in shown


def test_who_sees_no_contacts_changes_all_but_what_holds_one(sara, brand, enter):
    boss = brand.members.get(role="owner").user
    rename(customer=sara, name="سارا 09120000012", actor=boss)
    save_preferences(customer=sara, channel="sms", hour="", note="ring ۰۹۱۲۰۰۰۰۰۱۲", actor=boss)
    save_attribute(workspace=brand, actor=boss, code="second", names={"en": "Second"}, type_name="text")
    save_details(customer=sara, attributes={"second": "sara@mail.example"}, language="", actor=boss)
    set_consent(customer=sara, purpose="survey", channel="sms", granted=False, source="phone", note="by sara@mail.example")
    role = create_role(workspace=brand, names={"en": "Desk"}, permissions={Permission.CUSTOMERS_WRITE}, actor=boss)
    client = enter("agent")
    brand.members.filter(role="agent").update(role="custom", custom_role=role)
    shown = text(client.get(page(sara, "edit")))
    assert shown.count("only who may see them may change it") == 3
    for part in ("09120000012", "۰۹۱۲۰۰۰۰۰۱۲", "sara@mail"):
        assert part not in shown, part
    assert "by s•••@mail.example" in shown
    changes = given(name="x", note="y", attribute_second="z", attribute_city="تبریز", channel="email", hour="evening")
    assert client.post(page(sara, "edit"), changes).status_code == 302
    profile = profile_of("سارا 09120000012")
    assert profile.attributes == {"city": "تبریز", "vip": True, "second": "sara@mail.example"}
    assert profile.preferences == {"channel": "email", "hour": "evening", "note": "ring ۰۹۱۲۰۰۰۰۰۱۲"}
    whole = text(enter("owner").get(page(sara, "edit")))
    assert "سارا 09120000012" in whole
    assert "only who may see them" not in whole
