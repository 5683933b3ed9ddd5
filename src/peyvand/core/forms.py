"""How Django forms are drawn: every form of ours renders through the parts. Named by FORM_RENDERER in the settings."""

from django.forms.renderers import DjangoTemplates


class PartsRenderer(DjangoTemplates):
    """Draws forms with parts/form.html and fields with parts/field.html."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"
