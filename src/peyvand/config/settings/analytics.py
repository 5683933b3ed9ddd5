"""The engine that computes figures, by PEYVAND_ANALYTICS; one whose package is missing is told of at the start, not by the first page."""

from importlib.util import find_spec
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

PACKAGES: Final = {"duckdb": "duckdb", "chdb": "chdb", "spark": "pyspark"}


def analytics(value: str) -> str:
    """Return the setting as it stands. Raises ImproperlyConfigured for what cannot compute here."""
    engine = value.partition(":")[0]
    address = urlsplit(value)
    if engine not in PACKAGES or (engine == "spark") != bool(address.hostname):
        raise ImproperlyConfigured(f"PEYVAND_ANALYTICS is {value!r}; use duckdb, chdb, or spark://host:port of a Spark cluster's master.")
    if find_spec(PACKAGES[engine]) is None:
        raise ImproperlyConfigured(
            f"PEYVAND_ANALYTICS is {value!r}, but the package {PACKAGES[engine]} is not installed: pip install 'peyvand[{engine}]'."
        )
    return value
