"""Bodies of the ingest door: bytes in, items and refusals out. Quick where all is well, careful where anything is odd.

Called by edge.intake in its thread.
"""

import json
import math
import zlib
from typing import Any, Final, NamedTuple

import msgspec

from peyvand.timeline.checking import field_of
from peyvand.timeline.types import Item, Refused

MOST_BYTES: Final = 5 * 1024 * 1024  # of one body, unpacked too
MOST_ITEMS: Final = 5000
MOST_PARTS: Final = 250_000  # objects and lists of one body: five megabytes of perceptions hold fewer
MOST_FIELDS: Final = 20_000  # of one object: 64 KB of properties hold fewer
BOM: Final = b"\xef\xbb\xbf"
_one: Final = msgspec.json.Decoder(Item)
_many: Final = msgspec.json.Decoder(list[Item])
_plain: Final = msgspec.json.Decoder()
_encode: Final = msgspec.json.Encoder().encode
_TWICE: Final = "\x00twice"  # cannot be a field: NUL is refused everywhere


class Unreadable(Exception):
    """A body of which nothing can be recorded: status, stable code, words, and the field where one can be named."""

    def __init__(self, status: int, code: str, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.field = status, code, detail, field


class Read(NamedTuple):
    """What a body holds: items in order, and refusals by their place among both."""

    single: bool
    items: list[Item]
    refused: dict[int, Refused]

    @property
    def total(self) -> int:
        return len(self.items) + len(self.refused)


def read(body: bytes, *, lines: bool = False) -> Read:
    """Read one object, an array, or with `lines` NDJSON; raises Unreadable."""
    body = body.removeprefix(BOM)
    if body.count(b"{") + body.count(b"[") > MOST_PARTS:  # each costs fifty times its bytes once it is read
        raise Unreadable(413, "too-many-parts", f"The body holds more than {MOST_PARTS} objects and lists; send it in parts.")
    if lines:
        return _bounded(_read_lines(body))
    single = body.lstrip()[:1] == b"{"
    try:
        items = [_one.decode(body)] if single else _many.decode(body)
        if _keys_stand_once(body, items):
            return _bounded(Read(single, items, {}))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass  # whatever it is, the careful way finds words for it
    return _bounded(_read_carefully(_text(body), single=single))


def unpack(body: bytes) -> bytes:
    """Undo gzip, with a guard against bodies that grow without end; raises Unreadable."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise Unreadable(400, "bad-gzip", "The body is not gzip, as its Content-Encoding says.") from None
    if len(unpacked) > MOST_BYTES:
        raise Unreadable(413, "too-large", f"The body unpacks to more than {MOST_BYTES} bytes.")
    if not unpacker.eof or unpacker.unused_data:
        raise Unreadable(400, "bad-gzip", "The gzip of the body ends too early or too late.")
    return unpacked


def _bounded(found: Read) -> Read:
    if found.total > MOST_ITEMS:
        raise Unreadable(413, "too-many-items", f"The body holds {found.total} items; at most {MOST_ITEMS} are taken at once.")
    return found


def _keys_stand_once(body: bytes, items: list[Item]) -> bool:
    """Say whether surely no object names a field twice: every colon of the body is in what was decoded.

    A decoder keeps the last of two equal keys and loses the other, colon and all. A colon written as an escape
    could make up for it, so such bodies are looked at closely.
    """
    if b"\\u003" in body:
        return False
    given = body.count(b":")
    encoded = _encode(items)
    kept = encoded.count(b":")
    if given == kept or given - kept == body.count(b"+00:00") - encoded.count(b"+00:00"):  # a moment's +00:00 is written as Z again
        return True
    return given == _encode(_plain.decode(body)).count(b":")  # fields that hold their default were left out above


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(400, "bad-utf-8", f"The body is not UTF-8: byte {error.start}, {error.reason}.") from None


def _read_carefully(text: str, *, single: bool) -> Read:
    found = _parse(text)
    if single and isinstance(found, dict):
        return _sort_out([found], single=True)
    if isinstance(found, list):
        return _sort_out(found, single=False)
    raise Unreadable(400, "not-items", "The body must be one item (an object) or an array of items.")


def _read_lines(body: bytes) -> Read:
    if body.count(b"\n") + body.count(b"\r") > 4 * MOST_ITEMS:  # \r\n, and an empty line after each
        raise Unreadable(413, "too-many-items", f"The body holds too many lines; at most {MOST_ITEMS} items are taken at once.")
    lines = [line for line in body.splitlines() if line.strip()]
    if not lines:
        raise Unreadable(400, "unreadable", "The body holds no line.")
    joined = b"[" + b",".join(lines) + b"]"
    try:
        items = _many.decode(joined)
        if len(items) == len(lines) and _keys_stand_once(joined, items):
            return Read(single=False, items=items, refused={})
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    return _read_lines_carefully(lines)


def _read_lines_carefully(lines: list[bytes]) -> Read:
    found: list[Any] = []
    failure: Unreadable | None = None
    for number, line in enumerate(lines, 1):
        try:
            found.append(_parse(_text(line)))
        except Unreadable as error:
            failure = failure or error
            found.append(Refused(error.field or f"line {number}", error.detail))
    if failure is not None and all(isinstance(one, Refused) for one in found):
        raise failure
    return _sort_out(found, single=False)


def _parse(text: str) -> Any:
    """Decode JSON by Python's own reader, which can be asked where it hurts; raises Unreadable."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(400, "unreadable", f"The body is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise Unreadable(400, "too-deep", "The body is nested too deeply.") from None
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable(400, "unreadable", f"The body holds a number that cannot be read: {error}.") from None


class _NotANumber:
    """Stands where a body says NaN or Infinity, until the field's name is known."""

    def __init__(self, word: str) -> None:
        self.word = word


def _no_constant(word: str) -> _NotANumber:
    return _NotANumber(word)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_FIELDS:
        raise Unreadable(413, "too-many-fields", f"An object of the body holds {len(pairs)} fields; at most {MOST_FIELDS} are read.")
    found = dict(pairs)
    if len(found) < len(pairs):
        found[_TWICE] = _first_twice(pairs)
    for name, value in pairs:
        if isinstance(value, _NotANumber) or (isinstance(value, list) and any(isinstance(one, _NotANumber) for one in value)):
            raise Unreadable(400, "not-a-number", f"'{name[:60]}' holds NaN or Infinity, which JSON does not know.", name)
    return found


def _first_twice(pairs: list[tuple[str, Any]]) -> str:
    """The first name met again: once through, since anybody may send thousands of names."""
    seen: set[str] = set()
    return next(name for name, _value in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _sort_out(found: list[Any], *, single: bool) -> Read:
    items: list[Item] = []
    refused: dict[int, Refused] = {}
    for n, one in enumerate(found[: MOST_ITEMS + 1]):
        try:
            if isinstance(one, Refused):
                raise one
            if isinstance(one, dict):  # else the conversion refuses it, whatever it holds
                _check_values(one, "")
            items.append(msgspec.convert(_without_nulls(one), Item))
        except msgspec.ValidationError as error:
            refused[n] = Refused(*field_of(error))
        except RecursionError:
            refused[n] = Refused("", "is nested too deeply")
        except Refused as error:
            refused[n] = error
    return Read(single, items, refused)


def _check_values(value: Any, path: str) -> None:
    """Refuse what a JSON grammar lets through and no store should keep."""
    if isinstance(value, dict):
        _check_object(value, path)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            _check_values(inner, f"{path}[{n}]")
    elif isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, _NotANumber):
        raise Refused(path, f"holds {value.word}, which JSON does not know")
    elif isinstance(value, float) and not math.isfinite(value):
        raise Refused(path, "is a number too large to be kept")


def _check_object(value: dict[str, Any], path: str) -> None:
    if _TWICE in value:
        raise Refused(f"{path}.{value[_TWICE]}".lstrip("."), "stands twice in the same object")
    for name, inner in value.items():
        _check_text(name, path)
        _check_values(inner, f"{path}.{name}".lstrip("."))


def _check_text(text: str, path: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Refused(path, "holds half of a surrogate pair, which is no character") from None


def _without_nulls(found: Any) -> Any:
    """Take null as not said, in an item, its customer and its perceptions; properties keep theirs."""
    if not isinstance(found, dict):
        return found
    item = _without_nulls_in(found)
    if isinstance(item.get("customer"), dict):
        item["customer"] = _without_nulls_in(item["customer"])
        if isinstance(item["customer"].get("company"), dict):
            item["customer"]["company"] = _without_nulls_in(item["customer"]["company"])
    if isinstance(item.get("perceptions"), list):
        item["perceptions"] = [_without_nulls_in(felt) if isinstance(felt, dict) else felt for felt in item["perceptions"]]
    return item


def _without_nulls_in(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}
