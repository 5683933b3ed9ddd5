"""The code that proves who may set a new installation up: it stands in the data folder and in what the server says."""

import hmac
from pathlib import Path

from django.conf import settings

from peyvand.core import clock
from peyvand.core.files import write_atomically
from peyvand.workspaces.links import absolute_public

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 3, 5


def code_file() -> Path:
    """Where the code lies until set-up is done."""
    return Path(settings.PEYVAND_DATA) / "setup.code"


def setup_code() -> str:
    """The code of this installation, made when there is none."""
    path = code_file()
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    letters = [LETTERS[byte % len(LETTERS)] for byte in clock.secret_bytes(GROUPS * GROUP)]
    code = "-".join("".join(letters[n : n + GROUP]) for n in range(0, GROUPS * GROUP, GROUP))
    write_atomically(path, code + "\n")
    return code


def setup_address() -> str:
    """The address that leads through first-run set-up, code included; to be shown on the machine itself only."""
    return f"{absolute_public('workspaces:setup')}?code={setup_code()}"


def code_is_right(given: str) -> bool:
    """Compare in constant time; a missing file means that no code is right."""
    path = code_file()
    kept = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    return bool(kept) and hmac.compare_digest(given.strip().lower().encode(), kept.encode())


def forget_code() -> None:
    """Set-up is done."""
    code_file().unlink(missing_ok=True)
