"""How commands speak: answers on stdout (as JSON where asked), progress on stderr. Used by config/commands."""

import json
import os
import sys
import time
from contextlib import suppress
from typing import Any, TextIO


def say(text: str = "") -> None:
    """Print one line of the answer."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """Print the answer for a program."""
    say(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, default=str))


def warn(text: str) -> None:
    """Print one line beside the answer, for a person."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def tell(text: str, on: TextIO) -> None:
    """Say one line of a process that serves: it does so also where nobody can hear it, as when the disk of its log is full."""
    with suppress(OSError):
        on.write(f"{text}\n")
        on.flush()


def end_speech() -> None:
    """At the end of such a process: what is still unsaid would make an orderly end a failure."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Progress:
    """Tells on stderr how far long work is: in place on a terminal, else a line every five seconds. Without a unit, the share alone."""

    def __init__(self, what: str, total: int = 0, unit: str = "") -> None:
        self._what, self._total, self._unit = what, total, unit
        self._terminal = sys.stderr.isatty()
        self._said = time.monotonic()
        self._shown = False

    def at(self, done: int) -> None:
        """Say that `done` of the total is behind us."""
        now = time.monotonic()
        if now - self._said < (0.1 if self._terminal else 5):
            return
        self._said, self._shown = now, True
        share = f"{100 * done // self._total} %" if self._total else ""
        count = f"{done:,} {self._unit}".rstrip() if self._unit or not share else ""
        end = "\x1b[K\r" if self._terminal else "\n"
        sys.stderr.write(f"{self._what}: {' '.join(part for part in (count, share) if part)}{end}")
        sys.stderr.flush()

    def end(self) -> None:
        """Clear the line on a terminal."""
        if self._shown and self._terminal:
            sys.stderr.write("\x1b[K")
            sys.stderr.flush()
