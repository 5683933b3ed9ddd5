"""The backup file: a compressed tar whose last member, manifest.json, tells the size and hash of every other."""

import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from peyvand.config.command import Abort

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
Tell = Callable[[int], None]


class Manifest(msgspec.Struct, kw_only=True):
    """What a backup holds. tables: rows of each; files: size and SHA-256 of each member; migrations: the latest of each app."""

    format: int
    version: str
    engine: str
    made_at: str
    migrations: list[tuple[str, str]]
    tables: dict[str, int]
    files: dict[str, tuple[int, str]] = {}
    erased_again: int = 0  # how many people a restore of it had to forget again; 0 in the file


class _Hashing(io.RawIOBase):
    """Reads through to a file and hashes what passes."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self.hash.update(piece)
        return piece


@dataclass
class Writer:
    """Puts files into the archive and remembers their hashes."""

    tar: tarfile.TarFile
    tell: Tell = lambda _bytes: None
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    written: int = 0

    def add(self, name: str, path: Path) -> None:
        """Add one file as it is now; one that grows meanwhile is cut at the length it had."""
        with path.open("rb") as source:
            member = tarfile.TarInfo(name)
            status = os.fstat(source.fileno())
            member.size, member.mtime, member.mode = status.st_size, int(status.st_mtime), 0o600
            through = _Hashing(source)
            self.tar.addfile(member, through)
        self.files[name] = (member.size, through.hash.hexdigest())
        self.written += member.size
        self.tell(self.written)

    def add_folder(self, name: str, folder: Path) -> None:
        """Add a folder; what disappears meanwhile was not needed any more."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                try:
                    self.add(f"{name}/{path.relative_to(folder)}", path)
                except FileNotFoundError:
                    continue

    def end(self, manifest: Manifest) -> None:
        """Add the manifest."""
        manifest.files = self.files
        body = msgspec.json.format(msgspec.json.encode(manifest))
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(body), 0o600
        self.tar.addfile(member, io.BytesIO(body))


@contextmanager
def writing(path: Path, tell: Tell) -> Iterator[Writer]:
    """Write an archive beside its place and move it there when it is whole and on disk."""
    draft = path.with_name(f".{path.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds the secret and everybody's data
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as tar:
                yield Writer(tar, tell)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def unpack(path: Path, folder: Path, tell: Tell) -> Manifest:
    """Unpack into an empty folder and check every size and hash; raises Abort where anything is missing or differs."""
    found: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    total = 0
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                if member.name == MANIFEST:
                    manifest = _manifest(tar, member)
                    continue
                tar.extract(member, folder, filter="data")
                found[member.name] = (member.size, _digest(folder / member.name))
                total += member.size
                tell(total)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Abort(f"{path} cannot be read as a backup: {error}") from None
    if manifest is None:
        raise Abort(f"{path} ends before its manifest: it was cut short.")
    _compare(path, manifest.files, found)
    return manifest


def _manifest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Manifest:
    file = tar.extractfile(member)
    try:
        manifest = msgspec.json.decode(file.read() if file else b"", type=Manifest)
    except msgspec.DecodeError as error:
        raise Abort(f"the manifest cannot be read: {error}") from None
    if manifest.format != FORMAT:
        raise Abort(f"this backup has format {manifest.format}; this release reads format {FORMAT}.")
    return manifest


def _compare(path: Path, promised: dict[str, Any], found: dict[str, Any]) -> None:
    if missing := promised.keys() - found.keys():
        raise Abort(f"{path} lacks {len(missing)} files of its manifest, such as {min(missing)}.")
    if strange := found.keys() - promised.keys():
        raise Abort(f"{path} holds {len(strange)} files that its manifest does not name, such as {min(strange)}.")
    if damaged := [name for name in sorted(promised) if tuple(promised[name]) != found[name]]:
        raise Abort(f"{path} is damaged: {len(damaged)} files differ from their hash, such as {damaged[0]}.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
