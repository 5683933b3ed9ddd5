"""Answers: once however often they are sent, half-way kept, completed later."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.test import Client

from peyvand.surveys.models import Answer, Response
from peyvand.surveys.services.answering import LinkClosed, keep_partial_answers, keep_score, link_token, submit
from peyvand.surveys.services.declining import decline
from peyvand.surveys.tests.conftest import read_timeline
from peyvand.surveys.types import EXPIRES
from peyvand.timeline.models import Interaction, Perception

pytestmark = pytest.mark.django_db


def answers() -> list[Interaction]:
    return list(Interaction.objects.filter(external_id__startswith="survey:").order_by("pk"))


def test_a_score_may_be_changed_until_it_is_sent(invited):
    keep_score(invitation=invited, score=2, language="fa")
    keep_score(invitation=invited, score=8, language="fa")
    assert answers() == []
    response = submit(invitation=invited, reasons=[], words="")
    assert (response.score, len(answers())) == (8, 1)
    keep_score(invitation=invited, score=0, language="fa")
    again = submit(invitation=invited, reasons=["late"], words="something else")
    assert (again.score, again.reasons, again.words, len(answers())) == (8, [], "", 1)


@pytest.mark.parametrize("score", [-1, 11, 100])
def test_a_score_off_the_scale_is_refused(invited, score):
    with pytest.raises(ValueError, match="off the scale"):
        keep_score(invitation=invited, score=score, language="fa")
    assert not Response.objects.exists()


def test_nothing_can_be_sent_before_there_is_a_score(invited):
    with pytest.raises(LinkClosed):
        submit(invitation=invited, reasons=[], words="hello")


def test_words_lose_what_cannot_be_stored(invited):
    keep_score(invitation=invited, score=5, language="fa")
    response = submit(invitation=invited, reasons=[], words=" a\x00b\ud800 " + "x" * 6000)
    assert response.words.startswith("abx") or response.words.startswith("ab x")
    assert len(response.words) == 5000


def test_a_score_left_for_half_an_hour_is_kept_without_words(invited, now):
    keep_score(invitation=invited, score=4, language="fa")
    now.advance(dt.timedelta(minutes=29))
    assert keep_partial_answers() == 0
    now.advance(dt.timedelta(minutes=2))
    assert (keep_partial_answers(), keep_partial_answers()) == (1, 0)
    [interaction] = answers()
    assert '"partial":true' in interaction.properties
    assert Perception.objects.get().value == 4


def test_words_that_come_after_that_join_the_same_answer(invited, now):
    keep_score(invitation=invited, score=4, language="fa")
    now.advance(dt.timedelta(minutes=31))
    keep_partial_answers()
    read_timeline()
    assert Answer.objects.get().words == ""
    keep_score(invitation=invited, score=9, language="fa")
    for _ in range(2):
        submit(invitation=invited, reasons=["late"], words="دیر رسید")
    read_timeline()
    first, more = answers()
    assert more.external_id == f"survey:{invited.pk}:more"
    assert f'"completes":{first.pk}' in more.properties
    answer = Answer.objects.get()
    assert (answer.value, answer.words, answer.has_words) == (4, "دیر رسید", True)
    assert [perception.value for perception in Perception.objects.order_by("pk")] == [4, None]


def test_a_link_answered_half_way_closes_after_its_time_and_one_answered_whole_still_thanks(client, invited, now):
    link = f"/s/{link_token(invited)}/"
    keep_score(invitation=invited, score=4, language="fa")
    now.advance(dt.timedelta(minutes=31))
    keep_partial_answers()
    now.advance(EXPIRES - dt.timedelta(hours=1))
    assert client.get(f"{link}why/").status_code == 200
    now.advance(dt.timedelta(hours=1))
    pages = {client.get(f"{link}{page}").status_code for page in ("", "why/", "thanks/")}
    sent = {client.post(f"{link}why/", {"reason": "late", "words": "دیر"}).status_code, client.post(link, {"score": "9"}).status_code}
    assert (pages, sent, len(answers())) == ({410}, {410}, 1)
    assert "سی روز" in client.get(link).content.decode()
    Response.objects.update(partial=False)
    assert client.get(f"{link}thanks/").status_code == 200


def test_a_score_given_before_somebody_stops_surveys_still_counts(invited, now):
    keep_score(invitation=invited, score=1, language="fa")
    decline(invitation=invited)
    now.advance(dt.timedelta(minutes=31))
    keep_partial_answers()
    assert len(answers()) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_answers_at_once_leave_one_record(invited, client):
    keep_score(invitation=invited, score=9, language="fa")
    statuses: list[int] = []
    together = threading.Barrier(50)

    def send() -> None:
        together.wait()
        try:
            statuses.append(Client().post(f"/s/{link_token(invited)}/why/", {"words": "یک بار"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 50
    assert len(answers()) == 1
    assert Perception.objects.count() == 1
