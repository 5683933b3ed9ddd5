"""What every test gets: no network but loopback, a data folder of its own, a clock to stop, a language to read in."""

import ipaddress
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.cache import caches
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings
from pytest_django import DjangoDbBlocker
from tests.emptying import empty_after
from tests.mail_server import MailServer, running
from tests.moulds import drop_databases

from peyvand.core import clock as core_clock

_DATABASE = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback", "live_server"}
_LOCAL_NAMES = {"localhost", "", None}


settings.register_profile("house", deadline=None)  # a machine at work on other things is no fault of the code
settings.load_profile("house")
TransactionTestCase._fixture_teardown = empty_after  # noqa: SLF001 - Django's flush costs more than most tests


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--touching-database", action="store_true", help="only tests that use the database")


@pytest.hookimpl(trylast=True)  # after pytest-django, which puts those first that leave the database as it was laid
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--touching-database"):
        config.hook.pytest_deselected(items=[item for item in items if not _touches_database(item)])
        items[:] = filter(_touches_database, items)
    items.sort(key=_comes_later)


def _touches_database(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("django_db") or _DATABASE & set(getattr(item, "fixturenames", ())))


def _comes_later(item: pytest.Item) -> bool:
    """Installations of a test's own take longest: begun first, they do not keep one worker at the end, when the other has done all else."""
    return _touches_database(item) or not item.get_closest_marker("slow")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # pytest-xdist's workers have ended
        drop_databases()


class NetworkForbiddenError(RuntimeError):
    """A test tried to reach another machine."""


def _only_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a Unix socket has a path instead
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_loopback(host.decode() if isinstance(host, bytes) else host):
        raise NetworkForbiddenError(f"a test tried to reach {host}; tests talk to this machine only")


def _is_loopback(host: object) -> bool:
    if host in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


# An audit hook cannot be taken off again, so it also holds for whatever a library does underneath.
sys.addaudithook(_only_loopback)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: ARG001 - wraps pytest-django's
    """The test database with its walls; on PostgreSQL, sessions that threads of tests still hold are ended, or it could not be dropped."""
    from django.db import connection  # noqa: PLC0415 - waits for Django

    from peyvand.core.raising import keep_walls  # noqa: PLC0415

    with django_db_blocker.unblock():
        keep_walls()
    yield
    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@pytest.fixture(autouse=True)
def data_folder(settings: object, tmp_path: Path) -> Path:
    """PEYVAND_DATA of this test alone; the database is elsewhere."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings.PEYVAND_DATA = folder  # type: ignore[attr-defined]
    return folder


@pytest.fixture(autouse=True)
def _language_left_as_found() -> Iterator[None]:
    before = translation.get_language()
    yield
    if translation.get_language() != before:
        translation.activate(before) if before else translation.deactivate()


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Tries to sign in are counted in the process's cache, and the tests of a file all come from one address."""
    caches["default"].clear()


@pytest.fixture(autouse=True)
def _terms_forgotten() -> None:
    """Integers start again with each test's database, so what the process remembers of terms must go."""
    from peyvand.catalogue import queries, services  # noqa: PLC0415 - models, which wait for Django

    services.forget_known()
    queries.forget_names()


@pytest.fixture
def persian() -> Iterator[None]:
    """Texts in Persian."""
    with translation.override("fa"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    """Texts in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def frozen_clock() -> Iterator[core_clock.Frozen]:
    """Time stands at Monday 1405-03-25 (15 June 2026), 09:30 UTC, 13:00 in Tehran, and chance is seeded."""
    frozen: AbstractContextManager[core_clock.Frozen] = core_clock.frozen(datetime(2026, 6, 15, 9, 30, tzinfo=UTC))
    with frozen as clock:
        yield clock


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis to use; the test is skipped where there is none."""
    return _service("PEYVAND_TEST_REDIS_URL", "Redis")


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL in which databases may be created; the test is skipped where there is none."""
    return _service("PEYVAND_TEST_POSTGRES_URL", "PostgreSQL")


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    """A real mail server: send by SMTP, read by IMAP; the test is skipped where Dovecot is not installed."""
    with running(_service("PEYVAND_TEST_DOVECOT", "Dovecot", shutil.which("dovecot", path="/usr/sbin:/usr/bin"))) as server:
        yield server


def _service(name: str, service: str, found: str | None = None) -> str:
    where = os.environ.get(name) or found
    if not where:
        pytest.skip(f"{name} names no {service}; script/test finds or installs one")
    return where
