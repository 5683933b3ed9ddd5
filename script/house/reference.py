"""Writes the pages of docs/reference that the code itself knows (they are listed in `pages`). Run by `script/reference`; held by a test."""

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import django

from house import operations
from house.events import events
from peyvand.config.command import commands
from peyvand.config.settings.environment import DECLARED

PAGES = Path(__file__).resolve().parents[2] / "docs" / "reference"
WRITTEN_BY = "Written by `script/reference` from the code; change it there."
SETTINGS = f"""\
# Settings

Peyvand is set by its environment alone, so that one machine, a container and a cluster are set alike.
Nothing is needed to begin with. A value it cannot use stops it at the start, with a message that names the setting.
{WRITTEN_BY}

| Setting | Value | Default | Meaning |
| --- | --- | --- | --- |
"""
DOCTOR = f"""\
# What doctor looks at

`peyvand doctor` runs every check below and says what it found, a line each: `ok`; `note` (it works, or could not be asked from here; look);
`FAULT` (something does not work), with what to do. Its exit code is 1 where there is a fault, else 0. It changes nothing.
{WRITTEN_BY}

| Check | Looks at |
| --- | --- |
"""
DOCTOR_JSON = """
`integrity` runs with `--deep` only: it reads the whole database. On PostgreSQL (14 or newer) it asks the extension amcheck, which comes
with it, whether every table is whole (`verify_heapam`) and every B-tree index in order and complete (`bt_index_check`); readers and
writers go on meanwhile. An administrator says `CREATE EXTENSION amcheck` in Peyvand's database once and, where Peyvand's user is none,
lets it call both: `GRANT EXECUTE ON FUNCTION verify_heapam, bt_index_check(regclass, boolean) TO peyvand`. Until then nothing is looked
at, and the finding is a `note`.

## For a program

`peyvand doctor --json` writes one object. A field may be added in a later release; none is taken away or renamed.

| Field | Type | Meaning |
| --- | --- | --- |
| `sound` | true or false | no finding is a fault (exit code 0) |
| `findings` | list | one object each, in the order of the table; a check may have several findings, or none where it does not apply |
| `findings[].check` | text | the name in the table above |
| `findings[].state` | `ok`, `note` or `fault` | as above |
| `findings[].words` | text | what was found and what to do, in English; not for comparing |
"""
METRICS = f"""\
# Metrics

`GET /metrics` answers in the text of Prometheus. It opens for programs on the machine itself (a request that a proxy passed on is
none, so let the proxy write its headers as in [TLS behind a proxy](../howto/tls.md)) and, from elsewhere, for `Authorization: Bearer`
with `PEYVAND_METRICS_TOKEN`. Every web process counts its own requests; the rest is read from the stores, the same whichever process
is asked, and workers tell theirs every ten seconds. Labels come from fixed lists (doors, jobs, subscriptions, workers alive): nothing
names a customer, a member or a brand.
A figure that cannot be read just now is left out and counted in `peyvand_unreadable`.
{WRITTEN_BY}

| Figure | Labels | Meaning |
| --- | --- | --- |
"""
LOGS = f"""\
# What the log says

Every process writes to standard error, one JSON object a line (`PEYVAND_LOG_FORMAT=text` for eyes); keeping and turning the files
over is the work of systemd or the container. Nothing in it is about a person: no names, addresses, words, bodies, query strings or
tokens, and of an error only its type and the lines of code it passed. A test tells one customer to every door, page and command,
faults included, and looks for them in every line. Only `PEYVAND_LOG_LEVEL=debug` adds the words of errors, which may quote anything:
not for an installation in use.

Each line has `timestamp` (UTC), `level`, `logger`, `event`; within a request also `request_id`, which the answer carries as `X-Request-ID`.
`fault` is the type of an error and `trace` where it passed.
{WRITTEN_BY}

| Event | Level | Logger | Further fields |
| --- | --- | --- | --- |
"""
COMMANDS = f"""\
# Commands

`.venv/bin/peyvand COMMAND`, with the same [settings](settings.md) as the server. `--help` says the same as this page.
A command that fails says why in a sentence and ends with a code other than 0.
{WRITTEN_BY}
"""


def pages() -> dict[Path, str]:
    """Every generated page as it should stand in the repository."""
    written = {"settings": _settings, "commands": _commands, "doctor": _doctor, "metrics": _metrics, "logs": _logs}
    written["api-operations"] = operations.page
    return {PAGES / f"{name}.md": write() for name, write in written.items()}


def _settings() -> str:
    rows = (f"| `{s.name}` | {_cell(s.kind)} | {f'`{s.default}`' if s.default else ''} | {_cell(s.purpose)} |\n" for s in DECLARED.values())
    return SETTINGS + "".join(rows)


def _doctor() -> str:
    diagnosis = import_module("peyvand.config.diagnosis")  # models, which wait for Django
    checks = diagnosis.CHECKS | diagnosis.DEEP
    rows = (f"| {name} | {_cell((look.__doc__ or '').strip())} |\n" for name, look in checks.items())
    return DOCTOR + "".join(rows) + DOCTOR_JSON


def _metrics() -> str:
    gauges, counting = import_module("peyvand.edge.gauges"), import_module("peyvand.edge.counting")
    counted = [(family, family._labelnames) for family in (counting.REQUESTS, counting.SECONDS, counting.GROUPS)]  # noqa: SLF001 - no other door
    rows = [(f"{family._name}{'_total' if family._type == 'counter' else ''}", family._documentation, labels) for family, labels in counted]  # noqa: SLF001
    rows += [(f"peyvand_{f.name}{'_total' if f.counts else ''}", f.words, f.labels) for f in gauges.FIGURES]
    return METRICS + "".join(f"| `{name}` | {', '.join(labels)} | {_cell(words)} |\n" for name, words, labels in rows)


def _logs() -> str:
    rows = (f"| `{told.event}` | {told.level} | {told.logger} | {', '.join(told.fields)} |\n" for told in events())
    return LOGS + "".join(rows)


def _commands() -> str:
    parts = [COMMANDS]
    for command in commands().values():
        parser = argparse.ArgumentParser(add_help=False)
        import_module(command.module).add_arguments(parser)
        examples = "".join(f"    {line.strip()}\n" for line in command.example.splitlines())
        parts.append(f"\n## `peyvand {command.name}`\n\n{command.help[0].upper()}{command.help[1:].rstrip('.')}.\n\n{examples}")
        if rows := "".join(_rows(parser)):
            parts.append(f"\n| Argument | Meaning |\n| --- | --- |\n{rows}")
    return "".join(parts)


def _rows(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no other door, and its own help page differs between versions of Python
        if action.help == argparse.SUPPRESS:
            continue
        yield f"| `{_spelled(action)}` | {_cell(action.help or '')} |\n"


def _spelled(action: argparse.Action) -> str:
    """How one would type an argument: `--by COLUMN`, `FILE`, `{nps,csat}`."""
    names = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper())
    values = " ".join(names) if isinstance(names, tuple) else names
    if not action.option_strings:
        return values
    return ", ".join(action.option_strings) + (f" {values}" if action.nargs != 0 else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write what differs, and say so."""
    django.setup()
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: docs/reference/{path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
