"""record_many: the answer to each item, what is written, and what a bad item costs the good ones: nothing."""

import datetime as dt
import threading

import msgspec
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from peyvand.catalogue.models import Term
from peyvand.catalogue.services import merge_terms, save_term
from peyvand.core import clock
from peyvand.identities.models import Customer, Identity, LinkConflict
from peyvand.timeline.models import Interaction, Perception
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.services import declare_kind, record, record_many
from peyvand.timeline.services.drafting import PLACED, REST
from peyvand.timeline.tests.conftest import AT, make_item, make_workspace
from peyvand.timeline.types import ConsentIn, CustomerIn, IdentityIn, Item, PerceptionIn, Refused, Subject


def statuses(outcomes):
    return [outcome.status.value for outcome in outcomes]


def read(outcome):
    return events(read_ids([outcome.interaction_id]))[0]


def test_everything_told_is_read_back(workspace):
    item = make_item(
        who="alice", channel="web", touchpoint="checkout", product="Blue shoe", branch="Tehran", department="sales", employee="7",
        device="phone", language="fa", subject=Subject("order", "17"), amount=1_250_000, currency="IRR", duration_s=12.5, response_s=3.0,
        properties={"number": "17", "gift": True, "lines": [{"product": "shoe"}]}, source="shop", external_id="e-17",
        perceptions=[PerceptionIn("csat", 4.0, text="خوب بود"), PerceptionIn("quality", 6.0, (1.0, 7.0), item="fit", sentiment=0.5)],
    )  # fmt: skip
    outcome = record(workspace.pk, item)
    event = read(outcome)
    assert (event.kind, event.occurred_at, event.source, event.external_id) == ("order.placed", AT, "shop", "e-17")
    assert event.codes == {
        "channel": "web", "touchpoint": "checkout", "stage": "during", "product": "Blue shoe", "branch": "Tehran", "department": "sales",
        "employee": "7", "device": "phone", "language": "fa",
    }  # fmt: skip
    assert (event.subject, event.amount, event.currency, event.duration_s, event.response_s) == (
        Subject("order", "17"), 1_250_000, "IRR", 12.5, 3.0,
    )  # fmt: skip
    assert event.properties == item.properties
    csat, quality = event.perceptions
    assert (csat.n, csat.measure, csat.item, csat.value, csat.low, csat.high, csat.text) == (0, "csat", "", 4.0, 1.0, 5.0, "خوب بود")
    assert (quality.n, quality.item, quality.value, quality.low, quality.high, quality.sentiment) == (1, "fit", 6.0, 1.0, 7.0, 0.5)
    assert event.customer_id == outcome.customer_id == Customer.objects.get().pk


def test_money_without_a_currency_is_in_the_brands(workspace):
    type(workspace).objects.filter(pk=workspace.pk).update(currency="EUR")
    told = record_many(workspace.pk, [make_item(amount=1250), make_item(amount=1250, currency="IRR"), make_item()])
    assert [read(outcome).currency for outcome in told] == ["EUR", "IRR", ""]


def test_the_least_that_can_be_told_is_enough(workspace):
    event = read(record(workspace.pk, Item(kind="branch.visited", occurred_at=AT)))
    assert event.identity_id is event.customer_id is None
    assert event.codes == {"channel": "store", "touchpoint": "visit", "stage": "without"}
    assert (event.source, event.external_id, event.properties, event.perceptions) == ("peyvand", None, {}, [])


def test_each_item_is_answered_in_order(workspace):
    outcomes = record_many(
        workspace.pk,
        [
            make_item(who="alice", source="shop", external_id="1"),
            make_item(kind="no.such", who="bob"),
            make_item(who="alice", source="shop", external_id="1"),
            make_item(who="0912", source="shop", external_id="2"),
            make_item(who="carol", source="shop", external_id="3"),
        ],
    )
    assert statuses(outcomes) == ["recorded", "rejected", "duplicate", "rejected", "recorded"]
    assert outcomes[2].interaction_id == outcomes[0].interaction_id
    assert (outcomes[1].field, outcomes[3].field) == ("kind", "customer.identities[0]")
    assert all(outcomes[n].reason for n in (1, 3))


def test_a_rejected_item_leaves_nothing_behind(workspace):
    terms = Term.objects.count()
    outcomes = record_many(workspace.pk, [make_item(kind="no.such", who="alice", product="new", source="new")])
    assert statuses(outcomes) == ["rejected"]
    assert (Customer.objects.count(), Interaction.objects.count(), Term.objects.count()) == (0, 0, terms)


