"""`peyvand import`: brings a file's rows into a workspace by a map, tries that first, or takes a whole import back."""

import argparse
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.utils.translation import override

from peyvand.config.command import WRONG_USE, Abort
from peyvand.config.naming import workspace_named
from peyvand.config.speech import Progress, say, say_json
from peyvand.core.ids import private_id, public_id
from peyvand.imports import services
from peyvand.imports.mapping.schema import read_map
from peyvand.imports.mapping.shipped import Shipped, fitting, join_named, shipped_maps
from peyvand.imports.models import Import
from peyvand.imports.queries import check_told
from peyvand.imports.reading.options import FileOptions
from peyvand.imports.reading.staging import stage
from peyvand.imports.services.opening import HEAD
from peyvand.imports.services.storing import chunks_of
from peyvand.imports.types import FileProblem, ImportProblem, MapProblem, State
from peyvand.timeline.models import Batch
from peyvand.workspaces.models import Workspace

NAME = "import"
HELP = "bring in a file by a map, try it first, or take an import back"
EXAMPLE = "peyvand import orders.csv --workspace narenj --map orders --dry-run"
LAKE_SECONDS = 600
NUMBER: Final = re.compile(r"[0-9]{1,18}")  # of the table, which earlier releases printed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="CSV, XLSX, Parquet or NDJSON")
    parser.add_argument("--workspace", metavar="SLUG", help="may be left out where there is one workspace")
    parser.add_argument("--map", metavar="MAP", help="a TOML file, or the name of a map that comes with Peyvand; found out where one fits")
    parser.add_argument(
        "--join", metavar="NAME=FILE", action="append", default=[], help="another file the map names; looked for beside FILE"
    )
    parser.add_argument("--dry-run", action="store_true", help="check everything, record nothing")
    parser.add_argument("--undo", metavar="ID", help="take this import back; ID is said at its end and stands in the address of its page")
    parser.add_argument("--list-maps", action="store_true", help="list the maps that come with Peyvand")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Import, check, undo or list; 1 with a plain message where that cannot be done."""
    if args.list_maps:
        return _list_maps(as_json=args.json)
    workspace = workspace_named(args.workspace)
    try:
        with override("en"):  # as everything the command says
            if args.undo is not None:
                return _undo(workspace, args.undo, as_json=args.json)
            if args.file is None:
                raise Abort("name a file, or give --undo or --list-maps.", WRONG_USE)
            return _bring_in(workspace, args)
    except (FileProblem, MapProblem, ImportProblem) as problem:
        raise Abort(str(problem)) from None


def _list_maps(*, as_json: bool) -> int:
    if as_json:
        say_json([{"name": one.name, "title": one.title("en"), "joins": list(one.map.joins)} for one in shipped_maps().values()])
        return 0
    for one in shipped_maps().values():
        more = f" (with {', '.join(one.map.joins)})" if one.map.joins else ""
        say(f"{one.name:<24}{one.title('en')}{more}")
    return 0


def _bring_in(workspace: Workspace, args: argparse.Namespace) -> int:
    if not args.file.is_file():
        raise Abort(f"{args.file} is a folder." if args.file.is_dir() else f"there is no file {args.file}.")
    named = _map_named(args.map) if args.map else _fitting(args.file)
    joined = _joined(args.file, args.join, named)
    for name, path in joined.items():
        say_if(f"{name}: {path.name}", as_json=args.json)
    one = _stored(workspace, args.file, joined)
    try:
        if not one.map_text:
            services.set_map(one=one, text=named.text, name=named.name)
        if args.dry_run:
            return _check(one, as_json=args.json)
    except BaseException:
        _forget(one)
        raise
    return _record(one, as_json=args.json)


def _map_named(name: str) -> Shipped:
    path = Path(name)
    if name in shipped_maps():
        return shipped_maps()[name]
    if not path.is_file():
        raise Abort(f"there is no map {name!r}: give a TOML file, or one of {', '.join(shipped_maps())}.", WRONG_USE)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Abort(f"{name} is not written in UTF-8.") from None
    return Shipped(path.stem, text, read_map(text))


def _fitting(path: Path) -> Shipped:
    """The map of ours that fits a file's columns best."""
    with tempfile.TemporaryDirectory(prefix="peyvand-") as folder:
        found = fitting(stage(path, FileOptions(), Path(folder), "head", HEAD).columns)
    if not found:
        raise Abort(
            "no map that comes with Peyvand fits this file; write one and give it with --map (docs/reference/import-maps.md).", WRONG_USE
        )
    return found[0]


def _joined(main: Path, given: Sequence[str], named: Shipped) -> dict[str, Path]:
    """The files the map joins: as given, else those in the main one's folder that it recognises by name."""
    found: dict[str, Path] = {}
    for pair in given:
        name, equals, file = pair.partition("=")
        if not equals or not Path(file).is_file():
            raise Abort(f"--join {pair}: write NAME=FILE with a file that exists.", WRONG_USE)
        if name not in named.map.joins:
            raise Abort(f"--join {pair}: the map {named.name} joins {', '.join(named.map.joins) or 'no files'}.", WRONG_USE)
        found[name] = Path(file)
    for name in named.map.joins:
        if name not in found:
            found[name] = _beside(main, named, name)
    return found


def _beside(main: Path, named: Shipped, name: str) -> Path:
    """The one file in the folder of the main one that is a joined file by its name."""
    fit = [path for path in sorted(main.parent.iterdir()) if path.is_file() and path != main and join_named(named.map, path.name) == name]
    if len(fit) == 1:
        return fit[0]
    if fit:
        names = ", ".join(path.name for path in fit)
        raise Abort(f"{names} may all be the {name} that map {named.name} joins; say which with --join {name}=FILE.", WRONG_USE)
    raise Abort(
        f"the map {named.name} joins {name}, and no file beside {main.name} is named so; give it with --join {name}=FILE.", WRONG_USE
    )


