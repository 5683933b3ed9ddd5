"""The batches of imports that began before batches had a code get theirs."""

from django.db import migrations

from peyvand.core.ids import public_id


def give_codes(apps, schema_editor):
    """Each batch the public id of its import."""
    batches = apps.get_model("timeline", "Batch").objects
    for one in apps.get_model("imports", "Import").objects.filter(batch__isnull=False).select_related("workspace"):
        batches.filter(pk=one.batch_id).update(code=public_id(bytes(one.workspace.id_key), one.pk))


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial"), ("timeline", "0006_batch_code")]
    operations = [migrations.RunPython(give_codes, migrations.RunPython.noop)]