def test_a_repeat_gives_the_first_one_in_this_call_or_a_later_one(workspace):
    item = make_item(who="alice", source="shop", external_id="1", perceptions=[PerceptionIn("nps", 9.0)])
    first = record(workspace.pk, item)
    again = record_many(workspace.pk, [item, item])
    assert statuses(again) == ["duplicate", "duplicate"]
    assert {outcome.interaction_id for outcome in again} == {first.interaction_id}
    assert (Interaction.objects.count(), Perception.objects.count()) == (1, 1)


def test_a_repeat_of_a_rejected_item_is_not_a_repeat(workspace):
    bad = make_item(kind="no.such", source="shop", external_id="1")
    good = make_item(source="shop", external_id="1")
    assert statuses(record_many(workspace.pk, [bad, good])) == ["rejected", "recorded"]


def test_the_same_external_id_of_two_sources_is_two_things(workspace):
    outcomes = record_many(workspace.pk, [make_item(source="shop", external_id="1"), make_item(source="till", external_id="1")])
    assert statuses(outcomes) == ["recorded", "recorded"]


def test_items_without_an_external_id_are_never_repeats(workspace):
    assert statuses(record_many(workspace.pk, [make_item(who="alice")] * 3)) == ["recorded"] * 3


def test_a_term_never_met_is_created_and_listed_for_tidying(workspace):
    record_many(workspace.pk, [make_item(product=" Red   shoe "), make_item(product="Red shoe"), make_item(touchpoint="kiosk")])
    shoe = Term.objects.get(dimension="product")
    assert (shoe.code, shoe.seen_only) == ("Red shoe", True)
    assert set(Interaction.objects.exclude(product=None).values_list("product", flat=True)) == {shoe.pk}
    assert Term.objects.get(dimension="touchpoint", code="kiosk").seen_only


def test_the_stage_comes_with_the_touchpoint_unless_it_is_told(workspace):
    outcomes = record_many(
        workspace.pk, [make_item(touchpoint="delivery"), make_item(touchpoint="delivery", stage="before"), make_item(touchpoint="kiosk")]
    )
    assert [read(outcome).codes.get("stage") for outcome in outcomes] == ["after", "before", None]


def test_a_touchpoint_moved_to_another_stage_counts_from_the_next_item(workspace):
    delivery = Term.objects.get(dimension="touchpoint", code="delivery")
    during = Term.objects.get(dimension="stage", code="during")
    first = record(workspace.pk, make_item(touchpoint="delivery"))
    save_term(workspace=workspace, actor=None, term=delivery, changes={"parent": during})
    second = record(workspace.pk, make_item(touchpoint="delivery"))
    assert [read(outcome).codes["stage"] for outcome in (first, second)] == ["after", "during"]


def test_a_merged_code_is_recorded_as_the_one_that_stands_for_both(workspace):
    record_many(workspace.pk, [make_item(product="shoe"), make_item(product="shoes")])
    shoe, shoes = Term.objects.get(code="shoe"), Term.objects.get(code="shoes")
    merge_terms(keep=shoe, away=shoes, actor=None)
    assert read(record(workspace.pk, make_item(product="shoes"))).codes["product"] == "shoe"


@pytest.mark.usefixtures("english")
def test_a_kind_the_workspace_declared_is_usable_at_once_and_only_there(workspace):
    item = make_item(kind="repair.finished", properties={"days": 3})
    assert statuses(record_many(workspace.pk, [item])) == ["rejected"]
    declare_kind(workspace=workspace, code="repair.finished", names={"en": "Repaired"}, fields={"days": "number"}, actor=None)
    assert statuses(record_many(workspace.pk, [item])) == ["recorded"]
    wrong = record_many(workspace.pk, [make_item(kind="repair.finished", properties={"days": "three"})])[0]
    assert (wrong.field, wrong.reason) == ("properties.days", "should be a number")
    assert statuses(record_many(make_workspace("Other").pk, [item])) == ["rejected"]


def test_facts_about_the_customer_travel_with_the_interaction(workspace):
    customer = CustomerIn(
        identities=[IdentityIn("own_id", "alice")], name="Alice", language="fa", attributes={"vip": True},
        consents=[ConsentIn("surveys", "email", granted=True)],
    )  # fmt: skip
    event = read(record(workspace.pk, make_item(kind="customer.updated", customer=customer, properties={"reason": "form"})))
    assert event.properties == {
        "reason": "form",
        "customer": {
            "attributes": {"vip": True},
            "consents": [{"purpose": "surveys", "channel": "email", "granted": True}],
            "language": "fa",
        },
    }
    assert Customer.objects.get().name == "Alice"


