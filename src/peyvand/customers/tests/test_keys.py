"""What customers are found and sorted by."""

from peyvand.customers.keys import keys_of, name_text, sort_name
from peyvand.identities.types import IdentityType


def test_a_name_is_stored_word_by_word_and_joined():
    assert name_text("علی‌رضا كريمي") == "  علی  رضا  کریمی  علیرضاکریمی"
    assert name_text("Sara") == "  sara"
    assert name_text("") == ""


def test_phones_are_stored_as_they_are_typed_at_home_and_abroad():
    keys = keys_of("نگار", [(IdentityType.PHONE, "+989120000012"), (IdentityType.EMAIL, "negar@mail.example")])
    assert keys.contact_key == "  989120000012  09120000012  negar@mail.example"
    assert keys.search_key == "  نگار"
    assert (keys.has_phone, keys.has_email, keys.known) == (True, True, True)


def test_a_device_is_neither_searched_nor_makes_known():
    keys = keys_of("", [(IdentityType.DEVICE, "anon-0f")])
    assert (keys.search_key, keys.contact_key, keys.known) == ("", "", False)


def test_an_own_id_is_found_like_a_name():
    assert keys_of("نگار", [(IdentityType.OWN_ID, "C-1042")]).search_key == "  نگار  c-1042"


def test_names_sort_as_in_a_persian_dictionary():
    names = ["یاسمن", "پری", "بهار", "کیان", "گلناز", "لاله", "ژاله", "زری", "سارا", "چکاوک", "جمشید", "آرش", "اردشیر", "", "Bob", "alice"]
    assert sorted(names, key=sort_name) == [
        *("آرش", "اردشیر", "بهار", "پری", "جمشید", "چکاوک", "زری", "ژاله", "سارا", "کیان", "گلناز", "لاله", "یاسمن"),
        *("alice", "Bob", ""),
    ]


def test_two_spellings_of_a_name_sort_alike():
    assert sort_name("كيان") == sort_name("کیان")
    assert sort_name("علی رضا") == sort_name("علی‌رضا")


def test_a_contact_written_as_a_name_is_found_and_sorted_as_a_contact():
    keys = keys_of("نگار 09120000012", [])
    assert keys.search_key == "  نگار  0912•••••12  نگار0912•••••12"
    assert keys.contact_key == "  نگار  09120000012  نگار09120000012"
    assert keys.sort_name == sort_name("نگار 0912•••••12")
