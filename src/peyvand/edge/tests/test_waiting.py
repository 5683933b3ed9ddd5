"""What waits to leave or to be forgotten: counted over all brands, in /metrics and by doctor, and nothing that is at its end."""

from datetime import timedelta

import pytest

from peyvand.channels.models import BulkApproval, Outgoing, SendingStop
from peyvand.config.diagnosis import work
from peyvand.core import clock
from peyvand.edge import gauges
from peyvand.privacy.models import Erasure
from peyvand.webhooks.models import Endpoint, Telling
from peyvand.workspaces.models import Workspace

NOW = clock.now()


@pytest.fixture
def brands(db: None) -> list[Workspace]:
    """Two brands: in one of them all that may wait waits, and the other adds a little."""
    here, there = (Workspace.objects.create(slug=slug, names={"fa": slug}) for slug in ("narenj", "toranj"))
    for number, (brand, state) in enumerate(
        [(here, "queued"), (here, "queued"), (there, "queued"), (here, "sent"), (here, "failed"), (there, "unsure"), (there, "held")]
    ):
        Outgoing.objects.create(workspace=brand, channel_kind="sms", purpose="service", text="t", key=str(number), state=state)
    SendingStop.objects.create(workspace=here)
    for subject, approved in (("survey:a", None), ("survey:b", NOW)):
        BulkApproval.objects.create(workspace=here, subject=subject, recipients=9, approved_at=approved)
    for brand, rest in ((here, NOW + timedelta(hours=1)), (there, None)):
        endpoint = Endpoint.objects.create(workspace=brand, name="e", url="https://example.ir", sealed="", rests_until=rest)
        for number, state in enumerate(("waiting", "waiting", "told", "dead")):
            Telling.objects.create(endpoint=endpoint, interaction_id=number, kind="order.placed", state=state)
    for customer, state, age in ((1, "asked", 2), (2, "copied", 7), (3, "done", 90)):
        Erasure.objects.create(workspace=here, customer=customer, state=state, asked_at=NOW - timedelta(hours=age))
    return [here, there]


def read(name: str) -> dict[tuple[str, ...], float]:
    return dict(next(figure for figure in gauges.FIGURES if figure.name == name).read())


def test_metrics_count_what_waits_in_every_brand(brands: list[Workspace]) -> None:
    assert read("outgoing") == {("queued",): 3, ("unsure",): 1, ("failed",): 1, ("held",): 1}
    assert (read("sending_stopped"), read("approvals_waiting")) == ({(): 1}, {(): 1})
    assert (read("webhook_tellings"), read("webhooks_resting")) == ({("waiting",): 4, ("dead",): 2}, {(): 1})
    assert read("erasures_unfinished") == {(): 2}
    assert 7 * 3600 <= read("erasure_age_seconds")[()] < 8 * 3600


def test_doctor_notes_what_a_person_should_look_at(brands: list[Workspace]) -> None:
    assert [state for state, _words in work.sending()] == ["note", "note", "note", "ok"]
    assert [words.partition(";")[0] for _state, words in work.sending()][2] == (
        "messages that did not arrive or may not have: 1 unsure, 1 failed"
    )
    assert [(state, words[:2]) for state, words in work.webhooks()] == [("note", "1 "), ("note", "2 "), ("ok", "4 ")]
    ((state, words),) = work.erasures()
    assert (state, words.partition(".")[0]) == ("fault", "2 people are not erased everywhere yet, the oldest asked for 7 h ago")


@pytest.mark.django_db
def test_where_nothing_waits_all_is_well() -> None:
    assert [[state for state, _words in look()] for look in (work.sending, work.webhooks, work.erasures)] == [["ok"]] * 3
