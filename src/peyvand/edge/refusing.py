"""Requests that no page should see. Asked by the bridge."""

from typing import Any


class RefusedError(Exception):
    """A request that is answered without Django: status, stable code, words."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(status, code, detail)
        self.status, self.code, self.detail = status, code, detail


def check_environ(environ: dict[str, Any]) -> None:
    """Raise RefusedError for a NUL in the address, which no store takes, and for two hosts, of which a proxy may have seen either."""
    if "\0" in environ["PATH_INFO"] or "%00" in environ["QUERY_STRING"] or "\0" in environ["QUERY_STRING"]:
        raise RefusedError(400, "bad-request", "The address holds a NUL character.")
    if "," in environ.get("HTTP_HOST", ""):  # headers that stand twice are joined by a comma
        raise RefusedError(400, "bad-request", "The request names two hosts.")
