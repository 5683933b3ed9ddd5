"""A contact written as somebody's name is found as a contact: by those who may see contacts, or whole."""

from django.db import migrations

from peyvand.core.masking import without_contacts
from peyvand.customers.keys import LONGEST, name_text, sort_name


def hide(apps, _schema_editor):
    profiles, entries = (apps.get_model("customers", name).objects for name in ("Profile", "SearchEntry"))
    named = entries.exclude(profile__customer__name="").values_list("pk", "profile__customer__name", "search_key", "contact_key")
    for pk, name, search, contacts in [row for row in named.iterator() if without_contacts(row[1]) != row[1]]:
        shown = without_contacts(name)
        keys = (name_text(shown) + search.removeprefix(name_text(name)), name_text(name) + contacts)
        entries.filter(pk=pk).update(search_key=keys[0][:LONGEST], contact_key=keys[1][:LONGEST])
        profiles.filter(pk=pk).update(sort_name=sort_name(shown))


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_deliveries")]
    operations = [migrations.RunPython(hide, migrations.RunPython.noop)]
