"""Profiles follow the timeline: what is counted, what is latest, and that counting anew gives the same."""

from datetime import timedelta
from importlib.util import find_spec, module_from_spec

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peyvand.catalogue.models import Term
from peyvand.customers.counting import Counted
from peyvand.customers.keys import name_text, sort_name
from peyvand.customers.lifecycle import stage_of
from peyvand.customers.models import Profile, SearchEntry
from peyvand.customers.services.counting import count_rows, recount
from peyvand.customers.services.people import rename
from peyvand.customers.subscribers import SUBSCRIBERS
from peyvand.customers.tests.telling import START, answer, event, follow, order, profile_of, who
from peyvand.customers.types import Band, Stage
from peyvand.identities.models import Customer
from peyvand.timeline.models import Batch, DeadLetter, Interaction
from peyvand.timeline.reading import Page, read_ids
from peyvand.timeline.services import open_batch, record_many, undo_batch
from peyvand.timeline.subscriptions import advance
from peyvand.timeline.types import PerceptionIn, Subject

SARA = who("09120000012", name="سارا کریمی")
COUNTERS = [f.attname for f in Profile._meta.fields if f.attname not in {"customer_id", "workspace_id", "preferences"}]


def counters(profile: Profile) -> dict[str, object]:
    profile.refresh_from_db()
    return {name: getattr(profile, name) for name in COUNTERS}


def test_orders_add_up(tell):
    tell(order(SARA, 0, 1_000_000), order(SARA, 3, 500_000), event("site.visited", SARA, 5, channel="web"))
    sara = profile_of("سارا کریمی")
    assert (sara.interactions, sara.purchases, sara.purchase_total, sara.currency) == (3, 2, 1_500_000, "IRR")
    assert (sara.first_seen_at, sara.last_seen_at) == (START, START + timedelta(days=5))
    assert (sara.first_purchase_at, sara.last_purchase_at) == (START, START + timedelta(days=3))
    assert (sara.has_phone, sara.has_email, sara.known) == (True, False, True)


def delivered(number: str, day: float = 0):
    return event("order.delivered", SARA, day, subject=Subject(type="order", id=number))


def test_deliveries_prove_purchases_where_orders_were_not_told(tell):
    tell(delivered("1"))
    assert (profile_of("سارا کریمی").bought, stage_of(profile_of("سارا کریمی").standing, START)) == (1, Stage.FIRST_TIME)
    tell(delivered("2", 4))
    sara = profile_of("سارا کریمی")
    assert (sara.purchases, sara.deliveries, sara.purchase_total) == (0, 2, 0)
    assert stage_of(sara.standing, START) is Stage.REPEAT
    tell(order(SARA, 5))
    assert profile_of("سارا کریمی").bought == 2


def test_two_parcels_of_one_order_are_one_purchase_in_one_batch_and_in_two(tell):
    tell(delivered("1"), delivered("1", 1))
    tell(delivered("1", 2), delivered("2", 3), event("order.delivered", SARA, 4))
    sara = profile_of("سارا کریمی")
    assert sara.deliveries == 3
    before = counters(sara)
    recount([sara.pk])
    assert counters(sara) == before


def test_a_parcel_counts_once_the_one_before_it_was_undone(tell, workspace):
    batch = open_batch(workspace=workspace, label="deliveries.csv")
    tell(delivered("1"), batch=batch.pk)
    tell(delivered("1", 1))
    sara = profile_of("سارا کریمی")
    assert sara.deliveries == 1
    undo_batch(batch=Batch.objects.get(pk=batch.pk))
    recount([sara.pk])
    assert counters(sara)["deliveries"] == 1


def test_what_was_given_back_is_taken_off(tell):
    tell(order(SARA, 0, 900_000), event("order.refunded", SARA, 1, amount=-200_000, currency="IRR"))
    tell(event("order.cancelled", SARA, 2, amount=100_000, currency="IRR"))
    sara = profile_of("سارا کریمی")
    assert (sara.purchases, sara.purchase_total) == (1, 600_000)


def test_the_currency_of_the_first_purchase_counts(tell):
    tell(order(SARA, 0, 100, "EUR"))
    tell(order(SARA, 1, 7_000_000, "IRR"), order(SARA, 2, 50, "EUR"))
    sara = profile_of("سارا کریمی")
    assert (sara.purchases, sara.purchase_total, sara.currency) == (3, 150, "EUR")


def test_what_the_brand_does_alone_is_no_interaction_of_the_customer(tell):
    tell(order(SARA, 0), event("note.written", SARA, 9, properties={"note": "x"}))
    sara = profile_of("سارا کریمی")
    assert (sara.interactions, sara.last_seen_at) == (1, START)


def test_a_customer_whom_only_the_brand_noted_is_seen_when_it_was_recorded(tell, frozen_clock):
    tell(event("note.written", SARA, 0, properties={"note": "x"}))
    sara = profile_of("سارا کریمی")
    assert (sara.interactions, sara.first_seen_at) == (0, frozen_clock.at)
    tell(order(SARA, 1))
    sara.refresh_from_db()
    assert (sara.interactions, sara.first_seen_at) == (1, START + timedelta(days=1))


