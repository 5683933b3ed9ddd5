"""How much one address may send to a public door. Called by edge.snippet."""

from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from peyvand.core import clock

MOST_KEPT: Final = 20_000


class Buckets:
    """A bucket an address: it holds `burst` requests and fills again by `a_second`; the emptied ones are remembered.

    Many customers of one mobile network share an address, so the limits are wide.
    """

    def __init__(self, *, burst: int, a_second: float) -> None:
        self._burst, self._a_second = burst, a_second
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Take one request out of an address's bucket: 0, or the seconds until there is one again."""
        now = clock.monotonic()
        name = network_of(address)
        left, at = self._kept.pop(name, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._a_second)
        allowed = left >= 1
        self._kept[name] = (left - 1 if allowed else left, now)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return 0 if allowed else max(1, round((1 - left) / self._a_second))


def network_of(address: str) -> str:
    """An address as it is counted: an IPv6 subscriber has a whole /64 to choose from, which is told by its first address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
