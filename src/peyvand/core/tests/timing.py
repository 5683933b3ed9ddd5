"""The processor time of one thing alone, for tests that its time grows in proportion."""

import time
from collections.abc import Callable


def spent(act: Callable[[], object]) -> float:
    """Seconds of this thread, the least of three: what else the process does meanwhile must not count."""
    found = []
    for _ in range(3):
        begin = time.thread_time()
        act()
        found.append(time.thread_time() - begin)
    return min(found)
