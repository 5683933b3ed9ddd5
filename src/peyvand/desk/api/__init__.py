"""Customers and companies for programs: found, changed, merged, and what people note about them."""

from ninja import Router

from peyvand.desk.api import advice, companies, company_page, consents, customers, history, merging, pairs, recording, shared, stages

ROUTER = Router()
for _part in (customers, consents, history, advice, recording, stages, merging, pairs, shared, companies, company_page):
    ROUTER.add_router("", _part.ROUTER)
