"""The audit trail: who did what, by person, kind of thing and period; exported as a file that is itself noted."""

import csv
import datetime as dt
from io import StringIO
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peyvand.core import clock
from peyvand.core.cells import no_formula
from peyvand.core.ids import private_id
from peyvand.core.masking import readable
from peyvand.workspaces.access import ConsoleRequest, pid_of, requires
from peyvand.workspaces.audit_words import action_words, detail_words, noun_word, page_of, which_words
from peyvand.workspaces.models import AuditEntry, Member
from peyvand.workspaces.services import audit as note
from peyvand.workspaces.types import Permission

PAGE = 50
MOST_ROWS = 50_000
PERIODS = {"1": 1, "7": 7, "30": 30, "365": 365}


@requires(Permission.AUDIT_READ)
@require_safe
def trail(request: ConsoleRequest) -> HttpResponse:
    """The newest entries first, fifty a page."""
    entries = _asked(request)
    before = request.GET.get("before", "")
    if before.isdecimal():
        entries = entries.filter(pk__lt=int(before[:18]))
    rows = list(entries.select_related("actor")[: PAGE + 1])
    more = rows[PAGE - 1].pk if len(rows) > PAGE else None
    kept = {name: request.GET[name] for name in ("person", "what", "days") if request.GET.get(name)}
    here = reverse("workspaces:audit")
    context = {
        "rows": [
            {
                "entry": entry,
                "words": action_words(entry.action),
                "which": _seen(request, which_words(entry)),
                "url": page_of(entry, bytes(request.workspace.id_key)),
                "detail": _seen(request, detail_words(entry)),
            }
            for entry in rows[:PAGE]
        ],
        "people": [{"pid": pid_of(request.workspace, m), "name": str(m.user)} for m in _people(request)],
        "kinds": _kinds(request),
        "periods": _periods(),
        "asked": kept,
        "pager": {
            "next_url": f"{here}?{urlencode({**kept, 'before': more})}" if more else "",
            "previous_url": f"{here}?{urlencode(kept)}" if before else "",
        },
    }
    return render(request, "workspaces/audit.html", context)


@requires(Permission.AUDIT_READ)
@require_POST
def export(request: ConsoleRequest) -> HttpResponse:
    """The same list as a CSV file; the export is noted, and no cell can be a formula."""
    out = StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([_("When"), _("Person"), _("What"), _("Which"), _("Details")])
    entries = list(_asked(request)[:MOST_ROWS])
    for entry in entries:
        cells = (
            entry.actor_label,
            action_words(entry.action),
            *(_seen(request, words) for words in (which_words(entry), detail_words(entry))),
        )
        writer.writerow([entry.at.isoformat(timespec="seconds"), *(no_formula(cell) for cell in cells)])
    note(workspace=request.workspace, actor=request.user, action="audit.exported", detail={"rows": len(entries)})
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{clock.today("UTC").isoformat()}.csv"'
    return answer


def _seen(request: ConsoleRequest, words: str) -> str:
    """Words of an entry as this reader may have them: some people have no other name than a number."""
    return readable(words, sees=request.member.may(Permission.CONTACTS_SEE))


def _asked(request: ConsoleRequest) -> QuerySet[AuditEntry]:
    given = request.POST if request.method == "POST" else request.GET
    entries = AuditEntry.objects.filter(workspace=request.workspace).order_by("-pk")
    if person := given.get("person", ""):
        member_id = private_id(bytes(request.workspace.id_key), person) or 0  # nobody has the number 0
        user_ids = Member.objects.filter(workspace=request.workspace, pk=member_id).values("user_id")
        entries = entries.filter(actor_id__in=user_ids)
    if what := given.get("what", "").replace("\x00", "")[:40]:
        entries = entries.filter(action__startswith=f"{what}.")
    if days := PERIODS.get(given.get("days", "")):
        entries = entries.filter(at__gte=clock.now() - dt.timedelta(days=days))
    return entries


def _people(request: ConsoleRequest) -> list[Member]:
    return list(Member.objects.filter(workspace=request.workspace).select_related("user").order_by("pk"))


def _kinds(request: ConsoleRequest) -> list[dict[str, str]]:
    actions = AuditEntry.objects.filter(workspace=request.workspace).order_by("action").values_list("action", flat=True).distinct()
    nouns = sorted({action.partition(".")[0] for action in actions})
    return [{"value": noun, "word": noun_word(noun)} for noun in nouns]


def _periods() -> list[dict[str, str]]:
    words = (_("today and yesterday"), _("7 days"), _("30 days"), _("a year"))
    return [{"value": value, "word": word} for value, word in zip(PERIODS, words, strict=True)]
