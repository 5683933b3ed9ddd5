"""What there is to do for a person. Found by name by the privacy app."""

from django.utils.translation import gettext_lazy as _

from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import WHOLE, Kept
from peyvand.tasks.models import Task
from peyvand.tasks.services import forget_tasks, let_go_of_tasks, move_tasks, old_tasks

moved = move_tasks
COVERS = ("tasks.Task",)
KEEPS = (
    Kept(
        code="tasks",
        label=_("Tasks that were done"),
        losses={WHOLE: _("The task goes; what came of it stays in its case.")},
        usual=24,
        old=old_tasks,
        forget=let_go_of_tasks,
    ),
)


def export(person: Person) -> Sections:
    """Every task: its kind and title, until when, what came of it."""
    rows = Task.objects.filter(customer__in=person.customers).order_by("pk")
    return {"tasks": list(rows.values("kind", "title", "due_at", "state", "outcome", "created_at", "done_at"))}


def erase(person: Person) -> None:
    """Nobody is left to do anything for."""
    forget_tasks(person)
