"""Django's own sentences in our Persian, and limits in the reader's digits."""

import inspect
from typing import Literal

import pytest
from django import forms
from django.contrib.auth import password_validation
from django.core import validators
from django.core.exceptions import ValidationError
from django.forms import fields, models

from peyvand.core import borrowed
from peyvand.core.forms import WholeNumber
from peyvand.core.reader import Reader, use_reader


def test_each_sentence_is_one_that_django_says() -> None:
    said = "".join(inspect.getsource(module) for module in (fields, models, validators, password_validation)).replace(
        '"\n            "', ""
    )
    assert [sentence for sentence in borrowed.SENTENCES if sentence not in said] == []


@pytest.mark.parametrize(
    ("field", "given", "why"),
    [
        (forms.CharField(), "", "اینجا خالی مانده است؛ آن را پر کنید."),
        (forms.EmailField(), "sara@", "این نشانی ایمیل درست نیست؛ مانند sara@example.ir بنویسید."),
        (WholeNumber(max_value=100), "۱۲۰", "بیشتر از ۱۰۰ نمی‌شود."),
    ],
)
def test_what_a_form_refuses_is_said_in_our_persian(field: forms.Field, given: str, why: str) -> None:
    with use_reader(Reader()), pytest.raises(ValidationError) as refused:
        field.clean(given)
    assert refused.value.messages == [why]


class Note(forms.Form):
    words = forms.CharField(max_length=10)


@pytest.mark.parametrize(
    ("digits", "why"), [("persian", "۱۲ نویسه دارد و بیش از ۱۰ نمی‌شود"), ("latin", "12 نویسه دارد و بیش از 10 نمی‌شود")]
)
def test_the_longest_that_a_text_may_be_is_named_in_the_readers_digits(digits: Literal["persian", "latin"], why: str) -> None:
    with use_reader(Reader(digits=digits)):
        assert why in Note({"words": "a" * 12})["words"].as_field_group()


def test_digits_that_somebody_typed_stay_as_they_were_typed() -> None:
    note = Note({"words": "a"})
    note.add_error("words", "sara12 هست.")
    with use_reader(Reader(digits="persian")):
        assert "sara12 هست." in note["words"].as_field_group()
