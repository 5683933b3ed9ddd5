"""Signs of life for a supervisor or a load balancer: /healthz (this process answers), /readyz (the database does too)."""

import asyncio

from django.db import connection

from peyvand.core.db import store_failure
from peyvand.edge.asgi import Receive, Scope, Send, answer, problem

READY_SECONDS = 3.0


async def healthz(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
    """Answer that the process lives."""
    await answer(send, 200, b"ok\n", b"text/plain; charset=utf-8")


async def readyz(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
    """Answer whether pages could be served now; 503 where the database does not answer within three seconds."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await asyncio.to_thread(_ask)
    except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
        reason = store_failure(error) or "The database does not answer."
        await problem(send, 503, "store-unavailable", str(reason), [(b"retry-after", b"5")])
        return
    await answer(send, 200, b"ready\n", b"text/plain; charset=utf-8")


def _ask() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()
