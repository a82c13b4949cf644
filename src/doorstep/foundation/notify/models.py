from django.db import models

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


class Heartbeat(models.Model):
    """When each worker last went round: /readyz asks."""

    worker = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker
