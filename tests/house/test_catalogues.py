"""Texts are found in code and templates, written in one order, and compiled to what Django reads."""

import gettext
import io

import pytest
from babel.messages.mofile import write_mo
from house import catalogues
from house.messages import app_faults

HEAD = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"{catalogues.PLURALS}\\n"\n\n'


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "SOURCE", tmp_path)
    folder = tmp_path / "orders"
    (folder / "templates" / "orders").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "forms.py").write_text(
        'from django.utils.translation import gettext as _, ngettext, pgettext\nlabel = _("Sent")\nverb = pgettext("verb", "Open")\n'
        'count = ngettext("%(n)s order", "%(n)s orders", 2)\n'
    )
    (folder / "templates" / "orders" / "list.html").write_text(
        '{% load i18n %}\n  <p title="{% translate "Late" %}">\n{% blocktranslate trimmed count n=n %}\n    One “order”\n'
        "  {% plural %}\n    {{ n }} orders\n  {% endblocktranslate %}</p>"
    )
    return folder


def store(app, text):
    path = catalogues.catalogue_path(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_texts_of_code_and_templates_are_found_with_their_plurals_and_contexts(app):
    found = {key: text.plural for key, text in catalogues.extracted(app).items()}
    assert found == {
        (None, "Sent"): None,
        ("verb", "Open"): None,
        (None, "%(n)s order"): "%(n)s orders",
        (None, "Late"): None,
        (None, "One “order”"): "%(n)s orders",
    }


def test_what_is_written_is_read_again_and_written_the_same(app):
    texts = list(catalogues.extracted(app).values())
    for text in texts:
        text.translated = ("یک", "چند") if text.plural else ("متن",)
    store(app, catalogues.serialised(texts))
    again, obsolete = catalogues.stored(app)
    assert obsolete == []
    assert catalogues.serialised(list(again.values())) == catalogues.serialised(texts)


def test_every_fault_of_a_catalogue_is_named(app):
    store(
        app,
        HEAD + '#, fuzzy\nmsgid "Sent"\nmsgstr "فرستاده شد"\n\nmsgid "Late"\nmsgstr ""\n\n'
        'msgid "Gone"\nmsgstr "رفت"\n\n#~ msgid "Old"\n#~ msgstr "کهنه"\n\nmsgctxt "verb"\nmsgid "Open"\nmsgstr "بازکردن!"\n\n'
        'msgid "%(n)s order"\nmsgid_plural "%(n)s orders"\nmsgstr[0] "%(n)s سفارش"\nmsgstr[1] "%(x)s سفارش"\n',
    )
    assert sorted(app_faults(app)) == [
        "'%(n)s order': placeholder %(n)s is missing",
        "'%(n)s order': placeholder %(x)s is not in the English text",
        "'Late': untranslated",
        "'Open': no exclamation marks",
        "'Sent': marked fuzzy",
        "no Persian for 'One “order”' (orders/templates/orders/list.html:3)",
        "nothing in the code says 'Gone'",
        "obsolete entry 'Old'",
    ]


def test_a_catalogue_without_the_plurals_of_persian_is_refused(app):
    store(
        app, 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "آ"\nmsgstr[1] "ب"\n'
    )
    with pytest.raises(catalogues.CatalogueError, match="Plural-Forms"):
        catalogues.stored(app)


def test_the_compiled_catalogue_speaks_persian(app):
    store(
        app,
        HEAD + 'msgctxt "verb"\nmsgid "Open"\nmsgstr "بازکردن"\n\n'
        'msgid "%(n)s order"\nmsgid_plural "%(n)s orders"\nmsgstr[0] "یک سفارش"\nmsgstr[1] "%(n)s سفارش"\n',
    )
    compiled = io.BytesIO()
    write_mo(compiled, catalogues.as_catalogue(catalogues.stored(app)[0]))
    compiled.seek(0)
    persian = gettext.GNUTranslations(compiled)
    assert persian.pgettext("verb", "Open") == "بازکردن"
    assert persian.ngettext("%(n)s order", "%(n)s orders", 1) == "یک سفارش"
    assert persian.ngettext("%(n)s order", "%(n)s orders", 5) == "%(n)s سفارش"
