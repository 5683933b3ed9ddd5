"""A batch of an import has the public id of that import, so that figures can be narrowed by it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("timeline", "0005_redactions_together")]
    operations = [
        migrations.AddField("batch", "code", models.CharField(blank=True, default="", max_length=13)),
        migrations.AddConstraint(
            "batch",
            models.UniqueConstraint(condition=models.Q(("code", ""), _negated=True), fields=("workspace", "code"), name="one_batch_an_import"),
        ),
    ]
