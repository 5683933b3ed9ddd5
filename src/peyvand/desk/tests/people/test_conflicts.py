"""Two people or one: the pairs side by side, the decision, and undoing it."""

import pytest

from peyvand.core.ids import public_id
from peyvand.customers.models import Profile
from peyvand.customers.tests.telling import answer, order, who
from peyvand.desk.tests.people.conftest import text
from peyvand.identities.models import LinkConflict

PAGE = "/w/sofalineh/customers/conflicts/"


@pytest.fixture
def pair(tell) -> LinkConflict:
    tell(order(who(own_id="c-1", name="سارا کریمی"), 0), order(who("09120000012", name="س. کریمی"), 1))
    tell(answer(who("09120000012", own_id="c-1"), 9, 2), answer(who("09120000012", own_id="c-1"), 9, 3))
    return LinkConflict.objects.get()


def decide(pair: LinkConflict, decision: str, slug: str = "sofalineh") -> str:
    return f"/w/{slug}/customers/conflicts/{public_id(bytes(pair.workspace.id_key), pair.pk)}/{decision}/"


def test_both_people_stand_side_by_side_with_what_was_seen(pair, enter):
    client = enter("agent")
    assert "1 pair may be one person; decide" in text(client.get("/w/sofalineh/customers/"))
    shown = text(client.get(PAGE))
    for part in ("سارا کریمی", "س. کریمی", "c-1", "+98 912 000 0012", "2 times, first", "1 pair waits for your decision"):
        assert part in shown, part


def test_one_person_after_all_and_back_again(pair, enter):
    client = enter("agent")
    shown = text(client.post(decide(pair, "same"), follow=True))
    assert "One person now: سارا کریمی" in shown
    assert Profile.objects.get(pk=pair.kept_id).purchases == 2
    assert "Nobody is in doubt" in shown
    shown = text(client.post(decide(pair, "undo"), follow=True))
    assert "Two people again" in shown
    assert Profile.objects.get(pk=pair.kept_id).purchases == 1
    assert Profile.objects.get(pk=pair.other_id).purchases == 1


def test_two_people_are_not_asked_about_again(pair, enter):
    client = enter("agent")
    assert "They stay two people" in text(client.post(decide(pair, "apart"), follow=True))
    assert "This was decided already." in text(client.post(decide(pair, "apart"), follow=True))
    assert Profile.objects.filter(merged=False).count() == 2


def test_pairs_are_paged_and_a_decision_leads_back_to_its_page(tell, enter):
    for n in range(11):
        phone = f"091200001{n:02}"
        tell(order(who(own_id=f"c-{n}"), 0), order(who(phone), 1), answer(who(phone, own_id=f"c-{n}"), 9, 2))
    client = enter("agent")
    first, second = client.get(PAGE), client.get(f"{PAGE}?page=2")
    assert [len(page.context["pairs"]) for page in (first, second)] == [10, 1]
    assert "11 pairs wait for your decision" in text(second)
    assert "11 to 11 of 11" in text(second)
    last = LinkConflict.objects.latest("pk")
    shown = client.post(f"{decide(last, 'apart')}?page=2", follow=True)
    assert shown.redirect_chain == [(f"{PAGE}?page=2", 302)]
    assert len(shown.context["pairs"]) == 10  # the last page is gone; the nearest one stands in for it


def test_nothing_is_moved_back_where_nothing_moved(pair, enter):
    assert "There is nothing to move back." in text(enter("agent").post(decide(pair, "undo"), follow=True))


def test_who_may_decide(pair, enter, rival):
    assert enter("analyst").get(PAGE).status_code == 403
    assert enter("analyst").post(decide(pair, "same")).status_code == 403
    stranger = enter("owner", workspace=rival)
    assert stranger.post(decide(pair, "same", slug="raghib")).status_code == 404
    key = public_id(bytes(rival.id_key), pair.pk)
    assert stranger.post(f"/w/raghib/customers/conflicts/{key}/same/").status_code == 404
    assert enter("agent").get(decide(pair, "same")).status_code == 405
    assert enter("agent").post(decide(pair, "divorce")).status_code == 404
    pair.refresh_from_db()
    assert pair.decision == "open"
