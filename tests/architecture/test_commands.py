"""Every subcommand of `peyvand` explains itself: a line of help, an example that works. (Its page is generated.)"""

import argparse
import importlib
import shlex
from types import ModuleType

import pytest

from tests.architecture.source import PACKAGE, ROOT

COMMANDS = [path.stem for path in sorted((PACKAGE / "config" / "commands").glob("*.py")) if path.stem != "__init__"]


@pytest.fixture(params=COMMANDS)
def command(request) -> ModuleType:
    return importlib.import_module(f"peyvand.config.commands.{request.param}")


def test_a_command_says_in_a_line_what_it_does(command):
    assert command.HELP
    assert "\n" not in command.HELP


def test_the_example_of_a_command_is_understood_by_it(command):
    parser = argparse.ArgumentParser(exit_on_error=False)
    command.add_arguments(parser)
    for line in command.EXAMPLE.splitlines():
        words = [word for word in shlex.split(line) if not word.startswith("PEYVAND_")]  # settings may stand before it
        assert words[:2] == ["peyvand", command.NAME]
        parser.parse_args(words[2:])


def test_every_line_of_an_example_stands_in_a_code_block_of_the_page(command):
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    for line in command.EXAMPLE.splitlines():
        assert f"\n    {line.strip()}\n" in page
