"""Mails kept for want of a server: those to a person who is forgotten go, and no others."""

from pathlib import Path

import pytest

from peyvand.channels.types import Account, Envelope, Message
from peyvand.connectors.email.adapter import ADAPTER
from peyvand.connectors.email.privacy import erase
from peyvand.core.privacy import Person
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_workspace

pytestmark = pytest.mark.django_db
MAIL = "negar@post.example"


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.EMAIL_FILE_PATH, settings.PEYVAND_MAIL_READY = tmp_path / "mail", False
    return tmp_path / "mail"


def kept(key: str, to: str, text: str = "سلام") -> None:
    ADAPTER.send(Account("سفالینه", {}), Envelope(to, Message(text, "سلام"), key))


def negar(workspace: Workspace) -> Person:
    return Person(workspace.pk, frozenset({1}), words=(MAIL, "09120000012"), names=("نگار صبوری‌فر",))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_mails_of_another_brand_and_letters_of_the_installation_stay(folder):
    brand, _twin = create_workspace(name="Sofal", slug="sofal"), create_workspace(name="Sofal two", slug="sofal-2")
    for key in ("sofal.7", "sofal-2.7", "sofal-2.test.x"):
        kept(key, MAIL)
    (folder / "20261201-103000-1402.log").write_text(f"To: {MAIL}\n\nSet a new password")
    (folder / ".sofal.8.eml.x.tmp").write_text(f"To: {MAIL}")
    erase(negar(brand))
    assert names(folder) == ["20261201-103000-1402.log", "sofal-2.7.eml", "sofal-2.test.x.eml"]


def test_mails_go_that_tell_how_somebody_is_reached_and_a_namesakes_stay(folder):
    brand = create_workspace(name="Sofal", slug="sofal")
    kept("sofal.1", "other@post.example", "به ۰۹۱۲۰۰۰۰۰۱۲ زنگ بزنید")
    kept("sofal.2", "namesake@post.example", "نگار صبوری‌فر عزیز")
    erase(negar(brand))
    assert names(folder) == ["sofal.2.eml"]


def test_a_brand_whose_name_no_file_may_have_is_found_too(folder):
    brand = create_workspace(name="Con", slug="con")
    kept("con.1", MAIL)
    erase(negar(brand))
    assert names(folder) == []


def test_where_nothing_was_kept_nothing_goes(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "none"
    erase(negar(create_workspace(name="Sofal", slug="sofal")))
