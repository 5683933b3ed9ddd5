"""Phone numbers: one spelling for one line, whoever typed it."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import phones


@pytest.mark.parametrize(
    "written",
    [
        "09120000012", "۰۹۱۲۰۰۰۰۰۱۲", "٠٩١٢٠٠٠٠٠١٢", "0912 000 0012", "0912-000-0012", "00989120000012", "+989120000012", "989120000012",
        "9120000012", "+98 912 000 0012", "+98 (912) 000 0012", "۰۰۹۸۹۱۲۰۰۰۰۰۱۲", "+98 0912 000 0012", " 09120000012 ", "\u200e09120000012",
        "tel:09120000012", "0098-912-000-0012",
    ],
)  # fmt: skip
def test_every_way_to_write_an_iranian_mobile(written):
    assert phones.normalise(written) == "+989120000012"


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("+49 30 123456", "IR", "+4930123456"),
        ("004930123456", "IR", "+4930123456"),
        ("021 8888 8888", "IR", "+982188888888"),
        ("030 123456", "DE", "+4930123456"),
        ("09120000012", "DE", "+499120000012"),
        ("+98 912 000 0012", "DE", "+989120000012"),
        ("912 555 0123", "US", "+19125550123"),
        ("0912 000 0012", "US", None),
        ("(202) 456-1111", "US", "+12024561111"),
    ],
)
def test_other_countries_follow_the_region(written, region, number):
    if number is None:
        with pytest.raises(phones.PhoneError):
            phones.normalise(written, region)
    else:
        assert phones.normalise(written, region) == number


@pytest.mark.parametrize(
    "written", ["", " ", "abc", "0912", "091200000123", "1", "+", "0" * 50, "\x00", "\ud800", "0912000001x", "+98912000001"]
)
def test_what_is_no_number_is_named(written, english):
    with pytest.raises(phones.PhoneError, match="is not a phone number"):
        phones.normalise(written)


def test_the_error_speaks_persian(persian):
    with pytest.raises(phones.PhoneError, match="«12» شمارهٔ تلفن نیست"):
        phones.normalise("12")


@given(st.integers(9_000_000_000, 9_999_999_999))
def test_the_short_way_agrees_with_the_library(number):
    text = f"0{number}"
    parsed = phonenumbers.parse(text, "IR")
    assert phones.normalise(text) == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@given(st.text(max_size=30))
def test_any_text_gives_a_number_or_a_plain_error(text):
    try:
        number = phones.normalise(text)
    except phones.PhoneError:
        return
    assert phones.normalise(number) == number


def test_a_masked_number_keeps_its_ends():
    assert phones.mask("+989120000012") == "+98912•••••12"
    assert phones.mask("+4930") == "•••••"


@pytest.mark.parametrize(
    ("number", "region", "written"),
    [
        ("+989120000012", "IR", "0912 000 0012"),
        ("+989120000012", "", "+98 912 000 0012"),
        ("+98912•••••12", "IR", "0912 ••• ••12"),
        ("+4930123456", "IR", "+49 30 123456"),
        ("+4930123456", "DE", "030 123456"),
        ("+49301••••56", "IR", "+49301••••56"),
        ("not a number", "IR", "not a number"),
    ],
)
def test_numbers_are_grouped_as_people_say_them(number, region, written):
    assert phones.grouped(number, region) == written
