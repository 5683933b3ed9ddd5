"""Customers and companies for programs: found, changed, merged, and what people note about them."""

from ninja import Router

from peyvand.desk.api import companies, customers, merging, pairs, recording, shared, stages

ROUTER = Router()
for _part in (customers, recording, stages, merging, pairs, shared, companies):
    ROUTER.add_router("", _part.ROUTER)
