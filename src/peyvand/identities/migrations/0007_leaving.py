"""Who is being forgotten, so that no decision takes anything of theirs along meanwhile."""

import django.db.models.deletion
import peyvand.core.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial"), ("identities", "0006_moves_are_a_log")]
    operations = [
        migrations.CreateModel(
            name="Leaving",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="leaving",
                        serialize=False,
                        to="identities.customer",
                    ),
                ),
                ("since", models.DateTimeField(default=peyvand.core.clock.now)),
                (
                    "workspace",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"),
                ),
            ],
        ),
    ]
