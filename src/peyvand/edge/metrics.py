"""/metrics, in the text of Prometheus: for programs on this machine, or for whoever shows the token of the settings."""

import asyncio
import hmac
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.db import connection
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

from peyvand.edge.asgi import Receive, Scope, Send, answer, header, problem
from peyvand.edge.clients import FORWARDED
from peyvand.edge.gauges import Stores

READ_SECONDS: Final = 10.0
STORES: Final = CollectorRegistry()
STORES.register(Stores())
REFUSED: Final = "Only a program on this machine itself, or one that shows PEYVAND_METRICS_TOKEN as a bearer token, may read this."


async def metrics(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
    """Answer with what this process counted and what the stores tell."""
    if not may_read(scope):
        await problem(send, 403, "metrics-refused", REFUSED)
        return
    try:
        async with asyncio.timeout(READ_SECONDS):
            told = await asyncio.to_thread(_read)
    except TimeoutError:
        told = generate_latest(REGISTRY)  # the stores do not answer: what this process counted is told all the same
    await answer(send, 200, told, CONTENT_TYPE_LATEST.encode())


def may_read(scope: Scope) -> bool:
    """Say whether a caller may read: by the token, or from this machine and not through a proxy on it."""
    token = settings.PEYVAND_METRICS_TOKEN
    given = header(scope, b"authorization")
    if token and hmac.compare_digest(given, f"Bearer {token}".encode()):
        return True
    return not scope.get(FORWARDED) and _is_here(scope)


def _is_here(scope: Scope) -> bool:
    try:
        return ip_address(scope["client"][0] if scope.get("client") else "").is_loopback
    except ValueError:
        return False


def _read() -> bytes:
    try:
        return generate_latest(REGISTRY) + generate_latest(STORES)
    finally:
        connection.close()
