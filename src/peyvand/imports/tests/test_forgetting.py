"""Files of uploads that were cut short, when somebody whom they name is erased."""

import os

import pytest

from peyvand.core import clock
from peyvand.core.jobs import Later
from peyvand.core.privacy import Person
from peyvand.core.walls import inside
from peyvand.imports.models import Import
from peyvand.imports.services import store
from peyvand.imports.services.forgetting import forget_files
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return Person(create_workspace(name="Sofalineh", slug="sofalineh").pk, frozenset({1}), frozenset({1}), ("+989121112233",))


@pytest.fixture
def left(data_folder):
    """One that never became an import, one whose transaction died with its process, and one that names somebody else."""
    place = data_folder / "files/imports"
    words = {"arriving-Xy3": "mobile\n09121112233\n", "987654": "mobile\n+98 912 111 2233\n", "arriving-Zw4": "mobile\n09125556677\n"}
    for name, text in words.items():
        (place / name).mkdir(parents=True)
        (place / name / "people.csv").write_text(text)
    return place


def test_what_an_upload_left_that_died_goes_where_it_names_somebody_erased(person, left):
    long_ago = clock.now().timestamp() - 2 * 3600
    for folder in left.iterdir():
        os.utime(folder, (long_ago, long_ago))
    forget_files(person)
    assert [folder.name for folder in left.iterdir()] == ["arriving-Zw4"]


def test_what_may_be_arriving_is_waited_for(person, left):
    with pytest.raises(Later):
        forget_files(person)
    assert len(list(left.iterdir())) == 3


def test_the_import_of_another_brand_is_no_upload_that_died(person, data_folder):
    kafsh = create_workspace(name="Kafshdoozak", slug="kafshdoozak")
    other = store(workspace=kafsh, name="a.csv", files={"main": ("a.csv", [b"+989121112233"])}, actor=None)
    os.utime(other.folder, (0, 0))
    with inside(person.workspace_id):
        forget_files(person)
    assert (other.folder / "a.csv").exists()


def test_files_that_were_noted_as_deleted_and_outlived_whoever_did_so_go(person, data_folder):
    workspace = Workspace.objects.get(pk=person.workspace_id)
    one, other = (store(workspace=workspace, name="a.csv", files={"main": ("a.csv", [b"09125556677"])}, actor=None) for _n in range(2))
    Import.objects.filter(pk=one.pk).update(files_deleted_at=clock.now())  # and a kill before they went
    forget_files(person)
    assert (one.folder.exists(), other.folder.exists()) == (False, True)


def test_whoever_uploads_next_does_what_a_kill_left_too(person, data_folder):
    workspace = Workspace.objects.get(pk=person.workspace_id)
    one = store(workspace=workspace, name="a.csv", files={"main": ("a.csv", [b"09125556677"])}, actor=None)
    Import.objects.filter(pk=one.pk).update(files_deleted_at=clock.now())
    store(workspace=workspace, name="b.csv", files={"main": ("b.csv", [b"09125556677"])}, actor=None)
    assert not one.folder.exists()
