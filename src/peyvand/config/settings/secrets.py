"""The secrets that sign cookies and links: given by the environment, or made once and kept in the data folder."""

import os
import secrets
from pathlib import Path


def secret_keys(given: str, older: list[str], data: Path) -> list[str]:
    """Return the given secret and the older ones still believed, else those of DATA/secret.key, the newest first.

    The file is made (mode 0600) by whichever process comes first.
    """
    if given:
        return [given, *older]
    path = data / "secret.key"
    try:
        return _read(path)
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
    return _read(path)


def _read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split()
