"""What is taken down at a counter for somebody without a phone: the PIN of a matter's slip, and one-line notes of busy hours."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MatterPin(models.Model):
    """The six figures on a slip, by which the reporter comes back without a login.

    They are made from the number, this salt and the installation's secret key, so nothing that opens a matter is stored; a new salt makes
    older slips void.
    """

    matter = models.OneToOneField("affairs.Matter", on_delete=models.PROTECT, related_name="pin")
    salt = models.CharField(max_length=32)
    link = models.OneToOneField("affairs.PrintedLink", on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"PIN of matter {self.matter_id}"


class CounterNote(models.Model):
    """A line written down in a busy hour under a queue number, to be entered as a matter later. It is never deleted: it becomes a matter,
    or somebody says why it did not."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等补录")
        ENTERED = "entered", _("已登记")
        SET_ASIDE = "set_aside", _("不用登记")

    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+", help_text="the counter's place")
    day = models.DateField(help_text="in the town's zone; queue numbers begin at 1 each day")
    queue_number = models.PositiveIntegerField()
    text = models.CharField(max_length=200)
    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    taken_by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="whose counter it was")
    taken_at = models.DateTimeField()
    matter = models.OneToOneField("affairs.Matter", null=True, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True, help_text="why it was set aside")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "day", "queue_number"], name="counter_note_once")]
        indexes = [models.Index(fields=["body", "state", "id"], name="counter_note_waiting")]

    def __str__(self) -> str:
        return f"{self.day} no. {self.queue_number}"
