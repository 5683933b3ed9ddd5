"""A real name server on this machine for tests: answers TXT questions over UDP from a table, or never."""

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


@contextmanager
def answering(texts: Mapping[str, Sequence[str]] | None, heard: set[str] | None = None) -> Iterator[dns.resolver.Resolver]:
    """A resolver that asks a server with these TXT records; with None, one that keeps silent. What it is asked is noted in `heard`."""

    class Answering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, socket = self.request
            if heard is not None:
                heard.add(dns.message.from_wire(packet).question[0].name.to_text())
            if texts is not None:
                socket.sendto(_answer(packet, texts), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.server_address[1]
        try:
            yield resolver
        finally:
            server.shutdown()
            thread.join()


def _answer(packet: bytes, texts: Mapping[str, Sequence[str]]) -> bytes:
    asked = dns.message.from_wire(packet)
    name = asked.question[0].name
    reply: Any = dns.message.make_response(asked)
    reply.flags |= dns.flags.AA
    found = texts.get(name.to_text(omit_final_dot=True).lower())
    if found is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif found:
        pieces = [" ".join(f'"{text[n : n + 200]}"' for n in range(0, len(text), 200)) for text in found]
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *pieces))
    return bytes(reply.to_wire())
