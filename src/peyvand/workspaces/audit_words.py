"""The audit trail in the reader's words: what was done, and what exactly. Called by its page; a test finds actions without words."""

from collections.abc import Mapping

from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from peyvand.core import display
from peyvand.core.calendars import weekday_name
from peyvand.core.ids import public_id
from peyvand.core.reader import active_reader
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.permission_words import permission_list
from peyvand.workspaces.types import Permission, Role
from peyvand.workspaces.wording import role_word

Words = Mapping[str, str | Promise]
LONGEST = 80
ACTIONS: Words = {
    "workspace.created": _("made the workspace"),
    "workspace.changed": _("changed the settings"),
    "holiday.put": _("entered a holiday"),
    "holiday.deleted": _("removed a holiday"),
    "member.invited": _("invited"),
    "member.joined": _("joined"),
    "member.changed": _("changed the role of"),
    "member.removed": _("took access from"),
    "role.created": _("made the role"),
    "role.changed": _("changed what may be done in the role"),
    "role.deleted": _("deleted the role"),
    "sign_on.set": _("set up single sign-on with"),
    "sign_on.removed": _("took away single sign-on with"),
    "sign_on.linked": _("linked the provider’s account of"),
    "password.changed": _("changed their own password"),
    "password.put": _("set a new password for"),
    "second_factor.added": _("added a second factor to their own sign-in"),
    "second_factor.changed": _("renewed the second factor of their own sign-in"),
    "second_factor.removed": _("removed a second factor of their own sign-in"),
    "second_factor.dropped": _("took away the second factor of sign-in from"),
    "invitation.revoked": _("withdrew the invitation of"),
    "key.created": _("made the key"),
    "key.revoked": _("revoked the key"),
    "audit.exported": _("exported this list"),
    "answers.exported": _("exported answers"),
    "comparison.exported": _("exported a comparison"),
    "answers.listed": _("looked at answers"),
    "cases.listed": _("looked at the list of cases"),
    "messages.listed": _("looked at the outbox"),
    "interactions.read": _("took interactions by the API"),
    "customers.exported": _("exported customers"),
    "customers.listed": _("looked at the list of customers"),
    "sending.stopped": _("stopped all sending"),
    "retention.set": _("set how long things are kept"),
    "retention.removed": _("took away a rule of how long things are kept"),
    "retention.took": _("let go of what was old by a rule"),
    "sending.approved": _("agreed that many are written to:"),
    "sending.refused": _("refused to let many be written to:"),
    "sending.resumed": _("let messages leave again"),
    "messages.dropped": _("dropped messages that waited"),
    "person.exported": _("exported everything kept of the customer"),
    "person.erased": _("had a customer forgotten: erasure"),
    "customer.created": _("added the customer"),
    "customer.changed": _("changed what is known of the customer"),
    "customer.renamed": _("renamed the customer"),
    "customer.placed": _("noted the company of the customer"),
    "customer.unplaced": _("took out of their company the customer"),
    "lifecycle.changed": _("changed the stages of the relationship of"),
    "company.added": _("added the company"),
    "company.changed": _("changed the company"),
    "customer.preferences": _("changed the preferences of the customer"),
    "identity.added": _("added a way to reach the customer"),
    "identity.removed": _("removed a way to reach the customer"),
    "identity.split": _("split somebody else off the customer"),
    "backup.taken": _("took a backup of everything"),
    "secrets.rotated": _("changed the secret key of this installation"),
    "consent.granted": _("noted the consent of the customer"),
    "consent.refused": _("noted the refusal of the customer"),
    "attribute.saved": _("changed the customer field"),
    "attribute.archived": _("put away the customer field"),
    "call.logged": _("noted a call with the customer"),
    "note.written": _("wrote a note about the customer"),
    "opinion.recorded": _("recorded an opinion of the customer"),
    "words.added": _("added words to an opinion of the customer"),
    "record.taken_back": _("took back a record of the customer"),
    "conflict.same": _("decided that two are one person"),
    "conflict.apart": _("decided that two are different people"),
    "conflict.undone": _("made two people again of one with the customer"),
    "shared.marked": _("marked a value as shared by many"),
    "shared.unmarked": _("said that a value is one person’s"),
    "crowd.settled": _("looked at a customer known by very many ways"),
    "case.opened": _("opened the case"),
    "case.assigned": _("changed the owner of the case"),
    "case.contacted": _("noted a call in the case"),
    "case.noted": _("wrote a note in the case"),
    "case.promised": _("promised something in the case"),
    "case.promise_kept": _("kept a promise of the case"),
    "case.promise_withdrawn": _("withdrew a promise of the case"),
    "case.reason_set": _("set the reason of the case"),
    "case.deadline_moved": _("moved the deadline of the case"),
    "case.closed": _("closed the case"),
    "case.reopened": _("opened the case again"),
    "policy.changed": _("changed the rules of follow-up"),
    "survey.created": _("made the survey"),
    "survey.changed": _("changed the survey"),
    "survey.resumed": _("started the survey"),
    "survey.paused": _("paused the survey"),
    "channel.set": _("connected the channel"),
    "channel.removed": _("disconnected the channel"),
    "address.lifted": _("let mails go again to the customer"),
    "message.resent": _("sent the message again"),
    "webhook.made": _("made the webhook"),
    "webhook.changed": _("changed the webhook"),
    "webhook.removed": _("removed the webhook"),
    "webhook.secret_made": _("made a new secret for the webhook"),
    "webhook.secret_dropped": _("dropped the old secret of the webhook"),
    "webhook.replayed": _("had it told again to the webhook"),
    "import.started": _("started the import"),
    "import.finished": _("finished the import"),
    "import.undone": _("undid the import"),
    "import.files_deleted": _("deleted the files of the import"),
    "import.rejected_read": _("took the rejected rows of the import"),
    "letter.retried": _("tried again"),
    "letter.dismissed": _("dismissed"),
    "job.retried": _("let the job run again"),
    "job.discarded": _("discarded the job"),
}
CHANGES: Words = {"saved": _("changed"), "merged": _("merged into"), "separated": _("separated from")}
DIMENSIONS: Words = {
    "channel": _("the channel"),
    "stage": _("the stage"),
    "touchpoint": _("the touchpoint"),
    "product": _("the product"),
    "branch": _("the branch"),
    "department": _("the department"),
    "employee": _("the employee"),
    "company": _("the company"),
    "kind": _("the kind"),
    "item": _("what is asked about"),
    "device": _("the device"),
    "measure": _("the measure"),
    "source": _("the source"),
    "subject": _("the kind of record"),
    "language": _("the language"),
}
NOUNS: Words = {
    "sign_on": _("single sign-on"),
    "role": _("roles"),
    "workspace": _("workspace"), "member": _("members"), "invitation": _("invitations"), "key": _("keys"), "holiday": _("holidays"),
    "kind": _("kinds"), "survey": _("surveys"), "case": _("cases"), "import": _("imports"), "audit": _("audit trail"),
    "customer": _("customers"), "customers": _("lists of customers"), "touchpoint": _("touchpoints"), "product": _("products"),
    "branch": _("branches"), "letter": _("dead letters"), "job": _("jobs"), "channel": _("channels"), "stage": _("stages"),
    "department": _("departments"), "employee": _("employees"), "identity": _("ways to reach customers"), "consent": _("consents"),
    "attribute": _("customer fields"), "call": _("calls"), "note": _("notes"), "opinion": _("spoken opinions"), "words": _("added words"),
    "record": _("records taken back"), "conflict": _("who is who"), "shared": _("values shared by many"),
    "crowd": _("customers known by very many ways"), "policy": _("rules of follow-up"), "message": _("messages"),
    "item": _("what is asked about"), "device": _("devices"), "measure": _("measures"), "source": _("sources"),
    "subject": _("kinds of records"), "language": _("languages"),
    "address": _("addresses that took no mail"),
    "company": _("companies"), "lifecycle": _("stages of the relationship"),
    "backup": _("backups"), "password": _("passwords"), "second_factor": _("second factors of sign-in"),
    "comparison": _("comparisons"),
    "answers": _("answers"), "cases": _("lists of cases"), "messages": _("the outbox"), "interactions": _("what keys took"),
    "webhook": _("webhooks"), "person": _("privacy of people"), "retention": _("how long things are kept"),
    "secrets": _("secrets"), "sending": _("sending"),
}  # fmt: skip
NAMES: Words = {
    "issuer": _("issuer"), "client_id": _("client number"), "domains": _("mail domains"), "makes_members": _("lets newcomers in"),
    "vouches": _("vouches for addresses"),
    "passwords_allowed": _("passwords allowed"), "secret": _("new secret"),
    "permissions": _("may"), "given": _("may now"), "taken": _("may no longer"),
    "outcome": pgettext_lazy("audit", "outcome"), "result": pgettext_lazy("audit", "result"), "owner": pgettext_lazy("audit", "owner"),
    "reason": _("reason"), "due_at": _("until"), "role": _("role"), "active": _("active"), "scopes": _("scopes"), "off": _("closed day"),
    "contacts": _("with phone numbers and addresses"), "rows": _("rows"), "recorded": _("recorded"), "duplicates": _("already there"),
    "rejected": _("rejected"), "map": _("map"), "type": _("kind"), "purpose": _("purpose"), "channel": _("by"), "source": _("said at"),
    "fields": _("fields"), "names": _("name"), "logo": _("logo"), "colour": _("colour"), "languages": _("languages"),
    "default_language": _("first language"), "calendar": _("calendar"), "time_zone": _("time zone"), "currency": _("currency"),
    "rial_shown_as": _("rial shown as"), "phone_region": _("country of phone numbers"), "business_hours": _("business hours"),
    "archived": pgettext_lazy("audit", "put away"), "position": _("place"),
    "separated": _("separated"),
    "merged": _("merged"), "with": _("with"), "name": _("name"), "narrowed": _("only"), "filter": _("only"), "job": _("job"),
    "file": _("file"), "company": _("company"),
    "risk_days": _("days to at risk"), "lost_days": _("days to lost"), "hurt_days": _("days after a bad score"),
    "loyal_purchases": _("purchases to loyal"),
    "url": _("address"), "kinds": _("kinds"), "personal": _("with who it was"),
    "is_active": _("active"), "limits": _("scores that open a case"), "contact_hours": _("hours to the first call"),
    "remedy_hours": _("hours to the end"), "assignment": _("who gets cases"), "reasons": _("reasons"), "kind": _("kind"),
    "months": _("months"), "loss": _("then goes"), "purposes": _("purpose"), "record": _("what"),
    "because": _("because"),
}  # fmt: skip
VALUES: Words = {
    "True": _("yes"), "False": pgettext_lazy("audit", "no"), "solved": pgettext_lazy("audit", "solved"), "compensated": _("made good"),
    "could_not": _("could not be solved"), "unreachable": _("could not be reached"), "not_needed": _("not needed"),
    "talked": _("talked"), "no_answer": _("no answer"), "later": _("call later"), "written": _("wrote"), "own": _("made by hand"),
    "survey": _("surveys"), "service": _("service"), "marketing": _("offers"), "any": _("any way"), "email": _("e-mail"),
    "phone": _("phone"), "own_id": _("own number"), "device": _("device"),
    "messenger": _("messenger"), "sms": _("SMS"), "page": _("console"), "desk": _("console"),
    "unsubscribe": _("unsubscribe page"),
    "ingest": _("send in what happens"), "read": _("read figures"),
    "snippet": _("watch a website"), "late": _("late delivery"), "packaging": _("packaging or damage"), "wrong_item": _("wrong item"),
    "quality": _("product quality"), "price": _("price"), "support": _("support"), "conduct": _("conduct"), "no_news": _("no news"),
    "other": _("something else"),
    "q": _("search"), "stage": _("stage"), "felt": _("feeling"), "reach": _("way to reach"), "seen": _("last seen"),
    "jalali": pgettext_lazy("audit", "Jalali"), "gregorian": _("Gregorian"), "toman": _("toman"), "rial": _("rial"),
    "fa": _("Persian"), "en": _("English"), "turn": _("in turn"), "branch": _("by branch"), "nobody": _("nobody"),
    "texts": _("the texts"), "person": _("who it was"), "whole": _("all of it"),
    "messages": _("messages to customers"), "cases": _("closed cases"), "tasks": _("tasks that were done"),
    "invitations": _("invitations to surveys that are over"), "import_files": _("files of imports"), "audit": _("audit trail"),
    "erased": _("somebody was forgotten"), "retention": _("they became old by a rule"),
}  # fmt: skip
ROLE_LISTS = frozenset({"permissions", "given", "taken"})
UNTOLD = frozenset({"other", "rule"})  # numbers and codes that tell a reader nothing


