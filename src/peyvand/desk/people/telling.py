"""The sentences of a customer's timeline: what each kind of event says in one line. Kinds without one say their name."""

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from peyvand.cases.types import ContactResult
from peyvand.cases.wording import outcome_label, stage_label
from peyvand.core import display
from peyvand.customers.types import Stage
from peyvand.desk.people.lines import TELLERS, Said, late, number_of, out_of, quoted, say, score_of, strong, tells, words_of
from peyvand.desk.people.naming import Names
from peyvand.desk.people.stages import cause_text
from peyvand.desk.people.words import reason_label
from peyvand.timeline.types import Event

DAY_S = 86_400


def tell(event: Event, names: Names) -> Said:
    """What an event says in one line."""
    teller = TELLERS.get(event.kind)
    if teller is not None:
        return teller(event, names)
    if event.kind.startswith("chat."):
        return _chat(event, names)
    if score_of(event) or words_of(event):
        return _opinion(event, names)
    kind, where = names.kind(event, get_language() or "en"), names.of(event, "touchpoint")
    return Said(say(_("{what}: {where}"), what=kind, where=where) if where and where != kind else kind)


@tells("order.placed")
def _order(event: Event, names: Names) -> Said:
    what, branch, amount = _bought(event), names.of(event, "branch"), _amount(event)
    if what and branch:
        text = say(_("Bought {what} at {branch}, {amount}"), what=what, branch=branch, amount=amount)
    elif what:
        text = say(_("Bought {what}, {amount}"), what=what, amount=amount)
    elif number_of(event):
        text = say(_("Placed order {number}, {amount}"), number=number_of(event), amount=amount)
    else:
        text = say(_("Placed an order, {amount}"), amount=amount)
    return Said(text, icon="store" if branch else "bag")


