"""Whom a text names: every spelling of their name, their short codes where those stand alone, their numbers, and nobody else."""

import pytest

from peyvand.core.privacy import GONE, Person

NIMA = Person(
    1, frozenset({1}), frozenset({1}), words=("+989121112233", "nima@mehr.example", "K-7714", "c17", "abc", "123"), names=("نیما نقش‌مهر",)
)


@pytest.mark.parametrize(
    "name", ["نیما نقش‌مهر", "نيما نقش مهر", "نیما نقش مهر", "نیما نقشمهر", "نيمــا  نقش\u200cمهر", "«نِیما\nنقش مهر»", "نيما نقش‌مهرِ عزيز"]
)
def test_a_name_is_found_however_its_letters_and_half_spaces_are_written(name):
    assert NIMA.named_in(f"با {name} حرف زدم")
    assert NIMA.hidden_in({"note": name, "n": 3, name: 1}) == {"note": GONE, "n": 3, GONE: GONE}


def test_a_name_without_half_space_is_found_with_one():
    assert Person(1, frozenset({1}), names=("نیما نقشمهر",)).named_in("آقای نیما نقش‌مهر")


@pytest.mark.parametrize("text", ["۰۹۱۲ ۱۱۱ ۲۲۳۳", "0098-912-111-2233", "Nima@Mehr.example", "k-۷۷۱۴", "کد C17 است", "(c17)", "c۱۷"])
def test_ids_are_found_however_they_are_written(text):
    assert NIMA.named_in(text)


def test_an_id_that_is_a_word_is_found_where_it_stands_by_itself_and_never_among_words_of_ours():
    person = Person(1, frozenset({1}), words=("alireza", "orders", "10025", "+982188776655"))
    for text in ("با Alireza حرف زدم", "id=alireza&x", "شمارهٔ ۱۰۰۲۵ است", "سفارش۱۰۰۲۵", "10025را", "order_10025", "A10025", "alirezaرا"):
        assert person.named_in(text), text
    for text in ("alirezaei", "reorders", "2100250", "1-100250"):
        assert not person.named_in(text), text
    assert person.hidden_in({"orders": "alireza", "n": 10025, "at": 982188776655}) == {"orders": GONE, "n": 10025, "at": GONE}
    assert person.surely.hidden_in({"orders": "alireza", "02188776655": 1}) == {"orders": "alireza", GONE: GONE}
    assert not Person(1, frozenset({1}), words=("k-7714x",), names=("Sara Ahmadi",)).reached.named_in("Sara Ahmadi k-7714x")


@pytest.mark.parametrize("text", ["c172", "ac17", "abc", "123", "نیما", "نقش مهر", "نیمای نقاش مهربان", "09121112234", ""])
def test_what_is_others_too_names_nobody(text):
    assert not NIMA.named_in(text)
