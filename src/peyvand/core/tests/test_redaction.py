"""Numbers of cards, accounts and people taken out of texts, and everything that only looks like one left alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core.redaction import ALL, Number, redacted, redacted_deep

CARD, ID, IBAN = "6037991123456786", "0012345679", "IR820540102680020817909002"
pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize(
    "written", [CARD, "6037 9911 2345 6786", "6037-9911-2345-6786", "۶۰۳۷۹۹۱۱۲۳۴۵۶۷۸۶", "٦٠٣٧ ٩٩١١ ٢٣٤٥ ٦٧٨٦", "6037.9911.2345.6786"]
)
def test_a_card_is_known_however_it_is_written(written):
    assert redacted(f"پول را به {written} برگردانید") == "پول را به card ••••6786 برگردانید"


@pytest.mark.parametrize("written", [IBAN, IBAN.lower(), "IR82 0540 1026 8002 0817 9090 02", "IR۸۲۰۵۴۰۱۰۲۶۸۰۰۲۰۸۱۷۹۰۹۰۰۲"])
def test_an_iban_is_known_however_it_is_written(written):
    assert redacted(f"({written})") == "(account IR••••9002)"


@pytest.mark.parametrize("written", [ID, "۰۰۱۲۳۴۵۶۷۹", "001-234567-9"])
def test_a_national_id_is_known_however_it_is_written(written):
    assert redacted(f"کد ملی من {written} است") == "کد ملی من national id •••••••••• است"


@pytest.mark.parametrize(
    "text",
    [
        "6037991123456787", "60379911234567860", "A6037991123456786", "6037991123456786_1", "0012345678", "1111111111", "0000000000000000",
        "09121234567", "9121234567", "+989121234567", "IR820540102680020817909003", "1404/08/01 10:30", "12,500,000 تومان", "شعبهٔ ۱۲", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_stays(text):
    assert redacted(text) is text


def test_several_in_one_text_and_what_stands_around_them():
    text = f"{CARD}، {IBAN}; {ID}. سفارش 5218"
    assert redacted(text) == "card ••••6786، account IR••••9002; national id ••••••••••. سفارش 5218"
    assert redacted(redacted(text)) == redacted(text)


def test_a_kind_that_is_not_asked_for_stays():
    text = f"{CARD} {ID}x".replace("x", "")
    assert redacted(CARD, ALL - {Number.CARD}) is CARD
    assert redacted(ID, {Number.CARD}) is ID
    assert redacted(text, frozenset()) is text


def test_json_is_looked_through_by_the_path_of_each_text():
    told = {"note": f"card {CARD}", "number": ID, "lines": [{"name": CARD}], "n": 6037991123456786, "free": True}
    kept = redacted_deep(told, lambda path: ALL - {Number.CARD} if path == "lines.name" else ALL)
    assert kept == {"note": "card card ••••6786", "number": ID, "lines": [{"name": CARD}], "n": 6037991123456786, "free": True}


@given(st.text())
def test_a_text_without_ten_digits_is_the_same_object(text):
    if sum(letter.isdigit() for letter in text) < 10:
        assert redacted(text) is text


@pytest.mark.parametrize("piece", ["1 ", "1", "1-", "IR1", "12345678901 ", "IR82 0540 ", "1\u200c"])
def test_time_grows_with_the_length_and_no_faster(piece):
    def seconds(times: int) -> float:
        text, best = piece * times, 9.0
        for _try in range(3):
            began = time.perf_counter()
            redacted(text)
            best = min(best, time.perf_counter() - began)
        return best

    assert seconds(40_000) < 6 * seconds(20_000) + 0.01
