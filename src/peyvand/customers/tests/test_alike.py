"""Who looks like one person: points for what two share, the walk over names, and what does not come back."""

import pytest

from peyvand.customers.alike import Known, alike, box, one_letter_apart
from peyvand.customers.models import AttributeDefinition
from peyvand.customers.services import merging
from peyvand.customers.services.suggesting import list_alike, look_alike
from peyvand.customers.tests.telling import order, profile_of, who
from peyvand.identities.models import Identity, LinkConflict, SharedValue
from peyvand.identities.services import keep_apart, share
from peyvand.timeline.models import Interaction

DATES = {"birthday": "date", "city": "text", "size": "number", "job": "text"}


def known(n, *, phones=(), emails=(), **attributes):
    return Known(n, attributes, phones, emails)


def scores(name, *people):
    return {(one.one, one.other): one.score for one in alike(name, people, DATES)}


def test_a_rare_name_and_a_city_are_enough_and_a_frequent_name_is_not():
    assert scores("سارا کریمی", known(1, city="تهران"), known(2, city="تهران"), known(3, city="قم")) == {(1, 2): 65}
    many = [known(n, city="تهران") for n in range(12)]
    assert scores("علی محمدی", *many) == {}
    assert scores("سارا", known(1, city="تهران"), known(2, city="تهران")) == {}, "a first name alone"


def test_a_frequent_name_with_a_birthday_is_listed_and_another_birthday_speaks_against():
    crowd = [known(n) for n in range(3, 20)]
    assert scores("علی محمدی", known(1, birthday="1990-01-01"), known(2, birthday="1990-01-01"), *crowd) == {(1, 2): 60}
    two = {"city": "تهران", "job": "معلم"}
    assert scores("سارا کریمی", known(1, **two), known(2, **two)) == {(1, 2): 85}
    assert scores("سارا کریمی", known(1, birthday="1990-01-01", **two), known(2, birthday="1991-01-01", **two)) == {}


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ({"phones": ["+989120000012"]}, {"phones": ["+989120000013"]}, 90),
        ({"phones": ["+989120000012"]}, {"phones": ["+989120000043"]}, None),
        ({"emails": ["sara.karimi@gmail.com"]}, {"emails": ["sarakarimi+shop@gmail.com"]}, 99),
        ({"emails": ["sara@mail.example"]}, {"emails": ["sarra@mail.example"]}, 90),
        ({"emails": ["sara@mail.example"]}, {"emails": ["sara@post.example"]}, 80),
        ({"emails": ["sara@mail.example"]}, {"emails": ["mina@mail.example"]}, None),
        ({"size": "42"}, {"size": "42"}, None),
    ],
)
def test_contacts_that_nearly_agree(one, other, score):
    found = scores("سارا کریمی", known(1, **one), known(2, **other))
    assert found == ({} if score is None else {(1, 2): score})


def test_mailboxes_and_letters():
    assert box("Sara.K+x@gmail.com".lower()) == ("sarak", "gmail.com")
    assert box("sara.k@mail.example") == ("sara.k", "mail.example")
    assert [one_letter_apart("sara", other) for other in ("sara", "sarah", "ara", "sxra", "raas", "s")] == [
        False,
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.fixture
def twins(tell, workspace):
    AttributeDefinition.objects.create(workspace=workspace, code="birthday", type="date")
    tell(
        order(who("09120000012", name="سارا كريمي", attributes={"city": "تهران", "birthday": "1990-01-01"})),
        order(who("09120000013", name="سارا کریمی", attributes={"city": "تهران"})),
        order(who("09350000099", name="مینا کاوه", attributes={"city": "تهران"})),
    )
    return workspace


def test_the_worker_lists_who_looks_alike_with_its_reasons(twins):
    assert list_alike(twins) == 1
    pair = LinkConflict.objects.get()
    assert (pair.kept.name, pair.other.name, pair.origin, pair.decision, pair.score) == ("سارا كريمي", "سارا کریمی", "alike", "open", 99)
    assert [reason["code"] for reason in pair.reasons] == ["name", "attribute", "phone"]
    before = pair.seen_at
    look_alike()
    assert LinkConflict.objects.get().seen_at == before


def test_kept_apart_and_merged_ones_do_not_come_back(twins, alice):
    list_alike(twins)
    pair = LinkConflict.objects.get()
    keep_apart(conflict=pair, actor=alice)
    assert list_alike(twins) == 0
    LinkConflict.objects.all().delete()
    list_alike(twins)
    merge = merging.merge(conflict=LinkConflict.objects.get(), actor=alice)
    assert list_alike(twins) == 0
    merging.unmerge(merge=merge, actor=alice)
    assert list_alike(twins) == 0
    assert LinkConflict.objects.get().decision == "apart"


def test_who_no_longer_looks_alike_leaves_the_list(twins):
    list_alike(twins)
    Identity.objects.filter(value="+989120000013").update(value="+989370000077")
    profile = profile_of("سارا کریمی")
    profile.attributes = {"city": "قم"}
    profile.save()
    assert list_alike(twins) == 0
    assert not LinkConflict.objects.exists()


def test_workspaces_are_looked_through_each_for_itself(twins, other_workspace, tell):
    tell(order(who("09120000014", name="سارا کریمی", attributes={"city": "تهران"})), to=other_workspace)
    look_alike()
    assert LinkConflict.objects.filter(workspace=other_workspace).count() == 0
    assert LinkConflict.objects.filter(workspace=twins).count() == 1


def test_what_comes_with_a_shared_phone_alone_is_nobodys_and_it_links_no_two(workspace, tell, alice):
    share(workspace=workspace, type_name="phone", value="09120000009", actor=alice)
    tell(
        order(who("09120000009")),
        order(who("09120000009", own_id="c-1", name="سارا")),
        order(who("09120000009", own_id="c-2", name="نگار")),
    )
    assert list(Interaction.objects.order_by("pk").values_list("identity__value", flat=True)) == [None, "c-1", "c-2"]
    assert not LinkConflict.objects.exists()
    assert not Identity.objects.filter(value="+989120000009").exists()
    assert SharedValue.objects.get().state == "shared"
