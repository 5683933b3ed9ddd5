"""Static files: each address carries a digest of its content, so that browsers keep a file until it changes.

A front end built while the server runs is served from the next request on.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

STAMP: Final = Path(__file__).resolve().parents[1] / "static" / ".built"


class VersionedStatic(StaticFilesStorage):
    """Adds ?v=<digest> to scripts, styles and pictures. Fonts stay bare: styles name them without a digest."""

    def url(self, name: str | None) -> str:
        address = super().url(name)
        version = "" if name is None or name.endswith((".woff2", "/")) else self._version(name)
        return f"{address}?v={version}" if version else address

    @staticmethod
    def _version(name: str) -> str:
        return _digest.__wrapped__(name, 0) if settings.DEBUG else _digest(name, built_at())


class BuiltFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # it comes without types
    """Serves static files; their sizes and headers are read anew after every build, else the new bytes would be cut."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self._built_at = built_at()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(self.static_prefix) and (now := built_at()) != self._built_at:
            self.add_files_from_finders()
            self._built_at = now
        return cast("HttpResponseBase", super().__call__(request))


def built_at() -> int:
    """When the front end was built last, in nanoseconds; 0 where it came ready-made."""
    try:
        return STAMP.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=1024)
def _digest(name: str, _built_at: int) -> str:
    path = finders.find(name)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10] if path else ""
