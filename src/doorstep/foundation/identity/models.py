from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Person(models.Model):
    """A human being the town knows of: most elders come from a roll or a paper form and never sign in.

    Never deleted: an erased person becomes a tombstone. `phone` is a way to reach someone, not who they are: three old neighbours
    may share one, and a number may be given to somebody else.
    """

    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    id_last4 = models.CharField(max_length=4, blank=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(login=username)


class Account(AbstractBaseUser):
    """How a person signs in: phone and one-time code for residents, login, password and TOTP for staff."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    login = models.CharField(max_length=60, unique=True, null=True)
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    totp_secret = models.CharField(max_length=64, blank=True)
    totp_last_step = models.BigIntegerField(default=0, help_text="a code is good once")
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False, help_text="configures the town; opens nothing restricted")
    created_at = models.DateTimeField()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[AccountManager] = AccountManager()

    def __str__(self) -> str:
        return self.login or f"account {self.pk}"

    def get_short_name(self) -> str:
        return self.person.name


class OneTimeCode(models.Model):
    """A six-digit code sent to a phone. Only its keyed digest is kept."""

    phone = models.CharField(max_length=20, db_index=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code of {self.created_at:%Y-%m-%d %H:%M}"


class Attempt(models.Model):
    """Failures in a row of one phone, login or address: what a lock-out is decided on."""

    key = models.CharField(max_length=100, unique=True)
    failures = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.failures} failures"


class Token(models.Model):
    """A bearer token of the API. Only its digest is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"token of account {self.account_id}"
