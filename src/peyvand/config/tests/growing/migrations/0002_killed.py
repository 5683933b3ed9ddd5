"""A change that kills its process half-way, as a power failure would, while DATA/kill is there."""

import os
import signal
from pathlib import Path

from django.conf import settings
from django.db import migrations


def fill(apps, editor):
    editor.execute("INSERT INTO growing_thing VALUES (1)")
    if (Path(settings.PEYVAND_DATA) / "kill").exists():
        os.kill(os.getpid(), signal.SIGKILL)


class Migration(migrations.Migration):
    dependencies = [("growing", "0001_table")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
