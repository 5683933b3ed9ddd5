"""Every address of the console and the public pages: each installed app that has a `urls` module is included."""

from importlib import import_module

from allauth.account import urls as account_urls
from django.apps import apps
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from django.utils.module_loading import module_has_submodule

from peyvand.config.api import make_api, pages
from peyvand.workspaces.views.account import second_factor


def _ours() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for config in apps.get_app_configs():
        if config.name.startswith("peyvand.") and module_has_submodule(config.module, "urls"):
            import_module(f"{config.name}.urls")
            found.append(path("", include(f"{config.name}.urls")))
    return found


# Accounts are made at first run and by invitation, and belong to one e-mail address: allauth's pages for the rest stay shut.
CLOSED = {"account_signup", "account_email", "account_email_verification_sent", "account_confirm_email", "account_confirm_login_code"}

api = make_api()

urlpatterns = [
    *_ours(),
    *pages(api),
    path("api/v1/", api.urls),
    path("accounts/2fa/", second_factor, name="mfa_index"),  # the own account page has it; allauth's index is never reached
    path("accounts/", include([pattern for pattern in account_urls.urlpatterns if pattern.name not in CLOSED])),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]

handler400 = "peyvand.config.errors.bad_request"
handler403 = "peyvand.config.errors.forbidden"
handler404 = "peyvand.config.errors.not_found"
handler500 = "peyvand.config.errors.server_error"
