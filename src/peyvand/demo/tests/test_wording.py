"""Comments read as written Persian: right letters, right half-spaces, few repeats, careless only where meant."""

import random
import re
from collections import Counter

import pytest

from peyvand.demo import wording
from peyvand.demo.names import FIRST_NAMES, LAST_NAMES, joined
from peyvand.demo.simulation import Simulation
from peyvand.demo.voices import REASON_OF
from peyvand.demo.wording import Occasion, comment, phrasebook, spoken_minutes, spoken_number
from peyvand.demo.world import REASONS
from peyvand.timeline.types import Item

ARABIC = re.compile(r"[يكىۀةـ٠-٩]")
SPACED_PREFIX = re.compile(r"(?:^|\s)ن?می\s")
SPACED_SUFFIX = re.compile(r"\s(?:ها|های|هایی|هایش|تر|ترین|اند)(?:\s|$)")
SLOTS = {"product", "branch", "city", "seller", "agent", "wait", "queue", "late", "days", "promised", "arrived", "carrier"}


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    return [s.text for lines in phrasebook().lines.values() for s in lines]


@pytest.fixture(scope="module")
def comments(items: list[Item]) -> list[str]:
    return [p.text for item in items for p in item.perceptions if p.text]


def test_there_are_hundreds_of_sentences_over_many_topics_in_both_registers():
    lines = phrasebook().lines
    spoken = {key: found for key, found in lines.items() if key[0] not in {"opening", "closing"} and key[1] in {"praised", "mixed", "bad"}}
    assert sum(len(found) for found in spoken.values()) > 550
    assert len({key[0] for key in spoken}) >= 30
    assert {key[2] for key in spoken} == {"c", "f", "e"}


def test_no_sentence_stands_twice_under_one_heading():
    for key, lines in phrasebook().lines.items():
        assert len({s.text for s in lines}) == len(lines), key


def test_sentences_use_persian_letters_and_half_spaces(sentences: list[str]):
    for text in sentences:
        assert not ARABIC.search(text), text
        assert not SPACED_PREFIX.search(text), text
        assert not SPACED_SUFFIX.search(text), text
        assert "  " not in text
        assert text == text.strip()
        assert not re.search(r"\u200c(?:\s|$)|\s\u200c|\u200c\u200c", text), text
        assert not re.search(r"\s[،؛.!؟]", text), text


def test_slots_are_those_an_order_can_fill(sentences: list[str]):
    used = {slot for lines in phrasebook().lines.values() for s in lines for slot in s.slots}
    assert used <= SLOTS
    assert all("{" not in re.sub(r"{\w+}", "", text) for text in sentences)


def test_every_topic_can_be_reached_by_some_comment(brand: Simulation):
    topics = {key[0] for key in phrasebook().lines if key[1] in {"praised", "mixed", "bad"}} - {"opening", "closing", "recovered"}
    assert topics == set(REASON_OF)
    assert set(REASON_OF.values()) <= set(REASONS)


def test_comments_carry_no_open_slots_and_no_arabic_letters(comments: list[str]):
    assert not [c for c in comments if "{" in c or ARABIC.search(c)]


def test_lost_half_spaces_are_rare_and_only_of_careless_writers(comments: list[str]):
    persian = [c for c in comments if re.search("[آ-ی]", c)]
    lost = [c for c in persian if SPACED_PREFIX.search(c)]
    assert 0 < len(lost) / len(persian) < 0.03


def test_comments_seldom_repeat(comments: list[str]):
    counts = Counter(comments)
    assert len(counts) / len(comments) > 0.85
    assert counts.most_common(1)[0][1] / len(comments) < 0.01


def test_no_single_sentence_is_heard_everywhere(comments: list[str]):
    said = [s.text for key, lines in phrasebook().lines.items() if key[0] not in {"opening", "closing"} for s in lines if len(s.text) > 8]
    heard = max(sum(text in comment for comment in comments) for text in said)
    assert heard / len(comments) < 0.02


def test_a_word_that_only_leads_in_is_no_sentence_of_its_own(comments: list[str]):
    assert [c for c in comments if c.startswith("راستش")]
    for lead in ("راستش", "والا", "وای", "ببینید", "آقا", "دروغ چرا", "انصافاً", "خدایی", "یعنی چی"):
        assert not [c for c in comments if c.startswith(f"{lead}.")]


def test_nobody_speaks_of_years_of_use_days_after_a_delivery():
    said = [s.text for key, lines in phrasebook().lines.items() if key[0] not in {"new_box", "opening"} for s in lines]
    assert not [text for text in said if re.search("چند ماهه دارم|یک سال استفاده|ساله ازتون|یک ماه استفاده", text)]


def test_some_comments_are_english(comments: list[str]):
    english = [c for c in comments if not re.search("[آ-ی]", c)]
    assert 0.005 < len(english) / len(comments) < 0.05


def test_unhappy_words_do_not_stand_beside_a_ten(items: list[Item]):
    bad = {s.text for key, lines in phrasebook().lines.items() if key[1] == "bad" and key[0] not in {"opening", "closing"} for s in lines}
    delighted = [p.text for item in items for p in item.perceptions if p.measure == "nps" and p.value == 10 and p.text]
    assert len(delighted) > 100
    assert not [text for text in delighted if text in bad]


def test_a_comment_about_nothing_is_empty():
    assert comment(random.Random(1), Occasion([], {})) == ""
    assert comment(random.Random(1), Occasion([("late", "bad")], {}, register="x")) == ""


def test_numbers_are_spoken_as_people_say_them():
    assert spoken_number(2) == "دو"
    assert spoken_number(25) == "بیست و پنج"
    assert spoken_minutes(41) == "چهل دقیقه"
    assert spoken_minutes(58) == "یک ساعت"
    assert spoken_minutes(0.2) == "یک دقیقه"
    with pytest.raises(ValueError, match="0 to 59"):
        spoken_number(60)


def test_names_are_joined_with_a_half_space_only_where_letters_would_run_together():
    assert joined("صبوری", "فر") == "صبوری\u200cفر"
    assert joined("بهار", "نیا") == "بهارنیا"
    assert len(FIRST_NAMES) * len(LAST_NAMES) > 300_000
    assert not [name for name in LAST_NAMES if ARABIC.search(name)]


def test_notes_fall_back_to_a_general_one():
    assert wording.note(random.Random(1), "no such reason", "won") in {s.text for s in phrasebook().lines["other", "won", "f"]}
