"""The names of things: touchpoints by stage, channels, branches, departments, products; tidying what was first seen in data."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.catalogue.forms import TermForm
from peyvand.catalogue.models import Term
from peyvand.catalogue.services import CatalogueError, merge_terms, move_term, save_term, separate_term, settle_term
from peyvand.catalogue.types import Dimension
from peyvand.core.display import num
from peyvand.core.ids import private_id
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.types import Permission

PAGE = 100
MOST_CHOICES = 500
# dimension → name of the page, sentence
SHOWN: dict[Dimension, tuple[str | Promise, str | Promise]] = {
    Dimension.TOUCHPOINT: (gettext_lazy("Touchpoints"), gettext_lazy("Where customers meet you; each belongs to a stage.")),
    Dimension.STAGE: (gettext_lazy("Stages"), gettext_lazy("Before, during, after and without a sale, in your words.")),
    Dimension.BRANCH: (gettext_lazy("Branches"), gettext_lazy("Shops and offices that figures are split by.")),
    Dimension.DEPARTMENT: (gettext_lazy("Departments"), gettext_lazy("Who answers for what.")),
    Dimension.PRODUCT: (gettext_lazy("Products"), gettext_lazy("What was bought, used or talked about.")),
    Dimension.CHANNEL: (gettext_lazy("Channels"), gettext_lazy("By which way customers and you talk.")),
    Dimension.EMPLOYEE: (gettext_lazy("Employees in data"), gettext_lazy("Who is named in calls and orders.")),
}


@requires(Permission.CATALOGUE_MANAGE)
@require_safe
def start(request: ConsoleRequest) -> HttpResponse:
    """The first of the lists."""
    return redirect("catalogue:terms", dimension=Dimension.TOUCHPOINT.value)


@requires(Permission.CATALOGUE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: ConsoleRequest, dimension: str) -> HttpResponse:
    """One dimension: what is to be tidied first, then the list, then a form for another one."""
    which = _dimension(dimension)
    stages = _stages(request) if which is Dimension.TOUCHPOINT else []
    form = TermForm(request.POST or None, stages=stages)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_term(
                workspace=request.workspace,
                actor=request.user,
                dimension=which,
                code=form.cleaned_data["code"],
                changes=form.changes(stages),
            )
        except CatalogueError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("“%(name)s” is added.") % {"name": saved.label})
            return redirect("catalogue:terms", dimension=which)
    return render(request, "catalogue/terms.html", {**_page(request, which), "form": form, "stages": stages})


def _dimension(text: str) -> Dimension:
    if text not in {dimension.value for dimension in SHOWN}:
        raise Http404
    return Dimension(text)


def _stages(request: ConsoleRequest) -> list[Term]:
    return list(_live(request, Dimension.STAGE).filter(archived=False))


def _live(request: ConsoleRequest, dimension: Dimension) -> "QuerySet[Term]":
    rows = Term.objects.filter(workspace=request.workspace, dimension=dimension, merged_into=None)
    return rows.select_related("parent").order_by("position", "code")


def _page(request: ConsoleRequest, which: Dimension) -> dict[str, object]:
    everything = _live(request, which)
    wanted = request.GET.get("q", "").strip()[:80]
    known = everything.filter(seen_only=False)
    if wanted:
        known = known.filter(Q(code__icontains=wanted) | Q(names__fa__icontains=wanted) | Q(names__en__icontains=wanted))
    page = Paginator(known, PAGE).get_page(request.GET.get("page"))
    here = reverse("catalogue:terms", args=[which.value])
    summary = _("%(first)s to %(last)s of %(all)s") % {
        "first": num(page.start_index()),
        "last": num(page.end_index()),
        "all": num(page.paginator.count),
    }

    def link(n: int) -> str:
        return f"{here}?{urlencode({'q': wanted, 'page': str(n)})}"

    tidy = everything.filter(seen_only=True, archived=False)
    return {
        "dimension": which.value,
        "name": SHOWN[which][0],
        "lead": SHOWN[which][1],
        "tabs": [
            {
                "label": words[0],
                "url": reverse("catalogue:terms", args=[one.value]),
                "current": one is which,
                "count": _to_tidy(request, one),
            }
            for one, words in SHOWN.items()
        ],
        "tidy": [_row(request, term) for term in tidy[:PAGE]],
        "tidy_count": tidy.count(),
        "rows": [_row(request, term) for term in page],
        "choices": [_row(request, term) for term in everything.filter(seen_only=False, archived=False)[:MOST_CHOICES]],
        "q": wanted,
        "pager": {
            "previous_url": link(page.previous_page_number()) if page.has_previous() else "",
            "next_url": link(page.next_page_number()) if page.has_next() else "",
            "summary": summary if page.paginator.num_pages > 1 else "",
        },
    }


def _to_tidy(request: ConsoleRequest, dimension: Dimension) -> int | str:
    return (
        Term.objects.filter(workspace=request.workspace, dimension=dimension, seen_only=True, archived=False, merged_into=None).count()
        or ""
    )


def _row(request: ConsoleRequest, term: Term) -> dict[str, object]:
    return {"term": term, "pid": pid_of(request.workspace, term), "label": term.label, "stage": term.parent.label if term.parent else ""}


@requires(Permission.CATALOGUE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def term(request: ConsoleRequest, pid: str) -> HttpResponse:
    """One term: its names and its stage, merging it into another, putting it away."""
    row = _own(request, pid)
    which = Dimension(row.dimension)
    stages = _stages(request) if which is Dimension.TOUCHPOINT else []
    initial = {"name_fa": row.names.get("fa", ""), "name_en": row.names.get("en", ""), "parent": row.parent_id}
    form = TermForm(request.POST or None, stages=stages, new=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        save_term(workspace=request.workspace, actor=request.user, term=row, changes=form.changes(stages))
        messages.success(request, _("Saved."))
        return redirect("catalogue:terms", dimension=row.dimension)
    context = {
        "term": row,
        "pid": pid,
        "form": form,
        "others": [_row(request, other) for other in _live(request, which).exclude(pk=row.pk)[:MOST_CHOICES]],
        "absorbed": [_row(request, other) for other in row.absorbed.order_by("code")],
        "name": SHOWN[which][0],
        "dimension": which.value,
    }
    return render(request, "catalogue/term.html", context)


@requires(Permission.CATALOGUE_MANAGE)
@require_POST
def act(request: ConsoleRequest, pid: str) -> HttpResponse:
    """A quick step with one term: keep it as it is, put it away or back, move it, merge it into `into`, separate it again."""
    what = request.POST.get("act", "")
    row = _own(request, pid, merged=what == "separate")
    try:
        if what == "merge":
            _merge(request, row, request.POST.get("into", ""))
        elif what == "separate":
            separate_term(term=row, actor=request.user)
            messages.success(request, _("“%(name)s” stands for itself again.") % {"name": row.label})
        elif what in ("up", "down"):
            move_term(term=row, by=-1 if what == "up" else 1, actor=request.user)
        elif what in ("keep", "archive", "restore"):
            settle_term(term=row, archived=what == "archive", actor=request.user)
        else:
            raise Http404
    except CatalogueError as error:
        messages.error(request, str(error))
    return redirect("catalogue:terms", dimension=row.dimension)


def _merge(request: ConsoleRequest, away: Term, into: str) -> None:
    if not into:
        raise CatalogueError(_("Choose for which one “%(name)s” is another word.") % {"name": away.label})
    keep = _own(request, into)
    merge_terms(keep=keep, away=away, actor=request.user)
    messages.success(request, _("“%(away)s” now counts as “%(keep)s”.") % {"away": away.label, "keep": keep.label})


def _own(request: ConsoleRequest, pid: str, *, merged: bool = False) -> Term:
    if private_id(bytes(request.workspace.id_key), pid) is None:
        raise Http404
    rows = Term.objects.filter(merged_into__isnull=not merged, dimension__in=[one.value for one in SHOWN])
    return own_or_404(request, rows, pid)
