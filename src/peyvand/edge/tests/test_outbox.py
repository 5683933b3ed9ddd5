"""The buffer between a page's thread and the event loop, in the moments in which both move."""

import asyncio
import os
import threading
from contextlib import suppress

from tests.waiting import PATIENCE

from peyvand.edge import outbox as module
from peyvand.edge.outbox import ClientGoneError, Outbox


def test_a_client_that_leaves_amid_a_full_piece_does_not_hold_the_writer_for_ever(monkeypatch):
    monkeypatch.setattr(module, "IN_MEMORY", 0)
    monkeypatch.setattr(module, "ON_DISK", 0)
    pwrite, leaves = os.pwrite, []

    def slow_pwrite(*args):
        leaves.append(threading.Thread(target=outbox.abandon))
        leaves[-1].start()
        leaves[-1].join(0.1)  # the client is gone before the piece is down, as far as the lock lets it
        return pwrite(*args)

    monkeypatch.setattr(os, "pwrite", slow_pwrite)
    ended = threading.Event()

    def write():
        with suppress(ClientGoneError):
            while True:
                outbox.put(b"x" * 10)
        ended.set()

    with Outbox(asyncio.new_event_loop()) as outbox:
        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        assert ended.wait(PATIENCE)
    leaves[0].join()
