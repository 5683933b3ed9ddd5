"""Card numbers, IBANs and national ids taken out of an item's free texts on the way in. Called by drafting."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from django.utils.translation import override

from peyvand.core.redaction import ALL, Number, may_hold, redacted, redacted_deep
from peyvand.timeline.types import PerceptionIn

UNREDACTED: Final = "unredacted"  # in a workspace's preferences: kind of number → paths of properties in which it stays
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Redactor:
    """Takes them out as one workspace wants it, in its language."""

    def __init__(self, language: str, preferences: Mapping[str, Any]) -> None:
        self._language = language
        self._stays = {kind: frozenset(paths) for kind, paths in (preferences.get(UNREDACTED) or {}).items()}

    def properties(self, text: str | None) -> str | None:
        """The JSON of properties without such numbers; most texts cost one look."""
        if text is None or not may_hold(text):
            return text
        with override(self._language):
            return _encode(redacted_deep(_decode(text), self._kinds_at)).decode()

    def words(self, felt: Sequence[PerceptionIn]) -> None:
        """The same of the words of perceptions, in place."""
        for one in felt:
            if one.text and may_hold(one.text):
                with override(self._language):
                    one.text = redacted(one.text)

    @property
    def _kinds_at(self) -> Callable[[str], frozenset[Number]]:
        return lambda path: ALL - {kind for kind in ALL if path in self._stays.get(kind.value, ())}
