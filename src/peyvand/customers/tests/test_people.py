"""What people change by hand: new customers, names, identities, details, and whether two are one."""

import pytest

from peyvand.customers.models import Profile
from peyvand.customers.queries.listing import Wanted, listed
from peyvand.customers.queries.search import read_search
from peyvand.customers.services import merging, people
from peyvand.customers.services.counting import recount
from peyvand.customers.tests.telling import answer, follow, order, profile_of, who
from peyvand.identities.models import Customer, Identity, LinkConflict
from peyvand.identities.normal import IdentityRefused
from peyvand.identities.services.resolving import IdentityError
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record
from peyvand.workspaces.models import AuditEntry


def found(workspace, query: str) -> list[str]:
    return [p.customer.name for p in listed(Wanted(workspace, read_search(workspace.pk, "IR", query, contacts=True))).profiles]


def test_a_customer_made_by_hand_is_found_at_once(workspace, alice, frozen_clock):
    customer = people.add_customer(workspace=workspace, name=" سارا کریمی ", given={"phone": "۰۹۱۲۰۰۰۰۰۱۲", "email": ""}, actor=alice)
    assert customer.profile.last_seen_at == frozen_clock.at
    assert found(workspace, "کریمی") == ["سارا کریمی"]
    assert found(workspace, "0012") == ["سارا کریمی"]


def test_a_customer_needs_a_way_to_be_known_that_is_nobody_elses(workspace, alice):
    people.add_customer(workspace=workspace, name="سارا", given={"phone": "09120000012"}, actor=alice)
    with pytest.raises(IdentityError):
        people.add_customer(workspace=workspace, name="نگار", given={"phone": "+989120000012"}, actor=alice)
    with pytest.raises(IdentityError):
        people.add_customer(workspace=workspace, name="نگار", given={}, actor=alice)
    with pytest.raises(IdentityRefused):
        people.add_customer(workspace=workspace, name="نگار", given={"phone": "12"}, actor=alice)
    assert Profile.objects.count() == 1


def test_renaming_changes_what_is_searched_and_sorted(tell, workspace, alice):
    tell(order(who("09120000012", name="سارا")))
    people.rename(customer=profile_of("سارا").customer, name="پریسا", actor=alice)
    assert (found(workspace, "پریسا"), found(workspace, "سارا")) == (["پریسا"], [])
    assert AuditEntry.objects.filter(action="customer.renamed").count() == 1


def test_an_added_identity_is_searched_and_taken_ones_are_refused(tell, workspace, alice):
    tell(order(who("09120000012", name="سارا")), order(who("09120000013", name="نگار")))
    sara = profile_of("سارا").customer
    people.add_identity(customer=sara, type_name="email", value="Sara@Mail.example", actor=alice)
    assert found(workspace, "sara@mail.example") == ["سارا"]
    assert Profile.objects.get(pk=sara.pk).has_email
    with pytest.raises(IdentityError):
        people.add_identity(customer=sara, type_name="phone", value="09120000013", actor=alice)


def test_details_are_shown_at_once_and_survive_counting_anew(tell, workspace, alice):
    tell(order(who("09120000012", name="سارا", attributes={"city": "تهران", "size": "L"})))
    sara = profile_of("سارا")
    people.save_details(customer=sara.customer, attributes={"city": "قم", "size": None}, language="en", actor=alice)
    sara.refresh_from_db()
    assert (sara.attributes, sara.language) == ({"city": "قم"}, "en")
    follow()
    recount([sara.pk])
    sara.refresh_from_db()
    assert (sara.attributes, sara.language, sara.interactions) == ({"city": "قم"}, "en", 1)
    assert Interaction.objects.count() == 2


def test_somebody_of_whom_nothing_was_counted_yet_is_changed_like_anybody(workspace, alice):
    recorded = record(workspace.pk, order(who("09120000012", name="سارا", attributes={"city": "تهران", "size": "L"})))
    sara = Customer.objects.get(pk=recorded.customer_id)
    people.rename(customer=sara, name="پریسا", actor=alice)
    assert found(workspace, "پریسا") == ["پریسا"]
    Profile.objects.all().delete()
    people.add_identity(customer=sara, type_name="email", value="sara@mail.example", actor=alice)
    assert found(workspace, "sara@mail.example") == ["پریسا"]
    Profile.objects.all().delete()
    people.save_details(customer=sara, attributes={"city": "قم"}, language="en", actor=alice)
    follow()
    profile = Profile.objects.get()
    assert (profile.attributes, profile.language) == ({"city": "قم", "size": "L"}, "en")
    assert (profile.interactions, profile.purchases, found(workspace, "پریسا")) == (1, 1, ["پریسا"])


def test_preferences_are_kept_whatever_is_counted(tell, alice):
    tell(order(who("09120000012", name="سارا")))
    sara = profile_of("سارا")
    people.save_preferences(customer=sara.customer, channel="sms", hour="evening", note=" فقط پیام ", actor=alice)
    recount([sara.pk])
    sara.refresh_from_db()
    assert sara.preferences == {"channel": "sms", "hour": "evening", "note": "فقط پیام"}
    people.save_preferences(customer=sara.customer, channel="", hour="midnight", note="", actor=alice)
    sara.refresh_from_db()
    assert sara.preferences == {}


@pytest.fixture
def pair(tell) -> LinkConflict:
    """Two people; an item came with the own id of one and the phone of the other."""
    tell(order(who(own_id="c-1", name="سارا کریمی"), 0, 1000), order(who("09120000012", name="س. کریمی"), 1, 500))
    tell(answer(who("09120000012", own_id="c-1"), 9, 2))
    return LinkConflict.objects.get()


def test_one_persons_own_id_with_anothers_phone_leaves_two_people(pair):
    assert Profile.objects.filter(merged=False).count() == 2
    assert (pair.kept.name, pair.other.name) == ("سارا کریمی", "س. کریمی")


def test_merging_counts_both_as_one_and_can_be_undone(pair, workspace, alice):
    before = list(Profile.objects.order_by("pk").values())
    merging.merge(conflict=pair, actor=alice)
    kept, other = Profile.objects.get(pk=pair.kept_id), Profile.objects.get(pk=pair.other_id)
    assert (kept.purchases, kept.purchase_total, kept.has_phone) == (2, 1500, True)
    assert (other.purchases, other.merged, other.has_phone) == (0, True, False)
    assert found(workspace, "0012") == ["سارا کریمی"]
    assert found(workspace, "کریمی") == ["سارا کریمی"]
    merging.undo_pair(conflict=LinkConflict.objects.get(), actor=alice)
    assert list(Profile.objects.order_by("pk").values()) == before
    assert Identity.objects.get(value="+989120000012").customer_id == pair.other_id


def test_events_after_a_merge_count_for_the_one_who_stands(pair, tell, alice):
    merging.merge(conflict=pair, actor=alice)
    tell(order(who("09120000012"), 5, 100))
    assert Profile.objects.get(pk=pair.kept_id).purchase_total == 1600


def test_who_was_merged_away_cannot_be_recorded_for(pair, alice):
    merging.merge(conflict=pair, actor=alice)
    with pytest.raises(IdentityError):
        people.best_identity(pair.other)
