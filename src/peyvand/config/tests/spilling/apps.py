"""While a file named `spill` lies in the data folder, every statement about the customer fails and quotes what it was given."""

import sys
from collections.abc import Callable
from datetime import timedelta
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
        if sys.argv[1:2] == ["erase-person"]:
            from peyvand.privacy.services import erasing  # noqa: PLC0415 - models, which wait for Django

            erasing.GRACE = timedelta()  # nothing serves beside it, so nobody reads old files of the lake
        connection_created.connect(watch)
