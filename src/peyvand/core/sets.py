"""Passing many values to one statement."""

from collections.abc import Sequence

import msgspec

_encode = msgspec.json.Encoder().encode


def as_json_array(values: Sequence[object]) -> str:
    """A JSON array for SQLite's `json_each`."""
    return _encode(values).decode()
