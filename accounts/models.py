"""People, workspaces and what they may do. Knows nothing of runs or campaigns."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

SESSION_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"


class Users(UserManager["User"]):
    """Users are known by their mail address; there are no user names."""

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **extra: Any
    ) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **extra: Any
    ) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractUser):
    username = None  # type: ignore[assignment]
    email = models.EmailField(_("mail address"), unique=True)
    # Part of what every session proves: one more ends all that began before.
    sessions_ended = models.PositiveIntegerField(default=0)
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[Users] = Users()

    def __str__(self) -> str:
        return (self.get_full_name() or self.email)[:254]  # so much room have the records of who did what

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """As Django's, until sessions were ended for the first time: an upgrade signs nobody out."""
        proof = f"{self.password}:{self.sessions_ended}" if self.sessions_ended else self.password
        return salted_hmac(SESSION_SALT, proof, secret=secret, algorithm="sha256").hexdigest()

    def end_sessions(self) -> None:
        """Whoever is signed in as this user has to sign in again."""
        type(self).objects.filter(pk=self.pk).update(sessions_ended=models.F("sessions_ended") + 1)
        self.refresh_from_db(fields=["sessions_ended"])

    def clean(self) -> None:
        """What a form of the admin was given: one person is one account, however the address is written."""
        super().clean()
        self.email = self.email.lower()

    @property
    def initials(self) -> str:
        words = (self.get_full_name() or self.email.split("@")[0].replace(".", " ")).split()
        return "".join(word[0] for word in words[:2]).upper()


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


class Workspace(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role, default=Role.EDITOR)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_a_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"


def digest(secret: str) -> str:
    """What is kept of a secret of 256 random bits: guessing one from this is as hard as guessing it outright."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Invitation(models.Model):
    """The right to join a workspace, once. One to a mail address is for that address alone."""

    LIFE: ClassVar = timedelta(days=7)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role, default=Role.EDITOR)
    email = models.EmailField(_("mail address"), blank=True)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email or 'a link'} to {self.workspace}"

    @classmethod
    def alive(cls) -> models.QuerySet[Self]:
        """Those that can still be used."""
        return cls.objects.filter(used_at=None, withdrawn_at=None, expires_at__gt=timezone.now())

    @classmethod
    def find(cls, secret: str) -> Self | None:
        return cls.alive().filter(digest=digest(secret)).select_related("workspace", "invited_by").first()


class SigninLink(models.Model):
    """A link that signs one person in once, within fifteen minutes."""

    LIFE: ClassVar = timedelta(minutes=15)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Sign-in link for {self.user}"

    @classmethod
    def issue(cls, user: User) -> str:
        """A new secret for that user; only its digest is kept."""
        secret = secrets.token_urlsafe(32)
        cls.objects.create(user=user, digest=digest(secret), expires_at=timezone.now() + cls.LIFE)
        return secret

    @classmethod
    def find(cls, secret: str) -> Self | None:
        """The link of that secret while it can still be used."""
        alive = {"used_at": None, "expires_at__gt": timezone.now(), "user__is_active": True}
        return cls.objects.filter(digest=digest(secret), **alive).select_related("user").first()

    def use(self) -> bool:
        """Spend the link; False when somebody was faster."""
        return bool(type(self).objects.filter(pk=self.pk, used_at=None).update(used_at=timezone.now()))


class Scope(models.TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Read and write")


class ApiToken(models.Model):
    """A program's key to one workspace. The secret is shown once; its digest is kept."""

    PREFIX: ClassVar = "adgen_"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tokens")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.WRITE)
    hint = models.CharField(max_length=12)  # the first letters, by which a person knows it again
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def issue(cls, workspace: Workspace, user: User, name: str, **extra: Any) -> str:
        """A new secret; only its digest is kept."""
        secret = cls.PREFIX + secrets.token_urlsafe(32)
        cls.objects.create(
            workspace=workspace, user=user, name=name, hint=secret[:12], digest=digest(secret), **extra
        )
        return secret

    @classmethod
    def find(cls, secret: str) -> Self | None:
        """The living token of that secret."""
        now = timezone.now()
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=now)
        member = models.Q(workspace__memberships__user=models.F("user"))
        found = cls.objects.filter(
            alive, member, digest=digest(secret), revoked_at=None, user__is_active=True
        )
        return found.select_related("workspace", "user").first()

    def touch(self) -> None:
        """Note the use, at most once a minute: a polling program must not write at every request."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at > timedelta(minutes=1):
            type(self).objects.filter(pk=self.pk).update(last_used_at=now)


class Audit(models.Model):
    """Who did what, when. Rows are only ever added."""

    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="audit")
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200, blank=True)
    words = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "entry of the audit log"
        verbose_name_plural = "audit log"
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.target}"
