"""Settings of a test run: the product's own, with a data folder that is thrown away. pytest loads this before anything of ours."""

import atexit
import json
import os
import shutil
import tempfile
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache.backends.locmem import LocMemCache

KEPT = ("PEYVAND_DATABASE_URL", "PEYVAND_DEMO_PASSWORD")
ROOM = 1 << 30  # bytes; a run needs a tenth of it


def _clean_environment() -> Path:
    """Forget the shell's PEYVAND_* settings, so that a run means the same everywhere; pytest-xdist's workers share one folder."""
    for name in os.environ:
        if name.startswith("PEYVAND_") and not name.startswith("PEYVAND_TEST_") and name not in KEPT:
            del os.environ[name]
    if "PEYVAND_TEST_DATA" not in os.environ:
        folder = os.environ["PEYVAND_TEST_DATA"] = tempfile.mkdtemp(prefix="peyvand-tests-", dir=_memory())
        owner = os.getpid()
        atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    os.environ["PEYVAND_DATA"] = os.environ["PEYVAND_TEST_DATA"]
    os.environ["PEYVAND_LOG_LEVEL"] = "warning"
    return Path(os.environ["PEYVAND_TEST_DATA"])


def _memory() -> Path | None:
    """A folder held in memory, where the machine lends one with room enough: a commit there waits for no disk."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM else None


_data = _clean_environment()

from peyvand.config.settings import *  # noqa: E402, F403 - the environment had to be cleaned first
from peyvand.config.settings import CACHES, DATABASES  # noqa: E402


class QuickArgon2(Argon2PasswordHasher):
    """The real hash at its lowest cost: a test signs in many times."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


PASSWORD_HASHERS = ["tests.settings.QuickArgon2"]


class PlainCache(LocMemCache):
    """The cache of one process, which gives back what came through JSON, as Redis does."""

    def set(self, key, value, *more, **named):
        super().set(key, json.loads(json.dumps(value)), *more, **named)

    def add(self, key, value, *more, **named):
        return super().add(key, json.loads(json.dumps(value)), *more, **named)


CACHES["default"]["BACKEND"] = "tests.settings.PlainCache"
# A name of its own for every run, so that two runs beside each other do not meet; on SQLite a real file, not memory.
_name = f"test_{_data.name.replace('-', '_')}"
_sqlite = "sqlite" in DATABASES["default"]["ENGINE"]
DATABASES["default"]["TEST"] = {"NAME": str(_data / "test.sqlite3") if _sqlite else _name}
if not _sqlite:  # no test pulls the plug of this server: those that do have one of their own, with the product's settings
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
