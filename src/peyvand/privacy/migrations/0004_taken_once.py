"""A rule writes down what it takes next and who is to be counted anew for it, and knows of which time each piece of the timeline is."""

import django.db.models.deletion
from django.db import migrations, models

import peyvand.core.fields


class Migration(migrations.Migration):
    dependencies = [("identities", "0006_moves_are_a_log"), ("privacy", "0003_records")]
    operations = [
        migrations.AddField("retentionrule", "in_hand", models.JSONField(default=list)),
        migrations.AddField("retentionrule", "key", models.BinaryField(default=b"")),
        migrations.AddField("retentionrule", "last_began_at", peyvand.core.fields.InstantField(null=True)),
        migrations.RunSQL("UPDATE privacy_retentionrule SET last_began_at = began_at WHERE done_until IS NOT NULL", migrations.RunSQL.noop),
        # A round under way has no key: it begins anew.
        migrations.RunSQL("UPDATE privacy_retentionrule SET until = NULL, position = 0 WHERE until IS NOT NULL", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Piece",
            fields=[
                ("number", peyvand.core.fields.KeyField(primary_key=True, serialize=False)),
                ("oldest", models.BigIntegerField()),
                ("newest", models.BigIntegerField()),
                ("noted_at", peyvand.core.fields.InstantField()),
            ],
        ),
        migrations.CreateModel(
            name="CountAgain",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="identities.customer",
                    ),
                ),
            ],
        ),
    ]
