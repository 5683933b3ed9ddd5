"""Tabs and filter chips over the list of cases. Built for the desk."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from peyvand.cases import wording
from peyvand.cases.forms import workers
from peyvand.cases.models import Case, CasePolicy
from peyvand.cases.queries import Counts, Order, Since, View
from peyvand.cases.views.asking import Asked
from peyvand.catalogue.models import Term

Chip = dict[str, Any]
Pairs = Sequence[tuple[Any, str]]


def tabs(ask: Asked, counted: Counts) -> list[dict[str, Any]]:
    """Mine, all, nobody's, closed."""
    labels: list[tuple[View, str, int | None]] = [
        (View.MINE, _("My tasks"), counted.mine),
        (View.ALL, _("All cases"), counted.all),
        (View.UNOWNED, _("Without an owner"), counted.unowned),
        (View.CLOSED, pgettext("cases", "Closed"), None),
    ]
    return [
        {"label": label, "count": count, "url": ask.url(view=view, unhappy=False, lately=None), "current": ask.wanted.view is view}
        for view, label, count in labels
    ]


def chips(ask: Asked, policy: CasePolicy) -> list[Chip]:
    """Order, reason, branch, owner; and among the closed, those who are still unhappy."""
    wanted = ask.wanted
    orders: Pairs = [
        (Order.DUE, _("By deadline") if wanted.view is not View.CLOSED else _("Latest closed first")),
        (Order.NEWEST, _("Newest first")),
        (Order.SCORE, _("Lowest score first")),
        (Order.VALUE, _("Best customers first")),
    ]
    reasons: Pairs = [(reason["code"], wording.reason_label(policy.reasons, reason["code"])) for reason in policy.reasons]
    found = [
        _choice(ask, "order", orders, next(label for order, label in orders if order is wanted.order), on=True),
        _narrowing(ask, "reason", reasons, _("Reason"), _("Every reason")),
        _narrowing(ask, "branch", _branches(ask), _("Branch"), _("Every branch")),
    ]
    if wanted.view in (View.ALL, View.CLOSED):
        owners: Pairs = [(member.pk, str(member)) for member in workers(ask.workspace)]
        found.append(_narrowing(ask, "owner", owners, pgettext("case", "Owner"), _("Everybody")))
    if wanted.view is View.CLOSED:
        found.append({"label": _("Still unhappy"), "on": wanted.unhappy, "url": ask.url(unhappy=not wanted.unhappy)})
    if wanted.lately is not None:
        words = {Since.CLOSED: _("Closed in 30 days"), Since.ANSWERED: _("Answered again"), Since.SATISFIED: _("Satisfied again")}
        found.append({"label": words[wanted.lately], "on": True, "url": ask.url(lately=None)})
    return [chip for chip in found if chip]


def _branches(ask: Asked) -> Pairs:
    used = Case.objects.filter(workspace=ask.workspace, branch__isnull=False).order_by().values_list("branch", flat=True).distinct()
    known = list(used[:200])
    terms = Term.objects.filter(Q(pk__in=known, merged_into=None) | Q(absorbed__in=known), workspace=ask.workspace).distinct()
    return sorted(((term.pk, term.label) for term in terms), key=lambda pair: pair[1])


def _narrowing(ask: Asked, name: str, pairs: Pairs, label: str, every: str) -> Chip:
    """A chip that narrows to one value; nothing where there is nothing to choose."""
    if not pairs:
        return {}
    chosen = getattr(ask.wanted, name)
    known = dict(pairs)
    return _choice(ask, name, [(None, every), *pairs], known.get(chosen, label), on=chosen is not None)


def _choice(ask: Asked, name: str, pairs: Pairs, label: str, *, on: bool) -> Chip:
    chosen = getattr(ask.wanted, name)
    options = [{"label": text, "url": ask.url(**{name: value}), "current": value == chosen} for value, text in pairs]
    return {"label": label, "on": on, "options": options}