def test_calls_are_contacts(tell):
    tell(event("call.ended", SARA, 0), event("message.received", SARA, 1), order(SARA, 2))
    assert profile_of("سارا کریمی").contacts == 2


def test_the_last_score_is_the_latest_by_time_and_not_by_arrival(tell):
    tell(answer(SARA, 9, day=5))
    tell(answer(SARA, 2, day=1))
    sara = profile_of("سارا کریمی")
    assert (sara.last_value, sara.last_band, sara.last_nps) == (9, Band.GOOD, 9)
    tell(answer(SARA, 2, day=8, measure="csat"))
    sara.refresh_from_db()
    assert (sara.last_value, sara.last_low, sara.last_high, sara.last_band) == (2, 1, 5, Band.BAD)
    assert sara.last_nps == 9
    assert Term.objects.get(pk=sara.last_measure).code == "csat"


def test_scores_of_items_and_words_alone_are_no_last_score(tell):
    felt = [PerceptionIn("rating", 1, item="packaging"), PerceptionIn("csat", text="خوب نبود")]
    tell(event("review.written", SARA, 0, perceptions=felt))
    assert profile_of("سارا کریمی").last_band == Band.NONE


def test_the_channel_of_the_last_contact_is_the_latest_that_is_known(tell):
    tell(event("call.ended", SARA, 3), event("site.visited", SARA, 1), event("review.written", SARA, 5))
    assert Term.objects.get(pk=profile_of("سارا کریمی").last_channel).code == "phone"


def test_nobody_is_counted_for_items_without_a_customer(tell):
    tell(event("site.visited", who()))
    assert not Profile.objects.exists()


def test_a_batch_read_twice_counts_once(tell, workspace):
    tell(order(SARA, 0))
    assert advance(SUBSCRIBERS[0]) == 0
    assert profile_of("سارا کریمی").purchases == 1


def test_two_identities_of_a_person_are_one_profile(tell):
    tell(order(who("09120000012", email="sara@mail.example", name="سارا"), 0))
    tell(order(who(email="sara@mail.example"), 1))
    sara = profile_of("سارا")
    assert (sara.purchases, sara.has_phone, sara.has_email) == (2, True, True)


def test_a_visitor_who_orders_later_gets_the_name(tell):
    tell(event("site.visited", who(own_id="c-1")))
    tell(order(who("09120000012", own_id="c-1", name="سارا کریمی")))
    sara = profile_of("سارا کریمی")
    assert (sara.interactions, sara.entry.search_key) == (2, "  سارا  کریمی  ساراکریمی  c-1")
    tell(order(who("09120000012", name="دیگری")))
    assert Customer.objects.get().name == "سارا کریمی"


def a_worker():
    """The module that writes profiles as another process has it: with a memory of its own."""
    spec = find_spec("peyvand.customers.services.profiles")
    worker = module_from_spec(spec)
    spec.loader.exec_module(worker)
    return worker


def let_count(worker, customer_id: int, name: str) -> list[str]:
    """Let a worker count something of a customer who is called so by now; gives what they are found by then."""
    Customer.objects.filter(pk=customer_id).update(name=name)
    with transaction.atomic():
        worker.add(worker.people([customer_id]), {customer_id: Counted(0)})
    profile = Profile.objects.get(pk=customer_id)
    return [profile.sort_name, profile.entry.search_key]


@pytest.mark.django_db(transaction=True)
def test_a_name_that_changed_and_changed_back_by_two_workers_is_found_as_it_is(tell):
    tell(order(SARA, 0), following=False)
    sara, one, other = Customer.objects.get().pk, a_worker(), a_worker()
    for worker, name in ((one, "سارا کریمی"), (other, "نگار"), (one, "سارا کریمی"), (one, "نگار"), (other, "سارا کریمی")):
        assert let_count(worker, sara, name) == [sort_name(name), name_text(name)]


def test_what_a_customer_is_found_by_is_written_once_by_all_workers_together(tell):
    tell(order(SARA, 0))
    sara = profile_of("سارا کریمی").pk
    assert a_worker().people([sara])[sara].keys is None
    for changed in ({"made_from": None}, {"made_from": 7}):
        Profile.objects.update(**changed)
        assert a_worker().people([sara])[sara].keys is not None
    let_count(a_worker(), sara, "سارا کریمی")
    assert a_worker().people([sara])[sara].keys is None
    newer = a_worker()
    newer.MADE_BY += 1
    assert newer.people([sara])[sara].keys is not None


def test_rows_of_an_undone_batch_count_nothing(tell, workspace):
    tell(order(SARA, 0))
    batch = open_batch(workspace=workspace, label="orders.csv")
    tell(order(SARA, 1), batch=batch.pk, following=False)
    undo_batch(batch=Batch.objects.get(pk=batch.pk))
    follow()
    assert profile_of("سارا کریمی").purchases == 1


