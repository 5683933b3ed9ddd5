"""The record store as Django wants it: SQLite in the data folder by default, PostgreSQL by address."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SQLITE_PRAGMAS = (
    "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864; "
    "PRAGMA cache_size=-8192; PRAGMA mmap_size=134217728; PRAGMA temp_store=MEMORY"
)
POSTGRES_LIMITS = "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=30000 -c timezone=UTC"
SCHEMES = {"postgres", "postgresql"}


def database(url: str, data: Path) -> dict[str, Any]:
    """Turn PEYVAND_DATABASE_URL into Django's settings of one database; empty means SQLite under the data folder."""
    if not url:
        return _sqlite(data / "peyvand.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)).resolve() if parts.path not in {"", "/"} else data / "peyvand.sqlite3")
    if parts.scheme not in SCHEMES:
        raise ImproperlyConfigured(
            f"PEYVAND_DATABASE_URL begins with {parts.scheme!r}; use sqlite:///path/file.sqlite3 or postgres://user:password@host:port/name."
        )
    return _postgres(url)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "peyvand.core.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": 30, "cached_statements": 256, "init_command": SQLITE_PRAGMAS},
    }


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("PEYVAND_DATABASE_URL names no database; write postgres://user:password@host:port/name.")
    query = dict(parse_qsl(parts.query))
    options: dict[str, Any] = {
        "options": f"{query.pop('options', '')} {POSTGRES_LIMITS}".strip(),
        "connect_timeout": 5,
        **query,
    }
    return {
        "ENGINE": "peyvand.core.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "OPTIONS": options,
    }
