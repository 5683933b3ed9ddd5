"""Secrets that must be read again (a mailbox's password, a webhook's key): encrypted where they are stored.

Channels and connectors call it. The key is derived from the installation's secret, which lies outside the database.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(Exception):
    """The sealed text was made with another installation's secret, or was changed; the secret must be entered again."""


def seal(secrets: Mapping[str, str]) -> str:
    """Encrypt secrets into one text; the empty text when there are none."""
    return _locks(_ours()).encrypt(json.dumps(dict(secrets)).encode()).decode() if secrets else ""


def unseal(sealed: str) -> dict[str, str]:
    """The secrets of a sealed text. Raises SealBroken."""
    if not sealed:
        return {}
    try:
        return dict(json.loads(_opened(sealed, _ours())))
    except (InvalidToken, ValueError):
        pass
    try:  # a rotation may have begun since this process read its keys
        return dict(json.loads(_opened(sealed, kept_keys())))
    except (InvalidToken, ValueError) as error:
        raise SealBroken("The stored secret cannot be read with this installation's secret key; enter it again.") from error


def resealed(sealed: str, keys: Sequence[str]) -> str:
    """The same secrets under the first of the keys; the very same text where they are already. Raises SealBroken."""
    if not sealed:
        return sealed
    try:
        _opened(sealed, keys[:1])
    except InvalidToken:
        try:
            return _locks(keys).rotate(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealBroken("The stored secret cannot be read with any of this installation's keys.") from error
    return sealed


def key_file() -> Path:
    """Where the keys lie, the newest first, a line each, unless PEYVAND_SECRET_KEY gives them."""
    return Path(settings.PEYVAND_DATA) / "secret.key"


def kept_keys() -> list[str]:
    """The keys of the file as it is now; none where there is no file."""
    path = key_file()
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def _ours() -> list[str]:
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]


def _opened(sealed: str, keys: Sequence[str]) -> bytes:
    if not keys:
        raise InvalidToken
    return _locks(keys).decrypt(sealed.encode())


def _locks(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([_lock(key) for key in keys])


def _lock(key: str) -> Fernet:
    derived = hashlib.blake2b(key.encode(), digest_size=32, person=b"peyvand-vault").digest()
    return Fernet(base64.urlsafe_b64encode(derived))
