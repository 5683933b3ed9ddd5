"""Which preset role may do what, and what permissions need: the one table that views, screens and the address test read."""

from collections.abc import Iterable

from peyvand.workspaces.types import Permission as P
from peyvand.workspaces.types import Role

_READ = {P.PULSE_READ, P.FEEDBACK_READ, P.OWN_ACCOUNT}
_DESK = _READ | {P.CUSTOMERS_READ, P.CASES_READ}
_AGENT = _DESK | {P.CUSTOMERS_WRITE, P.CONTACTS_SEE, P.FEEDBACK_WRITE, P.CASES_WORK}
_LEAD = _AGENT | {P.CASES_ASSIGN, P.CATALOGUE_MANAGE}
_MANAGER = _LEAD | {P.SURVEYS_MANAGE, P.IMPORTS_MANAGE, P.EXPORT, P.SETTINGS_MANAGE, P.AUDIT_READ, P.PRIVACY, P.OPERATIONS}

ROLE_PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.OWNER: frozenset(P),
    Role.MANAGER: frozenset(_MANAGER),
    Role.LEAD: frozenset(_LEAD),
    Role.AGENT: frozenset(_AGENT),
    Role.ANALYST: frozenset(_DESK | {P.EXPORT}),
    Role.VIEWER: frozenset(_READ),
}


EVERYBODYS = frozenset({P.OWN_ACCOUNT, P.PULSE_READ})  # the first page and the own account open for whoever is here
NEEDS: dict[P, frozenset[P]] = {
    P.FEEDBACK_WRITE: frozenset({P.FEEDBACK_READ, P.CUSTOMERS_READ}),
    P.CUSTOMERS_WRITE: frozenset({P.CUSTOMERS_READ}),
    P.CASES_WORK: frozenset({P.CASES_READ}),
    P.PRIVACY: frozenset({P.CUSTOMERS_READ, P.CONTACTS_SEE}),
    P.CASES_ASSIGN: frozenset({P.CASES_READ, P.CASES_WORK}),
}


def allows(role: str, permission: P) -> bool:
    """Say whether a preset role holds a permission; an unknown role holds none. Of a person, ask `member.may(permission)`."""
    return permission in permissions_of(role)


def permissions_of(role: str) -> frozenset[P]:
    """What a preset role may do; an unknown one nothing."""
    return ROLE_PERMISSIONS[Role(role)] if role in set(Role) else frozenset()


def completed(permissions: Iterable[P]) -> frozenset[P]:
    """These permissions, what is everybody's, and what they make no sense without: nobody changes what they cannot see."""
    wanted = frozenset(permissions)
    return wanted.union(EVERYBODYS, *(NEEDS.get(permission, frozenset()) for permission in wanted))
