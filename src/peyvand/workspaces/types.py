"""Plain vocabulary of workspaces: roles, permissions, scopes. Every layer may import it."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a member is in a workspace, from the most to the least trusted."""

    OWNER = "owner"
    MANAGER = "manager"
    LEAD = "lead"
    AGENT = "agent"
    ANALYST = "analyst"
    VIEWER = "viewer"


CUSTOM: Final = "custom"  # what stands in the place of a Role where the workspace made the role itself


class Permission(StrEnum):
    """What a role may do; every console address asks for one, few for two."""

    PULSE_READ = "pulse.read"
    CUSTOMERS_READ = "customers.read"
    CUSTOMERS_WRITE = "customers.write"
    CONTACTS_SEE = "contacts.see"  # phone numbers and e-mail addresses unmasked
    FEEDBACK_READ = "feedback.read"
    FEEDBACK_WRITE = "feedback.write"
    CASES_READ = "cases.read"
    CASES_WORK = "cases.work"
    CASES_ASSIGN = "cases.assign"
    SURVEYS_MANAGE = "surveys.manage"
    IMPORTS_MANAGE = "imports.manage"
    EXPORT = "export"
    CATALOGUE_MANAGE = "catalogue.manage"
    SETTINGS_MANAGE = "settings.manage"
    MEMBERS_MANAGE = "members.manage"
    SIGN_IN_MANAGE = "sign_in.manage"  # whoever has it decides who is let in as whom
    KEYS_MANAGE = "keys.manage"
    AUDIT_READ = "audit.read"
    PRIVACY = "privacy"  # export and forget a person, stop all sending
    OPERATIONS = "operations"  # dead letters and jobs
    OWN_ACCOUNT = "account.own"


TIMELINE: Final = frozenset({Permission.CUSTOMERS_READ, Permission.FEEDBACK_READ})  # what one must be allowed to who has all of it read out


class Scope(StrEnum):
    """What an API key may do. The first three need nobody; the others are permissions, used in the name of the key's maker."""

    INGEST = "ingest"
    READ = "read"
    SNIPPET = "snippet"  # public, write-only: site events from a browser
    CUSTOMERS_READ = Permission.CUSTOMERS_READ
    CUSTOMERS_WRITE = Permission.CUSTOMERS_WRITE
    CONTACTS_SEE = Permission.CONTACTS_SEE
    FEEDBACK_READ = Permission.FEEDBACK_READ
    FEEDBACK_WRITE = Permission.FEEDBACK_WRITE
    CASES_READ = Permission.CASES_READ
    CASES_WORK = Permission.CASES_WORK
    CASES_ASSIGN = Permission.CASES_ASSIGN
    SURVEYS_MANAGE = Permission.SURVEYS_MANAGE
    IMPORTS_MANAGE = Permission.IMPORTS_MANAGE
    EXPORT = Permission.EXPORT
    CATALOGUE_MANAGE = Permission.CATALOGUE_MANAGE
    SETTINGS_MANAGE = Permission.SETTINGS_MANAGE
    MEMBERS_MANAGE = Permission.MEMBERS_MANAGE
    SIGN_IN_MANAGE = Permission.SIGN_IN_MANAGE
    KEYS_MANAGE = Permission.KEYS_MANAGE
    AUDIT_READ = Permission.AUDIT_READ
    PRIVACY = Permission.PRIVACY
    OPERATIONS = Permission.OPERATIONS

    @property
    def permission(self) -> Permission | None:
        """The permission it stands for; None for what needs nobody."""
        return Permission(self.value) if self.value in {one.value for one in Permission} else None


class CalendarKind(StrEnum):
    """How days are named to the people of a workspace."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"
