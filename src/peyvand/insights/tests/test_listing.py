"""Every figure opens down to its answers, page by page, none twice and none left out."""

import pytest

from peyvand.insights.counting import Count
from peyvand.insights.listing import answers_page
from peyvand.insights.tests.conftest import answer_item

pytestmark = pytest.mark.django_db(transaction=True)


def test_pages_hold_every_answer_once_newest_first(brand, kept):
    kept([answer_item(n % 11, days_ago=n // 4, who=f"person-{n}") for n in range(23)])
    count, seen, place = Count(workspace=brand, measures=("nps",)), [], None
    while True:
        page = answers_page(count, place, size=5)
        seen += page.answers
        if page.following is None:
            break
        place = page.following
    assert len({answer.id for answer in seen}) == len(seen) == 23
    assert [answer.at for answer in seen] == sorted((answer.at for answer in seen), reverse=True)


def test_an_answer_tells_who_gave_it_about_what_and_in_which_words(brand, kept):
    item = answer_item(2, who="alice", text="خیلی دیر رسید", channel="sms", branch="vanak")
    item.customer.name = "آلیس"
    kept([item])
    answer = answers_page(Count(workspace=brand, measures=("nps",))).answers[0]
    assert (answer.name, answer.text, answer.value, answer.high) == ("آلیس", "خیلی دیر رسید", 2.0, 10.0)
    assert answer.terms["branch"] == "vanak"
    assert answer.customer_id is not None


def test_answers_are_narrowed_like_the_figure_above_them(brand, kept):
    kept([answer_item(n % 11, channel="sms" if n % 2 else "web") for n in range(22)])
    count = Count(workspace=brand, measures=("nps",), filters=(("channel", "sms"),), within=(9.0, 10.5))
    page = answers_page(count)
    assert len(page.answers) == sum(row[-1] for row in count.rows()) == 2
    assert {answer.value for answer in page.answers} == {9.0, 10.0}


def test_words_without_a_score_stand_under_no_figure(brand, kept):
    kept([answer_item(9), answer_item(None, text="بی‌نمره")])
    count = Count(workspace=brand, measures=("nps",))
    assert len(answers_page(count).answers) == sum(row[-1] for row in count.rows()) == 1


def test_a_measure_never_met_has_no_answers(brand):
    assert answers_page(Count(workspace=brand, measures=("nps",))).answers == []
