"""Making the lake anew from the records: after a restore, whose records may be older than the lake, and when a lake is damaged."""

import shutil

from django.db import transaction

from peyvand.timeline.lake.flushing import NAME
from peyvand.timeline.lake.places import lake_path
from peyvand.timeline.lake.presence import forget
from peyvand.timeline.models import LakeFlush, Place


def rebuild() -> None:
    """Forget the lake; the worker's next rounds copy everything again. Only while no worker runs."""
    with transaction.atomic():
        LakeFlush.objects.all().delete()
        Place.objects.filter(name=NAME).delete()
    shutil.rmtree(lake_path(), ignore_errors=True)
    forget()
