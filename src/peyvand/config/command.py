"""The `peyvand` command: finds its sub-commands in config/commands, runs one, and says errors plainly.

A sub-command is a module with NAME, HELP, EXAMPLE, add_arguments(parser) and run(args) → exit code.
"""

import argparse
import ast
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

COMMANDS: Final = Path(__file__).parent / "commands"
SETTINGS: Final = "peyvand.config.settings"
WRONG_USE: Final = 2
FAULT: Final = 70
UNAVAILABLE: Final = 75
WRONG_SETTING: Final = 78


class Abort(Exception):
    """Ends a command with a message for a person: what happened, to what, what to do next."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Found:
    """What a sub-command says of itself, read without importing it."""

    name: str
    help: str
    example: str
    module: str
    needs_django: bool


def commands() -> dict[str, Found]:
    """Read the constants at the head of every module in config/commands; to list them must cost nothing."""
    found = (_read(path) for path in sorted(COMMANDS.glob("*.py")) if path.stem != "__init__")
    return {command.name: command for command in found}


def _read(path: Path) -> Found:
    said: dict[str, Any] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant):
            said[node.targets[0].id] = node.value.value
    module = f"peyvand.config.commands.{path.stem}"
    return Found(said["NAME"], said["HELP"], said["EXAMPLE"], module, bool(said.get("NEEDS_DJANGO", True)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    known = commands()
    if not words or words[0] not in known:
        return _overview(known, words)
    try:
        return _run(known[words[0]], words[1:])
    except Abort as end:
        return _say(str(end), end.code)
    except KeyboardInterrupt:
        return _say("stopped.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else Python complains once more when it flushes
        return 141
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person gets words, not a traceback
        return _explain(error)


def _run(command: Found, words: list[str]) -> int:
    asks_help = any(word in {"-h", "--help"} for word in words)
    if command.needs_django and not asks_help:
        setup()
    elif command.needs_django:
        _setup_quietly()
    module = import_module(command.module)
    parser = argparse.ArgumentParser(
        prog=f"peyvand {command.name}",
        description=f"{command.help[0].upper()}{command.help[1:].rstrip('.')}.",
        epilog=f"example:\n  {command.example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    args = parser.parse_args(words)
    with in_english() if command.needs_django else nullcontext():
        return int(module.run(args) or 0)


def in_english() -> AbstractContextManager[None]:
    """The command line speaks English; what services answer to it must not be in the language of the pages."""
    from django.utils.translation import override  # noqa: PLC0415 - weight

    return override("en")


def setup() -> None:
    """Make Django ready; a wrong setting is said plainly."""
    import django  # noqa: PLC0415 - weight: `peyvand --help` must not load it

    django.setup()


def _setup_quietly() -> None:
    # Help must come even where the settings are wrong, as long as the command's module can be imported.
    try:
        setup()
    except Exception as error:  # noqa: BLE001 - said, then help goes on
        _say(f"note: {error}", 0)


def _overview(known: dict[str, Found], words: list[str]) -> int:
    width = max(map(len, known)) + 2
    lines = [f"  {command.name:<{width}}{command.help}" for command in known.values()]
    text = "\n".join(
        ["usage: peyvand COMMAND …", "", *lines, "", "peyvand COMMAND --help tells more, with an example.", f"version {version()}"]
    )
    if not words or words[0] in {"-h", "--help", "help"}:
        sys.stdout.write(f"{text}\n")
        return 0
    if words[0] in {"--version", "version"}:
        sys.stdout.write(f"{version()}\n")
        return 0
    return _say(f"there is no command {words[0]!r}.\n\n{text}", WRONG_USE)


def version() -> str:
    """The installed version; that of the source tree is 'development'."""
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - weight
    from importlib.metadata import version as installed  # noqa: PLC0415 - weight

    try:
        return installed("peyvand")
    except PackageNotFoundError:
        return "development"


def _explain(error: Exception) -> int:
    from django.conf import settings  # noqa: PLC0415 - weight
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - weight

    if isinstance(error, ImproperlyConfigured):
        return _say(str(error), WRONG_SETTING)
    from peyvand.core.db import store_failure  # noqa: PLC0415 - weight

    if failure := store_failure(error):
        return _say(f"{failure} Nothing was changed by this step. `peyvand doctor` looks for the cause.", UNAVAILABLE)
    if settings.configured and settings.DEBUG:
        raise error
    if old := _older_database(error):
        return _say(old, WRONG_SETTING)
    return _say(f"an unexpected fault: {type(error).__name__}: {error}\nPEYVAND_DEBUG=yes shows where.", FAULT)


def _older_database(error: Exception) -> str:
    """What to do where the fault comes from a database that lacks changes of this release; empty for every other fault."""
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - weight
    from django.db.utils import OperationalError, ProgrammingError  # noqa: PLC0415 - weight

    from peyvand.config.migrations import check_migrated  # noqa: PLC0415 - weight

    if isinstance(error, OperationalError | ProgrammingError):  # a missing table is the one or the other, by the database
        try:
            check_migrated()
        except (Abort, ImproperlyConfigured) as end:
            return str(end)
    return ""


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"peyvand: {text}\n")
    return code
