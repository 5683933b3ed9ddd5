"""What the installed apps bring to channels: adapters of connectors, and those who write to customers and answer for what waits."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol, cast

from peyvand.channels.types import ChannelAdapter
from peyvand.core.discovery import modules
from peyvand.workspaces.models import Workspace


class Asker(Protocol):
    """`<app>/leaving.py` of an app whose messages may lose their sense while they wait. Keys of its messages are `PREFIX:number`."""

    PREFIX: str

    def against(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """Why some of these are not to leave any more, in English marked for translation; the others are."""
        ...

    def not_before(self, workspace: Workspace) -> dt.datetime | None:
        """When those that waited for long may leave; None for at once."""
        ...


@cache
def adapters() -> dict[str, ChannelAdapter]:
    """Every adapter found as `adapter.ADAPTER` in an installed app."""
    found: dict[str, ChannelAdapter] = {}
    for module in modules("adapter"):
        adapter: ChannelAdapter | None = getattr(module, "ADAPTER", None)
        if adapter is None:  # a library's own idea of an adapter
            continue
        if adapter.kind in found:
            raise RuntimeError(f"two connectors call themselves '{adapter.kind}'")
        found[adapter.kind] = adapter
    return found


@cache
def askers() -> dict[str, Asker]:
    """Every app that answers for its messages, by the prefix of their keys."""
    return {module.PREFIX: cast("Asker", module) for module in modules("leaving")}


def reasons_against(keys: Sequence[str]) -> dict[str, str]:
    """Key → why that message is not to leave any more."""
    asked: dict[str, dict[int, str]] = {}
    for key in keys:
        prefix, _colon, number = key.partition(":")
        if prefix in askers() and number.isdecimal():
            asked.setdefault(prefix, {})[int(number)] = key
    return {known[number]: why for prefix, known in asked.items() for number, why in askers()[prefix].against(list(known)).items()}
