"""What was delivered proves a purchase: counted for everybody who is known already, once for each order."""

from django.db import migrations, models

COUNT = """UPDATE customers_profile SET deliveries = (
    SELECT count(DISTINCT CASE WHEN i.subject_id IS NULL THEN 'i ' || i.id ELSE 's ' || i.subject_type || ' ' || i.subject_id END)
    FROM identities_identity d JOIN timeline_interaction i ON i.identity_id = d.id JOIN catalogue_term k ON k.id = i.kind
    LEFT JOIN timeline_batch b ON b.id = i.batch
    WHERE d.customer_id = customers_profile.customer_id AND k.code = 'order.delivered'
    AND (b.id IS NULL OR b.state NOT IN ('undoing', 'undone')))"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_search"),
        ("timeline", "0002_reading_order"),
        ("identities", "0001_initial"),
        ("catalogue", "0001_initial"),
    ]
    operations = [
        migrations.AddField(model_name="profile", name="deliveries", field=models.IntegerField(default=0)),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
