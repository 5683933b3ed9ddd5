"""Making the lake anew from the records: after a restore, whose records may be older than the lake, and where it is damaged or gone."""

import shutil
from contextlib import suppress

from django.db import transaction

from peyvand.timeline.lake.flushing import NAME
from peyvand.timeline.lake.places import INTERACTIONS, TABLES, lake_path
from peyvand.timeline.lake.presence import forget
from peyvand.timeline.models import LakeFlush, Place


def rebuild() -> None:
    """Forget the lake; the worker's next rounds copy everything again. Only while no worker runs. Cut short, it is run again.

    Files go before the place does, and first of all what makes them a lake: with a place and no lake nothing is copied (LakeGoneError),
    while old files beside a forgotten place would be counted twice. Raises OSError where a file does not go.
    """
    log = lake_path() / INTERACTIONS / "_delta_log"
    gone = log.with_name("_delta_log.gone")
    if log.exists():
        if gone.exists():
            shutil.rmtree(gone)
        log.replace(gone)
    for table in TABLES:
        if (path := lake_path() / table).exists():
            shutil.rmtree(path)
    with suppress(OSError):  # it is not there, or a disk is mounted on it
        lake_path().rmdir()
    with transaction.atomic():
        LakeFlush.objects.all().delete()
        Place.objects.filter(name=NAME).delete()
    forget()