def test_conflicting_identities_are_recorded_under_the_strongest_and_listed(workspace):
    both = CustomerIn(identities=[IdentityIn("phone", "09120000002"), IdentityIn("own_id", "alice")])
    alice, bob, mixed = record_many(workspace.pk, [make_item(who="alice"), make_item(who="09120000002"), make_item(customer=both)])
    assert mixed.customer_id == alice.customer_id != bob.customer_id
    assert LinkConflict.objects.get().other_id == bob.customer_id


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


BAD = {
    "a currency nobody knows": ({"amount": 5, "currency": "XXQ"}, "currency"),
    "occurred_at ahead": ({"occurred_at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}, "occurred_at"),
    "occurred_at naive": ({"occurred_at": AT.replace(tzinfo=None)}, "occurred_at"),
    "occurred_at of nobody's time": ({"occurred_at": dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14)))}, "occurred_at"),
    "unknown identity": ({"customer": CustomerIn(identities=[IdentityIn("fax", "1")])}, "customer.identities[0]"),
    "second identity bad": (
        {"customer": CustomerIn(identities=[IdentityIn("own_id", "a"), IdentityIn("email", "b")])},
        "customer.identities[1]",
    ),
    "two own ids": ({"customer": CustomerIn(identities=[IdentityIn("own_id", "a"), IdentityIn("own_id", "b")])}, "customer.identities"),
    "too many identities": ({"customer": CustomerIn(identities=[IdentityIn("device", str(n)) for n in range(21)])}, "customer.identities"),
    "score above its scale": ({"perceptions": [PerceptionIn("nps", 11.0)]}, "perceptions[0].value"),
    "score below its scale": ({"perceptions": [PerceptionIn("csat", 3.0), PerceptionIn("csat", 0.0)]}, "perceptions[1].value"),
    "no scale": ({"perceptions": [PerceptionIn("mood", 3.0)]}, "perceptions[0].scale"),
    "a scale that falls": ({"perceptions": [PerceptionIn("mood", 3.0, (5.0, 1.0))]}, "perceptions[0].scale"),
    "nothing felt": ({"perceptions": [PerceptionIn("nps")]}, "perceptions[0].value"),
    "NUL in a comment": ({"perceptions": [PerceptionIn("nps", text="a\x00")]}, "perceptions[0].text"),
    "NUL in a measure": ({"perceptions": [PerceptionIn("n\x00", 3.0, (1.0, 5.0))]}, "perceptions[0].measure"),
    "a blank touchpoint": ({"touchpoint": " \t"}, "touchpoint"),
    "a blank item": ({"perceptions": [PerceptionIn("csat", 3.0, item=" ")]}, "perceptions[0].item"),
    "NUL in a name": ({"customer": CustomerIn(name="a\x00")}, "customer.name"),
    "NUL in a product": ({"product": "a\x00b"}, "product"),
    "NUL in a source": ({"source": "a\x00b"}, "source"),
    "NUL in a subject": ({"subject": Subject("order", "1\x00")}, "subject.id"),
    "NUL in a subject's type": ({"subject": Subject("or\x00der", "1")}, "subject.type"),
    "NUL in properties": ({"properties": {"a": ["\x00"]}}, "properties"),
    "empty external id": ({"external_id": ""}, "external_id"),
    "wrong property": ({"properties": {"lines": 3}}, "properties.lines"),
    "wrong property inside": ({"properties": {"lines": [{"quantity": "two"}]}}, "properties.lines[0].quantity"),
    "a property of ours": ({"properties": {"customer": {"consents": []}}}, "properties.customer"),
    "too deep": ({"properties": {"x": nested(40)}}, "properties"),
    "too deep for any reader": ({"properties": {"x": nested(5000)}}, "properties"),
    "too much": ({"properties": {"note": "x" * 70_000}}, "properties"),
}


@pytest.mark.parametrize("fields", [pytest.param(fields, id=name) for name, fields in BAD.items()])
def test_a_bad_item_is_refused_by_field_and_costs_the_good_ones_nothing(workspace, fields):
    told, field = fields
    before, bad, after = record_many(workspace.pk, [make_item(who="alice"), make_item(**told), make_item(who="bob")])
    assert (before.status, bad.status, after.status) == ("recorded", "rejected", "recorded")
    assert bad.field == field
    assert bad.reason
    assert "\x00" not in bad.reason or field != "occurred_at"
    assert Interaction.objects.count() == 2


