"""Runs the measurements one after the other and shows them: `script/bench [--json] [--page] [SUBJECT…]`."""

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from peyvand.core import clock
from tests.bench import page
from tests.bench.figures import Figure, as_table

SUBJECTS = [path.stem.removeprefix("measure_") for path in sorted(Path(__file__).parent.glob("measure_*.py"))]


def main() -> int:
    """Do what the command line asks; the exit code is 1 where a limit was missed."""
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measures the figures the project is held to, each beside a bare baseline of the same run. Ratios count more.",
        epilog="example: script/bench start --json",
    )
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"only these: {', '.join(SUBJECTS)}")
    parser.add_argument("--json", action="store_true", help="answer for a program")
    parser.add_argument("--page", action="store_true", help="keep what was measured in docs/reference/benchmarks.md too")
    wanted = parser.parse_args()
    if unknown := set(wanted.subjects) - set(SUBJECTS):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}. There are: {', '.join(SUBJECTS)}")
    measured: dict[str, list[Figure]] = {}
    loads: dict[str, float] = {}
    for subject in wanted.subjects or SUBJECTS:
        print(f"measuring: {subject}", file=sys.stderr, flush=True)
        loads[subject] = os.getloadavg()[0]
        measured[subject] = list(import_module(f"tests.bench.measure_{subject}").measure())
        if wanted.page and measured[subject]:
            page.write({subject: measured[subject]}, loads, clock.now().date())
    figures = [figure for subject in measured.values() for figure in subject]
    print(_as_json(figures) if wanted.json else as_table(figures))
    return 0 if all(figure.reached for figure in figures) else 1


def _as_json(figures: list[Figure]) -> str:
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    rows = [asdict(figure) | {"ratio": figure.ratio, "reached": figure.reached} for figure in figures]
    return json.dumps({"machine": machine, "figures": rows}, indent=2, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
