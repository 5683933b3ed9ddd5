"""Addresses that take no messages for good are remembered, so that they are not asked at every send."""

import django.db.models.deletion
from django.db import migrations, models

import peyvand.core.clock


class Migration(migrations.Migration):
    dependencies = [("channels", "0003_language"), ("identities", "0002_merged_pairs")]
    operations = [
        migrations.CreateModel(
            name="RefusedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel_kind", models.CharField(max_length=24)),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField(default=peyvand.core.clock.now)),
                (
                    "identity",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="identities.identity"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("identity", "channel_kind"), name="one_refusal_an_address")],
            },
        ),
    ]
