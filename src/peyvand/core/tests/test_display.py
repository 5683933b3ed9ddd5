"""What a reader sees: numbers, money, dates and spans, whole in one language."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import clock, display
from peyvand.core.display import ENGLISH, PERSIAN, Reader
from peyvand.core.reader import active_reader, reset_reader, set_reader, use_reader

NOW = datetime(2026, 11, 18, 7, 10, tzinfo=UTC)  # Wednesday 27 Aban 1405, 10:40 in Tehran


@pytest.fixture(autouse=True)
def _wednesday_morning():
    with clock.frozen(NOW):
        yield


def both(write, *values):
    """What a Persian and what an English reader sees."""
    seen = []
    for reader in (PERSIAN, ENGLISH):
        with use_reader(reader):
            seen.append(str(write(*values)))
    return tuple(seen)


@pytest.mark.parametrize(
    ("value", "decimals", "persian", "english"),
    [
        (1240, None, "۱٬۲۴۰", "1,240"),
        (0, None, "۰", "0"),
        (5.6, None, "۵٫۶", "5.6"),
        (4.1449, 2, "۴٫۱۴", "4.14"),
        (2.5, 0, "۳", "3"),
        (1.005, 2, "۱٫۰۱", "1.01"),
        (7, 1, "۷٫۰", "7.0"),
        (-8, None, "\u200e−۸", "−8"),
        (-0.001, 2, "۰٫۰۰", "0.00"),
        (1e21, None, "۱٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰", "1,000,000,000,000,000,000,000"),
        (Decimal("1234.5"), None, "۱٬۲۳۴٫۵", "1,234.5"),
        (None, None, "–", "–"),
        (float("nan"), None, "–", "–"),
        (float("inf"), 1, "–", "–"),
    ],
)
def test_numbers(value, decimals, persian, english):
    assert both(display.num, value, decimals) == (persian, english)


@pytest.mark.parametrize(
    ("value", "persian", "english"),
    [(-8, "−۸", "−8"), (3, "+۳", "+3"), (0, "۰", "0"), (0.3, "+۰٫۳", "+0.3"), (-0.001, "۰", "0"), (None, "–", "–")],
)
def test_a_change_carries_its_sign_in_an_element_of_its_own(value, persian, english):
    assert both(display.signed, value) == (f'<bdi dir="ltr">{persian}</bdi>', f'<bdi dir="ltr">{english}</bdi>')


def test_percentages():
    assert both(display.percent, 71) == ("۷۱٪", "71%")
    assert both(display.percent, 24.96, 1) == ("۲۵٫۰٪", "25.0%")
    assert both(display.percent, -5) == ("\u200e−۵٪", "−5%")
    assert both(display.share, 0.25) == ("۲۵٪", "25%")
    assert both(display.percent, None) == both(display.share, None) == ("–", "–")


@pytest.mark.parametrize(
    ("write", "persian", "english"),
    [
        (display.day, "چهارشنبه ۲۷ آبان ۱۴۰۵", "Wednesday 18 November 2026"),
        (display.shortday, "۲۷ آبان", "18 Nov"),
        (display.month, "آبان ۱۴۰۵", "November 2026"),
        (display.weekday, "چهارشنبه", "Wednesday"),
        (display.clock, "۱۰:۴۰", "10:40"),
        (display.moment, "امروز ۱۰:۴۰", "today 10:40"),
    ],
)
def test_dates_and_times(write, persian, english):
    assert both(write, NOW) == (persian, english)
    assert both(write, None) == ("–", "–")


def test_a_date_needs_no_time_zone_and_a_moment_follows_the_reader():
    assert both(display.day, date(2026, 3, 21)) == ("شنبه ۱ فروردین ۱۴۰۵", "Saturday 21 March 2026")
    late = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
    assert both(display.shortday, late) == ("۲۸ آبان", "19 Nov")
    with use_reader(Reader(language="en", calendar="gregorian", digits="latin", tz="America/New_York")):
        assert display.shortday(late) == "18 Nov"
        assert display.clock(late) == "16:00"


def test_another_year_is_said():
    assert both(display.shortday, date(2025, 12, 24)) == ("۳ دی ۱۴۰۴", "24 Dec 2025")
    assert both(display.shortday, date(2026, 1, 2)) == ("۱۲ دی ۱۴۰۴", "2 Jan")


def test_what_happened_on_a_day_alone_claims_no_hour():
    midnight = NOW - timedelta(days=1, hours=10, minutes=40)
    assert both(display.happened, midnight) == ("۲۶ آبان", "17 Nov")
    assert both(display.hour, midnight) == ("", "")
    assert both(display.happened, midnight + timedelta(minutes=5)) == ("دیروز ۰۰:۰۵", "yesterday 00:05")
    assert both(display.hour, midnight + timedelta(minutes=5)) == ("۰۰:۰۵", "00:05")


def test_near_days_have_names():
    assert both(display.moment, NOW - timedelta(days=1)) == ("دیروز ۱۰:۴۰", "yesterday 10:40")
    assert both(display.moment, NOW + timedelta(days=1)) == ("فردا ۱۰:۴۰", "tomorrow 10:40")
    assert both(display.moment, NOW - timedelta(days=2)) == ("۲۵ آبان، ۱۰:۴۰", "16 Nov, 10:40")


@pytest.mark.parametrize(
    ("distance", "persian", "english"),
    [
        (timedelta(seconds=20), "همین حالا", "just now"),
        (timedelta(minutes=1), "۱ دقیقه پیش", "1 minute ago"),
        (timedelta(minutes=50), "۵۰ دقیقه پیش", "50 minutes ago"),
        (timedelta(hours=2, minutes=20), "۲ ساعت پیش", "2 hours ago"),
        (timedelta(hours=10, minutes=40), "امروز", "today"),  # midnight: a day without a time
        (timedelta(hours=10, minutes=40, seconds=1), "۱۰ ساعت پیش", "10 hours ago"),
        (timedelta(days=3), "۳ روز پیش", "3 days ago"),
        (timedelta(days=40), "۱ ماه پیش", "1 month ago"),
        (timedelta(days=800), "۲ سال پیش", "2 years ago"),
        (timedelta(minutes=-5), "همین حالا", "just now"),
    ],
)
def test_how_long_ago(distance, persian, english):
    assert both(display.ago, NOW - distance) == (persian, english)


@pytest.mark.parametrize(
    ("distance", "persian", "english"),
    [
        (timedelta(minutes=50), "۵۰ دقیقه مانده", "50 minutes left"),
        (timedelta(minutes=59, seconds=20), "۵۹ دقیقه مانده", "59 minutes left"),
        (timedelta(minutes=59, seconds=40), "۱ ساعت مانده", "1 hour left"),
        (timedelta(hours=2, minutes=20), "۲ ساعت مانده", "2 hours left"),
        (timedelta(hours=3, minutes=59), "۴ ساعت مانده", "4 hours left"),
        (timedelta(hours=23, minutes=40), "۱ روز مانده", "1 day left"),
        (timedelta(days=1, hours=13), "۲ روز مانده", "2 days left"),
        (timedelta(), "مهلت همین حالاست", "due now"),
        (timedelta(hours=-2), "۲ ساعت دیر شده", "2 hours late"),
    ],
)
def test_how_long_is_left(distance, persian, english):
    assert both(display.until, NOW + distance) == (persian, english)


@pytest.mark.parametrize(
    ("span", "units", "persian", "english"),
    [
        (timedelta(days=945), 2, "۲ سال و ۷ ماه", "2 years and 7 months"),
        (timedelta(hours=3, minutes=20), 2, "۳ ساعت و ۲۰ دقیقه", "3 hours and 20 minutes"),
        (timedelta(hours=3, minutes=20), 1, "۳ ساعت", "3 hours"),
        (70, 2, "۱ دقیقه و ۱۰ ثانیه", "1 minute and 10 seconds"),
        (timedelta(hours=24), 2, "۱ روز", "1 day"),
        (timedelta(days=1, minutes=5), 2, "۱ روز", "1 day"),
        (0, 2, "۰ ثانیه", "0 seconds"),
        (59.6, 2, "۱ دقیقه", "1 minute"),
        (None, 2, "–", "–"),
    ],
)
def test_durations(span, units, persian, english):
    assert both(display.duration, span, units) == (persian, english)


@pytest.mark.parametrize(
    ("minor", "currency", "persian", "english"),
    [
        (184_000_000, None, "۱۸٬۴۰۰٬۰۰۰ تومان", "18,400,000 toman"),
        (125, "IRR", "۱۲٫۵ تومان", "12.5 toman"),
        (-1250, "IRR", "\u200e−۱۲۵ تومان", "−125 toman"),
        (1250, "EUR", "۱۲٫۵۰ یورو", "€12.50"),
        (-1250, "EUR", "\u200e−۱۲٫۵۰ یورو", "−€12.50"),
        (1500, "JPY", "۱٬۵۰۰ ین ژاپن", "¥1,500"),
        (None, None, "–", "–"),
    ],
)
def test_money(minor, currency, persian, english):
    assert both(display.money, minor, currency) == (persian, english)


def test_rial_where_the_workspace_counts_in_rial():
    with use_reader(Reader(rial_shown_as="rial")):
        assert display.money(184_000_000) == "۱۸۴٬۰۰۰٬۰۰۰ ریال"


@pytest.mark.parametrize(
    ("minor", "persian", "english"),
    [
        (310_000_000, "۳۱ میلیون تومان", "31 million toman"),
        (24_400_000, "۲٫۴ میلیون تومان", "2.4 million toman"),
        (20_000_000, "۲ میلیون تومان", "2 million toman"),
        (9_999_990_000, "۱ میلیارد تومان", "1 billion toman"),
        (9_950_000_000, "۹۹۵ میلیون تومان", "995 million toman"),
        (99_700_000, "۱۰ میلیون تومان", "10 million toman"),
        (9_000_000, "۹۰۰٬۰۰۰ تومان", "900,000 toman"),
        (None, "–", "–"),
    ],
)
def test_large_amounts_are_rounded_to_read(minor, persian, english):
    assert both(display.shortmoney, minor) == (persian, english)


def test_phones_and_codes_stay_left_to_right():
    assert both(display.phone, "+989120000012") == (
        '<bdi dir="ltr" class="pv-nowrap">۰۹۱۲ ۰۰۰ ۰۰۱۲</bdi>',
        '<bdi dir="ltr" class="pv-nowrap">+98 912 000 0012</bdi>',
    )
    assert display.phone("<b>") == '<bdi dir="ltr" class="pv-nowrap">&lt;b&gt;</bdi>'
    assert display.ltr("a@b.example") == '<bdi dir="ltr">a@b.example</bdi>'
    assert both(display.digits, "سفارش 521803") == ("سفارش ۵۲۱۸۰۳", "سفارش 521803")


def test_a_persian_reader_may_keep_latin_digits_and_an_english_one_jalali_dates():
    with use_reader(Reader(digits="latin")):
        assert display.num(1240.5) == "1,240.5"
        assert display.day(NOW) == "چهارشنبه 27 آبان 1405"
        assert display.percent(71) == "71٪"
    with use_reader(Reader(language="en", digits="latin")):
        assert display.day(NOW) == "Wednesday 27 Aban 1405"


def test_the_language_of_the_reader_wins_over_the_language_of_the_page():
    with use_reader(PERSIAN), translation.override("en"):
        assert display.ago(NOW - timedelta(hours=1)) == "۱ ساعت پیش"


def test_without_a_reader_the_language_of_the_page_decides():
    with translation.override("en"):
        assert display.num(1240) == "1,240"
    with translation.override("fa"):
        assert display.num(1240) == "۱٬۲۴۰"


def test_a_reader_set_by_middleware_is_put_back():
    before = active_reader()
    token = set_reader(ENGLISH)
    assert active_reader() is ENGLISH
    reset_reader(token)
    assert active_reader() == before
    assert (PERSIAN.direction, ENGLISH.direction) == ("rtl", "ltr")


@given(st.floats(allow_nan=True, allow_infinity=True), st.one_of(st.none(), st.integers(0, 4)))
def test_every_number_is_written_without_a_stray_script(value, decimals):
    persian, english = both(display.num, value, decimals)
    assert english == "–" or english.lstrip("−").replace(",", "").replace(".", "").isdecimal()
    assert not set(persian) & set("0123456789.,-")


@given(st.integers(0, 10**11))
def test_every_duration_is_written_in_one_language(seconds):
    persian, english = both(display.duration, seconds)
    assert english.isascii()
    assert not any(letter.isascii() and letter.isalnum() for letter in persian)


def rendered(text, **values):
    return Template("{% load peyvand %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("دو بار قول\nدادید.", "<bdi>«دو بار قول دادید.»</bdi>"),
        ("Took far too long", "<bdi>“Took far too long”</bdi>"),
        ("5 ستاره <b>", "<bdi>«5 ستاره &lt;b&gt;»</bdi>"),
        ("", ""),
    ],
)
def test_words_stand_in_the_marks_of_their_own_script_whoever_reads(words, shown):
    assert both(display.quoted, words) == (shown, shown)


def test_long_words_are_cut_between_two_of_them():
    assert str(display.quoted("Nobody called me back", 14)) == "<bdi>“Nobody called…”</bdi>"
    assert both(display.quoted, "10/10") == ("<bdi>«10/10»</bdi>", "<bdi>“10/10”</bdi>")


def test_the_filters_write_for_the_reader():
    with use_reader(PERSIAN):
        page = rendered("{{ n|num }} {{ c|signed:1 }} {{ t|clock }} {{ m|money }} {{ p|phone }} {{ name|initials }}",
                        n=1240, c=-0.25, t=NOW, m=1250, p="+989120000012", name="نگار صبوری‌فر")  # fmt: skip
    assert page == '۱٬۲۴۰ <bdi dir="ltr">−۰٫۳</bdi> ۱۰:۴۰ ۱۲۵ تومان <bdi dir="ltr" class="pv-nowrap">۰۹۱۲ ۰۰۰ ۰۰۱۲</bdi> ن\u200cص'


def test_an_icon_is_silent_and_escaped(settings):
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STATIC_URL = "/static/"
    assert rendered('{% icon "phone" %}') == '<svg class="pv-icon" aria-hidden="true"><use href="/static/icons.svg#i-phone"/></svg>'
    assert rendered('{% icon "go" "along" %}').startswith('<svg class="pv-icon along"')
    assert "<b" not in rendered("{% icon name %}", name='"><b')
