"""The workspace itself for programs: how it looks and counts, who works here, which keys there are, what the audit trail says."""

from ninja import Router

from peyvand.workspaces.api import brand, holidays, invitations, keys, people, roles, sign_on, trail

ROUTER = Router()
for _part in (brand, holidays, people, invitations, roles, keys, sign_on, trail):
    ROUTER.add_router("", _part.ROUTER)
