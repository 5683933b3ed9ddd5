"""Signs of life: each worker says every few seconds that it lives; who died here gives back its jobs at once."""

import os
import socket
from datetime import timedelta
from typing import Any, Final

from peyvand.core import clock, jobs
from peyvand.core.models import Heartbeat

BEAT_SECONDS: Final = 10.0
SILENT_AFTER: Final = timedelta(seconds=45)


def process_name() -> str:
    """The name of this process among all that work on this database: host:pid:chance."""
    return f"{socket.gethostname()}:{os.getpid()}:{clock.secret_bytes(3).hex()}"


def beat(process: str, role: str, state: dict[str, Any] | None = None) -> None:
    """Say that a process lives, keep the leases of its jobs, and forget who has been silent for a day."""
    now = clock.now()
    Heartbeat.objects.update_or_create(
        process=process, defaults={"beat_at": now, "state": state or {}}, create_defaults={"role": role, "started_at": now, "beat_at": now}
    )
    Heartbeat.objects.filter(beat_at__lt=now - timedelta(days=1)).delete()
    jobs.extend(f"{process}/")


def end(process: str) -> None:
    """Take leave: what the process still holds is given back."""
    jobs.release(f"{process}/")
    Heartbeat.objects.filter(process=process).delete()


def bury_dead() -> list[str]:
    """Give back the jobs of processes of this machine that are no more; returns their names."""
    dead = [row.process for row in Heartbeat.objects.filter(process__startswith=f"{socket.gethostname()}:") if not _lives(row.process)]
    for process in dead:
        end(process)
    return dead


def _lives(process: str) -> bool:
    pid = int(process.split(":")[1])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()  # after a restart of the machine our own number may be that of the one who died


def living(role: str) -> list[Heartbeat]:
    """Processes of a role that were heard of lately."""
    return list(Heartbeat.objects.filter(role=role, beat_at__gte=clock.now() - SILENT_AFTER).order_by("started_at"))
