"""The timeline for programs: interactions, the kinds a brand declares, and what went wrong with reacting to them."""

from ninja import Router

from peyvand.timeline.api import interactions, kinds, trouble

ROUTER = Router()
for _part in (interactions, kinds, trouble):
    ROUTER.add_router("", _part.ROUTER)
