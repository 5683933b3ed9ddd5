"""The membership that an interaction told of is found without reading every row: rules of retention ask for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_out_of_reach")]
    operations = [
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("interaction_id__isnull", False)), fields=["interaction_id"], name="membership_of_interaction"
            ),
        ),
    ]
