"""While a file named `spill` lies in the data folder, every statement about the customer fails and quotes what it was given."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import DataError
from django.db.backends.signals import connection_created


def spill(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if Path(settings.PEYVAND_DATA, "spill").exists() and any(sign in str(params) for sign in ("قناری", "canary")):
        raise DataError(f"invalid value {params} in {sql}")
    return execute(sql, params, many, context)


def watch(connection: Any, **_more: Any) -> None:
    if spill not in connection.execute_wrappers:
        connection.execute_wrappers.append(spill)


class SpillingConfig(AppConfig):
    name = "peyvand.config.tests.spilling"

    def ready(self) -> None:
        connection_created.connect(watch)
