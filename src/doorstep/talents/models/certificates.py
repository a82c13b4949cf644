import uuid

from django.db import models
from django.db.models import F, Q


class BadgeKey(models.Model):
    """A public key badges are signed with. The private one is a file of the town's home. A key once used stays published for ever."""

    key_id = models.CharField(max_length=32, unique=True)
    public_key = models.BinaryField(help_text="Ed25519, 32 bytes")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key_id


class Certificate(models.Model):
    """公益导师: a person is certified. One number from the first day; each year's renewal is a term of its own."""

    class State(models.TextChoices):
        GIVEN = "given"
        SUSPENDED = "suspended"
        REVOKED = "revoked"

    number = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    student = models.OneToOneField("talents.Student", null=True, on_delete=models.PROTECT, related_name="certificate")
    issuer = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")
    since = models.DateField(help_text="certified since: earlier than the first term where paper came before")
    issued_on = models.DateField()
    valid_until = models.DateField(help_text="the last day of the latest term")
    state = models.CharField(max_length=10, choices=State.choices, default=State.GIVEN)
    reason = models.CharField(max_length=40, blank=True, help_text="code: why suspended or revoked")
    warned_for = models.DateField(null=True, help_text="the end that its holder was told of")
    subject = models.UUIDField(
        default=uuid.uuid4, unique=True, help_text="what its badges call the holder: random, tells nothing of the person"
    )
    status_index = models.PositiveIntegerField(
        help_text="its place in the issuer's status lists: random, tells nothing of when it was given"
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=~Q(state="revoked"), name="certificate_one_living"),
            models.UniqueConstraint(fields=["issuer", "status_index"], name="certificate_status_index"),
        ]
        indexes = [models.Index(fields=["valid_until"], name="certificate_ends")]

    def __str__(self) -> str:
        return self.number


class CertificateTerm(models.Model):
    """One year of a certificate with its signed badge. Never changed."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="terms")
    valid_from = models.DateField()
    valid_until = models.DateField()
    badge = models.TextField(help_text="Open Badges 3.0 as a signed JWT")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "valid_until"], name="certificate_term_once"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="certificate_term_ends_after"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} until {self.valid_until}"