def _stored(workspace: Workspace, main: Path, joined: dict[str, Path]) -> Import:
    files = {"main": main, **joined}
    opened = {role: path.open("rb") for role, path in files.items()}
    try:
        given = {role: (files[role].name, chunks_of(file)) for role, file in opened.items()}
        fresh = services.store(workspace=workspace, name=main.name, files=given, actor=None)
    finally:
        for file in opened.values():
            file.close()
    left = Import.objects.filter(workspace=workspace, digest=fresh.digest, state__in=(State.RUNNING, State.UNDOING)).first()
    if left is None:
        return fresh
    _forget(fresh)
    if left.state == State.UNDOING:
        raise Abort(f"import {_id_of(left)} of the same file is still being undone; wait until it is through.")
    return left  # what a kill interrupted goes on from where it stands


def _forget(one: Import) -> None:
    if one.state in (State.UPLOADED, State.CHECKED, State.CHECKING):
        services.discard(one=one)


def _check(one: Import, *, as_json: bool) -> int:
    progress = Progress("Checked", one.rows, "rows")
    one = services.check(one.pk, lambda done, _rows: progress.at(done))
    progress.end()
    result = check_told(one)
    _forget(one)
    if "problem" in result:
        raise Abort(result["problem"])
    if as_json:
        say_json({"dry_run": True, "file": one.name, "map": one.map_name, **result})
        return 0
    say(_summary(result, "would be recorded"))
    for rejected in result["first"]:
        say(f"  row {rejected['row']}: {rejected['reason']}")
    return 0


def _record(one: Import, *, as_json: bool) -> int:
    if one.state == State.RUNNING:
        say_if(f"Going on with import {_id_of(one)} at row {one.position:,}.", as_json=as_json)
    else:
        services.start(one=one, actor=None, here=True)
    progress = Progress("Imported", one.rows, "rows")
    began = time.monotonic()
    one = services.run(one.pk, lambda now: progress.at(now.position))
    progress.end()
    seconds = round(time.monotonic() - began, 2)
    if one.state == State.FAILED:
        raise Abort(f"import {_id_of(one)} stopped: {one.stopped_because}")
    result = _result(one, seconds)
    if as_json:
        say_json(result)
        return 0
    say(_summary(result, "recorded"))
    if one.rejected:
        say(f"Rejected rows with their reasons: {one.rejected_path}")
    named = _id_of(one)
    say(f"This is import {named}; `peyvand import --workspace {one.workspace.slug} --undo {named}` takes it back. ({seconds:g} s)")
    return 0


def _id_of(one: Import) -> str:
    """Its id as the address of its page and the API have it."""
    return public_id(bytes(one.workspace.id_key), one.pk)


def _result(one: Import, seconds: float) -> dict[str, Any]:
    return {
        "id": _id_of(one),
        "import": one.pk,
        "file": one.name,
        "map": one.map_name,
        "state": one.state,
        "rows": one.rows,
        "recorded": one.recorded,
        "duplicates": one.duplicates,
        "rejected": one.rejected,
        "left_out": one.left_out,
        "rejected_file": str(one.rejected_path) if one.rejected else None,
        "seconds": seconds,
        "rows_per_second": round(one.rows / seconds) if seconds else None,
    }


def _summary(result: dict[str, Any], verb: str) -> str:
    parts = [
        f"{result['recorded']:,} interactions {verb}",
        f"{result['duplicates']:,} were there already",
        f"{result['rejected']:,} rejected",
    ]
    if result["left_out"]:
        parts.append(f"{result['left_out']:,} rows no rule wanted")
    return f"{result['rows']:,} rows: {', '.join(parts)}."


def say_if(text: str, *, as_json: bool) -> None:
    """Say a line, unless a program listens."""
    if not as_json:
        say(text)


def _import_named(workspace: Workspace, text: str) -> Import:
    """The import of this id, or of this number in the table."""
    numbers = [private_id(bytes(workspace.id_key), text), int(text) if NUMBER.fullmatch(text) else None]
    for number in numbers:
        one = Import.objects.filter(workspace=workspace, pk=number).first() if number is not None else None
        if one is not None:
            return one
    raise Abort(f"workspace {workspace.slug} has no import {text}.")


def _undo(workspace: Workspace, named: str, *, as_json: bool) -> int:
    one = _import_named(workspace, named)
    if one.state != State.UNDOING:
        services.undo(one=one, actor=None)
    _out_of_lake(one)
    progress = Progress("Customers counted anew")
    counted = 0

    def tell(done: int) -> None:
        nonlocal counted
        counted += done
        progress.at(counted)

    services.clear(one.pk, tell)
    progress.end()
    one.refresh_from_db()
    if as_json:
        say_json({"id": _id_of(one), "import": one.pk, "state": one.state, "recorded": one.recorded})
    else:
        say(f"Import {_id_of(one)} ({one.name}) is undone: {one.recorded:,} interactions are gone.")
    return 0


def _out_of_lake(one: Import) -> None:
    """Let the lake go first, by the worker's hands or ours."""
    from peyvand.timeline.lake.flushing import flush_once  # noqa: PLC0415 - weight

    end = time.monotonic() + LAKE_SECONDS
    while not Batch.objects.filter(pk=one.batch_id or 0, out_of_lake=True).exists():
        if not flush_once():
            time.sleep(0.2)
        if time.monotonic() > end:
            raise Abort(f"the lake did not let go of import {_id_of(one)} in time; it is hidden already, and the worker removes it.")
