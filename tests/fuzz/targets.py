"""The readers of what strangers write, each as a function of bytes. Called by the test beside this file, and by `python -m tests.fuzz`."""

import contextlib
import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

from peyvand.core import calendars, emails, ids, money, numbers, persian, phones
from peyvand.edge import wire
from peyvand.imports.reading.options import FileOptions
from peyvand.imports.reading.staging import stage
from peyvand.imports.types import FileProblem
from peyvand.measures.answers import NotANumberError, read_answer


def _wire(data: bytes) -> None:
    for lines in (False, True):
        with contextlib.suppress(wire.Unreadable):
            wire.read(data, lines=lines)


def _dates(data: bytes) -> None:
    text = _text(data)
    for order in ("ymd", "dmy", "mdy"):
        with contextlib.suppress(calendars.DateError):
            moment = calendars.parse_datetime(text, dt.UTC, order=order)
            assert moment.tzinfo is not None


def _numbers(data: bytes) -> None:
    text = _text(data)
    with contextlib.suppress(numbers.NumberError):
        assert numbers.parse_number(text).is_finite()
    with contextlib.suppress(money.MoneyError, numbers.NumberError):
        assert isinstance(money.parse_amount(text, "IRR", "toman"), int)
    with contextlib.suppress(NotANumberError):
        read_answer(text)


def _contacts(data: bytes) -> None:
    text = _text(data)
    for region in ("IR", "DE"):
        with contextlib.suppress(phones.PhoneError):
            number = phones.normalise(text, region)
            assert phones.normalise(number, region) == number
    with contextlib.suppress(emails.EmailError):
        address = emails.normalise(text)
        assert emails.normalise(address) == address


def _words(data: bytes) -> None:
    text = _text(data)
    key = persian.search_key(text)
    assert persian.search_key(key) == key
    persian.found(text[: len(text) // 2], text)
    persian.shown(text)


def _tokens(data: bytes) -> None:
    text = _text(data)
    assert ids.read_token("nobody", text) is None
    number = ids.private_id(b"k" * 16, text)
    assert number is None or ids.public_id(b"k" * 16, number) == text


def _files(data: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="peyvand-fuzz-") as folder:
        place = Path(folder, "file")
        place.write_bytes(data)
        with contextlib.suppress(FileProblem):
            stage(place, FileOptions(), Path(folder))


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "wire": _wire,
    "dates": _dates,
    "numbers": _numbers,
    "contacts": _contacts,
    "words": _words,
    "tokens": _tokens,
    "files": _files,
}
