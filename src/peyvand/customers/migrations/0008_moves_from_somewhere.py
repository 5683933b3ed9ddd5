"""Who moved between stages lately is listed from an index of the moves alone, not of the places everybody was given first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_lifecycle")]
    operations = [
        migrations.AddIndex(
            model_name="stagemove",
            index=models.Index(
                condition=models.Q(("from_stage", ""), _negated=True), fields=["to_stage", "at", "customer"], name="moves_from_somewhere"
            ),
        ),
    ]
