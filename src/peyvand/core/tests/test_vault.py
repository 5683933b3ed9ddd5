"""Sealed secrets."""

import pytest
from django.test import override_settings

from peyvand.core.vault import SealBroken, seal, unseal


def test_what_was_sealed_is_read_again_and_cannot_be_seen():
    sealed = seal({"password": "گذرواژه-۱"})
    assert unseal(sealed) == {"password": "گذرواژه-۱"}
    assert "گذرواژه" not in sealed


def test_nothing_sealed_is_nothing_stored():
    assert seal({}) == ""
    assert unseal("") == {}


def test_another_installation_cannot_read_it():
    sealed = seal({"password": "x"})
    with override_settings(SECRET_KEY="another" * 8), pytest.raises(SealBroken, match="enter it again"):
        unseal(sealed)


@pytest.mark.parametrize("changed", ["x", "gAAAAA", "\u0660"])
def test_a_changed_seal_is_refused(changed):
    with pytest.raises(SealBroken):
        unseal(changed)
