"""What the settings say of customers, for programs. The customers themselves stand in the desk's API."""

from ninja import Router

from peyvand.customers.api import fields, lifecycle, lifetime

ROUTER = Router()
for _part in (fields, lifecycle, lifetime):
    ROUTER.add_router("", _part.ROUTER)
