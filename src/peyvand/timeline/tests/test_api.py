"""Reading the timeline by the API: page by page without gaps, its own brand alone, and noted for the owner."""

import pytest
from django.test import Client

from peyvand.timeline.listing import SPAN
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record, record_many
from peyvand.timeline.services.batches import open_batch
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import PerceptionIn, Subject
from peyvand.workspaces.models import AuditEntry, Member
from peyvand.workspaces.services import create_key, create_owner

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/interactions"


@pytest.fixture
def key(workspace):
    return create_key(workspace=workspace, name="warehouse", scopes=["read"])


def fill(workspace, start, count):
    record_many(workspace.pk, [make_item(who="alice", source="shop", external_id=str(n)) for n in range(start, start + count)])
    settle()


def read(key, **asked):
    answer = Client().get(ADDRESS, asked, headers={"Authorization": f"Bearer {key[1]}"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_pages_follow_one_another_and_what_comes_later_stands_behind(workspace, key):
    fill(workspace, 0, 5)
    first = read(key, limit=3)
    second = read(key, limit=3, after=first["next"])
    assert [one["external_id"] for one in (*first["items"], *second["items"])] == ["0", "1", "2", "3", "4"]
    fill(workspace, 5, 1)
    assert [one["external_id"] for one in read(key, after=second["next"])["items"]] == ["5"]


def test_numbers_that_were_never_used_make_no_empty_page(workspace, key):
    fill(workspace, 0, 5)
    for later in Interaction.objects.filter(external_id__in=["3", "4"]):
        Interaction.objects.filter(pk=later.pk).update(id=later.pk + 100 * SPAN)
    first = read(key, limit=3)
    assert [one["external_id"] for one in read(key, after=first["next"])["items"]] == ["3", "4"]


def test_every_shared_column_narrows_and_they_narrow_each_other(workspace, key):
    columns = ("channel", "touchpoint", "stage", "product", "branch", "department", "employee", "device", "language")
    batch = open_batch(workspace=workspace, label="orders.csv", code="9k2m4xz3j6q0w")
    for external_id, code, of in (("a", "one", "order"), ("b", "two", "order"), ("c", "one", "visit")):
        fields = dict.fromkeys(columns, code) | {"subject": Subject(of, external_id), "source": f"from {code}"}
        record_many(workspace.pk, [make_item(external_id=external_id, **fields)], batch=batch.pk if external_id == "b" else None)
    settle()

    def found(**asked):
        return [one["external_id"] for one in read(key, **asked)["items"]]

    assert [found(**{name: "one"}) for name in columns] == [["a", "c"]] * len(columns)
    assert found(source="from two") == found(imported=batch.code) == ["b"]
    assert found(subject_type="order") == ["a", "b"]
    assert found(subject_type="order", channel="one") == ["a"]
    assert found(device=["one", "two"], language="two") == ["b"]
    assert found(device="three") == found(imported="unknown") == found(subject_type="visit", imported=batch.code) == []


def test_another_brands_interactions_and_cursors_are_out_of_reach(workspace, key):
    twin = make_workspace("Twin")
    theirs = create_key(workspace=twin, name="theirs", scopes=["read"])
    fill(workspace, 0, 2)
    page = read(key)
    assert read(theirs)["items"] == []
    headers = {"Authorization": f"Bearer {theirs[1]}"}
    assert Client().get(ADDRESS, {"after": page["next"]}, headers=headers).status_code == 400
    assert Client().get(f"{ADDRESS}/{page['items'][0]['id']}", headers=headers).status_code == 404


def test_who_takes_peoples_data_in_bulk_is_noted_once_a_day(workspace, key):
    fill(workspace, 0, 2)
    for _time in range(3):
        read(key)
    entry = AuditEntry.objects.get(workspace=workspace, action="interactions.read")
    assert entry.actor is None
    assert entry.actor_label.startswith("warehouse")


def test_contacts_in_texts_are_hidden_without_the_scope_as_on_a_persons_page(workspace):
    told = {"note": "call 0912 123 4567", "lines": [{"name": "write to sara@post.example"}]}
    felt = [PerceptionIn("nps", 2, text="Mine is 09121234567")]
    record(workspace.pk, make_item(who="alice", source="shop", external_id="1", properties=told, perceptions=felt))
    settle()
    owner = create_owner(workspace=workspace, email="me@brand.example", password=None).user
    blind = create_key(workspace=workspace, name="wall", scopes=["read"], actor=owner)
    seeing = create_key(workspace=workspace, name="crm", scopes=["read", "contacts.see"], actor=owner)
    whole, hidden = read(seeing)["items"][0], read(blind)["items"][0]
    assert (whole["properties"], whole["perceptions"][0]["text"]) == (told, "Mine is 09121234567")
    assert hidden["properties"]["note"] == "call 0912 ••• ••67"
    assert "sara@" not in hidden["properties"]["lines"][0]["name"]
    assert (hidden["perceptions"][0]["text"], hidden["perceptions"][0]["value"]) == ("Mine is 0912•••••67", 2)
    one = Client().get(f"{ADDRESS}/{hidden['id']}", headers={"Authorization": f"Bearer {blind[1]}"}).json()
    assert one == hidden
    Member.objects.filter(user=owner).update(role="viewer")
    assert read(seeing)["items"][0] == hidden
