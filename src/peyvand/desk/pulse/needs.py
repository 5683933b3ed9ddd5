"""What needs a person now: late and urgent tasks, cases without an owner. Called by views/pulse.py."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.cases.models import Case
from peyvand.cases.queries import SUBJECT, UNOWNED, View, of_branch
from peyvand.cases.types import CaseState
from peyvand.core import clock
from peyvand.core.display import num, quoted, until
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.core.pictures import Tone
from peyvand.customers.scores import band
from peyvand.customers.types import Band
from peyvand.desk.pulse.asking import address
from peyvand.tasks.models import Task
from peyvand.tasks.queries import open_tasks
from peyvand.workspaces.models import Workspace

SHOWN = 4
WORDS = 70
_TONES: dict[Band, Tone] = {Band.GOOD: "good", Band.BAD: "bad"}


@dataclass(frozen=True, slots=True)
class Need:
    """One line: a score or an icon, who, why and until when, and what to do about it."""

    title: str
    text: str
    act: str
    url: str
    due: str = ""
    late: bool = False
    score: float | None = None
    top: float | None = None
    tone: Tone = ""
    icon: str = "flag"


def needs(workspace: Workspace, *, sees: bool, branch: int | None = None) -> tuple[list[Need], int]:
    """The most urgent few, and how many open tasks there are in all; contacts in them only for those who may see them.

    With a branch, only its cases and their tasks: other tasks belong to no branch.
    """
    tasks, running = open_tasks(workspace), Case.objects.filter(workspace=workspace).exclude(state=CaseState.CLOSED)
    if branch is not None:
        running = running.filter(of_branch(branch))
        tasks = tasks.filter(subject_type=SUBJECT, subject_id__in=running.values("pk"))
    urgent = list(tasks[:SHOWN])
    cases = Case.objects.in_bulk([task.subject_id for task in urgent if task.subject_type == SUBJECT and task.subject_id])
    found = [_of_task(task, cases.get(task.subject_id or 0), sees=sees) for task in urgent]
    unowned = running.filter(UNOWNED).count()
    if unowned:
        title = ngettext("%(count)s case without an owner", "%(count)s cases without an owner", unowned) % {"count": num(unowned)}
        found.insert(
            min(1, len(found)),
            Need(
                title,
                ngettext("Nobody sees to it yet", "Nobody sees to them yet", unowned),
                _("Assign"),
                cases_url(workspace, View.UNOWNED, branch),
            ),
        )
    return found, tasks.count()


def cases_url(workspace: Workspace, view: View, branch: int | None) -> str:
    """The list of cases, of one branch where it is narrowed to one."""
    narrowed = {"branch": public_id(bytes(workspace.id_key), branch)} if branch is not None else {}
    return f"{address('cases:desk')}?{urlencode({'view': view.value, **narrowed})}"


def _of_task(task: Task, case: Case | None, *, sees: bool) -> Need:
    name = readable(task.customer.name if task.customer else "", sees=sees)
    late = task.due_at < clock.now()
    acts = {Task.Kind.CALL: (_("Call"), "phone"), Task.Kind.MESSAGE: (_("Write"), "chat"), Task.Kind.PROMISE: (_("Keep it"), "clock")}
    act, icon = acts.get(Task.Kind(task.kind), (_("Open"), "flag"))
    score = case.score_before if case else None
    tone = _TONES.get(band(case.measure, score, case.low, case.high), "") if case else ""
    words = case.words if case else ""
    said = quoted(readable(words, sees=sees), WORDS) or readable(task.title, sees=sees)
    return Need(
        title=name or _("A customer without a name"),
        text=said,
        act=act,
        url=_case_url(task, case),
        due=until(task.due_at),
        late=late,
        score=score,
        top=case.high if case else None,
        tone=tone,
        icon=icon,
    )


def _case_url(task: Task, case: Case | None) -> str:
    if case is not None:
        return address("cases:case", public_id(bytes(task.workspace.id_key), case.pk)) or address("cases:desk")
    return address("cases:desk")
