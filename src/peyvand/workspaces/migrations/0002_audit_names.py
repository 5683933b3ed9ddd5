"""What the audit trail names is kept in every language; actions are found without reading the whole trail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial")]
    operations = [
        migrations.AddField(model_name="auditentry", name="target_names", field=models.JSONField(default=dict)),
        migrations.AddIndex("auditentry", models.Index(fields=["workspace", "action", "at"], name="audit_by_action")),
    ]
