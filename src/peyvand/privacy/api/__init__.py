"""Privacy for programs: what is kept of a person, how long things are kept, and stopping all sending."""

from ninja import Router

from peyvand.privacy.api import people, retention, sending

ROUTER = Router()
for _part in (people, retention, sending):
    ROUTER.add_router("", _part.ROUTER)