def action_words(action: str) -> str:
    """What was done, as the middle of a sentence; an action nobody has worded yet shows its own name."""
    if action in ACTIONS:
        return str(ACTIONS[action])
    noun, _dot, verb = action.partition(".")
    if noun in DIMENSIONS and verb in CHANGES:
        return f"{DIMENSIONS[noun]}: {CHANGES[verb]}"
    return action


def noun_word(noun: str) -> str:
    """What a kind of action is about, for the filter."""
    return str(NOUNS.get(noun, noun))


def which_words(entry: AuditEntry) -> str:
    """What it was done to; empty for what has only a number of ours, and for who did it to themselves: nobody “joined” themselves."""
    label = str(entry.target_names.get((get_language() or "en")[:2]) or entry.target_label)
    if label.isdecimal() or (entry.action == "member.joined" and label == entry.actor_label):
        return ""
    if entry.target_type == "holiday" and (day := parse_date(label)):
        return display.day(day)
    return display.digits(label[1:]) if label.startswith("#") else label


PAGES: Mapping[str, str] = {
    "customer": "desk:customer",
    "case": "cases:case",
    "import": "imports:one",
    "survey": "surveys:edit",
    "customrole": "workspaces:role",
}


def page_of(entry: AuditEntry, id_key: bytes) -> str:
    """The address of what it was done to; empty where it has no page. Pages of upper apps are found by name."""
    name = PAGES.get(entry.target_type)
    if name is None or entry.target_id is None:
        return ""
    try:
        return reverse(name, args=[public_id(id_key, entry.target_id)])
    except NoReverseMatch:
        return ""


