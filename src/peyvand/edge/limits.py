"""How much one address may send to a public door. Called by edge.snippet."""

from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from peyvand.core import clock

MOST_KEPT: Final = 20_000
MOST_OWED: Final = 10  # buckets


class Buckets:
    """A bucket an address: it holds `burst` items and fills again by `a_second`; the emptied ones are remembered.

    Many customers of one mobile network share an address, so the limits are wide.
    """

    def __init__(self, *, burst: int, a_second: float) -> None:
        self._burst, self._a_second = burst, a_second
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Take one item out of an address's bucket: 0, or the seconds until there is one again."""
        left = self._left(address)
        allowed = left >= 1
        self._keep(address, left - 1 if allowed else left)
        return 0 if allowed else max(1, round((1 - left) / self._a_second))

    def charge(self, address: str, more: int) -> None:
        """Take what a request turned out to hold beyond the one that `wait` took; what is not there is owed, some buckets at most."""
        if more > 0:
            self._keep(address, max(self._left(address) - more, -MOST_OWED * self._burst))

    def _left(self, address: str) -> float:
        now = clock.monotonic()
        left, at = self._kept.get(network_of(address), (float(self._burst), now))
        return min(self._burst, left + (now - at) * self._a_second)

    def _keep(self, address: str, left: float) -> None:
        name = network_of(address)
        self._kept[name] = (left, clock.monotonic())
        self._kept.move_to_end(name)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def network_of(address: str) -> str:
    """An address as it is counted: an IPv6 subscriber has a whole /64 to choose from, which is told by its first address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
