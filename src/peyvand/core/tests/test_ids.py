"""Public ids and signed tokens: what outsiders hold and cannot bend."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import clock, ids

ALICE, BOB = b"alice" * 4, b"bob" * 8
INTEGERS = st.integers(0, 2**63 - 1)


@given(INTEGERS)
def test_a_public_id_leads_back_to_its_integer(n):
    text = ids.public_id(ALICE, n)
    assert len(text) == 13
    assert set(text) <= set(ids.ALPHABET)
    assert ids.private_id(ALICE, text) == n


@given(st.lists(INTEGERS, max_size=80))
def test_many_at_once_are_the_same_as_one_by_one(numbers):
    assert ids.public_ids(ALICE, numbers) == [ids.public_id(ALICE, n) for n in numbers]


@given(INTEGERS, INTEGERS)
def test_two_integers_never_share_a_public_id(one, other):
    assert (ids.public_id(ALICE, one) == ids.public_id(ALICE, other)) == (one == other)


@given(st.text(alphabet=ids.ALPHABET, min_size=13, max_size=13))
def test_each_integer_has_one_spelling(text):
    n = ids.private_id(ALICE, text)
    assert n is None or ids.public_id(ALICE, n) == text


def test_a_permutation_stays_the_same_for_ever():
    assert ids.public_id(ALICE, 0) == "fhpx4y2hbyh86"
    assert ids.public_id(ALICE, 1) == "bfhamygbg6f70"
    assert ids.public_id(ALICE, 2**63 - 1) == "2f82v2ams4pef"


def test_neighbours_look_nothing_alike_and_keys_differ():
    one, two = ids.public_id(ALICE, 1), ids.public_id(ALICE, 2)
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 6
    assert ids.public_id(BOB, 1) != one
    assert ids.private_id(BOB, one) != 1


@pytest.mark.parametrize("text", ["", "abc", "z" * 13, "g000000000000", "I" * 13, "0" * 14, "۰" * 13, "\ud800" * 13, "0000 00000000"])
def test_what_is_no_public_id_is_nobody(text):
    assert ids.private_id(ALICE, text) is None


def test_integers_outside_the_column_and_weak_keys_are_refused():
    for n in (-1, 2**63):
        with pytest.raises(ValueError, match="No public id"):
            ids.public_id(ALICE, n)
        with pytest.raises(ValueError, match="No public id"):
            ids.public_ids(ALICE, [*range(50), n])
    with pytest.raises(ValueError, match="16 to 32 bytes"):
        ids.public_id(b"short", 1)


def test_the_address_converter_takes_public_ids_only():
    pattern = re.compile(f"(?:{ids.PublicId.regex})$")
    assert pattern.match(ids.public_id(ALICE, 5))
    assert not pattern.match("add")
    assert not pattern.match("i" * 13)
    converter = ids.PublicId()
    assert converter.to_url(converter.to_python("0" * 13)) == "0" * 13


@given(
    st.lists(
        st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)), max_size=5
    )
)
def test_a_token_gives_back_what_was_signed(payload):
    assert ids.read_token("survey", ids.sign_token("survey", payload)) == tuple(payload)


def test_a_token_is_short_and_safe_in_an_address():
    token = ids.sign_token("survey", [123456, 9])
    assert len(token) == 34
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_token_holds_for_its_purpose_alone():
    assert ids.read_token("unsubscribe", ids.sign_token("survey", [1])) is None


def test_a_changed_token_is_nothing():
    token = ids.sign_token("survey", [1])
    for place in range(len(token)):
        for letter in "Ab_":
            changed = token[:place] + letter + token[place + 1 :]
            assert changed == token or ids.read_token("survey", changed) is None


@given(st.text(max_size=60))
def test_garbage_is_nothing_and_raises_nothing(text):
    assert ids.read_token("survey", text) is None


def test_a_token_ends_at_its_time():
    now = datetime(2026, 11, 18, 12, tzinfo=UTC)
    with clock.frozen(now) as stopped:
        token = ids.sign_token("invitation", ["bob"], expires_at=now + timedelta(days=1))
        stopped.advance(timedelta(hours=23, minutes=59, seconds=59))
        assert ids.read_token("invitation", token) == ("bob",)
        stopped.advance(timedelta(seconds=1))
        assert ids.read_token("invitation", token) is None


def test_a_retired_key_still_opens_its_tokens_and_a_forgotten_one_does_not():
    with override_settings(SECRET_KEY="old", SECRET_KEY_FALLBACKS=[]):
        token = ids.sign_token("survey", [1])
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        assert ids.read_token("survey", token) == (1,)
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        assert ids.read_token("survey", token) is None


def test_a_payload_too_long_for_an_address_is_refused():
    with pytest.raises(ValueError, match="too long"):
        ids.sign_token("survey", ["a" * 2000])
    assert ids.read_token("survey", "A" * 2000) is None
