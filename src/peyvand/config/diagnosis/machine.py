"""Checks of the machine and of how it is reached: names of settings, data folder, public address, certificate, Redis, Spark."""

import difflib
import shutil
import socket
import ssl
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache

from peyvand.config.diagnosis.findings import State, gigabytes
from peyvand.config.settings.environment import DECLARED, undeclared
from peyvand.core import clock
from peyvand.timeline.warehouse import engine_name

LOW_DISK: Final = 2 << 30
NO_DISK: Final = 200 << 20
TLS_SECONDS: Final = 5.0
MASTER_SECONDS: Final = 3.0
USUAL_MASTER: Final = 7077
RENEW: Final = timedelta(days=14)  # certificates of 90 days are renewed a month before their end


def names() -> Iterator[tuple[State, str]]:
    """Every PEYVAND_… name in the environment is one that Peyvand knows."""
    strange = undeclared()
    for name in strange:
        near = difflib.get_close_matches(name, DECLARED, 1, 0.8)
        yield "note", f"there is no setting {name}{f'; perhaps {near[0]} is meant' if near else ''}. It does nothing."
    if not strange:
        yield "ok", "every PEYVAND_ name is known"


def folder() -> Iterator[tuple[State, str]]:
    """The data folder can be written, has room, and its secret is the owner's alone."""
    data: Path = settings.PEYVAND_DATA
    with tempfile.TemporaryFile(dir=data) as file:
        file.write(b"x" * 4096)
    free = shutil.disk_usage(data).free
    words = f"{data} is writable, {gigabytes(free)} free"
    if free < NO_DISK:
        yield "fault", f"{words}: nothing can be stored soon. Free some space."
    else:
        yield ("note", f"{words}: free some space soon.") if free < LOW_DISK else ("ok", words)
    secret = data / "secret.key"
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield "fault", f"{secret} can be read by other users: chmod 600 {secret}"


def exposure() -> Iterator[tuple[State, str]]:
    """What a stranger could see or overhear."""
    if settings.DEBUG:
        yield "note", "PEYVAND_DEBUG is on: error pages show source code to everybody who can reach this"
    if settings.PEYVAND_URL.startswith("http://") and "://localhost" not in settings.PEYVAND_URL:
        yield "note", f"{settings.PEYVAND_URL} is not https: passwords cross the network in the clear"


def certificate() -> Iterator[tuple[State, str]]:
    """The certificate behind an https PEYVAND_URL: browsers accept it, and for how long still."""
    address = urlsplit(settings.PEYVAND_URL)
    if address.scheme != "https" or not address.hostname:
        return
    where = f"{address.hostname}:{address.port or 443}"
    try:
        ends = _ends(address.hostname, address.port or 443)
    except ssl.SSLCertVerificationError as error:
        yield "fault", f"the certificate of {where} is refused: {error.verify_message}. Renew it or mend the chain."
        return
    except ssl.SSLError as error:
        yield "fault", f"{where} speaks no TLS: {error.reason or error}. Look at the proxy in front."
        return
    except OSError as error:
        yield "note", f"could not ask {where} from here ({error.strerror or error}): open {settings.PEYVAND_URL} from outside."
        return
    left = ends - clock.now()
    words = f"the certificate of {where} ends on {ends:%Y-%m-%d}, in {left.days} days"
    yield ("note", f"{words}: see why it was not renewed.") if left < RENEW else ("ok", words)


def _ends(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=TLS_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        shown: dict[str, Any] = wrapped.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def redis() -> Iterator[tuple[State, str]]:
    """Redis answers, where one is set."""
    if settings.PEYVAND_REDIS_URL:
        cache.set("doctor", "was here", 10)
        yield "ok", "Redis answers"


def analytics() -> Iterator[tuple[State, str]]:
    """What computes figures; the master of a Spark cluster answers."""
    engine = engine_name()
    if engine != "spark":
        yield "ok", f"{engine} computes in each process"
        return
    master = urlsplit(str(settings.PEYVAND_ANALYTICS).partition(",")[0])  # several masters stand by for one another
    try:
        socket.create_connection((master.hostname, master.port or USUAL_MASTER), timeout=MASTER_SECONDS).close()
    except OSError as error:
        yield (
            "fault",
            f"the Spark master at {master.netloc} does not answer ({error.strerror or error}): figures fail. Start it.",
        )
    else:
        yield "ok", f"the Spark master at {master.netloc} answers"
