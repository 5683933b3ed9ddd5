"""`peyvand analyze`: one measure with its uncertainty, over a column of a file (no server, no database) or over a workspace."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from peyvand.config.command import WRONG_USE, Abort, in_english, setup
from peyvand.measures import MEASURES, Comparison
from peyvand.measures.analysis import Analysis, analyse
from peyvand.measures.contrast import GroupError, contrast
from peyvand.measures.files import FileReadError, tally_file
from peyvand.measures.report import as_text

NAME = "analyze"
HELP = "measure NPS, CSAT, CES or a rating in a file or a workspace, with its uncertainty"
NEEDS_DJANGO = False
EXAMPLE = (
    "peyvand analyze nps answers.csv --score score --by branch\n  peyvand analyze csat --workspace narenj --by month --since 1405-01-01"
)
BY = (
    "cut by this column; in a workspace by channel, touchpoint, stage, product, branch, department, employee, company, device, language, "
    "kind, source, subject, item, import, day, week, month, quarter, year, or by a property of another interaction of the same subject, "
    "such as order.delivered:late"
)
OF_FILES = ("score", "weight", "encoding")
OF_WORKSPACES = ("since", "until", "where", "as_of", "compare")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("measure", help=f"what to measure: {', '.join(MEASURES)}, or another measure of the workspace")
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="CSV, XLSX, Parquet or NDJSON")
    parser.add_argument("--score", metavar="COLUMN", help="the column with the answers; asked for with FILE")
    parser.add_argument("--weight", metavar="COLUMN", help="FILE: the column that says how much each answer weighs, a number above 0")
    parser.add_argument("--workspace", metavar="SLUG", help="measure this workspace instead of a file")
    parser.add_argument("--by", metavar="CUT", action="append", default=[], help=f"{BY}; give it again to cross several")
    parser.add_argument("--since", metavar="DATE", default="", help="workspace: from this day on (1405-08-01 or 2026-10-23)")
    parser.add_argument("--until", metavar="DATE", default="", help="workspace: up to and with this day")
    where = "workspace: only these answers, e.g. channel=sms; branch!=CODE leaves a branch out"
    parser.add_argument("--where", metavar="CUT=CODE", action="append", default=[], help=where)
    parser.add_argument("--as-of", metavar="DATE", default="", help="workspace: as it was known at the end of this day")
    parser.add_argument(
        "--compare",
        metavar="TIME",
        default="",
        help="workspace: with --since, against the time before (previous), a year ago (lastyear) or another (1404-01-01..1404-06-31)",
    )
    parser.add_argument(
        "--against", nargs=2, metavar=("GROUP", "OTHER"), help="with one --by: how much the first of two groups differs from the second"
    )
    parser.add_argument("--scale", nargs=2, type=float, metavar=("LOW", "HIGH"), help="0 10 for nps, 1 7 for ces, else 1 5 unless given")
    parser.add_argument("--level", type=float, default=95, metavar="PERCENT", help="confidence of the interval (95)")
    parser.add_argument("--encoding", help="of a text file; guessed unless given, e.g. windows-1256")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: Namespace) -> int:
    """Measure and print; 0 where there was something to read, even if no answer lies on the scale."""
    if not 0 < args.level < 100:
        raise Abort(f"--level is a percentage between 0 and 100, such as 95; not {args.level:g}.", WRONG_USE)
    if args.workspace is not None:
        return _of_workspace(args)
    _refuse(args, OF_WORKSPACES, "goes with --workspace")
    if args.file is None or args.score is None:
        raise Abort("name a FILE and its --score column, or a --workspace.", WRONG_USE)
    analysis = _of_file(args)
    weighed = {"weight_column": args.weight} if args.weight else {}
    told = {"file": str(args.file), "score": args.score} | weighed | analysis.to_json()
    _print(args, told, analysis, f"'{args.score}' in {args.file.name}" + (f", weighted by '{args.weight}'" if args.weight else ""))
    return 0


def _of_workspace(args: Namespace) -> int:
    _refuse(args, OF_FILES, "goes with a FILE")
    if args.file is not None:
        raise Abort("measure a FILE or a --workspace, not both at once.", WRONG_USE)
    setup()
    from peyvand.config.measuring import measure_workspace  # noqa: PLC0415 - weight: a file needs neither Django nor a database

    with in_english():
        answer, slug = measure_workspace(args)
    _print(args, {"workspace": slug} | answer.to_json(), answer.now, f"workspace {slug}", answer.change())
    return 0


def _refuse(args: Namespace, names: tuple[str, ...], why: str) -> None:
    for name in names:
        if getattr(args, name):
            raise Abort(f"--{name.replace('_', '-')} {why}.", WRONG_USE)


def _print(args: Namespace, told: dict[str, object], analysis: Analysis, source: str, change: Comparison | None = None) -> None:
    try:
        against = contrast(analysis, args.against) if args.against else None
    except GroupError as error:
        raise Abort(f"--{error}", WRONG_USE) from None
    told |= {"contrast": against.to_json()} if against else {}
    plain = as_text(analysis, source=source, change=change, against=against)
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, indent=2) if args.json else plain
    sys.stdout.write(f"{text}\n")


def _of_file(args: Namespace) -> Analysis:
    if args.measure not in MEASURES:
        raise Abort(f"there is no measure '{args.measure}'; there is: {', '.join(MEASURES)}.", WRONG_USE)
    try:
        tallies = tally_file(args.file, score=args.score, by=args.by, weight=args.weight, encoding=args.encoding)
        return analyse(MEASURES[args.measure], tallies, by=args.by, scale=args.scale, level=args.level / 100)
    except (FileReadError, ValueError) as error:  # a scale or level that is none is a ValueError
        raise Abort(str(error), WRONG_USE) from None
