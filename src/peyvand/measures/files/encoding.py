"""Finds the encoding of a text file and rewrites a foreign one as UTF-8. Called before a text format is opened."""

import codecs
import re
import shutil
from pathlib import Path
from typing import Final

from peyvand.measures.files.errors import FileReadError

# the longer marks first: that of UTF-32 begins like that of UTF-16
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_CHUNK: Final = 1 << 20
_SAMPLE: Final = 1 << 17
_LETTERS: Final = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژکگ\u200c"
_HIGH_RUNS: Final = re.compile(rb"[\x80-\xff]+")
# bytes that stand for Arabic or Persian letters, or the half-space, in windows-1256
_PERSIAN: Final = frozenset(byte for byte in range(0x80, 0x100) if bytes([byte]).decode("cp1256") in _LETTERS)


def guess_encoding(path: Path) -> str:
    """Return the codec: by byte-order mark, else UTF-8 where every byte allows it, else UTF-16 or the likeliest Windows page.

    A UTF-8 file with a few damaged letters is still one.
    """
    with path.open("rb") as file:
        head = file.read(_CHUNK)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        if wide := _wide(head[:4096]):
            return wide
        decoder = codecs.getincrementaldecoder("utf-8")()
        chunk = head
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return _likeliest(chunk[max(0, error.start - 1024) : error.start + _SAMPLE] or head[:_SAMPLE])
    return "utf-8"


def _wide(head: bytes) -> str | None:
    """Tell UTF-16 without a mark by the zero bytes of its ASCII: all at odd places where the low byte comes first."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd < len(head) / 50 or max(even, odd) < 9 * min(even, odd):
        return None  # no zero bytes, or strays in a damaged file
    return "utf-16-le" if odd > even else "utf-16-be" if even else None


def as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """Return the file if it is UTF-8 without a mark, else a UTF-8 copy of it in `folder`. Raises FileReadError."""
    if codecs.lookup(encoding).name == "utf-8":
        return path
    copy = folder / "utf-8"
    try:
        with path.open(encoding=encoding, newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
            shutil.copyfileobj(source, target, _CHUNK)
    except UnicodeError:
        raise FileReadError(f"{path.name} is not written in {encoding}") from None
    return copy


def _likeliest(sample: bytes) -> str:
    """Tell a damaged UTF-8 by its many whole letters, Persian by its words, the rest by statistics.

    In Persian almost all high bytes are letters, and most stand beside another.
    """
    read = sample.decode("utf-8", errors="replace")
    if sum(letter > "\x7f" for letter in read) > 10 * read.count("\ufffd"):
        return "utf-8"
    runs = _HIGH_RUNS.findall(sample)
    high = b"".join(runs)
    letters = sum(byte in _PERSIAN for byte in high)
    if letters >= 0.9 * len(high) and 2 * sum(len(run) for run in runs if len(run) > 1) > len(high):
        return "cp1256"
    from charset_normalizer import from_bytes  # noqa: PLC0415  weight: needed for a foreign file only

    best = from_bytes(sample, cp_isolation=["cp1252", "cp1251"]).best()
    return best.encoding if best else "cp1252"
