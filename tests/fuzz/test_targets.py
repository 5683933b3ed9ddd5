"""Each reader on bytes of no kind and on such that look like what it reads, the same ones in every run; and all that fuzzing found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS

LIKELY = st.text(alphabet="0123456789۰۱۲۳۴۵۶۷۸۹٠١٢+-/.,:;٫٬ eEtTzZ@[]{}\"'\\u\u200c\u200f\x00nanifطریالتومان\r\n\tabc", max_size=60)
FILES = {"files", "told"}  # each takes longer
BYTES = st.binary(max_size=200) | LIKELY.map(lambda text: text.encode("utf-8", "surrogatepass"))
FOUND = [
    ("numbers", b"0" * 20_000 + b"x"),  # took seconds, growing with the square
    ("filters", b"c= "),  # a code of nothing but a blank was taken for one
    *(("told", b"%s\n,a,b\n1,2\n" % name) for name in (b"hex", b"rot13", b"zlib", b"idna", b"undefined", b"\0")),  # no encodings
    ("told", b"utf-16\n|a\x00|\x00b\x00\n\x00"),  # without the mark that says which end comes first
    *(("told", b"utf-8\n%sa,b\n1,2\n" % sign) for sign in (b"\n", b"\r", b'"')),  # no delimiters
]


@pytest.mark.parametrize("name", sorted(set(TARGETS) - FILES))
@settings(max_examples=250, derandomize=True, deadline=None)
@given(data=BYTES)
def test_whatever_comes_is_read_or_refused(name, data):
    TARGETS[name](data)


@pytest.mark.parametrize("name", sorted(FILES))
@settings(max_examples=25, derandomize=True, deadline=None)
@given(data=BYTES)
def test_whatever_file_comes_is_read_or_refused(name, data):
    TARGETS[name](data)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_broke_a_reader_once_does_so_no_more(name, data):
    TARGETS[name](data)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_reader_is_fuzzed_from_what_it_is_used_to(name):
    assert SEEDS[name]
    for seed in SEEDS[name]:
        TARGETS[name](seed)
