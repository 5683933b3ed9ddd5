"""Whoever has many addresses that say nothing, or a name that nobody tells, holds us no longer than one that answers late."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
from tests.silent import EIGHT, NAME, dropping, lead, looking, untold, waiting_for

from peyvand.core import outward, reaching
from peyvand.core.alarm import Alarm


@contextmanager
def answering(host, port=0):
    """A server that answers once; gives its port."""
    with socket.create_server((host, port)) as door:

        def answer():
            caller, _address = door.accept()
            with caller:
                caller.recv(1000)
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

        threading.Thread(target=answer, daemon=True).start()
        yield door.getsockname()[1]


def test_many_addresses_that_are_silent_take_the_time_of_one(monkeypatch, settings):
    settings.PEYVAND_INTERNAL_HOSTS = [NAME]
    lead(monkeypatch, EIGHT)
    with dropping(EIGHT) as port:
        began = time.monotonic()
        with pytest.raises(outward.NoAnswerError, match="in time"):
            outward.get(f"http://{NAME}:{port}/", seconds=2.0)
        assert time.monotonic() - began < 7, "each of the eight had two seconds"


def test_a_silent_address_leaves_the_next_its_time(monkeypatch, settings):
    settings.PEYVAND_INTERNAL_HOSTS = [NAME]
    lead(monkeypatch, ["127.0.0.11", "127.0.0.12"])
    with dropping(["127.0.0.11"]) as port, answering("127.0.0.12", port):
        assert outward.get(f"http://{NAME}:{port}/", seconds=8.0).body == b"hi"


def test_whoever_answered_is_waited_for_as_long_as_one_alone():
    with answering("127.0.0.1") as port, Alarm(100) as alarm, reaching.reach(["127.0.0.1"] * 4, port, alarm, 90) as wire:
        assert wire.gettimeout() == 90, "its share was for the way there"


def test_four_addresses_are_tried_at_most(monkeypatch, settings):
    settings.PEYVAND_INTERNAL_HOSTS = [NAME]
    lead(monkeypatch, EIGHT)
    with answering(EIGHT[4]) as port, pytest.raises(outward.NoAnswerError, match="failed"):
        outward.get(f"http://{NAME}:{port}/")
    with answering(EIGHT[3]) as port:
        assert outward.get(f"http://{NAME}:{port}/").body == b"hi"


def test_of_one_kind_that_leads_nowhere_not_all_places_are_taken():
    with answering("127.0.0.1") as port, Alarm(10) as alarm:
        reaching.reach(["::1"] * 4 + ["127.0.0.1"], port, alarm, 10).close()


def test_nobody_is_called_once_the_alarm_rang():
    with answering("127.0.0.1") as port, Alarm(0) as alarm:
        alarm.rang.wait()
        with pytest.raises(TimeoutError):
            reaching.reach(["127.0.0.1"], port, alarm, 10)


@pytest.fixture
def nobody_tells(monkeypatch):
    with untold(monkeypatch):
        yield


def test_a_name_that_nobody_tells_is_given_up(monkeypatch, nobody_tells):
    monkeypatch.setattr(outward, "LOOK_UP", 0.3)
    with pytest.raises(outward.NoAnswerError, match="in time"):
        outward.get("https://silent.example/")


def test_names_that_nobody_tells_do_not_gather(nobody_tells):
    for _turn in range(40):
        with pytest.raises(TimeoutError):
            reaching.look_up("silent.example", 443, 0.01)
    assert len(looking()) == 32


def taken(workspace_id):
    try:
        with reaching.turn(workspace_id):
            return True
    except reaching.BusyError:
        return False


def test_one_page_of_a_brand_and_two_of_a_process_wait_at_a_time():
    with waiting_for(1):
        assert (taken(1), taken(2)) == (False, True)
        with waiting_for(2):
            assert [taken(brand) for brand in (1, 2, 3)] == [False] * 3
    assert [taken(brand) for brand in (1, 2, 3)] == [True] * 3


def test_a_page_that_has_its_turn_has_it_until_the_end():
    with reaching.turn(1):
        assert (taken(1), taken(1)) == (True, True)
        with waiting_for(2):
            assert taken(3) is False, "to take a turn again gave it away"


def test_a_page_that_fails_while_it_waits_leaves_its_turn():
    with pytest.raises(ZeroDivisionError), reaching.turn(1):
        1 / 0  # noqa: B018
    with waiting_for(1):
        pass
