"""Following up for programs: cases and their steps, and how the brand follows up."""

from ninja import Router

from peyvand.cases.api import cases, policy

ROUTER = Router()
for _part in (cases, policy):
    ROUTER.add_router("", _part.ROUTER)
