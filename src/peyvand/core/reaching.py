"""The way to a machine of others: its name looked up, a few of its addresses tried, all in time; and how many pages may wait there.

Called by whatever asks them.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Lock, Thread, get_ident
from typing import Final

from peyvand.core.alarm import Alarm

LOOK_UP: Final = 6.0  # seconds: a name server that is silent is passed over after five
MOST_ADDRESSES: Final = 4
# Who is waited for no longer looks on until the system gives up, which may be minutes; there are never more of them in a process.
_room = BoundedSemaphore(32)
AT_ONCE: Final = 2  # pages of a process that wait for machines of others: the rest of its few threads is for pages that need nobody
_lock = Lock()
_turns: dict[int, int] = {}  # by workspace: the thread that has its turn


class BusyError(Exception):
    """As many pages wait for machines of others as may; nothing was asked. A page that raises it is answered 503."""


@contextmanager
def turn(workspace_id: int) -> Iterator[None]:
    """Let a page wait in this block: one of each workspace, `AT_ONCE` of a process. Raises BusyError at once beyond that.

    Within its turn a page may take it again.
    """
    me = get_ident()
    with _lock:
        again = _turns.get(workspace_id) == me
        if not again:
            if workspace_id in _turns or len(_turns) >= AT_ONCE:
                raise BusyError
            _turns[workspace_id] = me
    try:
        yield
    finally:
        if not again:
            with _lock:
                del _turns[workspace_id]


def look_up(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name, best first. Raises OSError and ValueError where it has none, TimeoutError where it is not told in time."""
    if not _room.acquire(blocking=False):
        raise TimeoutError
    found: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def look() -> None:
        try:
            found.put([str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, ValueError) as error:
            found.put(error)
        finally:
            _room.release()

    Thread(target=look, name="look-up", daemon=True).start()
    try:
        answer = found.get(timeout=max(seconds, 0))
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return list(dict.fromkeys(answer))


def reach(addresses: Sequence[str], port: int, alarm: Alarm, longest: float) -> socket.socket:
    """A connection to the first of a few addresses that answers, which waits `longest` seconds for each word. Raises OSError.

    Each has its share of what the alarm leaves: one that is silent takes nothing from the next, and all together end in time.
    """
    tried = _by_turns(addresses)[:MOST_ADDRESSES]
    failure = OSError("no address")
    for place, address in enumerate(tried):
        left = alarm.left()
        if left <= 0:
            raise TimeoutError
        try:
            wire = socket.create_connection((address, port), min(longest, left / (len(tried) - place)))
        except OSError as error:
            failure = error
        else:
            wire.settimeout(longest)
            return wire
    raise failure


def _by_turns(addresses: Sequence[str]) -> list[str]:
    """Of IPv6 and of IPv4 by turns, the kind of the best first: where one kind leads nowhere, the few that are tried hold the other."""
    kinds: dict[bool, list[str]] = {}
    for address in addresses:
        kinds.setdefault(":" in address, []).append(address)
    return [address for turn in zip_longest(*kinds.values()) for address in turn if address is not None]
