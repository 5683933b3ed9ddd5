"""Whose address counts: the nearest stranger seen by proxies we trust, and nobody's own word."""

from typing import Any

import pytest

from peyvand.edge.clients import Clients


def scope(peer: str, *headers: tuple[str, str]) -> dict[str, Any]:
    return {"client": (peer, 1), "scheme": "http", "headers": [(name.encode(), value.encode()) for name, value in headers]}


@pytest.mark.parametrize(
    ("proxies", "peer", "said", "client"),
    [
        ([], "9.9.9.9", "1.1.1.1", "9.9.9.9"),
        (["10.0.0.0/8"], "9.9.9.9", "1.1.1.1", "9.9.9.9"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1", "1.1.1.1"),
        (["10.0.0.0/8"], "10.0.0.1", "8.8.8.8, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "<script>, 1.1.1.1", "1.1.1.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        (["::1"], "::1", "1.1.1.1", "1.1.1.1"),
    ],
)
def test_the_client_is_the_nearest_stranger(proxies: list[str], peer: str, said: str, client: str) -> None:
    found = Clients(proxies).apply(scope(peer, ("x-forwarded-for", said), ("x-real-ip", "7.7.7.7")))
    assert found["client"][0] == client
    assert found["headers"] == []


def test_the_scheme_is_believed_from_a_trusted_proxy_only() -> None:
    https = ("x-forwarded-proto", "https")
    assert Clients(["10.0.0.1"]).apply(scope("10.0.0.1", https))["scheme"] == "https"
    assert Clients(["10.0.0.1"]).apply(scope("10.0.0.2", https))["scheme"] == "http"
    assert Clients(["10.0.0.1"]).apply(scope("10.0.0.1", ("x-forwarded-proto", "gopher")))["scheme"] == "http"