def detail_words(entry: AuditEntry) -> str:
    """What changed, as `name: before → after`; long values are cut."""
    before, after = entry.detail.get("before"), entry.detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        changed = {name: value for name, value in after.items() if before.get(name) != value}
        arrow = "←" if active_reader().rtl else "→"
        parts = [f"{_name(name)}: {_of(name, before.get(name))} {arrow} {_of(name, value)}" for name, value in changed.items()]
    else:
        parts = [f"{_name(name)}: {_of(name, value)}" for name, value in entry.detail.items() if name not in UNTOLD]
    return gettext("; ").join(parts)


def _name(name: str) -> str:
    return str(NAMES.get(name, name))


def _of(name: str, value: object) -> str:
    """A value in words, as far as its name says how it is to be read."""
    if name == "logo":
        return gettext("a picture") if value else "–"
    if name == "owner" and not value:
        return gettext("nobody")
    if name == "business_hours" and isinstance(value, dict):
        language = get_language() or "en"
        days = [(weekday_name(int(day), language), spans) for day, spans in value.items() if str(day).isdecimal()]
        return _cut(gettext("; ").join(f"{day} {gettext(', ').join(_span(span) for span in spans)}" for day, spans in days)) or "–"
    if name == "colour" and value:
        return str(value)
    if name == "role" and isinstance(value, dict):
        return str(value.get((get_language() or "en")[:2]) or next(iter(value.values()), "–"))
    if name in ROLE_LISTS and isinstance(value, list):
        return permission_list(permission for permission in Permission if permission in value)
    return _value(value)


def _span(span: list[str]) -> str:
    return display.digits("–".join(span))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _value(value: object) -> str:
    """A value in words and the reader's digits; moments as moments."""
    if isinstance(value, dict):
        text = gettext(", ").join(f"{VALUES.get(str(key), key)} {_value(inner)}" for key, inner in value.items())
    elif isinstance(value, list):
        text = gettext(", ").join(_value(inner) for inner in value) or "–"
    elif value in (None, ""):
        text = "–"
    elif isinstance(value, str) and value in list(Role):
        text = role_word(value)
    elif isinstance(value, str) and "T" in value and (moment := _moment(value)):
        text = moment
    else:
        text = str(VALUES.get(str(value), "")) or display.digits(str(value))
    return _cut(text)


def _moment(text: str) -> str:
    """A moment kept as text, as the reader writes moments; empty for other texts."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return ""
    return display.moment(found) if found and found.tzinfo else ""
