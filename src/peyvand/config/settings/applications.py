"""Which applications are installed: our layers top to bottom, every connector folder, and what the operator names."""

from importlib.util import find_spec
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
LAYERS = (
    "demo", "edge", "connectors", "desk", "imports", "cases", "surveys", "insights", "webhooks", "privacy", "tasks", "channels",
    "customers", "timeline", "identities", "catalogue", "workspaces", "core",
)  # fmt: skip
THIRD_PARTY = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
)


def installed(extra: list[str]) -> list[str]:
    """Return INSTALLED_APPS; ours come first, so that our templates win over those of the libraries."""
    ours = [f"peyvand.{layer}" for layer in LAYERS]
    connectors = [
        f"peyvand.connectors.{folder.name}" for folder in sorted((PACKAGE / "connectors").iterdir()) if (folder / "adapter.py").exists()
    ]
    return [*ours, *connectors, *extra, *THIRD_PARTY]


def static_folders() -> list[Path]:
    """Return where static files lie beside those of the apps: what Vite built, and what the API's own page needs."""
    # django-ninja is no installed app: as one it would load pydantic into every process, 0.4 s and 25 MB.
    found = find_spec("ninja")
    ninja = [Path(place) / "static" for place in (found.submodule_search_locations or [])] if found else []
    return [folder for folder in (PACKAGE / "static", *ninja) if folder.is_dir()]
