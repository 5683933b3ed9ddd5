"""Which decision moved an identity, and whether a name was taken over: what undoing a merge must know."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identities", "0001_initial")]
    operations = [
        migrations.AddField("linkconflict", "took_name", models.BooleanField(default=False, db_default=False)),
        migrations.AddField(
            "identitymove",
            "conflict",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="moves", to="identities.linkconflict"
            ),
        ),
    ]
