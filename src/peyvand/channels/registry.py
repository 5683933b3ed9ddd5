"""The adapters of the installed connectors, by kind."""

from functools import cache

from peyvand.channels.types import ChannelAdapter
from peyvand.core.discovery import modules


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
