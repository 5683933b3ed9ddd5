"""What a process remembers of terms holds only what was committed."""

import pytest
from django.db import transaction

from peyvand.catalogue.models import Term
from peyvand.catalogue.queries import TermName, forget_names, term_names
from peyvand.catalogue.types import Dimension
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def narenj():
    forget_names()
    yield create_workspace(name="Narenj", slug="narenj", language="en")
    forget_names()


def _product(workspace: Workspace, code: str) -> int:
    return Term.objects.create(workspace=workspace, dimension=Dimension.PRODUCT, code=code).pk


def test_a_term_that_was_rolled_back_lends_its_name_to_nobody(narenj):
    with transaction.atomic():
        lost = _product(narenj, "lost")
        assert term_names([lost]) == {lost: TermName(Dimension.PRODUCT, "lost")}
        transaction.set_rollback(True)
    kept = _product(narenj, "kept")  # on SQLite it has the integer of the lost one
    assert term_names({lost, kept}) == {kept: TermName(Dimension.PRODUCT, "kept")}


def test_a_name_is_asked_for_once(narenj, django_assert_num_queries):
    tea = _product(narenj, "tea")
    with django_assert_num_queries(1):
        assert term_names([tea]) == term_names([tea]) == {tea: TermName(Dimension.PRODUCT, "tea")}
