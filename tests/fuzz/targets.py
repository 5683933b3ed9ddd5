"""The readers of what strangers write, each as a function of bytes. Called by the test beside this file, and by `python -m tests.fuzz`."""

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import tempfile
from collections.abc import Callable
from pathlib import Path

import pydantic

from peyvand.channels.types import Account, Incoming, Unreadable
from peyvand.connectors.woocommerce.adapter import ADAPTER
from peyvand.core import calendars, emails, ids, money, numbers, outward, persian, phones
from peyvand.core.redaction import redacted
from peyvand.edge import wire
from peyvand.imports.mapping.schema import read_map
from peyvand.imports.reading.options import FileOptions
from peyvand.imports.reading.staging import stage
from peyvand.imports.types import FileProblem, MapProblem
from peyvand.insights.asking import filters_of
from peyvand.insights.questions import QuestionError
from peyvand.measures.answers import NotANumberError, read_answer
from peyvand.webhooks.signing import is_signed
from peyvand.workspaces.strict import Moment, Said


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


def _told(data: bytes) -> None:
    """A file as a map says it is to be read: a line for its encoding, a byte for its delimiter."""
    encoding, _end, rest = data.partition(b"\n")
    with tempfile.TemporaryDirectory(prefix="peyvand-fuzz-") as folder:
        place = Path(folder, "file")
        place.write_bytes(rest[1:])
        with contextlib.suppress(FileProblem):
            stage(place, FileOptions(encoding=_text(encoding), delimiter=_text(rest[:1])), Path(folder))


def _addresses(data: bytes) -> None:
    text = _text(data)
    with contextlib.suppress(outward.NotAllowedError):
        assert outward.check(text).scheme == "https"
    with contextlib.suppress(outward.NotAllowedError):
        assert outward.check(f"https://{text}").hostname


def _maps(data: bytes) -> None:
    with contextlib.suppress(MapProblem):
        read_map(_text(data))


def _calls(data: bytes) -> None:
    mark = base64.b64encode(hmac.new(b"known", data, hashlib.sha256).digest()).decode()
    for topic in ("order.updated", "customer.updated"):
        call = Incoming({"x-wc-webhook-topic": topic, "x-wc-webhook-signature": mark}, data)
        with contextlib.suppress(Unreadable):
            ADAPTER.receive(Account("shop", {}, {"secret": "known"}), call)


def _marks(data: bytes) -> None:
    assert not is_signed("known", _text(data), b"body", now=0)


def _words_kept(data: bytes) -> None:
    text = _text(data)
    kept = redacted(text)
    assert redacted(kept) == kept


def _unpacked(data: bytes) -> None:
    with contextlib.suppress(wire.Unreadable):
        assert len(wire.unpack(data)) <= wire.MOST_BYTES


def _filters(data: bytes) -> None:
    with contextlib.suppress(QuestionError):
        assert all(code for _name, code in filters_of(_text(data).split("&")))


class _Body(Said):
    """A body with a field of every sort."""

    at: Moment | None = None
    day: dt.date | None = None
    number: int = 0
    share: float = 0
    names: dict[str, str | int | float | bool | None] = {}
    inner: list["_Body"] = []


class _Call(pydantic.BaseModel):
    said: _Body


def _bodies(data: bytes) -> None:
    with contextlib.suppress(pydantic.ValidationError):
        _Call.model_validate({"said": data}).model_dump_json()


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
    "told": _told,
    "addresses": _addresses,
    "maps": _maps,
    "calls": _calls,
    "marks": _marks,
    "redaction": _words_kept,
    "unpacking": _unpacked,
    "filters": _filters,
    "bodies": _bodies,
}
