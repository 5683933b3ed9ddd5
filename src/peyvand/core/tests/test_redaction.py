"""Numbers of cards, accounts and people taken out of texts, and everything that only looks like one left alone."""

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core.redaction import ALL, Number, json_may_hold, redacted, redacted_deep
from peyvand.core.tests.timing import spent

CARD, ID, IBAN = "6037991123456786", "0012345679", "IR820540102680020817909002"
pytestmark = pytest.mark.usefixtures("english")


BETWEEN = [
    " ", "  ", "-", " - ", ". ", ".", " \u2013 ", "\t", "\n", "\r\n", "/", "_", "\u200c", "\u200e", "\u200f", "\u202f", "\u00a0",
    "ـ", " \u200f- ",
]  # fmt: skip


@pytest.mark.parametrize("written", [CARD, "۶۰۳۷۹۹۱۱۲۳۴۵۶۷۸۶", "٦٠٣٧ ٩٩١١ ٢٣٤٥ ٦٧٨٦", "603799-112345-6786", "6037  9911-2345.6786"])
def test_a_card_is_known_however_it_is_written(written):
    assert redacted(f"پول را به {written} برگردانید") == "پول را به card ••••6786 برگردانید"


@pytest.mark.parametrize("between", BETWEEN)
def test_a_card_is_known_whatever_stands_between_its_parts(between):
    assert redacted(f"({between.join(['6037', '9911', '2345', '6786'])})") == "(card ••••6786)"
    assert redacted(f"({between.join(['۶۰۳۷', '۹۹۱۱', '۲۳۴۵', '۶۷۸۶'])})") == "(card ••••6786)"


@pytest.mark.parametrize("beside", ["۱۲۳ {}", "{} 2500000", "1404/08/01 - {} - 09121234567", "{}\n{}", "0012345678 {}/1405"])
def test_a_card_is_known_beside_other_numbers(beside):
    assert redacted(beside.format(*["6037 9911 2345 6786"] * 2)) == beside.format(*["card ••••6786"] * 2)


@pytest.mark.parametrize(
    "written", [IBAN, IBAN.lower(), "IR82 0540 1026 8002 0817 9090 02", "IR۸۲۰۵۴۰۱۰۲۶۸۰۰۲۰۸۱۷۹۰۹۰۰۲", f"IR - {IBAN[2:]}"]
)
def test_an_iban_is_known_however_it_is_written(written):
    assert redacted(f"({written})") == "(account IR••••9002)"


@pytest.mark.parametrize(
    "written", [IBAN[2:], "82 0540 1026 8002 0817 9090 02", "8205-4010-2680-0208-1790-9002", "820540 102680 020817 909002"]
)
def test_an_iban_is_known_without_its_ir(written):
    assert redacted(f"شبا: {written}.") == "شبا: account IR••••9002."
    assert redacted(f"شبا: {written[:-1]}3.") == f"شبا: {written[:-1]}3."


@pytest.mark.parametrize("written", [ID, "۰۰۱۲۳۴۵۶۷۹", "001-234567-9", "۰۰۱ ۲۳۴ ۵۶۷۹", "001\u200f-\u200f234567 - 9"])
def test_a_national_id_is_known_however_it_is_written(written):
    assert redacted(f"کد ملی من {written} است") == "کد ملی من national id •••••••••• است"


@pytest.mark.parametrize(
    "text",
    [
        "6037991123456787", "60379911234567860", "A6037991123456786", "6037991123456786_1", "0012345678", "1111111111", "0000000000000000",
        "2026-11-30 10:30:03", "2026-11-30-10-20-30-12", "2026-11-30 - 2026-12-01", "1404 1405 1406 1407", "35.689212 51.389018",
        "0.1415926535897932", "5 4 3 5 5 4 2 3 1 4 5 5 2 3 4 5 5 4 3 2 1 4 5 5 4 3 2 5", "o123x123456789-1234", "1764510559000000",
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
    told = {"note": f"card {CARD}", "number": ID, "lines": [{"name": CARD}], "n": 603799112345678, "free": True}
    kept = redacted_deep(told, lambda path: ALL - {Number.CARD} if path == "lines.name" else ALL)
    assert kept == {"note": "card card ••••6786", "number": ID, "lines": [{"name": CARD}], "n": 603799112345678, "free": True}


def test_json_is_looked_through_for_whole_numbers_and_names_too():
    told = {
        "card": int(CARD),
        "as": float(CARD),
        "account": int(IBAN[2:]),
        CARD: 1,
        f"6037-9911-2345-6786 {ID}": 2,
        f"{CARD} ": [ID],
        "at": 1764510559,
    }
    assert redacted_deep(told, lambda _path: ALL) == {
        "card": "card ••••6786", "as": "card ••••6786", "account": "account IR••••9002", "card ••••6786": 1,
        "card ••••6786 national id ••••••••••": 2, "card ••••6786 ": [ID], "at": 1764510559,
    }  # fmt: skip
    assert redacted_deep({CARD: 1, f"6037-{CARD[4:]}": 2}, lambda _path: ALL) == {"card ••••6786": 1, "card ••••6786•": 2}
    small = {"n": 10**15, "x": 1.5e15 + 0.5, "most": 10**30, "inf": float("inf")}
    assert redacted_deep(small, lambda _path: ALL) == small


@pytest.mark.parametrize(
    ("told", "may"),
    [
        ({"number": "o123x123456789-1234", "status": "paid"}, False),
        ({"number": ID, "n": int("1" + ID[1:]), "at": "2026-11-30 10:30:00"}, False),
        ({"phone": "09121234567", "by": "۰۹۱۲۱۲۳۴۵۶۷", "id": "0199a2b4-5c6d-7e8f-9012-34567890123a"}, False),
        ({"card": int(CARD)}, True), ({CARD: 1}, True), ({"note": f"کد:{ID}"}, True), ({"note": f"{ID} کد"}, True), ({"note": IBAN}, True),
        *(({"note": f"{between}".join(["6037", "9911", "2345", "6786"])}, True) for between in BETWEEN),
        *(({"note": f"شماره{between}{CARD}"}, True) for between in BETWEEN if between != "_"),
        ({"note": f'"{ID}"'}, True), ({"note": f"\x1f{CARD}"}, True),
    ],
)  # fmt: skip
def test_json_is_looked_at_closer_where_a_number_may_stand_and_seldom_elsewhere(told, may):
    assert json_may_hold(json.dumps(told, ensure_ascii=False, separators=(",", ":"))) is may
    assert (redacted_deep(told, lambda _path: ALL) != told) is may


@given(st.lists(st.sampled_from([CARD, ID, IBAN, "6037", "9911", "2345", "6786", "001", "234567", "9", "IR", "82", "x", " ", " - ", "."])))
def test_what_was_replaced_stays_as_it_is(parts):
    kept = redacted("".join(parts))
    assert redacted(kept) == kept


@given(st.text())
def test_a_text_without_ten_digits_is_the_same_object(text):
    if sum(letter.isdigit() for letter in text) < 10:
        assert redacted(text) is text


@pytest.mark.parametrize(
    "piece", ["1 ", "1", "1-", "IR1", "12345678901 ", "IR82 0540 ", "1\u200c", "123    ", "6037 9911 ", f"{CARD} ", "IR  1", "001 234567 "]
)
def test_time_grows_with_the_length_and_no_faster(piece):
    once, twice = (spent(partial(redacted, piece * times)) for times in (20_000, 40_000))
    assert twice < 6 * once + 0.01
