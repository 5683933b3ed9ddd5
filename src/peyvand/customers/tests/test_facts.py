"""What events tell about customers: language, attributes of the right type, in timeline order."""

import pytest

from peyvand.customers.attributes import AttributeRefused, fitting, type_of, typed
from peyvand.customers.models import AttributeDefinition, Consent
from peyvand.customers.services.attributes import AttributeDefinitionError, archive_attribute, save_attribute
from peyvand.customers.services.counting import recount
from peyvand.customers.tests.telling import event, follow, order, profile_of, who
from peyvand.timeline.models import Batch
from peyvand.timeline.services import open_batch, undo_batch
from peyvand.timeline.types import ConsentIn


def told(day: float = 0, **attributes: object):
    return event("customer.updated", who("09120000012", name="سارا", attributes=attributes), day)


def test_an_attribute_never_met_is_made_by_its_first_value_and_listed(tell, workspace):
    tell(told(city="تهران", children=2, newsletter=True, nothing=None))
    assert profile_of("سارا").attributes == {"city": "تهران", "children": 2, "newsletter": True}
    made = {d.code: (d.type, d.seen_only) for d in AttributeDefinition.objects.filter(workspace=workspace)}
    assert made == {"city": ("text", True), "children": ("number", True), "newsletter": ("yes_no", True)}


def test_later_values_replace_earlier_ones_and_none_takes_away(tell):
    tell(told(city="تهران", size="L"), told(city="كرج"), told(size=None))
    assert profile_of("سارا").attributes == {"city": "کرج"}


def test_a_value_that_does_not_fit_its_type_changes_nothing(tell, workspace, alice):
    save_attribute(workspace=workspace, actor=alice, code="born", names={"fa": "تولد"}, type_name="date")
    tell(told(born="1370/05/12"), told(born="never"))
    assert profile_of("سارا").attributes == {"born": "1991-08-03"}


def test_language_follows_what_was_told(tell):
    tell(order(who("09120000012", name="سارا", language="en")))
    assert profile_of("سارا").language == "en"


def test_the_same_event_read_again_by_a_recount_keeps_one_consent(tell):
    tell(event("customer.updated", who("09120000012", name="سارا", consents=[ConsentIn("survey", "sms", granted=True)])))
    recount([profile_of("سارا").pk])
    assert Consent.objects.count() == 1


def test_undoing_an_import_takes_its_consents_and_attributes_back(tell, workspace):
    tell(order(who("09120000012", name="سارا", attributes={"city": "تهران"})))
    batch = open_batch(workspace=workspace, label="people.csv")
    wrong = who("09120000012", attributes={"city": "قم"}, consents=[ConsentIn("marketing", "sms", granted=True)])
    tell(event("customer.updated", wrong, 1), batch=batch.pk)
    undo_batch(batch=Batch.objects.get(pk=batch.pk))
    sara = profile_of("سارا")
    recount([sara.pk])
    sara.refresh_from_db()
    assert sara.attributes == {"city": "تهران"}
    assert not Consent.objects.exists()


def test_a_workspace_keeps_its_attributes_apart(tell, other_workspace):
    tell(told(city="تهران"))
    tell(told(city=3), to=other_workspace)
    assert [d.type for d in AttributeDefinition.objects.order_by("pk")] == ["text", "number"]


def test_a_program_that_invents_codes_does_not_fill_the_list(tell, workspace):
    tell(*(told(**{f"code_{n}_{m}": 1 for m in range(50)}) for n in range(8)))
    follow()
    assert AttributeDefinition.objects.filter(workspace=workspace).count() == 300


def test_definitions_are_saved_and_archived_by_people(workspace, alice):
    size = save_attribute(
        workspace=workspace, actor=alice, code="size", names={"fa": "اندازه"}, type_name="choice", choices=["L", " M ", ""]
    )
    assert (size.choices, size.seen_only) == (["L", "M"], False)
    archive_attribute(definition=size, actor=alice)
    size.refresh_from_db()
    assert size.archived
    for wrong in ({"type_name": "colour"}, {"type_name": "choice"}, {"type_name": "text", "code": " "}):
        with pytest.raises(AttributeDefinitionError):
            save_attribute(workspace=workspace, actor=alice, **({"code": "x", "names": {}} | wrong))


@pytest.mark.parametrize(
    ("type_name", "value", "kept"),
    [
        ("text", "  كرج ", "کرج"),
        ("text", 12, "12"),
        ("text", "", None),
        ("number", "۱۲٫۵", 12.5),
        ("number", "1,200", 1200),
        ("number", "x", None),
        ("number", float("nan"), None),
        ("number", 10**16, None),
        ("number", True, None),
        ("yes_no", "yes", True),
        ("yes_no", 0, False),
        ("yes_no", "perhaps", None),
        ("date", "1405/08/30", "2026-11-21"),
        ("date", "2026-11-21T10:00:00+03:30", "2026-11-21"),
        ("date", "soon", None),
        ("choice", "L", "L"),
        ("text", ["a"], None),
        ("text", "AAA  كرج", "AAA کرج"),
    ],
)
def test_values_are_kept_as_their_type(type_name, value, kept):
    assert fitting(type_name, value) == kept


def test_the_type_of_an_attribute_follows_its_first_value():
    assert [type_of(value).value for value in (True, 3, 3.5, "3")] == ["yes_no", "number", "number", "text"]


def test_a_typed_value_that_does_not_fit_says_what_is_needed(english):
    assert typed("number", " ", "Children") is None
    with pytest.raises(AttributeRefused, match="“Children” needs a number"):
        typed("number", "two", "Children")
