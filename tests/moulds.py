"""What takes seconds to make is made once in a run, by whichever worker needs it first, and copied: installations and their databases."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from peyvand.config.tests.running import Installation


def cast(place: Installation, make: Callable[[Installation], None]) -> Installation:
    """Give an empty installation, in its folder and in its database, what `make` makes of one; all casts share one secret key."""
    mould = _mould(make, postgres=bool(place.url))
    shutil.copytree(mould.data, place.data, dirs_exist_ok=True)
    if place.url:
        _create(place.url, template=_named(mould.url))
    return place


def laid(place: Installation) -> None:
    """What `peyvand migrate` leaves in an empty installation."""
    done = place.run("migrate")
    assert done.returncode == 0, done.stderr


@contextmanager
def databases(server: str, *names: str) -> Iterator[list[str]]:
    """Empty databases of a test's own, gone afterwards; gives their addresses. Without a server each address is empty: SQLite."""
    urls = [_url(f"{name}_{os.getpid()}") if server else "" for name in names]
    for url in filter(None, urls):
        _create(url)
    yield urls
    for url in filter(None, urls):
        _drop(url)


def drop_databases() -> None:
    """Leave none of the moulds behind; called when every worker has ended."""
    for listed in _folder().glob("*.database"):
        _drop(listed.read_text())


def once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder as `make` leaves it, which it is asked to do once in a run."""
    folder = _folder() / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.with_suffix(".done").exists():
            make(folder)
            folder.with_suffix(".done").touch()
    return folder


def _mould(make: Callable[[Installation], None], *, postgres: bool) -> Installation:
    name = f"{make.__module__.rpartition('.')[2]}_{make.__name__}_{'postgres' if postgres else 'sqlite'}"
    mould = Installation(_folder() / name, url=_url(f"{_folder().parent.name[-8:]}_{name}") if postgres else "")

    def made(_folder: Path) -> None:
        if mould.url:
            mould.data.with_suffix(".database").write_text(mould.url)
            _create(mould.url)
        try:
            make(mould)
        finally:
            mould.stop()

    once(name, made)
    return mould


def _folder() -> Path:
    """Shared by all workers of a run, and gone with it."""
    folder = Path(os.environ["PEYVAND_TEST_DATA"]) / "moulds"
    folder.mkdir(exist_ok=True)
    return folder


def _url(name: str) -> str:
    return f"{os.environ['PEYVAND_TEST_POSTGRES_URL'].rpartition('/')[0]}/peyvand_{name}"


def _named(url: str) -> str:
    return url.rpartition("/")[2]


def _create(url: str, template: str = "template1") -> None:
    _drop(url)
    _administer(f"CREATE DATABASE {_named(url)} TEMPLATE {template}")


def _drop(url: str) -> None:
    _administer(f"DROP DATABASE IF EXISTS {_named(url)} WITH (FORCE)")


def _administer(statement: str) -> None:
    with psycopg.connect(os.environ["PEYVAND_TEST_POSTGRES_URL"], autocommit=True) as server:
        server.execute(statement.encode())
