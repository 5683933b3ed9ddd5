"""Settings of a test run: the product's own, with a data folder that is thrown away. pytest loads this before anything of ours."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher

KEPT = ("PEYVAND_DATABASE_URL", "PEYVAND_DEMO_PASSWORD")


def _clean_environment() -> Path:
    """Forget the shell's PEYVAND_* settings, so that a run means the same everywhere; pytest-xdist's workers share one folder."""
    for name in os.environ:
        if name.startswith("PEYVAND_") and not name.startswith("PEYVAND_TEST_") and name not in KEPT:
            del os.environ[name]
    if "PEYVAND_TEST_DATA" not in os.environ:
        folder = os.environ["PEYVAND_TEST_DATA"] = tempfile.mkdtemp(prefix="peyvand-tests-")
        owner = os.getpid()
        atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    os.environ["PEYVAND_DATA"] = os.environ["PEYVAND_TEST_DATA"]
    os.environ["PEYVAND_LOG_LEVEL"] = "warning"
    return Path(os.environ["PEYVAND_TEST_DATA"])


_data = _clean_environment()

from peyvand.config.settings import *  # noqa: E402, F403 - the environment had to be cleaned first
from peyvand.config.settings import DATABASES  # noqa: E402


class QuickArgon2(Argon2PasswordHasher):
    """The real hash at its lowest cost: a test signs in many times."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


PASSWORD_HASHERS = ["tests.settings.QuickArgon2"]
# A name of its own for every run, so that two runs beside each other do not meet; on SQLite a real file, not memory.
_name = f"test_{_data.name.replace('-', '_')}"
DATABASES["default"]["TEST"] = {"NAME": str(_data / "test.sqlite3") if "sqlite" in DATABASES["default"]["ENGINE"] else _name}
