"""Files: whole or not at all, and names that cannot lead elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import files


def test_a_file_is_replaced_whole(data_folder):
    target = data_folder / "a.txt"
    files.write_atomically(target, "یک")
    files.write_atomically(target, b"two")
    assert target.read_bytes() == b"two"
    assert [path.name for path in data_folder.iterdir()] == ["a.txt"]


def test_a_fault_leaves_the_old_file_and_nothing_beside_it(data_folder):
    target = data_folder / "a.txt"
    files.write_atomically(target, "old")

    def write_half():
        with files.atomic_writer(target) as file:
            file.write(b"half")
            raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        write_half()
    assert target.read_text() == "old"
    assert [path.name for path in data_folder.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("report.csv", "report.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\orders.xlsx", "orders.xlsx"),
        ("\u200b.htaccess", "htaccess"),
        ("سفارش‌های آبان.csv", "سفارشهای_آبان.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("..", "file"),
        ("", "file"),
        ("CON.txt", "file_CON.txt"),
        ('a<b>:"c".csv', "a_b_c_.csv"),
        ("ﬁle.txt", "file.txt"),
    ],
)
def test_a_name_from_outside_is_made_safe(given_name, safe):
    assert files.safe_name(given_name) == safe


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("سفارش‌های آبان.csv", "سفارش‌های آبان.csv"),
        ("C:\\Users\\a\\two words.xlsx", "two words.xlsx"),
        ("a\u202ecod.csv\u200b\n", "acod.csv"),
        ("\u200c\u200c", ""),
    ],
)
def test_a_name_is_shown_as_it_was_given_without_what_deceives(given_name, shown):
    assert files.shown_name(given_name) == shown


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_no_name_leads_out_of_its_folder(name):
    safe = files.safe_name(name)
    assert safe
    assert len(safe.encode()) <= 200
    assert not safe.startswith(".")
    assert not set(safe) & set("/\\\0")
    assert files.safe_name(safe) == safe


def test_a_long_name_keeps_its_ending():
    safe = files.safe_name("نام" * 100 + ".parquet")
    assert safe.endswith(".parquet")
    assert len(safe.encode()) <= 200