DECLARED = {
    "note": ("text", 5, "should be a text"),
    "days": ("number", True, "should be a number"),
    "on_time": ("yes_no", "yes", "should be true or false"),
    "due": ("date", "soon", "should be a date like 2026-11-21"),
}


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("name", DECLARED)
def test_a_field_of_an_own_kind_takes_what_it_was_declared_for(workspace, name):
    fields = {one: type_name for one, (type_name, _bad, _reason) in DECLARED.items()}
    declare_kind(workspace=workspace, code="repair.finished", names={"en": "Repaired"}, fields=fields, actor=None)
    good = {"note": "fine", "days": 2.5, "on_time": False, "due": "2026-11-21", "more": [1]}
    _type, value, reason = DECLARED[name]
    kept, bad = record_many(
        workspace.pk,
        [make_item(kind="repair.finished", properties=good), make_item(kind="repair.finished", properties=good | {name: value})],
    )
    assert (kept.status, bad.status, bad.field, bad.reason) == ("recorded", "rejected", f"properties.{name}", reason)


def test_drafting_takes_the_fields_of_an_item_in_their_order():
    assert Item.__struct_fields__[:REST] == PLACED
    assert Item.__struct_fields__[REST:] == (
        "occurred_at", "customer", "product", "subject", "properties", "perceptions",
        "amount", "currency", "duration_s", "response_s", "external_id",
    )  # fmt: skip


@pytest.mark.usefixtures("english")
def test_record_raises_what_was_wrong(workspace):
    with pytest.raises(Refused, match="off the scale 0 to 10") as refused:
        record(workspace.pk, make_item(perceptions=[PerceptionIn("nps", -1.0)]))
    assert refused.value.field == "perceptions[0].value"


def test_a_day_ahead_is_allowed_for_clocks_that_go_fast(workspace):
    item = make_item(occurred_at=clock.now() + dt.timedelta(hours=23))
    assert statuses(record_many(workspace.pk, [item])) == ["recorded"]


def test_a_caller_who_rolls_back_leaves_nothing(workspace):
    with transaction.atomic():
        record_many(workspace.pk, [make_item(who="alice", product="ghost shoe")])
        transaction.set_rollback(True)
    assert (Customer.objects.count(), Interaction.objects.count()) == (0, 0)
    outcome = record(workspace.pk, make_item(product="ghost shoe"))
    assert read(outcome).codes["product"] == "ghost shoe"


def test_workspaces_keep_their_own(workspace):
    other = make_workspace("Other")
    item = make_item(who="alice", product="shoe", source="shop", external_id="1")
    here, there = record(workspace.pk, item), record(other.pk, item)
    assert here.interaction_id != there.interaction_id
    assert here.customer_id != there.customer_id
    assert set(Term.objects.filter(code="shoe").values_list("workspace_id", flat=True)) == {workspace.pk, other.pk}


def test_a_thousand_items_take_few_statements(workspace):
    items = [make_item(who=f"c{n % 300}", source="shop", external_id=str(n), perceptions=[PerceptionIn("nps", 9.0)]) for n in range(1000)]
    with CaptureQueriesContext(connection) as queries:
        outcomes = record_many(workspace.pk, items)
    assert set(statuses(outcomes)) == {"recorded"}
    assert len(queries) < 40
    assert (Interaction.objects.count(), Perception.objects.count(), Customer.objects.count()) == (1000, 1000, 300)
    assert [event.external_id for event in events(read_ids([o.interaction_id for o in outcomes]))] == [str(n) for n in range(1000)]


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_things_lose_and_double_nothing():
    workspace = make_workspace()
    items = [make_item(who=f"c{n % 40}", source="shop", external_id=str(n), product=f"p{n % 7}") for n in range(120)]
    answers: dict = {}

    def write(turn):
        try:
            mine = []
            for start in range(0, 120, 30):
                part = items[start : start + 30]
                with transaction.atomic():
                    mine += record_many(workspace.pk, part if turn % 2 else part[::-1])[:: 1 if turn % 2 else -1]
            answers[turn] = mine
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [[outcome.interaction_id for outcome in answers[turn]] for turn in range(4)]
    assert ids[0] == ids[1] == ids[2] == ids[3]
    assert sum(outcome.status == "recorded" for turn in range(4) for outcome in answers[turn]) == 120
    assert (Interaction.objects.count(), Identity.objects.count(), Customer.objects.count()) == (120, 40, 40)


def test_what_json_cannot_say_is_refused_by_the_shape_itself():
    with pytest.raises(msgspec.ValidationError, match="unknown field `touchpiont`"):
        msgspec.convert({"kind": "order.placed", "occurred_at": "2026-01-01T00:00:00Z", "touchpiont": "x"}, Item)
