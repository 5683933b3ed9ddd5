"""The pages this app adds to the settings index."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission as P

BRAND, PEOPLE, SYSTEM = _("Your brand"), _("People and keys"), _("What went on")

SETTINGS_PAGES = [
    SettingsPage(BRAND, _("Name, logo and colour"), _("How surveys and this console look"), "workspaces:brand", P.SETTINGS_MANAGE, "star"),
    SettingsPage(
        BRAND, _("Language and region"), _("Languages, calendar, time zone, currency"), "workspaces:region", P.SETTINGS_MANAGE, "globe"
    ),
    SettingsPage(
        BRAND, _("Business hours"), _("When somebody is there; deadlines count these hours"), "workspaces:hours", P.SETTINGS_MANAGE, "clock"
    ),
    SettingsPage(
        BRAND, _("Holidays"), _("Days that deadlines skip; Iran's are offered"), "workspaces:holidays", P.SETTINGS_MANAGE, "calendar"
    ),
    SettingsPage(PEOPLE, _("Members"), _("Who is here, in which role; invitations"), "workspaces:members", P.MEMBERS_MANAGE, "people"),
    SettingsPage(PEOPLE, _("Roles"), _("What each may see and do; make your own"), "workspaces:roles", P.MEMBERS_MANAGE, "list"),
    SettingsPage(PEOPLE, _("Single sign-on"), _("Sign in by your own provider"), "workspaces:sign_on", P.SIGN_IN_MANAGE, "shield"),
    SettingsPage(PEOPLE, _("API keys"), _("For your shop, your till, your website"), "workspaces:keys", P.KEYS_MANAGE, "key"),
    SettingsPage(
        PEOPLE, _("Your account"), _("Name, language, password, second factor, devices"), "workspaces:account", P.OWN_ACCOUNT, "person"
    ),
    SettingsPage(SYSTEM, _("Audit trail"), _("Who changed, saw or exported what"), "workspaces:audit", P.AUDIT_READ, "history"),
]
