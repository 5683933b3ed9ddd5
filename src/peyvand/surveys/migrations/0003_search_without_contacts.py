"""Contacts inside the words of answers are no longer found by a search: whoever may not see them could guess them."""

from django.db import migrations

from peyvand.core.masking import without_contacts
from peyvand.core.persian import joined_key


def hide(apps, _schema_editor):
    answers = apps.get_model("surveys", "Answer").objects
    said = answers.filter(has_words=True).values_list("pk", "words")
    for pk, words in [row for row in said.iterator() if without_contacts(row[1]) != row[1]]:
        answers.filter(pk=pk).update(search_key=joined_key(without_contacts(words)))


class Migration(migrations.Migration):
    dependencies = [("surveys", "0002_search")]
    operations = [migrations.RunPython(hide, migrations.RunPython.noop)]
