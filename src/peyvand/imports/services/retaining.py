"""Files of imports that became old go; what they recorded stays. Called by the app's privacy.py."""

import datetime as dt
import shutil
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from peyvand.core import clock
from peyvand.imports.models import Import
from peyvand.imports.services.forgetting import BUSY
from peyvand.workspaces.services import audit


def old_files(workspace_id: int, before: dt.datetime, _loss: str) -> "QuerySet[Import]":
    """Imports made before a moment that still have their files and are in nobody's hands."""
    return Import.objects.filter(workspace=workspace_id, created_at__lt=before, files_deleted_at=None).exclude(state__in=BUSY)


def let_go_of_files(ids: Sequence[int], _loss: str) -> None:
    """Delete the files of each, then note it, so that a kill in between leaves none that nobody knows of. Gigabytes take their time:
    not in a transaction.
    """
    still = Import.objects.filter(pk__in=ids, files_deleted_at=None).exclude(state__in=BUSY)
    for one in still.select_related("workspace"):
        shutil.rmtree(one.folder, ignore_errors=True)
        with transaction.atomic():
            if Import.objects.filter(pk=one.pk, files_deleted_at=None).update(files_deleted_at=clock.now(), check_result={}, error=""):
                audit(workspace=one.workspace, actor=None, action="import.files_deleted", target=one, detail={"because": "retention"})
