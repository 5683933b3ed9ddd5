"""How passwords are kept, and rules for new ones beside Django's. Named by PASSWORD_HASHERS and AUTH_PASSWORD_VALIDATORS."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _

from peyvand.core.display import num


class Argon2(Argon2PasswordHasher):
    """Argon2id above the least that OWASP asks for (19 MiB, two passes): Django's takes 100 MiB and eight threads a try.

    Anybody may try, in as many threads at once as run pages, and a small machine must not fall over it.
    """

    time_cost = 3
    memory_cost = 19 * 1024
    parallelism = 1


class LongEnough(MinimumLengthValidator):
    """Django's rule, with its number in the reader's digits."""

    def get_error_message(self) -> str:
        """Why a password was refused."""
        return _("This password is too short. It needs at least %(n)s characters.") % {"n": num(self.min_length)}
