"""The pages of the place Insights, as tabs above each of them. Called by their views."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def insight_tabs(current: str) -> list[dict[str, Any]]:
    """The tabs, the current page marked by its name."""
    pages = {"chain": _("The chain"), "compare": _("Compare")}
    return [{"label": label, "url": reverse(f"desk:{name}"), "current": name == current} for name, label in pages.items()]
