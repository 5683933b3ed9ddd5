"""Who may be written to, and what they once said about it."""

from datetime import timedelta

import pytest

from peyvand.customers.queries.consent import consents_of, may_contact, may_contact_many, standing_consents
from peyvand.customers.services.consents import ConsentError, set_consent
from peyvand.customers.tests.telling import event, order, profile_of, who
from peyvand.identities.models import Customer, LinkConflict
from peyvand.identities.services import same_person
from peyvand.timeline.types import ConsentIn
from peyvand.workspaces.models import AuditEntry

SARA = who("09120000012", name="سارا")


@pytest.fixture
def sara(tell) -> Customer:
    tell(order(SARA))
    return profile_of("سارا").customer


def say(customer: Customer, granted: bool, purpose: str = "survey", channel: str = "sms") -> None:
    set_consent(customer=customer, purpose=purpose, channel=channel, granted=granted, source="phone")


def test_without_a_word_service_and_surveys_are_allowed_and_marketing_is_not(sara):
    assert [may_contact(sara.pk, purpose, "sms") for purpose in ("survey", "service", "marketing")] == [True, True, False]


def test_a_refusal_holds_for_its_pair_alone(sara):
    say(sara, granted=False)
    assert not may_contact(sara.pk, "survey", "sms")
    assert may_contact(sara.pk, "survey", "email")
    assert may_contact(sara.pk, "service", "sms")


def test_the_last_word_counts(sara, frozen_clock):
    for granted in (True, False, True):
        say(sara, granted, "marketing")
        frozen_clock.advance(timedelta(minutes=1))
    assert may_contact(sara.pk, "marketing", "sms")
    assert [consent.granted for consent in consents_of(sara.pk)] == [True, False, True]


def test_at_the_same_moment_the_refusal_counts(sara, frozen_clock):
    say(sara, granted=False)
    say(sara, granted=True)
    assert not may_contact(sara.pk, "survey", "sms")
    assert standing_consents(sara.pk)["survey", "sms"].granted is False


def test_a_refusal_of_every_channel_forbids_each(sara, frozen_clock):
    say(sara, granted=True, channel="email")
    frozen_clock.advance(timedelta(days=1))
    say(sara, granted=False, channel="any")
    frozen_clock.advance(timedelta(days=1))
    say(sara, granted=True, channel="email")
    assert [may_contact(sara.pk, "survey", channel) for channel in ("sms", "email")] == [False, False]
    say(sara, granted=True, channel="any")
    assert may_contact(sara.pk, "survey", "sms")


def test_an_unknown_purpose_is_refused(sara):
    with pytest.raises(ConsentError):
        say(sara, granted=True, purpose="spam")


def test_each_word_leaves_an_audit_entry(sara, alice):
    set_consent(customer=sara, purpose="survey", channel="sms", granted=False, source="desk", actor=alice)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.target_id) == ("consent.refused", alice, sara.pk)
    assert entry.detail == {"purpose": "survey", "channel": "sms", "source": "desk"}


def test_consents_told_by_events_count_by_when_they_were_said(tell, sara):
    agreed = who("09120000012", consents=[ConsentIn("marketing", "sms", granted=True)])
    refused = who("09120000012", consents=[ConsentIn("marketing", "sms", granted=False)])
    tell(event("customer.updated", refused, 5, source="shop"))
    tell(event("customer.updated", agreed, 3, source="old-file"))
    assert not may_contact(sara.pk, "marketing", "sms")
    assert [(c.granted, c.source) for c in consents_of(sara.pk)] == [(False, "shop"), (True, "old-file")]


def test_what_a_merged_person_said_counts_for_the_one_who_stands(tell, workspace, alice, sara):
    tell(order(who(own_id="c-7", name="س. کریمی")))
    other = profile_of("س. کریمی").customer
    say(other, granted=False)
    conflict = LinkConflict.objects.create(
        workspace=workspace, kept=sara, other=other, kept_type=2, kept_value="+989120000012", other_type=1, other_value="c-7"
    )
    assert may_contact_many([sara.pk, other.pk], "survey", "sms") == {sara.pk}
    same_person(conflict=conflict, actor=alice)
    assert may_contact_many([sara.pk], "survey", "sms") == set()
