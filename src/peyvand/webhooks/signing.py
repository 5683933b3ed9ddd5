"""How a telling is signed, and how its receiver checks it. Called by services.telling; the how-to page shows the same check.

`Peyvand-Signature: t=<seconds since 1970>,v1=<hex>[,v1=<hex>]`: HMAC-SHA256 with each live secret over `<t>.<body>`.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

SIGNATURE: Final = "Peyvand-Signature"
TOLERANCE_SECONDS: Final = 300


def sign(secrets: Iterable[str], at: int, body: bytes) -> str:
    """The value of the header; `at` in seconds since 1970."""
    marks = [hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)])


def is_signed(secret: str, header: str, body: bytes, *, now: float) -> bool:
    """Whether somebody who knows the secret signed this body within five minutes of `now` (seconds since 1970)."""
    parts = [part.partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in parts if name == "t" and value.isascii() and value.isdecimal()]
    if len(times) != 1 or abs(now - int(times[0])) > TOLERANCE_SECONDS:
        return False
    wanted = sign([secret], int(times[0]), body).partition("v1=")[2]
    return any(hmac.compare_digest(wanted, value) for name, value in parts if name == "v1" and value.isascii())
