"""The database between two tests that commit: emptied of what was written, and of nothing else."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from peyvand.timeline.models import Era
from peyvand.workspaces.models import Member, Workspace
from peyvand.workspaces.services import create_owner, create_workspace
from tests.emptying import empty


@pytest.mark.django_db(transaction=True)
def test_every_row_goes_whatever_points_to_it_and_what_django_lays_stays():
    laid = ContentType.objects.count(), Permission.objects.count()
    Era.objects.get_or_create(number=1)
    create_owner(workspace=create_workspace(name="Narenj"), email="alice@example.com", password=None, name="Alice")
    assert Member.objects.exists()
    empty("default")
    assert not any(rows.objects.exists() for rows in (Workspace, Member, Era))
    assert (ContentType.objects.count(), Permission.objects.count()) == laid
    assert all(laid)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_again", range(2))
def test_a_test_that_commits_finds_nothing_of_the_one_before(_again):
    assert not Workspace.objects.exists()
    create_workspace(name="Narenj", slug="narenj")
