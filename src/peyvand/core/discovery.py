"""Extension points: modules found by name in the installed apps, as in `jobs.py` of every app that has some."""

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.utils.module_loading import module_has_submodule


def modules(name: str) -> Iterator[ModuleType]:
    """Import and return <app>.<name> of every installed app that has it; those of Django and the core itself aside."""
    for config in apps.get_app_configs():
        ours = config.name != "peyvand.core" and not config.name.startswith("django.")
        if ours and config.module is not None and module_has_submodule(config.module, name):
            yield import_module(f"{config.name}.{name}")
