from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.models import Entry


class OutboxEvent(models.Model):
    """Something to be told, written in the transaction of what happened. The worker expands `recipients` (audience keys) into persons."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    recipients = models.JSONField(help_text="audience keys: person:5, body:3")
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True, help_text="after a failure: when it is tried again")
    given_up_at = models.DateTimeField(null=True, help_text="tried too often: waits for the administrator")
    problem = models.CharField(max_length=80, blank=True, help_text="the kind of the last error; no text of it")

    def __str__(self) -> str:
        return f"{self.topic} {self.subject}"


class InboxItem(models.Model):
    """One thing one person was told, inside the platform."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(OutboxEvent, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    happened_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "event"], name="inbox_once")]
        indexes = [models.Index(fields=["person", "-id"], name="inbox_newest")]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject}"


class MailAddress(models.Model):
    """Where a person wants to be written to. Nothing is sent before they have shown that it is theirs."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    address = models.EmailField(max_length=200)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "mail addresses"

    def __str__(self) -> str:
        return f"mail address of person {self.person_id}"


class Preference(models.Model):
    """How a person wants to be told of a kind by a channel. Without a row: in the daily digest."""

    class Mode(models.TextChoices):
        DIGEST = "digest", _("每天一封")
        AT_ONCE = "at_once", _("马上告诉我")
        OFF = "off", _("不发")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=10)
    mode = models.CharField(max_length=10, choices=Mode.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "channel"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}: {self.mode}"


class Follow(models.Model):
    """A person wants to hear of a subject that they are no party to: a matter, or everything public at a place."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "subject"], name="follow_once")]
        indexes = [models.Index(fields=["kind", "subject"], name="followers")]

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.kind} {self.subject}"


class Delivery(models.Model):
    """One thing to be told to one person outside the platform, by one channel."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等着发")
        SENT = "sent", _("发出了")
        WITHHELD = "withheld", _("没有发：已经看不到或不要了")
        GIVEN_UP = "given_up", _("没发成")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(InboxItem, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    not_before = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=80, blank=True, help_text="the kind of the last error; no text of it, no address")
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["item", "channel"], name="delivery_once")]
        indexes = [models.Index(fields=["state", "not_before"], name="delivery_due")]

    def __str__(self) -> str:
        return f"delivery {self.pk} by {self.channel}"


class Heartbeat(models.Model):
    """When each worker last went round: /readyz asks."""

    worker = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker
