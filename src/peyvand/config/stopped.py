"""Says who runs on the records. Asked by the commands that change them as a whole, which nobody may write to meanwhile."""

from django.db import connection

from peyvand.config.backups.sqlite import database_file
from peyvand.config.command import Abort
from peyvand.core import beats
from peyvand.core.db import is_sqlite
from peyvand.core.models import Heartbeat


def check_stopped(why: str) -> None:
    """Let nobody be at work on this database. Raises Abort with their names, and why they must stop."""
    if is_sqlite() and not database_file().exists():  # to ask it would make it
        return
    if "core_heartbeat" not in connection.introspection.table_names():
        return
    if found := beats.at_work():
        raise Abort(f"Peyvand is running on this database ({named(found)}). Stop it first{why}")


def named(found: list[Heartbeat]) -> str:
    """Processes as an operator finds them: role, machine, number."""
    return ", ".join(f"{each.role} {each.process.rpartition(':')[0]}" for each in found)
