"""Letters that let a person set a new password. The request only puts a job down, so its time tells nothing of the account."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from peyvand.core import jobs
from peyvand.workspaces.links import absolute_public
from peyvand.workspaces.models import User

RESET_JOB = "workspaces.reset_mail"


def ask_for_reset(*, email: str) -> None:
    """Let the worker send the letter, if there is anybody to send it to; asked again while it waits, it is sent once."""
    jobs.enqueue(name=RESET_JOB, payload={"email": email}, key=email)


def reset_address(user: User) -> str:
    """The address that opens once and lets this person set a password; built on PEYVAND_URL, never on a request."""
    return absolute_public("account_reset_password_from_key", user_pk_to_url_str(user), default_token_generator.make_token(user))


def send_reset(*, email: str) -> bool:
    """Send the letter to an active account; False when there is none."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        return False
    with translation.override(user.language or settings.LANGUAGE_CODE):
        text = render_to_string("workspaces/mail/reset.txt", {"person": user, "address": reset_address(user)})
        send_mail(_("Set a new password for Peyvand"), text, None, [user.email])
    return True
