"""The secret that signs cookies and links: given by the environment, or made once and kept in the data folder."""

import os
import secrets
from pathlib import Path


def secret_key(given: str, data: Path) -> str:
    """Return the given secret, else that of DATA/secret.key, made (mode 0600) by whichever process comes first."""
    if given:
        return given
    path = data / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written whole beside it, then linked: a second process starting now sees either no file or a complete one.
    draft = data / f".secret.key.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
