"""What the web process counts as it goes: requests by door, groups of ingest. Read by /metrics; nothing here names a person or a brand."""

from time import perf_counter
from typing import Any, Final

from prometheus_client import Counter, Histogram

from peyvand.edge.asgi import Application, Message, Receive, Scope, Send

REQUESTS: Final = Counter(
    "peyvand_requests", "Requests answered, by door and first digit of the status (0: the client left).", ("door", "status")
)
SECONDS: Final = Histogram(
    "peyvand_request_seconds",
    "Seconds from a request's head to the end of its answer, by door.",
    ("door",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
GROUPS: Final = Histogram(
    "peyvand_ingest_group_items",
    "Interactions written by one commit of the ingest doors; the count is the number of commits.",
    buckets=(1, 10, 50, 100, 250, 500, 1000, 2500),
)
DOORS: Final = {"/api/v1/interactions": "ingest", "/api/v1/snippet": "snippet", "/snippet.js": "snippet", "/metrics": "metrics"}
PREFIXES: Final = {"static": "static", "api": "api", "s": "survey", "accounts": "sign-in", "healthz": "health", "readyz": "health"}


def door_of(path: str) -> str:
    """The class of an address: one of a dozen words, whatever anybody asks for."""
    return DOORS.get(path) or PREFIXES.get(path.split("/", 2)[1] if path.startswith("/") else "", "page")


class _Noting:
    """Passes an answer on and keeps its status. `transport` is where whoever must cut the connection looks for it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    @property
    def transport(self) -> Any:
        return getattr(getattr(self._send, "__self__", None), "transport", None)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


async def counted(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Let the application answer, and count that it did and how long it took."""
    door, noting, began = door_of(scope["path"]), _Noting(send), perf_counter()
    try:
        await application(scope, receive, noting.send)
    finally:
        REQUESTS.labels(door, str(noting.status // 100)).inc()
        SECONDS.labels(door).observe(perf_counter() - began)
