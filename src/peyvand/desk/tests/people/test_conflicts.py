"""Two people or one: the pairs side by side, the decision, and undoing it."""

import pytest

from peyvand.core.ids import public_id
from peyvand.customers.models import Profile
from peyvand.customers.services.suggesting import list_alike
from peyvand.customers.tests.telling import answer, order, who
from peyvand.desk.tests.people.conftest import text
from peyvand.identities.models import Crowd, Customer, LinkConflict
from peyvand.identities.types import MOST_GATHERED
from peyvand.workspaces.services import change_member, create_role
from peyvand.workspaces.types import Permission

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


def test_who_stays_takes_name_and_wishes_of_the_other_and_gives_them_back(tell, enter):
    tell(order(who(own_id="c-1"), 0), order(who("09120000012", name="سارا"), 1), answer(who("09120000012", own_id="c-1"), 9, 2))
    pair = LinkConflict.objects.get()
    Profile.objects.filter(pk=pair.other_id).update(preferences={"channel": "sms"})
    client = enter("agent")
    client.post(decide(pair, "same"))
    kept = Profile.objects.get(pk=pair.kept_id)
    assert (kept.customer.name, kept.preferences) == ("سارا", {"channel": "sms"})
    assert "سارا" in text(client.get("/w/sofalineh/customers/?q=سارا"))
    client.post(decide(pair, "undo"))
    assert [Customer.objects.get(pk=pk).name for pk in (pair.kept_id, pair.other_id)] == ["", "سارا"]
    assert Profile.objects.get(pk=pair.kept_id).preferences == {}


def test_pairs_of_three_who_are_one_follow_each_other_and_come_apart_again(tell, enter):
    tell(order(who(own_id="a", name="A"), 0), order(who("09120000012", name="B"), 1), order(who(email="c@mail.example", name="C"), 2))
    tell(answer(who("09120000012", own_id="a"), 9, 3), answer(who(own_id="a", email="c@mail.example"), 9, 4))
    tell(answer(who("09120000012", email="c@mail.example"), 9, 5))
    a, b, c = (Customer.objects.get(name=name) for name in "ABC")
    ab, ac, bc = (LinkConflict.objects.get(kept=one, other=two) for one, two in ((a, b), (a, c), (b, c)))
    client = enter("agent")
    client.post(decide(ab, "same"))
    assert "2 pairs wait" in text(client.get(PAGE))
    client.post(decide(bc, "same"))  # B stands for nobody any more: A and C are meant
    c.refresh_from_db()
    assert c.merged_into == a
    assert Profile.objects.get(pk=a.pk).purchases == 3
    assert "Nobody is in doubt" in text(client.get(PAGE))
    client.post(decide(bc, "undo"))
    assert Profile.objects.get(pk=a.pk).purchases == 2
    assert Profile.objects.get(pk=c.pk).purchases == 1
    ac.refresh_from_db()
    assert ac.decision == "open"
    client.post(decide(ab, "undo"))
    assert [Profile.objects.get(pk=one.pk).purchases for one in (a, b, c)] == [1, 1, 1]


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


def test_look_alikes_stand_after_pairs_that_met_with_their_reasons(pair, tell, enter, brand):
    tell(
        order(who("09120000055", name="مینا کاوه", attributes={"city": "رشت"}), 0),
        order(who("09120000056", name="مینا کاوه", attributes={"city": "رشت"}), 0),
    )
    assert list_alike(brand) == 1
    client = enter("agent")
    shown = client.get(PAGE)
    assert [one.conflict.origin for one in shown.context["pairs"]] == ["met", "alike"]
    for part in ("They look alike: 99 of 100 points", "The same name, which nobody else has", "City of both: رشت", "differ in one digit"):
        assert part in text(shown), part
    alike = LinkConflict.objects.get(origin="alike")
    assert "They stay two people" in text(client.post(decide(alike, "apart"), follow=True))
    assert list_alike(brand) == 0


def test_who_may_not_see_contacts_reads_them_masked_after_the_decision_too(tell, enter, brand):
    tell(order(who(own_id="a"), 0), order(who("09120000012"), 1), answer(who("09120000012", own_id="a"), 9, 3))
    owner, clerk = brand.members.get(role="owner").user, enter("agent")
    assert "912 000 0012" in text(clerk.post(decide(LinkConflict.objects.get(), "apart"), follow=True))
    role = create_role(workspace=brand, names={"en": "Clerk"}, permissions={Permission.CUSTOMERS_WRITE}, actor=owner)
    change_member(member=brand.members.get(role="agent"), actor=owner, role=role)
    shown = text(clerk.get(PAGE))
    assert "Decided lately" in shown
    assert "912 000 0012" not in shown
    assert "9120000012" not in shown.replace(" ", "")


def test_a_pair_decided_along_with_another_offers_no_undo_of_its_own(pair, enter):
    told = {"workspace": pair.workspace, "kept_type": 1, "kept_value": "x", "other_type": 2, "other_value": "y"}
    LinkConflict.objects.create(kept=pair.other, other=pair.kept, **told)
    client = enter("agent")
    shown = client.post(decide(pair, "same"), follow=True)
    assert sorted(one.undoable for one in shown.context["decided"]) == [False, True]


def test_who_is_known_by_very_many_ways_is_listed_until_somebody_looked(tell, enter, rival):
    tell(*[order(who("09120000055", email=f"{n}@mail.example"), 0) for n in range(MOST_GATHERED + 1)])
    client = enter("agent")
    assert "2 more were turned away" in text(client.get(PAGE))
    crowd = Crowd.objects.get()
    address = f"{PAGE}crowds/{public_id(bytes(crowd.workspace.id_key), crowd.pk)}/settled/"
    assert enter("owner", workspace=rival).post(address.replace("sofalineh", "raghib")).status_code == 404
    assert enter("analyst").post(address).status_code == 403
    assert "turned away," not in text(client.post(address, follow=True))
    assert Crowd.objects.get().settled_by is not None


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
