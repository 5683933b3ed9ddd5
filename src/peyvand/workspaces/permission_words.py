"""What each permission is called and lets one do, in the groups of the roles page. A test finds a permission without words."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.types import Permission as P


class Worded(NamedTuple):
    """A permission in words: its name and one sentence."""

    permission: P
    name: str | Promise
    means: str | Promise


GROUPS: tuple[tuple[str | Promise, tuple[Worded, ...]], ...] = (
    (
        _("Figures and answers"),
        (
            Worded(P.PULSE_READ, _("See the pulse and figures"), _("The first page and every figure behind it; whoever is here may.")),
            Worded(P.FEEDBACK_READ, _("Read answers"), _("What customers answered and wrote, one by one.")),
            Worded(P.FEEDBACK_WRITE, _("Note spoken opinions"), _("Record for a customer what they said.")),
            Worded(P.EXPORT, _("Export"), _("Take answers and lists of customers out as files.")),
        ),
    ),
    (
        pgettext_lazy("permissions", "Customers"),
        (
            Worded(P.CUSTOMERS_READ, _("See customers"), _("The list, each customer’s page and history.")),
            Worded(
                P.CONTACTS_SEE,
                _("See phone numbers and e-mail addresses"),
                _("Without it they are masked everywhere, in lists, texts and exports."),
            ),
            Worded(P.CUSTOMERS_WRITE, _("Change customers"), _("Add and edit them, note calls and consent, join and split.")),
        ),
    ),
    (
        pgettext_lazy("permissions", "Follow-up"),
        (
            Worded(P.CASES_READ, _("See cases"), _("What customers complained of, and how far it is.")),
            Worded(P.CASES_WORK, _("Work on cases"), _("Take, call, promise and close; cases come to them in turn.")),
            Worded(P.CASES_ASSIGN, _("Hand cases to others"), _("Decide who takes which case.")),
        ),
    ),
    (
        _("Asking and bringing in"),
        (
            Worded(P.SURVEYS_MANAGE, _("Manage surveys"), _("Write them, start and pause them.")),
            Worded(P.IMPORTS_MANAGE, _("Import files"), _("Bring rows in and undo an import; files show what is in them, unmasked.")),
            Worded(P.CATALOGUE_MANAGE, _("Manage names"), _("Products, branches, departments, touchpoints: rename and merge.")),
        ),
    ),
    (
        _("Running the brand"),
        (
            Worded(P.SETTINGS_MANAGE, _("Manage settings"), _("Brand, hours, channels, rules of follow-up.")),
            Worded(P.MEMBERS_MANAGE, _("Manage members and roles"), _("Invite, give roles and take access, never more than their own.")),
            Worded(P.SIGN_IN_MANAGE, _("Manage single sign-on"), _("Decide which provider says who somebody is; as strong as an owner.")),
            Worded(P.KEYS_MANAGE, _("Manage API keys"), _("Let programs in and shut them out.")),
            Worded(P.AUDIT_READ, _("Read the audit trail"), _("Who changed, saw or exported what.")),
            Worded(P.PRIVACY, _("Guard privacy"), _("Export and forget a customer for good; stop all sending at once.")),
            Worded(P.OPERATIONS, _("Look after what got stuck"), _("Jobs, letters and messages that failed: try again or dismiss.")),
        ),
    ),
    (
        _("Themselves"),
        (Worded(P.OWN_ACCOUNT, _("Have an account of their own"), _("Name, password, second factor; whoever is here may.")),),
    ),
)
NAMES = {worded.permission: worded.name for _title, group in GROUPS for worded in group}


def permission_list(permissions: Iterable[P]) -> str:
    """Permissions by name, in the order of the page, as part of a sentence."""
    wanted = set(permissions)
    return gettext(", ").join(str(name) for permission, name in NAMES.items() if permission in wanted)
