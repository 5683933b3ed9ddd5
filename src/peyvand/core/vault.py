"""Secrets that must be read again (a mailbox's password, a webhook's key): encrypted where they are stored.

Channels and connectors call it. The key is derived from the installation's secret, which lies outside the database.
"""

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class SealBroken(Exception):
    """The sealed text was made with another installation's secret, or was changed; the secret must be entered again."""


def _fernet() -> Fernet:
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"peyvand-vault").digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(secrets: Mapping[str, str]) -> str:
    """Encrypt secrets into one text; the empty text when there are none."""
    return _fernet().encrypt(json.dumps(dict(secrets)).encode()).decode() if secrets else ""


def unseal(sealed: str) -> dict[str, str]:
    """The secrets of a sealed text. Raises SealBroken."""
    if not sealed:
        return {}
    try:
        return dict(json.loads(_fernet().decrypt(sealed.encode())))
    except (InvalidToken, ValueError) as error:
        raise SealBroken("The stored secret cannot be read with this installation's secret key; enter it again.") from error
