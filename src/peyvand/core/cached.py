"""How values stand in Redis: as JSON, so that whoever writes there hands us values and never code. Named by the settings."""

import json
from typing import Any


class Json:
    """A serializer of Django's cache; its own would run what it reads. A whole number is its digits, which Redis can count up."""

    def dumps(self, value: Any) -> str:
        """Raises TypeError for what is no text, number, list or object of such."""
        return json.dumps(value)

    def loads(self, data: bytes) -> Any:
        """Raises ValueError for what is no JSON."""
        return json.loads(data)
