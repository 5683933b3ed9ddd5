"""A brand that asks and follows up, and erasures that wait for nobody."""

import datetime as dt

import pytest

from peyvand.catalogue.queries import forget_names
from peyvand.catalogue.services import forget_known
from peyvand.privacy.services import erasing
from peyvand.timeline.lake import redacting
from peyvand.timeline.models import Era
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_owner, create_workspace
from peyvand.workspaces.services.founding import begin_workspace


@pytest.fixture
def brand(transactional_db: None, settings) -> Workspace:
    settings.EMAIL_FILE_PATH = str(settings.PEYVAND_DATA / "mail")
    forget_names()
    forget_known()
    Era.objects.get_or_create(number=1)  # the migration's row goes with each flush
    workspace = create_workspace(name="سفالینه", slug="sofal", language="fa")
    create_owner(workspace=workspace, email="owner@brand.example", password="long enough 1", name="پویا")
    begin_workspace(workspace=workspace)
    return workspace


@pytest.fixture
def no_waiting(monkeypatch) -> None:
    """Nobody reads old files of the lake, and no writer has just died."""
    monkeypatch.setattr(erasing, "GRACE", dt.timedelta())
    monkeypatch.setattr(redacting, "ABANDONED", dt.timedelta())
