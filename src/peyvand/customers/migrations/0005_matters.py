"""An open case keeps somebody at risk: counted for everybody who is known already, from what the timeline tells of cases."""

from django.db import migrations, models

COUNT = """UPDATE customers_profile SET matters = coalesce((
    SELECT sum(CASE k.code WHEN 'case.closed' THEN -1 ELSE 1 END)
    FROM identities_identity d JOIN timeline_interaction i ON i.identity_id = d.id JOIN catalogue_term k ON k.id = i.kind
    WHERE d.customer_id = customers_profile.customer_id AND k.code IN ('case.opened', 'case.closed')), 0)"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_names_without_contacts"),
        ("timeline", "0002_reading_order"),
        ("identities", "0001_initial"),
        ("catalogue", "0001_initial"),
    ]
    operations = [
        migrations.AddField(model_name="profile", name="matters", field=models.IntegerField(default=0)),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
