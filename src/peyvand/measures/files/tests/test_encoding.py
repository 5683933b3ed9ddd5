"""Files as Persian Windows, Excel and the web write them."""

import codecs

import pytest

from peyvand.measures.files import FileReadError
from peyvand.measures.files.encoding import as_utf8, guess_encoding

PERSIAN = "شعبه;امتياز;نظر\nتهران;9;خيلي خوب بود و به موقع رسيد\nمشهد;3;کيفيت پايين بود\n"


@pytest.mark.parametrize(
    ("written", "guessed"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1256", "cp1256"),
    ],
)
def test_persian_is_recognised_and_becomes_utf8(tmp_path, written, guessed):
    path = tmp_path / "answers.csv"
    path.write_bytes(PERSIAN.encode(written))
    assert guess_encoding(path) == guessed
    copy = as_utf8(path, guessed, tmp_path)
    assert copy.read_bytes() == PERSIAN.encode()


def test_a_plain_utf8_file_is_not_copied(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(PERSIAN, encoding="utf-8")
    assert as_utf8(path, "utf-8", tmp_path) == path


def test_letters_of_western_europe_are_recognised(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes("agence;note\nMontréal;9\nOrléans;3\nMâcon;7\n".encode("cp1252"))
    assert guess_encoding(path) == "cp1252"


def test_a_foreign_letter_far_from_the_start_is_found(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(b"branch;score\n" + b"x;9\n" * 600_000 + "مشهد;3\nتهران;5\nشيراز;7\n".encode("cp1256"))
    assert guess_encoding(path) == "cp1256"


def test_a_persian_letter_cut_by_the_end_of_a_block_is_still_utf8(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(b"x" * ((1 << 20) - 1) + "ش".encode())
    assert guess_encoding(path) == "utf-8"


@pytest.mark.parametrize("damage", [b"\xff", b"\xd8", b"\0"])
def test_utf8_with_a_damaged_letter_or_a_cut_end_is_still_utf8(tmp_path, damage):
    path = tmp_path / "answers.csv"
    path.write_bytes(PERSIAN.encode() + damage)
    assert guess_encoding(path) == "utf-8"


def test_a_wrong_encoding_is_told(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(codecs.BOM_UTF16_LE + b"\x00\xd8x")
    with pytest.raises(FileReadError, match="is not written in utf-16"):
        as_utf8(path, "utf-16", tmp_path)
