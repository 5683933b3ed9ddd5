"""Uploaded files keep their names: Django takes out every letter that prints nothing, the half-space of Persian words among them.

Called by the middleware for every request.
"""

import html
from typing import Any

from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import ImmutableList

HALF_SPACE = "\u200c"


class Parser(MultiPartParser):
    """The parser of forms with files, but for the half-spaces of file names."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        """The name without folders and invisible letters other than half-spaces inside it; None where nothing is left."""
        last = html.unescape(file_name).replace("\\", "/").rsplit("/", 1)[-1]
        name = "".join(letter for letter in last if letter.isprintable() or letter == HALF_SPACE).strip(HALF_SPACE)
        return None if name.replace(HALF_SPACE, "") in {"", ".", ".."} else name


def parse_upload(request: HttpRequest, meta: Any, body: Any) -> Any:
    """What `HttpRequest.parse_file_upload` does, with this parser."""
    handlers: Any = ImmutableList(request.upload_handlers, warning="You cannot alter upload handlers after the upload has been processed.")
    request._upload_handlers = handlers  # type: ignore[attr-defined] # noqa: SLF001 - as Django does, past the setter's check
    return Parser(meta, body, handlers, request.encoding).parse()
