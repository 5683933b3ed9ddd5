"""Texts in files for spreadsheets."""

import pytest

from peyvand.core.cells import no_formula


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "＝1", "＠SUM"])
def test_what_could_start_a_formula_becomes_a_text(text):
    assert no_formula(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ('Sara;=HYPERLINK("http://evil.example")', 'Sara;\'=HYPERLINK("http://evil.example")'),
        ("سارا؛ @SUM(A1)", "سارا؛ '@SUM(A1)"),
        ("a\n=1", "a\n'=1"),
        ("a;+cmd|'/C calc'!A0", "a;'+cmd|'/C calc'!A0"),
        ("=1;=2", "'=1;'=2"),
    ],
)
def test_what_could_start_one_where_another_sign_parts_columns_becomes_a_text_too(text, safe):
    assert no_formula(text) == safe


@pytest.mark.parametrize("text", ["", "سارا", "a=b", "5-3", "۲۰٪", "well ;-)", "a; b", "one - two"])
def test_other_texts_stay_as_they_are(text):
    assert no_formula(text) == text
