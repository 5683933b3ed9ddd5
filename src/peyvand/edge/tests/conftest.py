"""The ingest doors as they are served: a real uvicorn, a workspace with a key, and a client without a library."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.waiting import PATIENCE

from peyvand.catalogue.services import lay_defaults
from peyvand.edge.doors import doors
from peyvand.edge.tests.serving import ask, serving
from peyvand.timeline.models import Era
from peyvand.workspaces.models import ApiKey, Workspace
from peyvand.workspaces.services import create_workspace
from peyvand.workspaces.services.keys import create_key

PATH = "/api/v1/interactions"


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Shop:
    """A workspace, its key, and the port at which it is served."""

    port: int
    workspace: Workspace
    key: ApiKey
    secret: str

    def post(self, body: Any = None, *, path: str = PATH, method: str = "POST", **headers: str) -> Answered:
        """Send a request; `headers` override the usual ones, and an empty one is left out."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        usual = {"host": "localhost", "connection": "close", "authorization": f"Bearer {self.secret}", "content-type": "application/json"}
        named = usual | {"content-length": str(len(raw))} | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items() if value), "", ""]
        return Answered(*ask(self.port, "\r\n".join(lines).encode("latin-1") + raw))

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)


def no_pages(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
    """Stands for Django: says that a request came through to the pages."""
    start_response("299 Page", [("Content-Type", "text/plain")])
    return [environ["REQUEST_METHOD"].encode()]


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:
    """A shop served for the length of a test."""
    Era.objects.get_or_create(number=1)  # the migration's row goes with each flush
    workspace = create_workspace(name="Golestan")
    lay_defaults(workspace=workspace)
    key, secret = create_key(workspace=workspace, name="shop", scopes=["ingest"])
    made = doors()
    with serving(no_pages, doors=tuple(made)) as port:
        yield Shop(port, workspace, key, secret)
    for door in made:  # uvicorn was told to end at once, without asking the doors to close
        if door.close is not None:
            asyncio.run(wait_for(door.close))


async def wait_for(close: Callable[[], Awaitable[None]]) -> None:
    await close()
