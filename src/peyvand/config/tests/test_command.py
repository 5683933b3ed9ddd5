"""The command frame: quick help, plain errors, every command explains itself."""

import argparse
import importlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db.utils import OperationalError

from peyvand.config import command
from peyvand.config.command import Abort
from peyvand.config.tests.running import Installation
from peyvand.workspaces.models import ApiKey, AuditEntry, User, Workspace


def test_help_lists_every_command_and_loads_nothing_large(here: Installation) -> None:
    done = here.run("--help", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    for name in ("serve", "web", "worker", "migrate", "createworkspace", "createowner", "createkey", "doctor", "backup", "restore"):
        assert f"  {name} " in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "peyvand.config.command" in loaded
    assert {name.partition(".")[0] for name in loaded} & {"django", "duckdb", "numpy", "pyarrow", "ibis"} == set()
    assert not here.data.exists(), "asking for help makes nothing"


@pytest.mark.parametrize("found", command.commands().values(), ids=lambda found: found.name)
def test_every_command_has_help_with_an_example_of_itself(found: command.Found) -> None:
    module = importlib.import_module(found.module)
    parser = argparse.ArgumentParser(prog=found.name)
    module.add_arguments(parser)
    assert f"peyvand {found.name}" in found.example
    assert not found.help.endswith(".")
    for action in parser._actions:
        assert action.help, f"{found.name} {action.dest} has no help"


def test_an_unknown_command_is_named_and_the_known_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["srve"]) == command.WRONG_USE
    said = capsys.readouterr().err
    assert "there is no command 'srve'" in said
    assert "  serve " in said


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (Abort("the file is empty.", 3), 3, "peyvand: the file is empty.\n"),
        (KeyboardInterrupt(), 130, "peyvand: stopped.\n"),
        (OperationalError("database or disk is full"), command.UNAVAILABLE, "The disk is full or not writable."),
        (ZeroDivisionError("division by zero"), command.FAULT, "an unexpected fault: ZeroDivisionError: division by zero"),
    ],
)
def test_errors_are_words_and_codes_not_tracebacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raised: BaseException, code: int, words: str
) -> None:
    def fails(*_unused: object) -> int:
        raise raised

    monkeypatch.setattr(command, "_run", fails)
    assert command.main(["doctor"]) == code
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in this process; returns its exit code and what it said on both channels."""

    def run(*words: str) -> tuple[int, str, str]:
        code = command.main(words)
        return (code, *capsys.readouterr())

    return run


@pytest.mark.django_db
def test_a_workspace_is_made_and_its_word_is_said(say: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = say("createworkspace", "کافه نارنج", "--slug", "narenj", "--json")
    assert (code, json.loads(out)) == (0, {"workspace": "narenj", "name": "کافه نارنج"})
    assert say("createworkspace", "نارنج", "--slug", "narenj")[0] == 1
    assert "there is a workspace narenj already" in say("createworkspace", "نارنج", "--slug", "narenj")[2]
    for wrong in ("Narenj", "na renj", "narenj-", "نارنج", "n" * 33):
        assert (say("createworkspace", "نارنج", "--slug", wrong)[0], Workspace.objects.count()) == (command.WRONG_USE, 1)
    assert "peyvand createowner --workspace narenj-2" in say("createworkspace", "Narenj")[1]
    assert say("createworkspace", " ") == (1, "", "peyvand: A workspace needs a name.\n")


@pytest.mark.django_db
def test_an_owner_needs_a_good_password_once(
    say: Callable[..., tuple[int, str, str]], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    say("createworkspace", "کافه نارنج", "--slug", "narenj")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    code, _, err = say("createowner", "--email", "sara@example.ir", "--password-stdin")
    assert (code, "This password is too short" in err) == (1, True)
    assert "no password was given" in say("createowner", "--email", "sara@example.ir")[2]
    assert "is not an e-mail address" in say("createowner", "--email", "sara")[2]
    assert not User.objects.exists()
    settings.PEYVAND_OWNER_PASSWORD = "a long pass phrase"
    assert "sara@example.ir is an owner of narenj." in say("createowner", "--email", "Sara@Example.ir")[1]
    assert User.objects.get().check_password("a long pass phrase")
    settings.PEYVAND_OWNER_PASSWORD = "another pass phrase"
    assert "keeps the password they have" in say("createowner", "--email", "sara@example.ir")[1]
    assert User.objects.get().check_password("a long pass phrase")


@pytest.mark.django_db
def test_who_lost_password_and_authenticator_is_let_in_again(
    say: Callable[..., tuple[int, str, str]], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    say("createworkspace", "کافه نارنج", "--slug", "narenj")
    settings.PEYVAND_OWNER_PASSWORD = "a long pass phrase"
    owner = ("createowner", "--email", "sara@example.ir")
    say(*owner)
    Authenticator.objects.create(user=User.objects.get(), type=Authenticator.Type.TOTP, data={})
    monkeypatch.setattr("sys.stdin", io.StringIO("another pass phrase\n"))
    _code, out, _err = say(*owner, "--password-stdin", "--without-second-factor")
    assert "has a new password" in out
    assert "Their second factor is gone" in out
    assert User.objects.get().check_password("another pass phrase")
    assert not Authenticator.objects.exists()
    assert "They had no second factor." in say(*owner, "--without-second-factor")[1]
    noted = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"password.put", "second_factor.dropped"} <= noted


@pytest.mark.django_db
def test_a_key_is_printed_alone_and_a_strange_workspace_is_named(say: Callable[..., tuple[int, str, str]]) -> None:
    say("createworkspace", "کافه نارنج", "--slug", "narenj")
    code, out, err = say("createkey", "--workspace", "narenj", "--scope", "ingest")
    assert (code, out[:3], out.count("\n"), err) == (0, "sk_", 1, "")
    assert ApiKey.objects.get().scopes == ["ingest"]
    assert say("createkey", "--workspace", "limu", "--scope", "ingest")[2] == "peyvand: there is no workspace 'limu'. There is: narenj.\n"
    say("createworkspace", "لیمو", "--slug", "limu")
    assert "say which workspace with --workspace. There is: limu, narenj." in say("createkey", "--scope", "ingest")[2]


def test_the_web_process_refuses_an_old_database(here: Installation) -> None:
    done = here.run("web", "--port", "0")
    assert done.returncode == command.WRONG_SETTING
    assert "Run `peyvand migrate` first." in done.stderr


def test_a_command_on_an_old_database_says_what_to_do_first(here: Installation) -> None:
    done = here.run("createworkspace", "narenj")
    assert done.returncode == command.WRONG_SETTING
    assert "Run `peyvand migrate` first." in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("serve", "--port", "99999"), "there is no port 99999; choose one from 1 to 65535."),
        (("demo", "--customers", "5"), "the demo brand needs at least 18 customers, not 5."),
        (("analyze", "nps", "answers.csv", "--score", "score", "--level", "200"), "--level is a percentage between 0 and 100"),
    ],
)
def test_a_number_out_of_bounds_is_named(say: Callable[..., tuple[int, str, str]], words: tuple[str, ...], told: str) -> None:
    code, out, err = say(*words)
    assert (code, out) == (command.WRONG_USE, "")
    assert told in err


@pytest.mark.django_db
def test_a_wrong_date_is_explained_in_the_language_of_the_command_line(say: Callable[..., tuple[int, str, str]]) -> None:
    say("createworkspace", "کافه نارنج", "--slug", "narenj")
    code, _, err = say("analyze", "nps", "--workspace", "narenj", "--since", "1405-13-01")
    assert (code, "a year has no such month" in err) == (command.WRONG_USE, True)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_an_answer_that_cannot_be_written_is_no_traceback(here: Installation) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "peyvand", "--help"], env=here.environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode != 0
