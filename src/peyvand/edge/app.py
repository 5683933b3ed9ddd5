"""The one ASGI application: fast doors answer themselves, everything else is Django's behind the bridge."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from peyvand.edge.asgi import Application, Receive, Scope, Send
from peyvand.edge.clients import Clients
from peyvand.edge.counting import counted
from peyvand.edge.health import healthz, readyz

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Door:
    """Addresses answered without Django: exact path → ASGI callable; open and close run with the server.

    With `methods`, the door answers these alone and leaves the address to the pages for all others.
    """

    paths: Mapping[str, Application]
    methods: frozenset[str] | None = None
    open: Step | None = None
    close: Step | None = None


@dataclass
class Edge:
    """Sends each request to its door. The client's address and scheme are settled here, once for all doors."""

    pages: Application
    clients: Clients
    doors: list[Door] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._routes: dict[str, tuple[Application, frozenset[str] | None]] = {"/healthz": (healthz, None), "/readyz": (readyz, None)}
        for door in self.doors:
            self._routes.update({path: (application, door.methods) for path, application in door.paths.items()})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await counted(self._application(scope), self.clients.apply(scope), receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _application(self, scope: Scope) -> Application:
        application, methods = self._routes.get(scope["path"], (self.pages, None))
        return application if methods is None or scope["method"] in methods else self.pages

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        for door in self.doors:
            if door.open is not None:
                await door.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for door in reversed(self.doors):
            if door.close is not None:
                await door.close()
        await send({"type": "lifespan.shutdown.complete"})
