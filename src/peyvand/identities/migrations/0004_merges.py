"""Merges that can be undone in any order, values many people share, customers who gathered too much, pairs that look alike."""

import django.db.models.deletion
import peyvand.core.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workspaces", "0001_initial"),
        ("identities", "0003_company"),
    ]
    operations = [
        migrations.AddField("identity", "home", models.BigIntegerField(null=True)),
        migrations.AddField(
            "linkconflict",
            "origin",
            models.CharField(
                choices=[("met", "Met"), ("hand", "Hand"), ("alike", "Alike")], db_default="met", default="met", max_length=8
            ),
        ),
        migrations.AddField("linkconflict", "score", models.SmallIntegerField(db_default=0, default=0)),
        migrations.AddField("linkconflict", "reasons", models.JSONField(null=True)),
        migrations.AddIndex(
            "linkconflict", models.Index(fields=["workspace", "other_type", "other_value"], name="conflicts_over_a_value")
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rows", models.JSONField(default=dict)),
                ("taken", models.JSONField(default=dict)),
                ("merged_at", models.DateTimeField(default=peyvand.core.clock.now)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "kept",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="took_in", to="identities.customer"),
                ),
                (
                    "other",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="merges", to="identities.customer"),
                ),
                (
                    "pair",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="merges", to="identities.linkconflict"
                    ),
                ),
                (
                    "merged_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"),
                ),
            ],
        ),
        migrations.AddConstraint(
            "merge",
            models.UniqueConstraint(condition=models.Q(("undone_at", None)), fields=("other",), name="taken_into_one_at_a_time"),
        ),
        migrations.CreateModel(
            name="SharedValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "type",
                    models.SmallIntegerField(
                        choices=[(1, "own_id"), (2, "phone"), (3, "email"), (4, "messenger"), (5, "device")]
                    ),
                ),
                ("value", models.CharField(max_length=190)),
                (
                    "state",
                    models.CharField(
                        choices=[("offered", "Offered"), ("shared", "Shared"), ("personal", "Personal")], default="shared", max_length=8
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=120)),
                ("people", models.IntegerField(default=0)),
                ("found_at", models.DateTimeField(default=peyvand.core.clock.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"),
                ),
            ],
        ),
        migrations.AddConstraint(
            "sharedvalue", models.UniqueConstraint(fields=("workspace", "type", "value"), name="one_word_on_a_shared_value")
        ),
        migrations.CreateModel(
            name="Crowd",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="crowd",
                        serialize=False,
                        to="identities.customer",
                    ),
                ),
                ("turned_away", models.IntegerField(default=0)),
                ("seen_at", models.DateTimeField(default=peyvand.core.clock.now)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"),
                ),
            ],
        ),
    ]
