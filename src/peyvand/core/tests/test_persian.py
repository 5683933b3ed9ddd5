"""Persian text: what must look the same, what must be found, and what no text may break."""

import unicodedata
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import persian
from peyvand.core.tests.timing import spent

MUST_MATCH = [
    ("كيفيت", "کیفیت"),
    ("می‌روم", "مي روم"),
    ("می‌روم", "میروم"),
    ("مي روم", "میروم"),
    ("بسته‌بندی", "بسته بندی"),
    ("بسته‌بندی", "بستهبندی"),
    ("بسته بندی", "بستهبندی"),
    ("سلامـــت", "سلامت"),
    ("مُدیر", "مدیر"),
    ("١٢٠٠٠", "۱۲۰۰۰"),
    ("۱۲۰۰۰", "12000"),
    ("١٢٠٠٠", "12000"),
    ("خانهٔ", "خانه‌ی"),
    ("خانۀ", "خانه‌ی"),
    ("خانۀ", "خانهٔ"),
    ("مؤسسه", "موسسه"),
    ("مسئول", "مسیول"),
    ("أمل", "امل"),
    ("رحمة", "رحمه"),
    ("آرش", "ارش"),
    ("کتاب‌ها", "کتابها"),
    ("بزرگ‌ترین", "بزرگ"),
    ("Café", "CAFÉ"),
]


@pytest.mark.parametrize(("one", "other"), MUST_MATCH)
def test_two_spellings_of_one_word_find_each_other(one, other):
    assert persian.found(one, f"از {other} راضی بودم")
    assert persian.found(other, f"از {one} راضی بودم")


@pytest.mark.parametrize(("query", "text"), [("کیفیت", "قیمت"), ("۱۲۰۰۰", "۱۲۰۰"), ("خانه", "خان")])
def test_other_words_are_not_found(query, text):
    assert not persian.found(query, text)


@pytest.mark.parametrize(
    ("written", "light"),
    [
        ("كيفيت عالى", "کیفیت عالی"),
        ("١٢٠٠٠ تومان و 5 عدد", "۱۲۰۰۰ تومان و 5 عدد"),
        ("سلامـــت", "سلامت"),
        ("مُدیرِ", "مدیر"),
        ("خانۀ ما", "خانهٔ ما"),
        ("خانهٔ ما", "خانهٔ ما"),
        ("عاااااالی بوووود", "عاالی بوود"),
        ("می\u200cروم", "می\u200cروم"),
        ("می\u200c\u200cروم", "می\u200cروم"),
        ("می\u200c روم\u200c", "می روم"),
        ("\u200fسلام\u202b\u202c", "سلام"),
        ("ﺳﻼﻡ", "سلام"),
        ("آ", "آ"),
        ("  دو   فاصله  ", "دو فاصله"),
        ("خط یک\r\n\r\n\r\nخط دو", "خط یک\n\nخط دو"),
        ("خط یک\r\nخط دو\rخط سه", "خط یک\nخط دو\nخط سه"),
        ("سه\u00a0کلمهٔ\tجدا", "سه کلمهٔ جدا"),
        ("a\x00b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("soooo  good", "soo good"),
        ("1000000", "1000000"),
        ("", ""),
    ],
)
def test_the_light_form_keeps_the_words_and_drops_the_noise(written, light):
    assert persian.shown(written) == light


def test_a_family_emoji_stays_one_picture():
    family = "\U0001f469\u200d\U0001f467"
    assert persian.shown(f"ممنون {family}") == f"ممنون {family}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("می‌روم", "می روم"),
        ("خانهٔ", "خانه"),
        ("١٢٠٠٠ و ۱۲۰۰۰", "12000 و 12000"),
        ("Negar@Mail.Example", "negar@mail.example"),
        ("آمده، رفته\nماند", "امده، رفته ماند"),
        ("\x00\ud800", "\ufffd"),
    ],
)
def test_the_search_key(text, key):
    assert persian.search_key(text) == key


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("کتاب‌های  خوب", ["کتاب", "خوب"]),
        ("کتابهای کتاب", ["کتاب"]),
        ("بهتر", ["بهتر"]),
        ("ها", ["ها"]),
        ("«تحویل»، دیر؟", ["تحویل", "دیر"]),
        ("", []),
        ("   ", []),
        ("۰۹۱۲", ["0912"]),
        (" ".join(f"w{n}" for n in range(20)), [f"w{n}" for n in range(8)]),
    ],
)
def test_what_a_search_looks_for(query, terms):
    assert persian.search_terms(query) == terms


def test_the_joined_key_has_no_spaces():
    assert persian.joined_key("می‌ روم به خانه") == "میرومبهخانه"


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_any_text_at_all_gives_a_stable_storable_form(text):
    light, key, tidy = persian.shown(text), persian.search_key(text), persian.tidy(text)
    for form in (light, key, tidy):
        form.encode()  # no lone surrogate is left
        assert "\x00" not in form
    assert persian.shown(light) == light
    assert persian.tidy(tidy) == tidy
    assert persian.search_key(key) == key
    assert persian.search_key(light) == key


@given(st.text(alphabet="ابپتيىكکگهةۀأإؤئآ\u0654\u064f\u0640\u200c 09٠٩۰۹ab", max_size=40))
def test_persian_text_is_found_by_itself(text):
    assert persian.found(text, text)
    assert persian.found(unicodedata.normalize("NFD", text), text)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("نگار صبوری‌فر", "ن\u200cص"),
        ("پویا رستگارنیا", "پ\u200cر"),
        ("Pouya Rastegarnia", "PR"),
        ("علی‌رضا", "ع"),
        ("negar", "N"),
        ("سید محمد علی موسوی", "س\u200cم"),
        ("«شرکت پرچین»", "ش\u200cپ"),
        ("", ""),
        ("   ", ""),
        ("علي كريمي", "ع\u200cک"),
    ],
)
def test_initials(name, letters):
    assert persian.initials(name) == letters


def test_digits_go_both_ways():
    assert persian.to_latin_digits("۱۲۳٤٥۶ abc") == "123456 abc"
    assert persian.to_persian_digits("123٤٥۶ abc") == "۱۲۳۴۵۶ abc"


@pytest.mark.parametrize("text", ["ا" * 20_000, "\u200c" * 20_000, "ab" * 10_000, " \n" * 10_000, "ه\u0654" * 10_000, "«" * 20_000])
def test_time_grows_with_the_length_and_no_faster(text):
    def form(sample):
        for shape in (persian.shown, persian.search_key, persian.search_terms, persian.initials):
            shape(sample)

    once, fourfold = (spent(partial(form, text * times)) for times in (1, 4))
    assert fourfold < 10 * once + 0.02  # four times is linear, sixteen quadratic
