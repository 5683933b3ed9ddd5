"""The core as a Django app; at start it makes the URL converter `<pid:…>` known."""

from django.apps import AppConfig
from django.urls import register_converter

from peyvand.core.ids import PublicId


class CoreConfig(AppConfig):
    """Jobs, and the modules every app calls."""

    name = "peyvand.core"

    def ready(self) -> None:
        register_converter(PublicId, "pid")
