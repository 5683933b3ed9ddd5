"""Card numbers, IBANs and national ids taken out of an item's free texts on the way in. Called by drafting."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from django.utils.translation import override

from peyvand.core.redaction import ALL, Number, json_may_hold, marked, redacted, redacted_deep
from peyvand.timeline.types import PerceptionIn

UNREDACTED: Final = "unredacted"  # in a workspace's preferences: kind of number → paths of properties in which it stays
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Redactor:
    """Takes them out as one workspace wants it, in its language."""

    def __init__(self, language: str, preferences: Mapping[str, Any]) -> None:
        self._language = language
        self._stays: dict[str, frozenset[Number]] = {}
        stays = preferences.get(UNREDACTED) or {}
        for kind in Number:
            for path in stays.get(kind.value, ()):
                self._stays[path] = self._stays.get(path, frozenset()) | {kind}

    def properties(self, text: str | None) -> str | None:
        """The JSON of properties, as `checking.properties_text` writes it, without such numbers; most texts cost one look."""
        if text is None or not json_may_hold(text):
            return text
        told = _decode(text)
        kept = redacted_deep(told, self._kinds_at, self._say)
        return text if kept == told else _encode(kept).decode()

    def name(self, name: str) -> str:
        """The same of the name somebody is told by."""
        return str(redacted_deep(name, lambda _path: ALL, self._say))

    def words(self, felt: Sequence[PerceptionIn]) -> None:
        """The same of the words of perceptions, in place."""
        for one in felt:
            if one.text:
                one.text = redacted(one.text, say=self._say)

    def _kinds_at(self, path: str) -> frozenset[Number]:
        return ALL - self._stays[path] if path in self._stays else ALL

    def _say(self, kind: Number, digits: str) -> str:
        with override(self._language):
            return marked(kind, digits)
