"""Signs of life: each web and worker says every few seconds that it lives; who died here gives back its jobs at once."""

import os
import socket
from datetime import timedelta
from functools import cache
from typing import Any, Final

from peyvand.core import clock, jobs
from peyvand.core.models import Heartbeat

BEAT_SECONDS: Final = 10.0
SILENT_AFTER: Final = timedelta(seconds=45)
ROLES: Final = ("web", "worker")  # whoever writes to the records without being asked each time


@cache
def this_process() -> str:
    """The name of this process among all that work on this database: host:pid:chance."""
    return f"{socket.gethostname()}:{os.getpid()}:{clock.secret_bytes(3).hex()}"


def beat(process: str, role: str, state: dict[str, Any] | None = None) -> None:
    """Say that a process lives, keep the leases of its jobs, and forget who has been silent for a day."""
    now = clock.now()
    Heartbeat.objects.update_or_create(
        process=process,
        defaults={"beat_at": now, "state": state or {}},
        create_defaults={"role": role, "started_at": now, "beat_at": now, "state": state or {}},
    )
    Heartbeat.objects.filter(beat_at__lt=now - timedelta(days=1)).delete()
    jobs.extend(f"{process}/")


def end(process: str) -> None:
    """Take leave: what the process still holds is given back."""
    jobs.release(f"{process}/")
    Heartbeat.objects.filter(process=process).delete()


def forget_all() -> None:
    """Forget everybody: after a restore those who ran where the backup was made."""
    Heartbeat.objects.all().delete()


def bury_dead() -> list[str]:
    """Give back the jobs of processes of this machine that are no more; returns their names."""
    dead = [row.process for row in Heartbeat.objects.all() if is_gone(row.process)]
    for process in dead:
        end(process)
    return dead


def is_gone(process: str) -> bool:
    """Say whether a process of this machine is surely no more; of one elsewhere nobody here can tell."""
    host, _, number = process.rpartition(":")[0].rpartition(":")
    if process == this_process() or host != socket.gethostname():
        return False
    pid = int(number)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return pid == os.getpid()  # after a restart of the machine our own number may be that of the one who died


def living(role: str) -> list[Heartbeat]:
    """Processes of a role that were heard of lately."""
    return list(Heartbeat.objects.filter(role=role, beat_at__gte=clock.now() - SILENT_AFTER).order_by("started_at", "process"))


def at_work() -> list[Heartbeat]:
    """Everybody who was heard of lately, without those of this machine who are surely no more."""
    return [each for role in ROLES for each in living(role) if not is_gone(each.process)]


def is_eldest(role: str) -> bool:
    """Say whether this process is the one of its role that has lived longest: who does what need not be done twice."""
    return next((each.process for each in living(role)), "") == this_process()
