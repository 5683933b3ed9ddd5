"""Channels for programs: the outbox, and the brand's own mail server."""

from ninja import Router

from peyvand.channels.api import mail, messages

ROUTER = Router()
for _part in (messages, mail):
    ROUTER.add_router("", _part.ROUTER)
