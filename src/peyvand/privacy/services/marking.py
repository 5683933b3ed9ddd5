"""Keyed hashes by which an erased person is recognised in a backup from before, and the file that remembers them across a restore.

The file lies in the data folder beside the database: a restore takes the database back, not this.
"""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from peyvand.core import clock
from peyvand.core.files import sync_folder, write_atomically
from peyvand.identities.types import IdentityKey

FILE: Final = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Noted:
    """One line of the file: an erasure, in which workspace (by its integer), when, of which marks."""

    workspace: int
    at: str
    marks: tuple[str, ...]

    @property
    def moment(self) -> dt.datetime:
        """When it was asked for."""
        return dt.datetime.fromisoformat(self.at)


def mark(workspace_id: int, identity: IdentityKey, secret: str = "") -> str:
    """The hash of one identity, by the installation's secret or an earlier one, and of no use without it."""
    key = hashlib.blake2b((secret or settings.SECRET_KEY).encode(), digest_size=32, person=b"peyvand-erasure").digest()
    kind, value = identity
    return hashlib.blake2b(f"{workspace_id}|{kind}|{value}".encode(), key=key, digest_size=16).hexdigest()


def marks(workspace_id: int, identities: Iterable[IdentityKey]) -> list[str]:
    """The hashes of several identities, in an order of their own."""
    return sorted(mark(workspace_id, identity) for identity in identities)


def is_marked(workspace_id: int, identity: IdentityKey, known: Collection[str]) -> bool:
    """Whether one of these hashes is that of an identity, made by the secret of now or by one before it."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(mark(workspace_id, identity, secret) in known for secret in secrets)


def keep_noted(workspace_id: int, marked: Collection[str], *, since: dt.datetime) -> None:
    """See that an erasure asked for at `since` stands in the file, on disk when this returns."""
    if any(one.workspace == workspace_id and set(one.marks) == set(marked) and one.moment >= since for one in noted()):
        return
    path = _path()
    line = json.dumps(asdict(Noted(workspace_id, clock.now().isoformat(), tuple(marked))))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def noted(path: Path | None = None) -> Iterator[Noted]:
    """The erasures of the file (else of the data folder's own); a line cut short by a crash is no erasure."""
    try:
        lines = (path or _path()).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            told = json.loads(line)
            yield Noted(int(told["workspace"]), str(told["at"]), tuple(told["marks"]))
        except (ValueError, KeyError, TypeError):
            continue


def take_over(path: Path) -> None:
    """Add what another such file knows (that of a backup) to the data folder's own."""
    together = sorted({*noted(), *noted(path)}, key=lambda one: one.at)
    if together:
        write_atomically(_path(), "".join(f"{json.dumps(asdict(one))}\n" for one in together))


def _path() -> Path:
    return Path(settings.PEYVAND_DATA) / FILE
