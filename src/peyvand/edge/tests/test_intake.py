"""The path through the doors: where a request is drafted, and what is written together."""

import concurrent.futures
import itertools
import threading
import time

from tests.waiting import PATIENCE

from peyvand.edge import intake, reading
from peyvand.timeline.models import Interaction
from peyvand.workspaces.services.keys import create_key


def order(number, **more):
    return {
        "kind": "order.placed",
        "occurred_at": "2026-05-01T10:00:00+03:30",
        "source": "shop",
        "external_id": f"e-{number}",
        **more,
    }


def test_small_requests_in_which_all_is_well_are_read_where_they_came_in(shop, monkeypatch):
    shop.post(order(1))  # the key and the facts are known from here on
    beside = []
    real = reading.Reader.read

    def read(self, request):
        beside.append(len(request.body))
        return real(self, request)

    monkeypatch.setattr(reading.Reader, "read", read)
    assert shop.post(order(2)).json["status"] == "recorded"
    assert beside == []
    large = [order(n, properties={"note": "x" * 100}) for n in range(3, 40)]
    assert {one["status"] for one in shop.post(large).json} == {"recorded"}
    assert len(beside) == 1
    assert beside[0] > reading.SMALL_BYTES
    assert shop.post(order(99, kind="no.such")).status == 422  # its words are found where there is time for it
    assert len(beside) == 2
    assert Interaction.objects.count() == 39


def test_half_of_the_house_is_written_while_the_other_half_comes_in(shop, monkeypatch):
    shop.post(order("known"))
    begun, all_in, go_on, sizes, passed = threading.Event(), threading.Event(), threading.Event(), [], []
    real_write, real_pass = intake.write, intake.Intake._pass_on

    def write(group):
        sizes.append(len(group))
        begun.set()
        assert go_on.wait(PATIENCE)
        real_write(group)

    def pass_on(self, request, ready):
        real_pass(self, request, ready)
        passed.append(request)
        if len(passed) == 12:
            all_in.set()

    monkeypatch.setattr(intake, "write", write)
    monkeypatch.setattr(intake.Intake, "_pass_on", pass_on)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(shop.post, order("first"))]
        assert begun.wait(PATIENCE)
        answers += [pool.submit(shop.post, order(n)) for n in range(11)]
        assert all_in.wait(PATIENCE)
        go_on.set()
        assert {answered.result().status for answered in answers} == {200}
    assert sizes[0] == 1
    assert sizes[1] in {6, 7}  # of eleven, or of twelve while the first is being answered
    assert sum(sizes) == 12


def test_one_key_takes_half_of_the_house_and_leaves_the_rest_to_another(shop, monkeypatch):
    _key, other = create_key(workspace=shop.workspace, name="till", scopes=["ingest"])
    shop.post(order("known"))
    shop.post(order("known"), authorization=f"Bearer {other}")
    monkeypatch.setattr(intake, "MOST_WAITING", 8)
    go_on, real_write = threading.Event(), intake.write

    def write(group):
        assert go_on.wait(PATIENCE)
        real_write(group)

    monkeypatch.setattr(intake, "write", write)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        flood = [pool.submit(shop.post, order(n)) for n in range(9)]
        refused = [answered.result() for answered in itertools.islice(concurrent.futures.as_completed(flood), 5)]
        assert {(answered.status, answered.json["code"], answered.headers["retry-after"]) for answered in refused} == {(503, "busy", "1")}
        waiting = pool.submit(shop.post, order("other"), authorization=f"Bearer {other}")
        time.sleep(0.2)
        assert not waiting.done(), "taken in, and written when its turn comes"
        go_on.set()
        assert waiting.result().status == 200
        assert sorted(answered.result().status for answered in flood) == [200] * 4 + [503] * 5
    assert shop.post(order("later")).status == 200
    assert Interaction.objects.count() == 1 + 4 + 1 + 1
