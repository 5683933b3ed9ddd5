"""Profiles know what their keys were made from; who cannot be reached is listed from an index of those alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_moves_from_somewhere")]
    operations = [
        migrations.AddField(
            model_name="profile",
            name="made_from",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(
                condition=models.Q(("has_email", False), ("has_phone", False), ("merged", False)),
                fields=["workspace", "last_seen_at", "customer"],
                name="profiles_out_of_reach",
            ),
        ),
    ]
