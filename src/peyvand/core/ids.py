"""Ids as outsiders see them and signed tokens for public links. Views, the API and mails call these; inside, ids are
plain integers.
"""

import base64
import binascii
import hmac
import struct
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2s
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.utils.crypto import salted_hmac

from peyvand.core import clock

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 13
PATTERN: Final = f"[{ALPHABET[:16]}][{ALPHABET}]{{12}}"
_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}
_ROUNDS: Final = 6
_MANY: Final = 32
_mixers = threading.local()
_block: Final = struct.Struct(">II8x").pack  # half and round, then zeros
_first: Final = struct.Struct(">I12x").unpack
_HALF: Final = 0xFFFFFFFF
_LARGEST: Final = 2**63 - 1  # of a bigint column

Payload = Sequence[int | str]


class PublicId:
    """URL converter `<pid:…>`: lets the text of a public id through; the view turns it into an integer with
    `private_id`.
    """

    regex = PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def public_id(key: bytes, n: int) -> str:
    """13 characters that stand for the integer `n` (0 … 2⁶³−1) and tell nothing of its size or order to whoever lacks
    `key` (16–32 bytes).

    A Feistel network over two 32-bit halves with AES as its round function: a permutation (Luby and Rackoff 1988), so
    no two ids collide.
    """
    if not 0 <= n <= _LARGEST:
        raise ValueError(f"No public id for {n}: it must be between 0 and 2**63 - 1.")
    mix = _mixer(key)
    left, right = n >> 32, n & _HALF
    for number in range(_ROUNDS):
        left, right = right, left ^ _first(mix(_block(right, number)))[0]
    whole = left << 32 | right
    return "".join([ALPHABET[whole >> shift & 31] for shift in range(60, -1, -5)])


def public_ids(key: bytes, numbers: Sequence[int]) -> list[str]:
    """The public ids of many integers, in their order; for hundreds at a fraction of the cost of one by one."""
    if len(numbers) < _MANY:
        return [public_id(key, n) for n in numbers]
    if not 0 <= min(numbers) <= max(numbers) <= _LARGEST:
        raise ValueError("No public id for some of these: each must be between 0 and 2**63 - 1.")
    import numpy as np  # noqa: PLC0415 - weight

    mix = _mixer(key)
    both = np.array(numbers, np.uint64)
    left, right = (both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32)
    blocks = np.zeros((len(numbers), 4), ">u4")
    for number in range(_ROUNDS):
        blocks[:, 0], blocks[:, 1] = right, number
        mixed = np.frombuffer(mix(blocks.tobytes()), ">u4").reshape(-1, 4)[:, 0]
        left, right = right, left ^ mixed.astype(np.uint32)
    whole = left.astype(np.uint64) << np.uint64(32) | right
    places = whole[:, None] >> np.arange(60, -1, -5, dtype=np.uint64) & np.uint64(31)
    text = np.frombuffer(ALPHABET.encode(), np.uint8)[places.astype(np.intp)].tobytes().decode()
    return [text[start : start + LENGTH] for start in range(0, len(text), LENGTH)]


def private_id(key: bytes, text: str) -> int | None:
    """The integer behind a public id, or None when the text was never one of this key's (other letters, length or
    range).
    """
    if len(text) != LENGTH:
        return None
    whole = 0
    for letter in text:
        value = _VALUES.get(letter)
        if value is None:
            return None
        whole = whole << 5 | value
    if whole >> 64:
        return None
    mix = _mixer(key)
    left, right = whole >> 32, whole & _HALF
    for number in reversed(range(_ROUNDS)):
        left, right = right ^ _first(mix(_block(left, number)))[0], left
    n = left << 32 | right
    return n if n <= _LARGEST else None


def _mixer(key: bytes) -> Callable[[bytes], bytes]:
    """AES of single blocks under this key; each thread has its own, since the library's are not to be shared."""
    mixers: dict[bytes, Callable[[bytes], bytes]] | None = getattr(_mixers, "by_key", None)
    if mixers is None:
        mixers = _mixers.by_key = {}
    mix = mixers.get(key)
    if mix is None:
        if not 16 <= len(key) <= 32:
            raise ValueError(f"A key for public ids has 16 to 32 bytes, this one {len(key)}.")
        if len(mixers) >= 256:
            mixers.clear()
        # Each block is a number of its own and nothing is kept secret by it: what ECB shows, equal for equal, is meant.
        cipher = Cipher(algorithms.AES(blake2s(key, digest_size=16, person=b"pid").digest()), modes.ECB())  # noqa: S305
        mix = mixers[key] = cipher.encryptor().update
    return mix


class _Signed(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    expires: int
    payload: tuple[int | str, ...]


_MAC_LENGTH: Final = 16
_MAX_TOKEN: Final = 1024
_decoder: Final = msgspec.msgpack.Decoder(_Signed)


def sign_token(purpose: str, payload: Payload, *, expires_at: datetime | None = None) -> str:
    """A token for a public link that carries `payload` (readable, not secret) and holds for this `purpose` alone,
    until `expires_at` if given.
    """
    body = msgspec.msgpack.encode(_Signed(int(expires_at.timestamp()) if expires_at else 0, tuple(payload)))
    token = base64.urlsafe_b64encode(body + _mac(purpose, body, settings.SECRET_KEY)).rstrip(b"=").decode()
    if len(token) > _MAX_TOKEN:
        raise ValueError(f"The payload of a token for {purpose} is too long ({len(token)} characters); store it and sign its id.")
    return token


def read_token(purpose: str, token: str) -> tuple[int | str, ...] | None:
    """The payload of a token signed for this purpose and still valid; None for everything else, whatever it is."""
    body = _unsealed(purpose, token)
    if body is None:
        return None
    try:
        signed = _decoder.decode(body)
    except msgspec.DecodeError:
        return None
    if signed.expires and signed.expires <= clock.now().timestamp():
        return None
    return signed.payload


def _unsealed(purpose: str, token: str) -> bytes | None:
    if not token.isascii() or len(token) > _MAX_TOKEN:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        return None  # spare bits at the end: the same token must have one spelling
    body, mac = raw[:-_MAC_LENGTH], raw[-_MAC_LENGTH:]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    matches = [hmac.compare_digest(mac, _mac(purpose, body, key)) for key in keys]
    return body if any(matches) else None


def _mac(purpose: str, body: bytes, key: str | bytes) -> bytes:
    return salted_hmac(f"peyvand.token.{purpose}", body, secret=key, algorithm="sha256").digest()[:_MAC_LENGTH]
