"""The record store and the cache as Django wants them: SQLite in the data folder by default, PostgreSQL and Redis by address."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# A commit copies the log itself only from 256 MB on; before, the worker does (core/sqlite/log.py). SQLite maps 2 GB at most. What is
# deleted is overwritten, however SQLite was compiled: 60,000 rows cost as much to insert, and .04 s more to delete again.
SQLITE_PRAGMAS = (
    "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=64000; PRAGMA journal_size_limit=67108864; "
    "PRAGMA cache_size=-8192; PRAGMA mmap_size=2147418112; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON"
)
POSTGRES_LIMITS = "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=30000 -c timezone=UTC"
MOST_CACHED = 50_000  # some 20 MB of counters
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


def cache(redis: str) -> dict[str, Any]:
    """The cache in Redis, else in this process. What stands in Redis is JSON: Django's own way of writing there runs what it reads.

    In this process it holds many thousand entries: in Django's 300, strangers who count under many addresses would push out the
    count of wrong codes somebody else guessed.
    """
    backends = "django.core.cache.backends"
    if not redis:
        return {"BACKEND": f"{backends}.locmem.LocMemCache", "LOCATION": "peyvand", "OPTIONS": {"MAX_ENTRIES": MOST_CACHED}}
    serializer = {"serializer": "peyvand.core.cached.Json"}
    return {"BACKEND": f"{backends}.redis.RedisCache", "LOCATION": redis, "KEY_PREFIX": "peyvand", "VERSION": 2, "OPTIONS": serializer}
