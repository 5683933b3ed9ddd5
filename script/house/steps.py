"""One step of a test run: a command, how long it took, how it ended. Used by `house.suite`."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CLOSING = re.compile(
    r"^(=+ )?(\d+ (passed|failed|skipped|error|errors|deselected|warning|warnings|xfailed)\b.*|no tests ran.*) in [\d.:]+s", re.MULTILINE
)
_print = threading.Lock()


@dataclass(slots=True)
class Step:
    """A command to run and, once it ran, its end. Without a command it is a step that cannot run, and `detail` says why."""

    name: str
    command: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    detail: str = ""
    state: str = "not run"
    seconds: float = 0.0


def run_together(steps: list[Step]) -> None:
    """Run short checks two at a time; what one says is shown whole when it ends."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_run_quietly, steps))


def _run_quietly(step: Step) -> None:
    if not step.command:
        return
    begin = time.monotonic()
    ended = subprocess.run(
        step.command,
        cwd=step.folder,
        env=os.environ | step.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    _end(step, ended.returncode, begin)
    with _print:
        print(f"── {step.name}: {step.state} ({step.seconds:.0f} s)", flush=True)
        if step.state != "ok":
            print(ended.stdout.rstrip(), flush=True)


def run_aloud(step: Step) -> None:
    """Run a long step, showing what it says as it says it; pytest's closing line becomes the detail."""
    if not step.command:
        return
    print(f"── {step.name}", flush=True)
    begin = time.monotonic()
    said: list[str] = []
    with subprocess.Popen(
        step.command,
        cwd=step.folder,
        env=os.environ | step.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    ) as process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            said.append(line)
    closing = [match.group(0) for match in _CLOSING.finditer("".join(said[-30:]))]
    step.detail = closing[-1].strip("= ") if closing else ""
    _end(step, process.returncode, begin)


def _end(step: Step, code: int, begin: float) -> None:
    step.seconds = time.monotonic() - begin
    step.state = "ok" if code == 0 else "FAILED"


def summary(steps: list[Step], seconds: float) -> int:
    """Print how every step ended, then what could not run and why; returns the exit code of the whole run."""
    print("\n── Summary")
    for step in steps:
        took = f"{step.seconds:6.1f} s" if step.state != "not run" else " " * 8
        print(f"{step.state:8} {took}  {step.name}{f': {step.detail}' if step.detail else ''}")
    failed = [step.name for step in steps if step.state == "FAILED"]
    missing = [step.name for step in steps if step.state == "not run"]
    if missing:
        print(f"Could not run here, for the reasons above: {', '.join(missing)}")
    minutes, rest = divmod(round(seconds), 60)
    print(f"{'FAILED: ' + ', '.join(failed) if failed else 'All that ran passed'} ({minutes} min {rest} s)", flush=True)
    return 1 if failed else 0
