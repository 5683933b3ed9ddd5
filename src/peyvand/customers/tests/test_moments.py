"""Spoken opinions, calls and notes: recorded with who recorded them, and taken back whole."""

import pytest

from peyvand.core.models import Job
from peyvand.core.tests.working import work_off
from peyvand.customers.services import moments
from peyvand.customers.tests.telling import follow, order, profile_of, who
from peyvand.customers.types import Band
from peyvand.identities.models import Customer
from peyvand.timeline.models import Batch, Interaction, Perception
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.services.batches import BatchError
from peyvand.timeline.types import Refused
from peyvand.workspaces.models import AuditEntry


@pytest.fixture
def sara(tell) -> Customer:
    tell(order(who("09120000012", name="سارا")))
    return profile_of("سارا").customer


def read(interaction_id: int):
    return events(read_ids([interaction_id]))[0]


def test_a_spoken_opinion_names_who_heard_it(sara, alice):
    recorded = moments.record_opinion(customer=sara, score=2, actor=alice)
    event = read(recorded.interaction_id)
    assert (event.kind, event.customer_id, event.properties["said_to"]) == ("opinion.spoken", sara.pk, "Alice")
    assert [(p.measure, p.value, p.low, p.high) for p in event.perceptions] == [("csat", 2, 1, 5)]
    follow()
    assert profile_of("سارا").last_band == Band.BAD
    assert AuditEntry.objects.latest("pk").action == "opinion.recorded"


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_off_the_scale_is_refused(sara, alice, score):
    with pytest.raises(Refused):
        moments.record_opinion(customer=sara, score=score, actor=alice)
    assert Interaction.objects.count() == 1


def test_words_said_beside_an_opinion_belong_to_it(sara, alice):
    recorded = moments.record_opinion(customer=sara, score=4, actor=alice)
    moments.add_words(customer=sara, recorded=recorded, text="فروشنده حوصله کرد", actor=alice)
    words = read(Interaction.objects.latest("pk").pk)
    assert (words.subject.id, words.perceptions[0].text) == (str(recorded.interaction_id), "فروشنده حوصله کرد")
    assert words.perceptions[0].value is None


def test_taking_back_takes_the_words_too_and_the_lake_is_waited_for(sara, alice):
    recorded = moments.record_opinion(customer=sara, score=1, actor=alice)
    moments.add_words(customer=sara, recorded=recorded, text="بد", actor=alice)
    follow()
    moments.take_back(customer=sara, batch_id=recorded.batch_id, actor=alice)
    assert profile_of("سارا").last_band == Band.NONE
    with pytest.raises(BatchError):
        moments.take_back(customer=sara, batch_id=recorded.batch_id, actor=alice)
    work_off(most=5)
    assert Interaction.objects.count() == 3
    Batch.objects.filter(pk=recorded.batch_id).update(out_of_lake=True)
    Job.objects.update(due_at=Batch.objects.get(pk=recorded.batch_id).created_at)
    work_off()
    assert (Interaction.objects.count(), Perception.objects.count()) == (1, 0)
    assert Batch.objects.get(pk=recorded.batch_id).state == Batch.State.UNDONE
    with pytest.raises(BatchError):
        moments.take_back(customer=sara, batch_id=recorded.batch_id, actor=alice)


def test_a_batch_of_another_brand_cannot_be_taken_back(sara, alice, other_workspace, tell):
    batch = Batch.objects.create(workspace=other_workspace, label="x")
    with pytest.raises(Batch.DoesNotExist):
        moments.take_back(customer=sara, batch_id=batch.pk, actor=alice)


def test_a_logged_call_is_a_contact(sara, alice):
    call = moments.Call(direction="out", outcome="reached", reason="delivery", note="عذر خواستیم", duration_s=180)
    event = read(moments.log_call(customer=sara, call=call, actor=alice).interaction_id)
    assert (event.codes["channel"], event.duration_s) == ("phone", 180)
    assert event.properties == {"direction": "out", "outcome": "reached", "reason": "delivery", "note": "عذر خواستیم"}
    follow()
    assert profile_of("سارا").contacts == 1


def test_a_note_is_no_sign_of_life(sara, alice):
    seen = profile_of("سارا").last_seen_at
    moments.write_note(customer=sara, text=" ساعت ۵ زنگ بزنید ", actor=alice)
    follow()
    assert profile_of("سارا").last_seen_at == seen
    assert read(Interaction.objects.latest("pk").pk).properties == {"note": "ساعت ۵ زنگ بزنید", "by": "Alice"}
