"""Recording on the page: an opinion in two clicks, words, a call, a note, and taking them back."""

import re
from datetime import timedelta

import pytest

from peyvand.customers.tests.telling import follow, order, profile_of, who
from peyvand.customers.types import Band
from peyvand.desk.tests.people.conftest import customer, page, text
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sara(tell):
    tell(order(who("09120000012", name="سارا")))
    return customer("سارا")


def latest():
    return events(read_ids([Interaction.objects.latest("pk").pk]))[0]


def token_in(response) -> str:
    return re.search(r'name="token" value="([^"]+)"', response.content.decode())[1]


def test_the_second_click_records_the_score(sara, enter):
    response = enter("agent").post(page(sara, "opinion"), {"score": "2"}, headers=HTMX)
    assert "Recorded: Unhappy" in text(response)
    assert (latest().kind, latest().perceptions[0].value, latest().properties["said_to"]) == ("opinion.spoken", 2, "Agent")
    follow()
    assert profile_of("سارا").last_band == Band.BAD


def test_without_scripts_it_comes_back_to_the_page(sara, enter):
    response = enter("agent").post(page(sara, "opinion"), {"score": "5"}, follow=True)
    assert "Recorded: Very happy" in text(response)
    assert "<h1>سارا</h1>" in text(response)


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "2.5", "five", "٣", "9" * 30])
def test_any_other_score_records_nothing(sara, enter, score):
    response = enter("agent").post(page(sara, "opinion"), {"score": score}, headers=HTMX)
    assert response.status_code == 422
    assert Interaction.objects.count() == 1


def test_words_join_the_opinion_and_both_are_taken_back_together(sara, enter):
    client = enter("agent")
    token = token_in(client.post(page(sara, "opinion"), {"score": "1"}, headers=HTMX))
    response = client.post(page(sara, "words"), {"token": token, "words": "کسی جواب نداد"}, headers=HTMX)
    assert "Recorded, with their words" in text(response)
    assert latest().perceptions[0].text == "کسی جواب نداد"
    assert "کسی جواب نداد" in text(client.get(page(sara)))
    response = client.post(page(sara, "undo"), {"token": token_in(response)}, headers=HTMX)
    assert "Taken back. Nothing was kept." in text(response)
    assert "کسی جواب نداد" not in text(client.get(page(sara)))
    again = client.post(page(sara, "undo"), {"token": token}, headers=HTMX)
    assert "It was taken back already." in text(again)


def test_only_who_recorded_it_takes_it_back_and_only_for_half_an_hour(sara, enter, frozen_clock):
    client, other = enter("agent"), enter("lead")
    token = token_in(client.post(page(sara, "opinion"), {"score": "4"}, headers=HTMX))
    assert other.post(page(sara, "undo"), {"token": token}, headers=HTMX).status_code == 404
    assert client.post(page(sara, "undo"), {"token": token + "x"}, headers=HTMX).status_code == 404
    frozen_clock.advance(timedelta(minutes=31))
    assert client.post(page(sara, "undo"), {"token": token}, headers=HTMX).status_code == 404
    assert client.post(page(sara, "words"), {"token": token, "words": "x"}, headers=HTMX).status_code == 404


def test_a_token_of_one_customer_takes_nothing_back_from_another(sara, tell, enter):
    tell(order(who("09120000013", name="نگار")))
    client = enter("agent")
    token = token_in(client.post(page(sara, "opinion"), {"score": "4"}, headers=HTMX))
    assert client.post(page(customer("نگار"), "undo"), {"token": token}, headers=HTMX).status_code == 404


def test_a_call_is_logged(sara, enter):
    client = enter("agent")
    said = {"direction": "out", "outcome": "no_answer", "note": "فردا دوباره"}
    assert "The call was logged" in text(client.post(page(sara, "call"), said, headers=HTMX))
    assert latest().properties == {"direction": "out", "outcome": "no_answer", "note": "فردا دوباره"}
    assert "Agent</bdi> called and got no answer" in text(client.get(page(sara)))
    wrong = client.post(page(sara, "call"), {"direction": "sideways", "outcome": ""}, headers=HTMX)
    assert wrong.status_code == 422


def test_a_note_is_kept_and_an_empty_one_is_not(sara, enter):
    client = enter("agent")
    assert "The note is kept" in text(client.post(page(sara, "note"), {"note": "ساعت پنج زنگ بزنید"}, headers=HTMX))
    assert "ساعت پنج زنگ بزنید" in text(client.get(page(sara)))
    assert client.post(page(sara, "note"), {"note": " "}, headers=HTMX).status_code == 422


@pytest.mark.parametrize("what", ["opinion", "words", "call", "note", "undo"])
def test_an_analyst_records_nothing_and_nobody_records_by_reading(sara, enter, what):
    assert enter("analyst").post(page(sara, what), {"score": "3", "note": "x"}).status_code == 403
    assert enter("agent").get(page(sara, what)).status_code == 405
    assert Interaction.objects.count() == 1
