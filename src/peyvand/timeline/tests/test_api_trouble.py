"""Dead letters and jobs by a program: listed, tried again, dismissed, and only those of its own brand."""

import pytest

from peyvand.core.models import Job, JobState
from peyvand.timeline.models import DeadLetter
from peyvand.timeline.services import note_failure, record
from peyvand.timeline.subscriptions import subscribers
from peyvand.timeline.tests.conftest import make_item
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return Program()


def failed(program):
    number = record(program.workspace.pk, make_item(who="alice", source="shop", external_id="1")).interaction_id
    note_failure("nobody", program.workspace.pk, number, ValueError("The cup is empty"))


def test_a_letter_is_listed_tried_in_vain_and_dismissed(shop):
    failed(shop)
    failed(Program("twin"))
    (told,) = shop.told("get", "/dead-letters")["items"]
    assert (told["reaction"], told["error"].splitlines()[0], told["attempts"]) == ("nobody", "ValueError: The cup is empty", 1)
    assert shop.told("get", "/operations")["dead_letters"] == 1
    assert shop.refused("post", f"/dead-letters/{told['id']}/retry")[:2] == (422, "not-possible")
    assert shop.told("post", "/dead-letters/retry") == {"worked": 0, "tried": 1}
    shop.told("delete", f"/dead-letters/{told['id']}")
    assert shop.told("get", "/dead-letters")["items"] == []
    assert shop.refused("delete", f"/dead-letters/{told['id']}")[0] == 404
    assert DeadLetter.objects.filter(settled_at=None).count() == 1
    entry = AuditEntry.objects.get(workspace=shop.workspace, action="letter.dismissed")
    assert (entry.actor, "crm" in entry.actor_label) == (shop.owner, True)


def test_a_reaction_that_works_again_settles_its_letter(shop):
    failed(shop)
    (told,) = shop.told("get", "/dead-letters")["items"]
    DeadLetter.objects.update(subscription=min(subscribers()))
    shop.told("post", f"/dead-letters/{told['id']}/retry")
    assert shop.told("get", "/dead-letters")["items"] == []


def test_a_job_given_up_runs_again_and_tells_nothing_of_its_payload(shop):
    dead = {"name": "imports.run", "payload": {"import": 77777}, "state": JobState.DEAD, "error": "ValueError: no"}
    row = Job.objects.create(workspace_id=shop.workspace.pk, **dead)
    theirs = Job.objects.create(workspace_id=Program("twin").workspace.pk, **dead)
    answer = shop.call("get", "/dead-jobs")
    assert [one["name"] for one in answer.json()["items"]] == ["imports.run"]
    assert "77777" not in answer.content.decode()
    assert shop.refused("post", f"/dead-jobs/{shop.pid(theirs.pk)}/retry")[0] == 404
    shop.told("post", f"/dead-jobs/{shop.pid(row.pk)}/retry")
    assert set(Job.objects.values_list("pk", "state")) == {(row.pk, JobState.WAITING), (theirs.pk, JobState.DEAD)}
    assert AuditEntry.objects.filter(workspace=shop.workspace, action="job.retried", actor=shop.owner).count() == 1


def test_a_job_given_up_is_discarded_by_a_program_of_its_own_brand(shop):
    dead = {"name": "imports.run", "state": JobState.DEAD, "error": "ValueError: no"}
    row = Job.objects.create(workspace_id=shop.workspace.pk, **dead)
    theirs = Job.objects.create(workspace_id=Program("twin").workspace.pk, **dead)
    assert shop.refused("delete", f"/dead-jobs/{shop.pid(theirs.pk)}")[0] == 404
    shop.told("delete", f"/dead-jobs/{shop.pid(row.pk)}")
    assert list(Job.objects.all()) == [theirs]
    assert AuditEntry.objects.filter(workspace=shop.workspace, action="job.discarded", actor=shop.owner).count() == 1
