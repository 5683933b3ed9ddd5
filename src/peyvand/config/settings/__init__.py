"""Django's settings: what the operator gave (given.py) and what we decided. Nothing else reads the environment."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from peyvand.config.settings import given
from peyvand.config.settings.analytics import analytics
from peyvand.config.settings.applications import PACKAGE, installed, static_folders
from peyvand.config.settings.databases import cache, database
from peyvand.config.settings.logs import logging_settings
from peyvand.config.settings.secrets import secret_keys
from peyvand.config.settings.security import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from peyvand.config.settings.security import cookies

# Ours
PEYVAND_DATA = given.DATA
PEYVAND_HOST = given.HOST
PEYVAND_PORT = given.PORT
PEYVAND_URL = given.URL.rstrip("/") or f"http://localhost:{given.PORT}"
PEYVAND_TRUSTED_PROXIES = given.TRUSTED_PROXIES
PEYVAND_INTERNAL_HOSTS = given.INTERNAL_HOSTS
PEYVAND_API_A_MINUTE = given.API_A_MINUTE
PEYVAND_THREADS = given.THREADS
PEYVAND_MAX_BODY_MB = given.MAX_BODY_MB
PEYVAND_SEND_SECONDS = given.SEND_SECONDS
PEYVAND_STATEMENT_SECONDS = given.STATEMENT_SECONDS
PEYVAND_WALLS = given.WALLS
PEYVAND_ANALYTICS = analytics(given.ANALYTICS)
PEYVAND_REDIS_URL = given.REDIS_URL
PEYVAND_OWNER_PASSWORD = given.OWNER_PASSWORD
PEYVAND_DEMO_PASSWORD = given.DEMO_PASSWORD
PEYVAND_MAIL_READY = bool(given.SMTP_HOST)
PEYVAND_DKIM_SELECTOR = given.DKIM_SELECTOR
PEYVAND_BACKUP_HOUR = given.BACKUP_HOUR
PEYVAND_BACKUP_KEEP = given.BACKUP_KEEP
PEYVAND_BACKUP_FOLDER = Path(given.BACKUP_FOLDER).expanduser().resolve() if given.BACKUP_FOLDER else PEYVAND_DATA / "backups"
PEYVAND_METRICS_TOKEN = given.METRICS_TOKEN
PEYVAND_DATA.mkdir(mode=0o700, parents=True, exist_ok=True)

# Django
_address = urlsplit(PEYVAND_URL)
DEBUG = given.DEBUG
SECRET_KEY, *SECRET_KEY_FALLBACKS = secret_keys(given.SECRET_KEY, given.SECRET_KEY_FALLBACKS, PEYVAND_DATA)
ALLOWED_HOSTS = [*given.ALLOWED_HOSTS, _address.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PEYVAND_URL]
INSTALLED_APPS = installed(given.APPS)
AUTH_USER_MODEL = "workspaces.User"
ROOT_URLCONF = "peyvand.config.urls"
WSGI_APPLICATION = "peyvand.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database(given.DATABASE_URL, PEYVAND_DATA)}
MIDDLEWARE = [
    "peyvand.config.middleware.RequestMiddleware",
    "peyvand.config.middleware.StoreMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "peyvand.config.static.BuiltFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "peyvand.config.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "peyvand.config.middleware.RefusalMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "peyvand.workspaces.middleware.WorkspaceMiddleware",
    "axes.middleware.AxesMiddleware",
    "peyvand.config.api_calls.ApiCalls",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "peyvand.config.navigation.shell",
            ]
        },
    }
]

FORM_RENDERER = "peyvand.core.forms.PartsRenderer"

# Languages and time
LANGUAGE_CODE = "fa"
LANGUAGES = [("fa", "فارسی"), ("en", "English")]
USE_I18N = True
LOCALE_PATHS = [PACKAGE / "config" / "locale"]  # the composition root is no app of its own
USE_TZ = True
TIME_ZONE = "UTC"

# Static files: their addresses carry a digest of the content, so that browsers may keep them
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "peyvand.config.static.VersionedStatic"},
}
STATICFILES_DIRS = static_folders()
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 30 * 24 * 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = PEYVAND_DATA / "files"

# Sign-in: by e-mail address; nobody signs up by themselves but through an invitation or at first run
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["peyvand.workspaces.passwords.Argon2"]
_RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_RULES}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": "peyvand.workspaces.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_RULES}.CommonPasswordValidator"},
    {"NAME": f"{_RULES}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # the one who changes it stays; every other session ends by itself
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "peyvand.workspaces.signin.SigningIn"
ACCOUNT_FORMS = {
    name: f"peyvand.workspaces.forms.signing.{form}"
    for name, form in (
        ("login", "LoginForm"),
        ("reset_password", "ResetPasswordForm"),
        ("reset_password_from_key", "ResetPasswordKeyForm"),
        ("change_password", "ChangePasswordForm"),
        ("set_password", "SetPasswordForm"),
        ("reauthenticate", "ReauthenticateForm"),
    )
}
ACCOUNT_RATE_LIMITS = {
    "login_failed": "30/m/ip",
    "account_tries": "100/h/key",
    "reset_password": "20/m/ip,5/h/key",
    "second_factor": "5/15m/key",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _address.scheme
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Peyvand"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by owners and invitations
MFA_ADAPTER = "peyvand.workspaces.signin.SecondFactor"
MFA_FORMS = {
    "authenticate": "peyvand.workspaces.forms.signing.AuthenticateForm",
    "reauthenticate": "peyvand.workspaces.forms.signing.SecondReauthenticateForm",
    "activate_totp": "peyvand.workspaces.forms.signing.ActivateTOTPForm",
}
SESSION_COOKIE_AGE = 14 * 24 * 3600

# Brute force: after five failures for one person from one address, half an hour of rest
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "peyvand.config.signin.attempted_name"
AXES_CLIENT_IP_CALLABLE = "peyvand.config.signin.client_address"
AXES_LOCKOUT_CALLABLE = "peyvand.config.errors.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# Counters and cache: shared through Redis where there is one; else sign-in counts in the database, the cache by process
CACHES = {"default": cache(PEYVAND_REDIS_URL)}
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler" if PEYVAND_REDIS_URL else "axes.handlers.database.AxesDatabaseHandler"

# Cookies and content policy
globals().update(cookies(https=_address.scheme == "https"))
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "peyvand.config.errors.csrf_failed"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # to https redirects the proxy in front; on a plain machine there is none

# Mail
EMAIL_HOST = given.SMTP_HOST
EMAIL_PORT = given.SMTP_PORT
EMAIL_HOST_USER = given.SMTP_USER
EMAIL_HOST_PASSWORD = given.SMTP_PASSWORD
EMAIL_USE_TLS = given.SMTP_TLS == "starttls"
EMAIL_USE_SSL = given.SMTP_TLS == "tls"
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "peyvand.core.letters.Letters" if PEYVAND_MAIL_READY else "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = PEYVAND_DATA / "mail"
DEFAULT_FROM_EMAIL = given.SMTP_FROM or f"Peyvand <peyvand@{_address.hostname}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LOGGING = logging_settings(given.LOG_FORMAT, given.LOG_LEVEL.upper())
