"""Two customers made one by hand: found, seen side by side, joined, and undone like a listed pair."""

import pytest

from peyvand.core.ids import public_id
from peyvand.customers.models import Profile
from peyvand.customers.tests.telling import order, who
from peyvand.desk.tests.people.conftest import customer, page, text
from peyvand.identities.models import Customer, LinkConflict, Merge
from peyvand.workspaces.models import AuditEntry


@pytest.fixture
def two(tell) -> tuple[Customer, Customer]:
    tell(order(who(own_id="c-1", name="سارا کریمی"), 0), order(who("09120000012", name="س. کریمی"), 1))
    return customer("سارا کریمی"), customer("س. کریمی")


def pid(found: Customer) -> str:
    return public_id(bytes(found.workspace.id_key), found.pk)


def test_the_other_is_found_seen_beside_and_joined_and_it_is_undone_where_pairs_are(two, enter):
    sara, other = two
    client, where = enter("agent"), page(sara, "merge")
    assert where in text(client.get(page(sara, "edit")))
    found = text(client.get(where, {"q": "کریمی"}))
    assert f"?with={pid(other)}" in found
    assert f"?with={pid(sara)}" not in found
    beside = text(client.get(where, {"with": pid(other)}))
    for part in ("سارا کریمی", "س. کریمی", "c-1", "+98 912 000 0012", "Are these two one person?"):
        assert part in beside, part
    assert not LinkConflict.objects.exists()
    for part in ("What moves to who stays", "Ways to be known", "Events on the timeline"):
        assert part in beside, part
    shown = text(client.post(where, {"with": pid(other)}, follow=True))
    assert "One person now: سارا کریمی" in shown
    assert "س. کریمی was made one person with سارا کریمی" in shown
    assert Profile.objects.get(pk=sara.pk).purchases == 2
    assert AuditEntry.objects.get(action="conflict.same").target_id == sara.pk
    pair = LinkConflict.objects.get()
    client.post(f"/w/sofalineh/customers/conflicts/{public_id(bytes(sara.workspace.id_key), pair.pk)}/undo/")
    assert [Profile.objects.get(pk=one.pk).purchases for one in two] == [1, 1]
    assert "One person now" in text(client.post(where, {"with": pid(other)}, follow=True))


def test_the_other_may_stay_and_it_is_undone_on_the_page_of_who_stands_for_both(two, enter):
    sara, other = two
    client = enter("agent")
    shown = client.post(page(sara, "merge"), {"with": pid(other), "stays": pid(other)}, follow=True)
    assert shown.redirect_chain == [(page(other), 302)]
    assert "One person now: س. کریمی" in text(shown)
    merge = Merge.objects.get()
    undo = page(other, "merge", public_id(bytes(sara.workspace.id_key), merge.pk), "undo")
    assert undo in text(shown)
    assert client.get(undo).status_code == 405
    assert "Two people again: سارا کریمی stands by themselves." in text(client.post(undo, follow=True))
    assert "They are two people again already." in text(client.post(undo, follow=True))
    assert "undone by Agent" in text(client.get(page(other)))
    assert [Profile.objects.get(pk=one.pk).purchases for one in two] == [1, 1]


def test_a_merge_is_undone_by_its_own_people_in_its_own_brand_by_who_may(two, enter, rival, tell):
    sara, other = two
    tell(order(who("09120000077", name="مینا"), 1))
    client = enter("agent")
    client.post(page(sara, "merge"), {"with": pid(other)})
    key = public_id(bytes(sara.workspace.id_key), Merge.objects.get().pk)
    assert client.post(page(customer("مینا"), "merge", key, "undo")).status_code == 404
    assert client.post(page(sara, "merge", "nonsense", "undo")).status_code == 404
    assert enter("analyst").post(page(sara, "merge", key, "undo")).status_code == 403
    stranger = enter("owner", workspace=rival)
    assert stranger.post(page(sara, "merge", key, "undo", slug="raghib")).status_code == 404
    assert Merge.objects.get().undone_at is None


def test_nobody_is_joined_to_themselves_to_nobody_or_twice(two, enter):
    sara, other = two
    client, where = enter("agent"), page(sara, "merge")
    assert [client.post(where, {"with": given}).status_code for given in (pid(sara), "nonsense", "")] == [422, 422, 422]
    client.post(where, {"with": pid(other)})
    assert client.post(where, {"with": pid(other)}).status_code == 422
    assert client.get(page(other, "merge")).status_code == 404
    assert LinkConflict.objects.count() == 1


def test_who_may_not_change_customers_joins_none(two, enter):
    sara, other = two
    assert enter("analyst").post(page(sara, "merge"), {"with": pid(other)}).status_code == 403
    assert not LinkConflict.objects.exists()
