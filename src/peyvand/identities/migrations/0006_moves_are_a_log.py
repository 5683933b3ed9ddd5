"""What undoing needs stands in Merge and Identity.home; moves are only a log."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("identities", "0005_ways_back")]
    operations = [
        migrations.RemoveField("linkconflict", "took_name"),
        migrations.RemoveField("identitymove", "conflict"),
        migrations.RemoveField("identitymove", "undone_at"),
    ]
