"""Machines that are there and say nothing, names that lead to them, pages that wait: on loopback, nothing of it leaves this machine."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from peyvand.core.reaching import turn
from tests.waiting import PATIENCE, until

NAME = "many.localhost"
EIGHT = [f"127.0.0.{place}" for place in range(11, 19)]


@contextmanager
def dropping(hosts: Sequence[str]) -> Iterator[int]:
    """Loopback addresses that drop whoever wants to connect, as a firewall does; gives the port, one for all."""
    port = 0
    with ExitStack() as stack:
        for host in hosts:
            door = stack.enter_context(socket.socket())
            door.bind((host, port))
            port = door.getsockname()[1]
            door.listen(0)
            for _turn in range(3):  # who fills the queue: the kernel drops whoever comes after
                caller = stack.enter_context(socket.socket())
                caller.setblocking(False)
                caller.connect_ex((host, port))
        yield port


def lead(monkeypatch: pytest.MonkeyPatch, hosts: Sequence[str], name: str = NAME) -> None:
    """Have a name lead to these addresses; all others lead where they do."""
    usual = socket.getaddrinfo

    def look(host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        if host != name:
            return list(usual(host, port, *more, **named))
        return [found for address in hosts for found in usual(address, port, *more, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", look)


@contextmanager
def waiting_for(workspace_id: int) -> Iterator[None]:
    """Another page of the workspace waits for a machine of others."""
    begun, end = threading.Event(), threading.Event()

    def wait() -> None:
        with turn(workspace_id):
            begun.set()
            end.wait(PATIENCE)

    page = threading.Thread(target=wait, daemon=True)
    page.start()
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        end.set()
        page.join()


@contextmanager
def untold(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server that is silent for long, and then knows no name; at the end nobody waits for it any more."""
    end = threading.Event()

    def look(*_more: Any, **_named: Any) -> list[Any]:
        end.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look)
    yield
    end.set()
    until(lambda: not looking(), "whoever looked a name up still does")


def looking() -> list[threading.Thread]:
    """Who looks a name up just now."""
    return [thread for thread in threading.enumerate() if thread.name == "look-up"]