def test_a_customer_who_is_renamed_while_they_are_counted_is_found_by_the_new_name(tell, alice):
    """What they are found by was worked out before the name changed, and would be written after it."""
    tell(order(who("09120000012", name="Sara"), 1))
    tell(order(who("09120000012", email="sara@shop.example"), 2), following=False)
    count = count_rows(Page(read_ids(list(Interaction.objects.order_by("-pk").values_list("pk", flat=True)[:1]))))
    sara = Customer.objects.get()
    rename(customer=sara, name="Roxana", actor=alice)
    count()
    assert SearchEntry.objects.get(pk=sara.pk).search_key.split() == ["roxana"]
    found = profile_of("Roxana")
    assert (found.sort_name, found.has_email, found.purchases) == (sort_name("Roxana"), True, 2)


def test_an_open_case_keeps_a_customer_at_risk_whatever_they_say_meanwhile(tell):
    kind, number = "opinion.spoken", {"number": 1}
    tell(order(SARA, 0), answer(SARA, 2, 1), event("case.opened", SARA, 1, properties=number))
    tell(event(kind, SARA, 2, perceptions=[PerceptionIn("csat", 5)]))
    stages = [_stage_of_sara()]
    for step in ("case.closed", "case.reopened", "case.closed"):
        tell(event(step, SARA, 3, properties=number))
        stages.append(_stage_of_sara())
    assert stages == [Stage.AT_RISK, Stage.FIRST_TIME, Stage.AT_RISK, Stage.FIRST_TIME]
    before = counters(profile_of("سارا کریمی"))
    recount([profile_of("سارا کریمی").pk])
    assert counters(profile_of("سارا کریمی")) == before


def _stage_of_sara() -> Stage:
    return stage_of(profile_of("سارا کریمی").standing, START + timedelta(days=3))


def test_counting_anew_takes_an_undone_batch_out(tell, workspace):
    tell(order(SARA, 0))
    before = counters(profile_of("سارا کریمی"))
    batch = open_batch(workspace=workspace, label="orders.csv")
    later = who("09120000012", attributes={"city": "تهران"}, consents=[])
    tell(order(later, 4), answer(SARA, 1, 5), batch=batch.pk)
    sara = profile_of("سارا کریمی")
    assert (sara.purchases, sara.last_band, sara.attributes) == (2, Band.BAD, {"city": "تهران"})
    undo_batch(batch=Batch.objects.get(pk=batch.pk))
    recount([sara.pk])
    assert counters(sara) == before


def test_counting_anew_before_the_subscriber_came_counts_nothing_twice(tell):
    tell(order(SARA, 0))
    sara = profile_of("سارا کریمی")
    tell(order(SARA, 1), following=False)
    recount([sara.pk])
    sara.refresh_from_db()
    assert sara.purchases == 1
    follow()
    sara.refresh_from_db()
    assert sara.purchases == 2


def test_counting_anew_leaves_out_what_may_still_be_retried(tell, workspace):
    outcome = tell(order(SARA, 0), order(SARA, 1))[1]
    sara = profile_of("سارا کریمی")
    DeadLetter.objects.create(workspace=workspace, subscription="customers", interaction_id=outcome.interaction_id, error="x")
    recount([sara.pk])
    sara.refresh_from_db()
    assert sara.purchases == 1


PEOPLE = [who("09120000012", name="سارا"), who(own_id="c-1"), who("09120000012", own_id="c-1"), who(email="a@b.example"), who(device="d1")]
STEP = st.tuples(
    st.sampled_from(range(len(PEOPLE))), st.integers(0, 4), st.sampled_from(["order", "refund", "nps", "note", "visit", "city"])
)


def _item(step: tuple[int, int, str]):
    person, day, what = step
    customer = PEOPLE[person]
    if what == "order":
        return order(customer, day, 1000 + day, "EUR" if day == 2 else "IRR")
    if what == "refund":
        return event("order.refunded", customer, day, amount=-100, currency="IRR")
    if what == "nps":
        return answer(customer, float(day * 2), day)
    if what == "city":
        return event("customer.updated", who(**{i.type: i.value for i in customer.identities}, attributes={"city": f"c{day}"}), day)
    return event("note.written" if what == "note" else "site.visited", customer, day, channel="web")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=14), cuts=st.sets(st.integers(1, 13)))
def test_counting_anew_gives_what_counting_along_gave(workspace, frozen_clock, steps, cuts):
    with transaction.atomic():
        try:
            start = 0
            for end in sorted({c for c in cuts if c < len(steps)} | {len(steps)}):
                record_many(workspace.pk, [_item(step) for step in steps[start:end]])
                follow()
                start = end
            profiles = list(Profile.objects.order_by("pk"))
            along = [counters(profile) for profile in profiles]
            recount([profile.pk for profile in profiles])
            assert [counters(profile) for profile in profiles] == along
        finally:
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_counting_nobody_anew_does_nothing():
    recount([])
    recount([12345])
    assert not Profile.objects.exists()
