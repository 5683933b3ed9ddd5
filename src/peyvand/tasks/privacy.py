"""What there is to do for a person. Found by name by the privacy app."""

from peyvand.core.privacy import Person, Sections
from peyvand.tasks.models import Task
from peyvand.tasks.services import forget_tasks, move_tasks

moved = move_tasks
COVERS = ("tasks.Task",)


def export(person: Person) -> Sections:
    """Every task: its kind and title, until when, what came of it."""
    rows = Task.objects.filter(customer__in=person.customers).order_by("pk")
    return {"tasks": list(rows.values("kind", "title", "due_at", "state", "outcome", "created_at", "done_at"))}


def erase(person: Person) -> None:
    """Nobody is left to do anything for."""
    forget_tasks(person)
