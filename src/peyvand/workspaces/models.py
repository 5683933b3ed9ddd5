"""Workspaces (brands), the people in them, their keys and the audit trail. Written by workspaces.services only."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from peyvand.core import clock
from peyvand.workspaces.permissions import permissions_of
from peyvand.workspaces.types import CUSTOM, CalendarKind, Permission, Role


def new_id_key() -> bytes:
    """Sixteen random bytes that turn this workspace's integers into its public ids."""
    return clock.secret_bytes(16)


class UserAccounts(BaseUserManager["User"]):
    """Lookups that allauth and Django's authentication ask for."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Create a person who can sign in with an e-mail address and a password."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in; what they may do is said by their Member rows."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(max_length=8, blank=True)
    digits = models.CharField(max_length=8, blank=True)
    theme = models.CharField(max_length=8, blank=True)
    current_workspace = models.ForeignKey("Workspace", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)

    objects: ClassVar[UserAccounts] = UserAccounts()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)


class Workspace(models.Model):
    """One brand. Everything else belongs to exactly one workspace."""

    slug = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict)
    logo = models.CharField(max_length=200, blank=True)
    colour = models.CharField(max_length=7, blank=True)
    languages = models.JSONField(default=list)
    default_language = models.CharField(max_length=8, default="fa")
    calendar = models.CharField(max_length=12, default=CalendarKind.JALALI)
    time_zone = models.CharField(max_length=48, default="Asia/Tehran")
    currency = models.CharField(max_length=3, default="IRR")
    rial_shown_as = models.CharField(max_length=5, default="toman")
    phone_region = models.CharField(max_length=2, default="IR")
    business_hours = models.JSONField(default=dict)
    preferences = models.JSONField(default=dict)
    id_key = models.BinaryField(max_length=16, default=new_id_key, editable=False)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        """The brand's name in the reader's language, else in its own."""
        return str(self.names.get(get_language() or "") or self.name_in(self.default_language))

    def name_in(self, language: str) -> str:
        """The brand's name in one language, else any name it has."""
        return str(self.names.get(language) or next(iter(self.names.values()), self.slug))


class Holiday(models.Model):
    """A day on which this workspace does not work (or, when `off` is false, does after all)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="holidays")
    date = models.DateField()
    names = models.JSONField(default=dict)
    off = models.BooleanField(default=True)

    class Meta:
        ordering = ("date",)
        constraints = (models.UniqueConstraint(fields=("workspace", "date"), name="one_holiday_a_day"),)

    def __str__(self) -> str:
        return f"{self.date}"

    @property
    def name(self) -> str:
        """The name in the reader's language, else any name it has."""
        return str(self.names.get((get_language() or "en")[:2]) or next(iter(self.names.values()), ""))


class CustomRole(models.Model):
    """A role that a workspace made for itself, beside the presets of `Role`: a name in each language and what it may do."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="custom_roles")
    names = models.JSONField(default=dict)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.names.get((get_language() or "en")[:2]) or next(iter(self.names.values()), ""))

    @property
    def granted(self) -> frozenset[Permission]:
        """What it may do, as far as this release knows it."""
        return frozenset(permission for permission in Permission if permission in self.permissions)


class HoldsRole(models.Model):
    """Whoever has a role: one of the presets, or one that the workspace made (then `role` is CUSTOM)."""

    role = models.CharField(max_length=12, choices=[(r, r) for r in (*(r.value for r in Role), CUSTOM)])
    custom_role = models.ForeignKey(CustomRole, null=True, blank=True, on_delete=models.RESTRICT, related_name="%(class)ss")

    class Meta:
        abstract = True

    @property
    def held(self) -> "Role | CustomRole":
        """The role itself."""
        return self.custom_role if self.custom_role is not None else Role(self.role)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything this role may do."""
        return self.custom_role.granted if self.custom_role is not None else permissions_of(self.role)

    def may(self, permission: Permission) -> bool:
        """Say whether the role holds a permission."""
        return permission in self.permissions


def one_role(name: str) -> models.CheckConstraint:
    """The preset and the own role never speak at once."""
    own = models.Q(role=CUSTOM, custom_role__isnull=False)
    return models.CheckConstraint(condition=own | (~models.Q(role=CUSTOM) & models.Q(custom_role__isnull=True)), name=name)


class Member(HoldsRole):
    """A person's place in a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    department = models.BigIntegerField(null=True, blank=True)
    branch = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "user"), name="one_place_a_person"), one_role("one_role_a_member"))

    def __str__(self) -> str:
        return f"{self.user}"


class Invitation(HoldsRole):
    """An open door for one e-mail address; only the hash of its token is kept."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (one_role("one_role_an_invitation"),)

    def __str__(self) -> str:
        return self.email


class SingleSignOn(HoldsRole):
    """By which OpenID Connect provider people sign in to a workspace; the role is that of whoever it lets in for the first time."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="single_sign_on")
    name = models.CharField(max_length=40)
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=200)
    sealed = models.TextField(blank=True)
    domains = models.JSONField(default=list)
    vouches = models.BooleanField(default=False)  # for addresses of these domains, where the provider does not say whether it verified one
    makes_members = models.BooleanField(default=False)
    passwords_allowed = models.BooleanField(default=True)

    class Meta:
        constraints = (one_role("one_role_a_sign_on"),)

    def __str__(self) -> str:
        return self.name


class SignOnIdentity(models.Model):
    """Who a provider's subject is: linked at the first sign-in and never by e-mail address again."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "issuer", "subject"), name="one_person_a_subject"),)

    def __str__(self) -> str:
        return self.subject


class ApiKey(models.Model):
    """A program's key: shown once, stored as a hash. `prefix` is what a person recognises it by."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    public_key = models.CharField(max_length=64, blank=True)  # only snippet keys, which are public by nature
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditEntry(models.Model):
    """Who did what to which thing, when. Written in the same transaction as the thing itself; never changed."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="audit_entries")
    at = models.DateTimeField(default=clock.now)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.BigIntegerField(null=True)
    target_label = models.CharField(max_length=200, blank=True)
    target_names = models.JSONField(default=dict)  # language → label, for what is named in each
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = (
            models.Index(fields=("workspace", "-id"), name="audit_newest"),
            models.Index(fields=("workspace", "action", "at"), name="audit_by_action"),
        )

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action}"
