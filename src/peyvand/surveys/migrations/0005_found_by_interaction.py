"""What was asked about an interaction, and what became one, are found without reading every row: rules of retention ask for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0004_begun_by")]
    operations = [
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(condition=models.Q(("trigger__isnull", False)), fields=["trigger"], name="invitations_of_trigger"),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(condition=models.Q(("interaction__isnull", False)), fields=["interaction"], name="response_of_interaction"),
        ),
    ]
