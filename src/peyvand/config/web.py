"""The web process: the edge and Django in one uvicorn.

Run by `peyvand web`, which `peyvand serve` starts.
"""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import NoReturn

import uvicorn
from django.conf import settings
from django.db import DatabaseError, connection
from django.urls import resolve

from peyvand.config.speech import tell
from peyvand.config.wsgi import application
from peyvand.core import beats
from peyvand.core.loops import Loop, run_loop
from peyvand.edge.app import Edge
from peyvand.edge.bridge import Bridge
from peyvand.edge.clients import Clients
from peyvand.edge.connections import Connection, hang_up_on_silent, make_room
from peyvand.edge.doors import doors
from peyvand.edge.members import signed_in
from peyvand.workspaces.queries.places import nobody_yet
from peyvand.workspaces.setup_code import setup_address

GRACE_SECONDS = 3
LEAVE_SECONDS = 1.0
IDLE_SECONDS = 15  # a proxy in front must let a connection go sooner: see deploy/
SWITCH_SECONDS = 0.0005
NEW_OBJECTS = 100_000  # of groups that the doors take in, which live and die together: the collector's 700 cost a sixth of their time


def make_application() -> Edge:
    """Compose the ASGI application from the settings."""
    bridge = Bridge(
        application,
        signed_in=signed_in,
        threads=settings.PEYVAND_THREADS,
        max_body=settings.PEYVAND_MAX_BODY_MB << 20,
        send_seconds=settings.PEYVAND_SEND_SECONDS,
    )
    return Edge(pages=bridge, clients=Clients(settings.PEYVAND_TRUSTED_PROXIES), doors=doors())


class Server(uvicorn.Server):
    """Tells once when it serves, and ends by itself on a signal instead of raising it again."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; every fifth second those hang up who said nothing."""
        if counter % 50 == 0:
            hang_up_on_silent(self.server_state.connections)
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            tell(f"Peyvand serves at {settings.PEYVAND_URL}", sys.stdout)
            if first := await asyncio.to_thread(_first_run):
                tell(f"Nobody has an account yet. Set it up at {first}", sys.stdout)
            await asyncio.to_thread(_warm_up)


def _first_run() -> str:
    """Where to begin, code included; empty once somebody has an account. Said here, since only the operator reads it."""
    try:
        return setup_address() if nobody_yet() else ""
    except DatabaseError:
        return ""  # the doors tell of a failing store; this is only a hint
    finally:
        connection.close()


def _warm_up() -> None:
    """Load every page's code before the first visitor needs it, then keep the collector from walking what stays for ever."""
    resolve("/")
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)


def serve(listening: socket.socket) -> NoReturn:
    """Serve on a bound socket until SIGTERM or SIGINT, then end the process within three seconds and a little."""
    limit_statements()
    # Threads that compute pages would keep the event loop waiting five milliseconds for each of its turns.
    sys.setswitchinterval(SWITCH_SECONDS)
    Connection.most = make_room()
    config = uvicorn.Config(
        make_application(),
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
        backlog=1024,
    )
    server = Server(config)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        with signs_of_life():
            runner.run(server.serve(sockets=[listening]))
        logging.shutdown()
        # Threads may still hang on a slow query; the database rolls back what they did not commit.
        os._exit(0 if server.started else 1)


@contextmanager
def signs_of_life() -> Generator[None, None, None]:
    """Tell the records that this web lives, first of all and then every few seconds, and that it ends: a restore must find nobody here.

    A store that takes nothing keeps nobody from serving: `run_loop` tries again.
    """
    process, stop = beats.this_process(), threading.Event()

    def beat() -> None:
        beats.beat(process, "web", {"pid": os.getpid()})

    def beat_on() -> None:
        stop.wait(beats.BEAT_SECONDS)
        run_loop(Loop("beat", beats.BEAT_SECONDS, beat), stop)
        with suppress(DatabaseError):
            beats.end(process)

    with suppress(DatabaseError):
        beat()
    connection.close()
    thread = threading.Thread(target=beat_on, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LEAVE_SECONDS)


def limit_statements() -> None:
    """On PostgreSQL, let no statement of this process run longer than a person would wait."""
    if connection.vendor == "postgresql":
        options = connection.settings_dict["OPTIONS"]
        options["options"] = f"{options.get('options', '')} -c statement_timeout={settings.PEYVAND_STATEMENT_SECONDS}s".strip()
