"""Of several workers one alone tends the lake: the one that has lived longest, and when it is silent the next."""

import datetime as dt

import pytest

from peyvand.core import beats, clock
from peyvand.core.models import Heartbeat
from peyvand.timeline.loops import by_the_eldest

pytestmark = pytest.mark.django_db


def test_only_the_eldest_worker_tends_the_lake_and_the_next_when_it_is_silent():
    done = []
    turn = by_the_eldest(lambda: done.append("tended") or 1)
    with clock.frozen(dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)) as time:
        assert turn() == 0, "a process that gave no sign of life does not know whether another tends"
        beats.beat("elsewhere:7:abc", "worker")
        beats.beat("elsewhere:8:web", "web")
        time.advance(dt.timedelta(seconds=1))
        beats.beat(beats.this_process(), "worker")
        assert turn() == 0
        time.advance(beats.SILENT_AFTER)
        beats.beat(beats.this_process(), "worker")
        assert turn() == 1
    assert done == ["tended"]
    assert Heartbeat.objects.count() == 3
