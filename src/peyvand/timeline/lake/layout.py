"""How the files of the lake are written. Called by whoever writes some."""

from typing import TYPE_CHECKING, Final

from peyvand.timeline.lake.places import columns

if TYPE_CHECKING:
    from deltalake import WriterProperties

ROW_GROUP: Final = 65_536  # rows a reader takes or leaves as a whole, by the least and the most of their columns
GROWING: Final = frozenset(("id", "interaction", "occurred_at", "recorded_at"))  # nearly each row another, near the one before


def layout(table: str) -> "WriterProperties":
    """Numbers that grow lie as differences: of sorted rows that takes half the room, and a third less time to read."""
    from deltalake import ColumnProperties, WriterProperties  # noqa: PLC0415 - weight

    growing = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED")
    named = {name: growing for name, _kind in columns(table) if name in GROWING}
    return WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP, column_properties=named or None)
