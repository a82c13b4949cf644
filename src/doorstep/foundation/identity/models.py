from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Person(models.Model):
    """A human being the town knows of: most elders come from a roll or a paper form and never sign in.

    Never deleted: an erased person becomes a tombstone, one found to be another's second entry is merged into it. `phone` is a way to
    reach someone, not who they are: three old neighbours may share one, and a number may be given to somebody else.
    """

    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    id_last4 = models.CharField(max_length=4, blank=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    died_on = models.DateField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

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
    language = models.CharField(max_length=10, blank=True, help_text="chosen by its holder; empty: Chinese")
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


class Session(AbstractBaseSession):
    """A signed-in browser. Django's own table, with whose it is, so that a person sees their devices and can end them."""

    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=60, blank=True, help_text="browser and system in two words, never the whole header")

    def __str__(self) -> str:
        return f"session of account {self.account_id}"


class How(models.TextChoices):
    """How somebody agreed: on their own screen, or on paper that a witness saw and that is kept somewhere. Never a fingerprint's image."""

    SCREEN = "screen", _("在网页上")
    PAPER = "paper", _("在纸上签字")


class Consent(models.Model):
    """A person agreed to one purpose in one version of its text (PIPL art. 14, 23, 25, 29); ends when they say so (art. 15)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40)
    text_version = models.CharField(max_length=20)
    how = models.CharField(max_length=10, choices=How.choices)
    witness = models.CharField(max_length=80, blank=True)
    kept_where = models.CharField(max_length=120, blank=True, help_text="where the paper is kept")
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "purpose"], condition=models.Q(withdrawn_at=None), name="consent_running_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of person {self.person_id}"


class Mandate(models.Model):
    """A standing permission: the helper may act for the person from a day to a day (assisted use, 代办). Both names are kept in what is done."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    helper = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField(help_text="the last day")
    how = models.CharField(max_length=10, choices=How.choices)
    witness = models.CharField(max_length=80, blank=True)
    kept_where = models.CharField(max_length=120, blank=True)
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["helper", "until_on"], name="mandate_helper")]

    def __str__(self) -> str:
        return f"person {self.helper_id} for person {self.person_id}"


class PersonMerge(models.Model):
    """Two persons are one human: proposed, looked at with both sides, confirmed, and undone within some days if it was wrong.

    `moves` says which rows went from one to the other (ids by column), which is what undoing needs.
    """

    survivor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=60, help_text="code of the place whose keepers decide")
    because = models.CharField(max_length=40)
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    moves = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["place", "-id"], name="merge_place")]

    def __str__(self) -> str:
        return f"person {self.merged_id} into {self.survivor_id}"


class ErasureRequest(models.Model):
    """A person asked to be erased. It is done when the days to think it over are past; what law makes the town keep is done when that ends."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", help_text="themselves, or a near relative")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    withdrawn_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True, help_text="when all that could be erased was")
    kept_because = models.JSONField(default=list, help_text="codes of what still needs the name")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(withdrawn_at=None, done_at=None), name="erasure_request_running_once"
            )
        ]

    def __str__(self) -> str:
        return f"erasure of person {self.person_id}"


class Erasure(models.Model):
    """The erasure list: who was erased and when. A copy stands beside the database (`erasures.py`) and is replayed after a restore."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"person {self.person_id}"


class Death(models.Model):
    """Somebody has died: who said so, with what proof, and the near relative who may look after what is left (PIPL art. 49).

    Said by a relative it changes nothing until a keeper has seen the proof.
    """

    class Proof(models.TextChoices):
        CERTIFICATE = "certificate", _("死亡医学证明")
        REGISTER = "register", _("户口注销证明")
        CREMATION = "cremation", _("火化证明")
        COMMITTEE = "committee", _("村（居）委会证明")

    class Relation(models.TextChoices):
        SPOUSE = "spouse", _("配偶")
        CHILD = "child", _("子女")
        PARENT = "parent", _("父母")
        SIBLING = "sibling", _("兄弟姐妹")
        GRANDCHILD = "grandchild", _("孙子女、外孙子女")
        GRANDPARENT = "grandparent", _("祖父母、外祖父母")

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    died_on = models.DateField()
    proof = models.CharField(max_length=12, choices=Proof.choices)
    kept_where = models.CharField(max_length=120, blank=True)
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    relative = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(max_length=12, choices=Relation.choices, blank=True)

    def __str__(self) -> str:
        return f"death of person {self.person_id}"
