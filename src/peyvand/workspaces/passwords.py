"""Rules for new passwords beside Django's. Named by AUTH_PASSWORD_VALIDATORS in the settings."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _

from peyvand.core.display import num


class LongEnough(MinimumLengthValidator):
    """Django's rule, with its number in the reader's digits."""

    def get_error_message(self) -> str:
        """Why a password was refused."""
        return _("This password is too short. It needs at least %(n)s characters.") % {"n": num(self.min_length)}
