"""One step to the lake follows many redactions: it names them all, where it named one."""

from django.db import migrations, models


def keep_the_one(apps, schema_editor):
    """A step that was left unfinished follows what it followed."""
    steps = apps.get_model("timeline", "LakeFlush").objects
    for step in steps.filter(redaction__isnull=False, state="planned"):
        step.redactions = [step.redaction]
        step.save(update_fields=["redactions"])


class Migration(migrations.Migration):
    dependencies = [("timeline", "0004_redaction")]
    operations = [
        migrations.AddField("lakeflush", "redactions", models.JSONField(default=list)),
        migrations.RunPython(keep_the_one, migrations.RunPython.noop),
        migrations.RemoveField("lakeflush", "redaction"),
    ]
