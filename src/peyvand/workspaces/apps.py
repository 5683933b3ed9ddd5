"""Workspaces as a Django app; at start it listens for what people change about their own sign-in."""

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """Brands, people, keys and the audit trail."""

    name = "peyvand.workspaces"

    def ready(self) -> None:
        from peyvand.workspaces.services.credentials import listen  # noqa: PLC0415 - models, which wait for Django

        listen()
