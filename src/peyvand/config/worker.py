"""The worker process: jobs, schedules and the loops of the apps (timeline, lake …), each in its own thread."""

import gc
import os
import threading
import time
from typing import Final

import structlog
from django.db import connection

from peyvand.config.backups.schedule import Schedule
from peyvand.config.processes import when_told_to_end
from peyvand.core import beats, jobs
from peyvand.core.discovery import modules
from peyvand.core.loops import Loop, run_loop
from peyvand.core.sqlite.log import keep_log_short
from peyvand.core.work import counts, work

log = structlog.get_logger("peyvand.worker")
HANDS: Final = 2
OUTSIDE_HANDS: Final = 2  # a mail server that takes a minute to answer holds one of them
END_SECONDS: Final = 3.0
NICE: Final = 10  # whoever waits for a page or an answer goes first where the processors are few


class Worker:
    """Runs every loop until it is told to stop."""

    def __init__(self) -> None:
        self.process = beats.this_process()
        self.stop = threading.Event()
        self._backups = Schedule()

    def loops(self) -> list[Loop]:
        """Return everything that comes round: ours, then what the apps declare in `loops.py`."""
        hands = [Loop(f"jobs {n + 1}", 1.0, self._short_jobs, on_change=True) for n in range(HANDS)]
        return [
            Loop("beat", beats.BEAT_SECONDS, self._beat),
            *hands,
            Loop("long jobs", 1.0, self._long_jobs, on_change=True),
            *(Loop(f"jobs outside {n + 1}", 1.0, self._outside_jobs, on_change=True) for n in range(OUTSIDE_HANDS)),
            Loop("schedule", 5.0, jobs.schedule),
            Loop("backup", 60.0, self._back_up),
            Loop("log", 0.2, keep_log_short),
            *(loop for module in modules("loops") for loop in module.LOOPS),
        ]

    def run(self) -> int:
        """Work until `stop` is set; what is in hand is ended, or given back after three seconds."""
        loops = self.loops()
        jobs.registry()  # a fault in what the apps declare ends the process here, rather than each loop again and again
        if dead := beats.bury_dead():
            log.info("jobs of dead workers given back", workers=len(dead))
        self._beat()  # before any job is taken: who dies without a beat is not missed, and what it held waits for its lease
        connection.close()  # the end comes much later, and takes a connection that works then
        gc.collect()
        gc.freeze()  # the collector need not walk what stays for ever
        threads = [threading.Thread(target=run_loop, args=(loop, self.stop), name=loop.name, daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        self.stop.wait()
        end = time.monotonic() + END_SECONDS
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        beats.end(self.process)
        connection.close()
        return 0

    def _beat(self) -> None:
        beats.beat(self.process, "worker", {"pid": os.getpid(), "cpu": round(time.process_time(), 1), "jobs": counts()})

    def _back_up(self) -> None:
        self._backups.turn(self.stop)

    def _short_jobs(self) -> int:
        return work(self.process, lane=jobs.Lane.SHORT, stop=self.stop)

    def _long_jobs(self) -> int:
        return work(self.process, lane=jobs.Lane.LONG, stop=self.stop)

    def _outside_jobs(self) -> int:
        return work(self.process, lane=jobs.Lane.OUTSIDE, stop=self.stop)


def run() -> None:
    """Run the worker of this process until SIGTERM or SIGINT, then end the process."""
    os.nice(NICE)
    worker = Worker()
    when_told_to_end(worker.stop.set)
    code = worker.run()
    os._exit(code)  # a thread may still hang in long work; its job was given back
