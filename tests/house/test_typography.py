"""Faults in Persian texts are seen, and good texts are left alone."""

import pytest
from house.typography import edge_faults, placeholder_faults, typography_faults


@pytest.mark.parametrize(
    "text",
    [
        "نظرسنجی‌ها را می‌فرستیم؛ پاسخ‌ها همین‌جا می‌آیند.",
        "شعبهٔ «مرکزی» را باز کنید",
        "%(count)s نفر در ۷ روز گذشته، ۴۲٪ راضی",
        'نشانی را در <a href="/x?a=1">تنظیمات</a> بنویسید',
        "پرونده را با UTF-8 یا windows-1256 ذخیره کنید",
        "چه شد؟ با <code>script/test</code> ببینید…",
        "نسخهٔ پایتون: {version}",
        "کمی تر شد",
    ],
)
def test_good_persian_has_no_faults(text):
    assert typography_faults(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("كاربر", "an Arabic yeh or kaf: write ی and ک"),
        ("کاربري", "an Arabic yeh or kaf: write ی and ک"),
        ("٣ نفر", "an Arabic digit: write ۰–۹"),
        ("30 نفر", "a Latin digit: write ۰–۹"),
        ("سلامـت", "a tatweel"),
        ("این را می فرستیم", "«می» needs a half-space, not a space"),
        ("نمی شود", "«می» needs a half-space, not a space"),
        ("پاسخ ها", "a suffix needs a half-space, not a space"),
        ("خانه‌ی ما", "the ezafe after ه is written هٔ"),
        ("خانۀ ما", "write هٔ (heh and hamza above) instead of ۀ"),
        ('برند "پیوند"', "quotation marks are « »"),
        ("سلام, خوبید", "Persian punctuation is ، ؛ ؟"),
        ("خوبید?", "Persian punctuation is ، ؛ ؟"),
        ("۵۰%", "the percent sign beside Persian digits is ٪"),
        ("صبر کنید...", "three dots are one ellipsis …"),
        ("شد!", "no exclamation marks"),
        ("می‌ شود", "a half-space beside a space or another half-space"),
        ("شد .", "a space before punctuation"),
        ("این،آن", "no space after punctuation"),
        ("این  آن", "two spaces"),
    ],
)
def test_a_fault_is_named(text, fault):
    assert fault in typography_faults(text)


def test_a_lost_or_invented_placeholder_is_named():
    assert placeholder_faults("%(n)s of %(all)s", "%(n)s از %(hame)s") == [
        "placeholder %(all)s is missing",
        "placeholder %(hame)s is not in the English text",
    ]
    assert placeholder_faults("100%% of {name}", "۱۰۰٪ {name}") == []


def test_white_space_at_the_edges_stays():
    assert edge_faults("From ", "از") == ["ends with other white space than the English text"]
    assert edge_faults("\nFrom", "\nاز") == []
