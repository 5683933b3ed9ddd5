"""Contacts inside texts are hidden, and nothing else is."""

import pytest

from peyvand.core.masking import without_contacts, without_contacts_within
from peyvand.core.tests.timing import spent


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("لطفاً با ۰۹۱۲۰۰۰۰۰۱۲ تماس بگیرید.", "لطفاً با ۰۹۱۲•••••۱۲ تماس بگیرید."),
        ("call 0912 000 0012 or +49 30 1234567", "call 0912 ••• ••12 or +49 30 •••••67"),
        ("9120000012", "9120••••12"),
        ("sara.k@mail.example, please", "s•••@mail.example, please"),
        ("ایمیل:sara@mail.example", "ایمیل:s•••@mail.example"),
        ("از ۰۹۱۲۰۰۰۰۰۱۲ 2 بار زنگ زدم", "از ۰۹۱۲•••••۱۲ 2 بار زنگ زدم"),
        ("شماره‌ام۰۹۱۲۰۰۰۰۰۱۲ه", "شماره‌ام۰۹۱۲•••••۱۲ه"),
        ("2 0912–000–0012 10", "2 0912–•••–••12 10"),
        ("09120000012 09350000034", "0912•••••12 0935•••••34"),
        ("7-09120000012", "7-0912•••••12"),
        ("1404-09-12 123456 and ORD09120000012", "1404-09-12 123456 and ORD09120000012"),
        (f"{'s' * 80}@mail.example", "s•••@mail.example"),
        ("S-160774", "S-160774"),
        ("order 1234567890 of 2026-11-29 10:15", "order 1234567890 of 2026-11-29 10:15"),
        ("۱۴۰۵/۰۸/۳۰، ۲٬۳۷۵٬۰۰۰ تومان", "۱۴۰۵/۰۸/۳۰، ۲٬۳۷۵٬۰۰۰ تومان"),
        ("@sara at home", "@sara at home"),
        ("", ""),
    ],
)
def test_only_contacts_are_hidden(text, shown):
    assert without_contacts(text) == shown


def test_contacts_are_hidden_wherever_they_stand_in_values_of_json():
    given = {"note": "call 09120000012", "09120000012": {"lines": ["sara@mail.example", 7, None]}, "n": 9120000012, "ok": True}
    hidden = {"note": "call 0912•••••12", "0912•••••12": {"lines": ["s•••@mail.example", 7, None]}, "n": 9120000012, "ok": True}
    assert without_contacts_within(given) == hidden


@pytest.mark.parametrize("piece", ["a.", "a@", "1 ", "+1", "a@b.", "12-", "09"])
def test_a_long_text_takes_time_in_proportion(piece):
    short, long = (spent(lambda times=times: without_contacts(piece * times)) for times in (10_000, 40_000))
    assert long < 12 * short + 0.05
