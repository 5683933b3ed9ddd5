"""How sign-in behaves: what allauth asks of us. Named by ACCOUNT_ADAPTER and MFA_ADAPTER in the settings."""

from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from peyvand.core import vault
from peyvand.workspaces.browsers import counted_as, remember
from peyvand.workspaces.models import User
from peyvand.workspaces.sign_on_session import only_place

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class SigningIn(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves, nobody is sent to another site, and refusals tell nothing about an account."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try again."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("This is not your present password."),
        "account_inactive": _("This account is closed."),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's
        """Accounts are made at first run and by invitations only."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of this site, written without a host, may be gone to after signing in."""
        return bool(url) and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's
        """Back to the account page, where it was asked for."""
        return reverse("mfa_index")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse by the address, as allauth does, and by the account, whose password is else guessed from many addresses without end."""
        super().pre_authenticate(request, **credentials)
        if not _counts(request, credentials, dry_run=True):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a wrong password; whether there is such an account tells nothing here."""
        _counts(request, credentials)

    def post_login(self, request: HttpRequest, user: User, **said: Any) -> HttpResponse:
        """Know this browser again where a password opened it; a provider's word would make a known one of any."""
        response: HttpResponse = super().post_login(request, user, **said)
        if only_place(request) is None:
            remember(response, user.email)
        return response

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address; the front door has already applied PEYVAND_TRUSTED_PROXIES."""
        return str(request.META.get("REMOTE_ADDR") or "127.0.0.1")


def _counts(request: HttpRequest, credentials: Mapping[str, Any], *, dry_run: bool = False) -> bool:
    """Count a wrong password for an account, or look whether one more may be tried."""
    email = str(credentials.get("email") or "")
    return not email or bool(ratelimit.consume(request, action="account_tries", key=counted_as(request, email), dry_run=dry_run))


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of authenticator apps sealed with the key of this installation."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. It changes every thirty seconds; type the present one."),
    }

    def encrypt(self, text: str) -> str:
        """Seal before storing."""
        return vault.seal({"secret": text})

    def decrypt(self, encrypted_text: str) -> str:
        """Open what was stored."""
        return vault.unseal(encrypted_text)["secret"]


def enter(request: HttpRequest, user: User) -> None:
    """Sign somebody in who has just made their account; the session gets a new key and stands among their devices."""
    login(request, user, backend=BACKEND)
    UserSession.objects.create_from_request(request)  # allauth notes only those who came through its own page
