"""Customer fields in the settings: those that data brought in are tidied, own ones added, any put away."""

import pytest
from django.test import Client

from peyvand.core import clock
from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.customers.services.attributes import definitions_for
from peyvand.identities.models import Customer
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import put_member

pytestmark = pytest.mark.django_db
FIELDS = "/w/sofalineh/settings/fields/"


@pytest.fixture
def hers(alice) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def city(workspace) -> AttributeDefinition:
    return definitions_for(workspace.pk, {"city": "تهران"})["city"]


def test_a_field_is_added_with_its_type_and_list(hers, workspace):
    given = {"code": "size", "name_fa": "اندازه", "name_en": "Size", "type_name": "choice", "choices": "L\n\n M \n"}
    assert hers.post(FIELDS, given).status_code == 302
    made = AttributeDefinition.objects.get(workspace=workspace)
    assert (made.code, made.names, made.type, made.choices, made.seen_only) == (
        "size",
        {"fa": "اندازه", "en": "Size"},
        "choice",
        ["L", "M"],
        False,
    )
    assert AuditEntry.objects.filter(action="attribute.saved", actor__isnull=False).count() == 1
    assert "Size" in hers.get(FIELDS).content.decode()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"code": "city", "type_name": "text"}, "There is a field with this code already"),
        ({"code": "size", "type_name": "choice"}, "Give the choices"),
        ({"code": "", "type_name": "text"}, "This field is required"),
        ({"code": "size", "type_name": "colour"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_input(hers, city, given, why):
    assert why in hers.post(FIELDS, given).content.decode()
    assert AttributeDefinition.objects.count() == 1


def test_a_field_that_data_brought_in_is_named_typed_and_no_longer_new(hers, workspace, city):
    assert "new: look at it" in hers.get(FIELDS).content.decode()
    given = {"name_fa": "سال تولد", "name_en": "Year of birth", "type_name": "number", "choices": ""}
    assert hers.post(f"{FIELDS}{pid_of(workspace, city)}/", given).status_code == 302
    city.refresh_from_db()
    assert (city.code, city.names["en"], city.type, city.seen_only) == ("city", "Year of birth", "number", False)
    assert "new: look at it" not in hers.get(FIELDS).content.decode()


def test_a_field_is_put_away_and_taken_back(hers, workspace, city):
    address = f"{FIELDS}{pid_of(workspace, city)}/away/"
    for given, archived in (({}, True), ({"back": "1"}, False)):
        assert hers.post(address, given).status_code == 302
        city.refresh_from_db()
        assert city.archived is archived
    assert AuditEntry.objects.filter(action__startswith="attribute.").count() == 2


def test_fields_of_another_brand_and_other_roles_stay_out_of_reach(hers, alice, workspace, other_workspace):
    theirs = definitions_for(other_workspace.pk, {"city": "تهران"})["city"]
    assert hers.get(f"{FIELDS}{pid_of(workspace, theirs)}/").status_code == 404
    agent = put_member(workspace=workspace, email="bob@example.com", name="Bob", role="agent", actor=alice).user
    bobs = Client()
    bobs.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert bobs.get(FIELDS).status_code == 403


def test_a_type_changes_with_the_values_known_so_far_or_not_at_all(hers, workspace):
    size, other = definitions_for(workspace.pk, {"size": "4", "city": "Rasht"}).values()
    told = [{"size": "۴۲", "city": "Rasht"}, {"size": "38.5"}, {"city": "3"}]
    for n, attributes in enumerate(told):
        customer = Customer.objects.create(workspace=workspace, created_at=clock.now())
        Profile.objects.create(customer=customer, workspace=workspace, sort_name=f"c{n}", attributes=attributes)
    for field in (size, other):
        given = {"name_en": field.code, "type_name": "number", "choices": ""}
        answer = hers.post(f"{FIELDS}{pid_of(workspace, field)}/", given)
        assert answer.status_code == (302 if field is size else 200)
    page = answer.content.decode()
    assert "“Rasht” of a customer cannot be this; such values: 1." in page
    kept = [profile.attributes for profile in Profile.objects.order_by("sort_name")]
    assert kept == [{"size": 42, "city": "Rasht"}, {"size": 38.5}, {"city": "3"}]
    assert dict(AttributeDefinition.objects.values_list("code", "type")) == {"size": "number", "city": "text"}
