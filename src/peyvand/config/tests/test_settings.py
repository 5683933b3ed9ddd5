"""Settings: each says what it is for, wrong values are said plainly, https changes the cookies, the secret is made once."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ImproperlyConfigured

from peyvand.config.settings import environment
from peyvand.config.settings.analytics import PACKAGES, analytics
from peyvand.config.settings.databases import cache, database
from peyvand.config.settings.environment import DECLARED
from peyvand.config.settings.secrets import secret_keys
from peyvand.config.settings.security import cookies


def test_every_setting_says_what_it_is_for() -> None:
    assert len(DECLARED) > 20
    assert [setting.name for setting in DECLARED.values() if not setting.purpose.endswith(".")] == []


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (lambda: environment.number("TRY", 1, "."), "many", "PEYVAND_TRY is 'many'; it must be a whole number."),
        (lambda: environment.number("TRY", 1, ".", low=1, high=9), "10", "must be between 1 and 9"),
        (lambda: environment.flag("TRY", "."), "perhaps", "must be yes or no"),
        (lambda: environment.choice("TRY", ("a", "b"), "."), "c", "must be one of: a, b"),
    ],
)
def test_a_wrong_value_names_its_setting(monkeypatch: pytest.MonkeyPatch, read: Any, value: str, words: str) -> None:
    monkeypatch.setenv("PEYVAND_TRY", value)
    monkeypatch.setattr(environment, "DECLARED", {})
    with pytest.raises(ImproperlyConfigured, match=words):
        read()


def test_lists_and_flags_are_read_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "DECLARED", {})
    monkeypatch.setenv("PEYVAND_TRY", " a.ir , b.ir,, ")
    assert environment.words("TRY", "", ".") == ["a.ir", "b.ir"]
    monkeypatch.setenv("PEYVAND_TRY", "On")
    assert environment.flag("TRY", ".") is True


def test_an_engine_is_known_and_installed_or_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert analytics("duckdb") == "duckdb"
    for wrong in ("", "clickhouse", "spark", "spark://", "duckdb://host:1", "postgres://host/x"):
        with pytest.raises(ImproperlyConfigured, match="use duckdb, chdb, or spark://host:port"):
            analytics(wrong)
    monkeypatch.setitem(PACKAGES, "spark", "no_such_package")
    with pytest.raises(ImproperlyConfigured, match=r"no_such_package is not installed: pip install 'peyvand\[spark\]'"):
        analytics("spark://10.0.0.1:7077")


def test_a_database_address_is_taken_apart(tmp_path: Path) -> None:
    assert database("", tmp_path)["NAME"] == str(tmp_path / "peyvand.sqlite3")
    assert database("sqlite:////srv/x.sqlite3", tmp_path)["NAME"] == "/srv/x.sqlite3"
    found = database("postgres://cx:p%40ss@db.local:5433/brand?sslmode=require", tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == ("cx", "p@ss", "db.local", "5433", "brand")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert "idle_in_transaction_session_timeout=60000" in found["OPTIONS"]["options"]
    for wrong in ("mysql://x/y", "postgres://host"):
        with pytest.raises(ImproperlyConfigured, match="PEYVAND_DATABASE_URL"):
            database(wrong, tmp_path)


def test_strangers_who_count_under_many_addresses_push_out_nobody_elses_count() -> None:
    counters = LocMemCache("many strangers", cache(""))
    counters.set("wrong-codes-of-Alice", 5, 900)
    for stranger in range(20_000):
        counters.add(f"2001:db8:{stranger:x}::", 1, 60)
    assert counters.get("wrong-codes-of-Alice") == 5


def test_https_makes_cookies_host_bound_and_secure() -> None:
    assert cookies(https=True)["SESSION_COOKIE_NAME"] == "__Host-sessionid"
    assert cookies(https=True)["CSRF_COOKIE_SECURE"] is True
    assert cookies(https=False)["SESSION_COOKIE_NAME"] == "sessionid"
    assert cookies(https=False)["SESSION_COOKIE_SECURE"] is False


def test_the_secret_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = secret_keys("", [], folder)
    assert [len(key) > 60 for key in first] == [True]
    assert secret_keys("", [], folder) == first
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert secret_keys("given", ["older"], folder) == ["given", "older"]


def test_a_wrong_setting_ends_a_command_with_one_plain_line(tmp_path: Path) -> None:
    environ = {**os.environ, "PEYVAND_DATA": str(tmp_path), "PEYVAND_PORT": "99999", "DJANGO_SETTINGS_MODULE": "peyvand.config.settings"}
    done = subprocess.run([sys.executable, "-m", "peyvand", "migrate"], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert done.stderr == "peyvand: PEYVAND_PORT is 99999; it must be between 1 and 65535.\n"
