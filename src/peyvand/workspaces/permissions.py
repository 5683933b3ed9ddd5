"""Which role may do what: the one table that views, screens and the address test read."""

from peyvand.workspaces.types import Permission as P
from peyvand.workspaces.types import Role

_READ = {P.PULSE_READ, P.FEEDBACK_READ, P.OWN_ACCOUNT}
_DESK = _READ | {P.CUSTOMERS_READ, P.CASES_READ}
_AGENT = _DESK | {P.CUSTOMERS_WRITE, P.CONTACTS_SEE, P.FEEDBACK_WRITE, P.CASES_WORK}
_LEAD = _AGENT | {P.CASES_ASSIGN, P.CATALOGUE_MANAGE}
_MANAGER = _LEAD | {P.SURVEYS_MANAGE, P.IMPORTS_MANAGE, P.EXPORT, P.SETTINGS_MANAGE, P.AUDIT_READ, P.OPERATIONS}

ROLE_PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.OWNER: frozenset(P),
    Role.MANAGER: frozenset(_MANAGER),
    Role.LEAD: frozenset(_LEAD),
    Role.AGENT: frozenset(_AGENT),
    Role.ANALYST: frozenset(_DESK | {P.EXPORT}),
    Role.VIEWER: frozenset(_READ),
}


def allows(role: str, permission: P) -> bool:
    """Say whether a role holds a permission; an unknown role holds none."""
    try:
        return permission in ROLE_PERMISSIONS[Role(role)]
    except ValueError:
        return False
