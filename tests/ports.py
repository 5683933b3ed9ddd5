"""Ports for servers that tests start: below those which the system lends to whoever connects, so that none is taken meanwhile."""

import random
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

LENT: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
FIRST: Final = 10_000
FEW: Final = 5_000

_given: set[int] = set()


def free_port(width: int = 1) -> int:
    """A port of this machine nobody listens at, nor at the next ones where `width` asks for some; never the same twice in a process."""
    lent = int(LENT.read_text().split()[0]) if LENT.exists() else 0
    end = lent if lent > FIRST + FEW else 32_768
    chance = random.SystemRandom()  # two runs beside each other begin at different places
    while True:
        first = chance.randrange(FIRST, end - width)
        wanted = range(first, first + width)
        if _given.isdisjoint(wanted) and all(map(_is_free, wanted)):
            _given.update(wanted)
            return first


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False
