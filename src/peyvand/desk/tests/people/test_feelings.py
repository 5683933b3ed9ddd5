"""What a row of scores says in one sentence."""

import pytest

from peyvand.core.reader import Reader, use_reader
from peyvand.customers.models import forget_rules
from peyvand.customers.services.lifecycle import set_rules
from peyvand.customers.tests.telling import answer, event, order, who
from peyvand.customers.types import Band, Rules
from peyvand.desk.people.feelings import feelings, finding
from peyvand.desk.tests.people.conftest import customer
from peyvand.timeline.types import PerceptionIn

G, M, B = Band.GOOD, Band.MIXED, Band.BAD
NEGAR = who("09120000012", name="نگار")


@pytest.mark.parametrize(
    ("bands", "says"),
    [
        ([G], "Was happy the one time we asked"),
        ([M], "Was half content the one time we asked"),
        ([B], "Was unhappy the one time we asked"),
        ([G, G, B], "Had never been unhappy; “Delivery” shook the bond"),
        ([G, B], "Unhappy for the first time"),
        ([B, G, B], "Unhappy again, as once before"),
        ([G, B, B], "Unhappy again: the second bad experience in a row"),
        ([G, B, G], "Is happy again after a bad experience"),
        ([G, G, G], "Has always been happy so far"),
        ([M, G], "Has never been unhappy; not always delighted"),
        ([G, M], "Less delighted than before, not unhappy"),
        ([B, G, G], "Mostly happy; there were bad days too"),
        ([G, B, M], "Neither happy nor unhappy lately"),
    ],
)
def test_the_finding_follows_plain_rules(english, bands, says):
    assert finding(bands, "Delivery") == says


def test_the_strip_shows_the_measure_given_most_often_oldest_first(tell, english):
    tell(*(answer(NEGAR, value, day) for day, value in enumerate([10, 9, 3])), answer(NEGAR, 2, 9, measure="csat"))
    shown = feelings(customer("نگار"))
    assert [(bead.value, bead.tone) for bead in shown.beads] == [(10, "good"), (9, "good"), (3, "bad")]
    assert shown.basis == "Would recommend us, 0 to 10, after each experience"


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Gave 2 of 10, later said 5 of 5"), ("fa", "نخست ۲ از ۱۰ داد و بعد به زبان گفت ۵ از ۵")]
)
def test_a_good_word_after_a_bad_answer_to_another_question_hides_neither(tell, language, says):
    spoken = [event("opinion.spoken", NEGAR, day, perceptions=[PerceptionIn("csat", 5)]) for day in (3, 4)]
    tell(answer(NEGAR, 2, 1), *spoken)
    with use_reader(Reader(language=language, digits="persian" if language == "fa" else "latin")):
        shown = feelings(customer("نگار"))
    assert shown.finding == says
    assert [(bead.value, bead.top, bead.tone) for bead in shown.beads] == [(2, 10, "bad"), (5, 5, "good"), (5, 5, "good")]


def test_a_bad_answer_of_long_ago_is_not_set_beside_what_is_said_now(tell, english):
    tell(answer(NEGAR, 2, -98), answer(NEGAR, 5, 1, measure="csat"))
    assert feelings(customer("نگار")).finding == "Gave 2 of 10, later 5 of 5", "one answer alone says nothing of the other"
    tell(answer(NEGAR, 5, 2, measure="csat"))
    assert feelings(customer("نگار")).finding == "Has always been happy so far", "in what was asked lately"


def test_how_long_a_bad_answer_hurts_is_what_the_brand_says(tell, brand, english):
    tell(answer(NEGAR, 2, -98), answer(NEGAR, 5, 1, measure="csat"), answer(NEGAR, 5, 2, measure="csat"))
    set_rules(workspace=brand, rules=Rules(hurt_days=200), actor=brand.members.get().user)
    forget_rules()  # as the commit would have it
    assert feelings(customer("نگار")).finding == "Gave 2 of 10, later 5 of 5"


def test_a_bad_answer_to_the_usual_question_is_told_by_its_own_row(tell, english):
    tell(answer(NEGAR, 9, 1), answer(NEGAR, 9, 2), answer(NEGAR, 6, 3, measure="ces"), answer(NEGAR, 0, 4))
    assert feelings(customer("نگار")).finding == "Unhappy for the first time"


def test_at_most_seven_scores_stand_on_the_strip(tell):
    tell(*(answer(NEGAR, 9, day) for day in range(10)))
    assert len(feelings(customer("نگار")).beads) == 7


def test_a_score_that_was_completed_later_counts_once(tell):
    tell(event("survey.answered", NEGAR, 1, perceptions=[PerceptionIn("nps", 3)], properties={"partial": True}))
    first = customer("نگار")
    from peyvand.timeline.models import Interaction  # noqa: PLC0415 - only this test needs it

    completes = {"completes": Interaction.objects.latest("pk").pk}
    tell(event("survey.answered", NEGAR, 1, perceptions=[PerceptionIn("nps", 3, text="دیر رسید")], properties=completes))
    assert len(feelings(first).beads) == 1


def test_who_never_said_anything_is_said_so(tell, english):
    tell(order(NEGAR))
    shown = feelings(customer("نگار"))
    assert (shown.finding, shown.beads) == ("Has not said yet how it was", [])


def test_a_score_that_names_nothing_it_was_for_is_called_an_opinion(tell, english):
    tell(event("review.written", NEGAR, 1, perceptions=[PerceptionIn("nps", 2)]))
    assert feelings(customer("نگار")).beads[0].about == "Opinion"