def _bought(event: Event) -> SafeString:
    lines = event.properties.get("lines")
    names = (
        [str(line.get("name") or line.get("product") or "") for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    )
    names = [name for name in names if name]
    if not names:
        return conditional_escape("")
    if len(names) == 1:
        return say("{first}", first=names[0])
    more = len(names) - 1
    return say(ngettext("{first} and {n} more item", "{first} and {n} more items", more), first=names[0], n=display.num(more))


def _amount(event: Event) -> SafeString:
    if event.amount is None:
        return strong(_("amount not known"))
    return strong(display.money(abs(event.amount), event.currency or None))


@tells("order.delivered")
def _delivered(event: Event, names: Names) -> Said:  # noqa: ARG001 - every teller is asked alike
    number = number_of(event)
    text = say(_("Order {number} was delivered"), number=number) if number else say(_("The order was delivered"))
    if event.properties.get("late"):
        return Said(say(_("{what}, {late}"), what=text, late=late(_how_late(event))))
    if event.properties.get("late") is False:
        return Said(say(_("{what}, on time"), what=text))
    return Said(text)


def _how_late(event: Event) -> str:
    days = event.properties.get("days_late")
    if not isinstance(days, int | float) or days < 1:
        return _("later than promised")
    n = round(days)
    return ngettext("%(n)s day later than promised", "%(n)s days later than promised", n) % {"n": display.num(n)}


@tells("order.refunded")
def _refunded(event: Event, names: Names) -> Said:  # noqa: ARG001
    number, amount = number_of(event), _amount(event) if event.amount else say(_("the money"))
    if number:
        return Said(say(_("Got {amount} back for order {number}"), amount=amount, number=number))
    return Said(say(_("Got {amount} back"), amount=amount))


@tells("order.cancelled")
def _cancelled(event: Event, names: Names) -> Said:  # noqa: ARG001
    number = number_of(event)
    return Said(say(_("Cancelled order {number}"), number=number) if number else _("Cancelled an order"))


@tells("site.visited")
def _visited(event: Event, names: Names) -> Said:  # noqa: ARG001
    title = str(event.properties.get("title") or "")
    return Said(say(_("Opened “{page}”"), page=title) if title else _("Visited the website"), small=True)


@tells("site.searched")
def _searched(event: Event, names: Names) -> Said:  # noqa: ARG001
    query = str(event.properties.get("query") or "")
    if not query:
        return Said(_("Searched the website"), small=True)
    if event.properties.get("results") == 0:
        return Said(say(_("Searched for “{query}” and {nothing}"), query=query, nothing=late(_("found nothing"))), small=True)
    return Said(say(_("Searched for “{query}”"), query=query), small=True)


@tells("product.viewed")
def _viewed(event: Event, names: Names) -> Said:
    name = str(event.properties.get("name") or "") or names.of(event, "product")
    return Said(say(_("Looked at {product}"), product=name) if name else _("Looked at a product"), small=True)


@tells("cart.changed")
def _cart(event: Event, names: Names) -> Said:
    name = names.of(event, "product") or names.coded_as("product", str(event.properties.get("sku") or "")) or _("a product")
    if event.properties.get("action") == "removed":
        return Said(say(_("Took {product} out of the cart"), product=name), small=True)
    return Said(say(_("Put {product} into the cart"), product=name), small=True)


@tells("branch.visited")
def _branch(event: Event, names: Names) -> Said:
    branch = names.of(event, "branch")
    return Said(say(_("Came to {branch}"), branch=branch) if branch else _("Came to a branch"))


@tells("call.ended")
def _call(event: Event, names: Names) -> Said:
    properties, who = event.properties, names.of(event, "employee")
    reason = str(properties.get("reason") or "")
    about = reason_label(reason) if reason else ""
    if properties.get("direction") == "out":
        return Said(_called_out(str(properties.get("outcome") or ""), who))
    text = say(_("Called about {reason}"), reason=about) if about else say(_("Called us"))
    if who and event.response_s is not None:
        text = say(_("{what}; {who} answered after {time}"), what=text, who=who, time=display.duration(event.response_s))
    elif who:
        text = say(_("{what}; {who} answered"), what=text, who=who)
    if properties.get("resolved") is False:
        text = say(_("{what}, {late}"), what=text, late=late(_("not solved")))
    return Said(text)


def _called_out(outcome: str, who: str) -> SafeString:
    who = who or _("Somebody")
    if outcome in {"no_answer", "voicemail"}:
        return say(_("{who} called and got no answer"), who=who)
    if outcome == "wrong_number":
        return say(_("{who} called; the number was wrong"), who=who)
    if outcome == ContactResult.LATER:
        return say(_("{who} called; they will talk later"), who=who)
    return say(_("{who} called and they talked"), who=who)


def _chat(event: Event, names: Names) -> Said:
    reason, who = str(event.properties.get("reason") or ""), names.of(event, "employee")
    text = say(_("Wrote in live chat about {reason}"), reason=reason_label(reason)) if reason else say(_("Wrote in live chat"))
    if who and event.response_s is not None:
        text = say(_("{what}; {who} answered after {time}"), what=text, who=who, time=display.duration(event.response_s))
    return Said(text)


@tells("message.received")
def _message(event: Event, names: Names) -> Said:
    words = str(event.properties.get("text") or event.properties.get("body") or "") or words_of(event)
    channel = names.of(event, "channel")
    if words:
        return Said(say(_("Wrote: {words}"), words=quoted(words)))
    return Said(say(_("Wrote to us by {channel}"), channel=channel) if channel else _("Wrote to us"))


@tells("opinion.spoken")
def _spoken(event: Event, names: Names) -> Said:  # noqa: ARG001
    felt, words, heard = score_of(event), words_of(event), str(event.properties.get("said_to") or "")
    if felt is None:
        return Said(say(_("Said: {words}"), words=quoted(words)) if words else _("Told us an opinion"), icon="feedback")
    if heard:
        return Said(say(_("Told {who}: {score}"), who=heard, score=out_of(felt)))
    return Said(say(_("Told us: {score}"), score=out_of(felt)))


@tells("survey.answered", "review.written")
def _opinion(event: Event, names: Names) -> Said:
    felt, words, about = score_of(event), words_of(event), names.of(event, "touchpoint")
    if felt is None:
        return Said(say(_("Wrote: {words}"), words=quoted(words)) if words else names.kind(event, get_language() or "en"), icon="feedback")
    text = say(_("Gave “{about}” {score}"), about=about, score=out_of(felt)) if about else say(_("Gave {score}"), score=out_of(felt))
    if event.properties.get("again"):
        text = say(_("Asked again: {what}"), what=text)
    return Said(text)


@tells("survey.sent", "survey.declined")
def _asked(event: Event, names: Names) -> Said:
    about, channel = names.of(event, "touchpoint"), names.of(event, "channel")
    if event.kind == "survey.declined":
        return Said(_("Asked for no more surveys"))
    if about and channel:
        return Said(say(_("Was asked about “{about}” by {channel}"), about=about, channel=channel), small=True)
    return Said(say(_("Was asked by {channel}"), channel=channel) if channel else _("Was asked"), small=True)


@tells("case.opened", "case.reopened", "case.closed")
def _case(event: Event, names: Names) -> Said:  # noqa: ARG001
    number = display.num(event.properties.get("number"))
    if event.kind == "case.opened":
        return Said(say(_("Case {number} was opened"), number=number), small=True)
    if event.kind == "case.reopened":
        return Said(say(_("Case {number} was opened again"), number=number), small=True)
    outcome = outcome_label(str(event.properties.get("outcome") or ""))
    return Said(say(_("Case {number} ended: {outcome}"), number=number, outcome=outcome))


@tells("contact.made")
def _contact(event: Event, names: Names) -> Said:
    who = str(event.properties.get("by") or "") or names.of(event, "employee")
    result = str(event.properties.get("result") or "")
    if result == ContactResult.WRITTEN:
        return Said(say(_("{who} wrote about the case"), who=who or _("Somebody")), icon="mail")
    return Said(_called_out(result, who))


@tells("note.written")
def _note(event: Event, names: Names) -> Said:  # noqa: ARG001
    who, words = str(event.properties.get("by") or ""), str(event.properties.get("note") or "")
    return Said(say(_("{who} noted: {words}"), who=who or _("Somebody"), words=quoted(words)))


@tells("customer.updated")
def _updated(event: Event, names: Names) -> Said:
    who = names.of(event, "employee")
    return Said(say(_("{who} changed the details"), who=who) if who else _("Details changed"), small=True)


@tells("lifecycle.moved")
def _moved(event: Event, names: Names) -> Said:  # noqa: ARG001 - names are what every teller gets
    told = event.properties
    before, after = (_stage(told.get(name)) for name in ("from_stage", "to_stage"))
    figures = told.get("figures")
    why = cause_text(str(told.get("cause") or ""), figures if isinstance(figures, dict) else {})
    text = say(_("Moved from {before} to {after}"), before=before, after=after)
    return Said(say(_("{what}: {why}"), what=text, why=why) if why else text, small=True)


def _stage(code: object) -> str:
    return stage_label(Stage(code)) if isinstance(code, str) and code in list(Stage) else str(code or "")
