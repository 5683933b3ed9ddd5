"""Who is calling: the client's address and scheme, believed from a proxy's headers only where that proxy is trusted."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from peyvand.edge.asgi import Scope

# Headers by which a proxy speaks; none of them reaches an application, so that nobody can be fooled by them.
PROXY_HEADERS = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port", b"x-real-ip"})
FORWARDED = "peyvand.forwarded"  # in the scope: a proxy passed this on, trusted or not


class Clients:
    """Knows the trusted proxies."""

    def __init__(self, proxies: Iterable[str] = ()) -> None:
        self._proxies: list[IPv4Network | IPv6Network] = [ip_network(proxy, strict=False) for proxy in proxies]

    def apply(self, scope: Scope) -> Scope:
        """Return the scope with the client and scheme that count, and without any proxy header."""
        peer = scope["client"][0] if scope.get("client") else ""
        headers = [(name, value) for name, value in scope["headers"] if name not in PROXY_HEADERS]
        scope[FORWARDED] = len(headers) < len(scope["headers"]) or any(name == b"via" for name, _value in headers)
        if not self._trusts(peer):
            return {**scope, "headers": headers}
        said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")
        scheme = b"".join(value for name, value in scope["headers"] if name == b"x-forwarded-proto").decode("latin-1")
        client = (self._nearest_stranger(said, peer), 0)
        return {**scope, "headers": headers, "client": client, "scheme": scheme if scheme in {"http", "https"} else scope["scheme"]}

    def _nearest_stranger(self, said: str, peer: str) -> str:
        # Read from the right: each trusted proxy added whom it saw; what stands further left, anybody may have written.
        nearest = peer
        for address in reversed([word.strip() for word in said.split(",") if word.strip()]):
            if _parse(address) is None:
                break
            nearest = address
            if not self._trusts(address):
                break
        return nearest

    def _trusts(self, address: str) -> bool:
        if not self._proxies:
            return False
        parsed = _parse(address)
        return parsed is not None and any(parsed in network for network in self._proxies)


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
