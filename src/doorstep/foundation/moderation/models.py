from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.foundation.identity.models import Person


class Case(models.Model):
    """One text that somebody objected to, or that a word list held back, until it is decided and beyond.

    While a text is hidden its words stand in `original` alone; its mechanism shows the reason instead.
    """

    class State(models.TextChoices):
        OPEN = "open", _("等人看")
        HELD = "held", _("先不公开，等人看")
        HIDDEN = "hidden", _("隐藏了")
        APPEALED = "appealed", _("作者不同意，等人再看")
        KEPT = "kept", _("没有问题")
        RESTORED = "restored", _("又放出来了")

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    item = models.CharField(max_length=40, help_text="which text of the subject")
    place = models.CharField(max_length=60)
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=20, help_text="a code of data/reasons.toml")
    original = models.JSONField(default=dict, help_text="what the text said, while it is hidden")
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    appeal = models.TextField(blank=True, help_text="why the author does not agree")
    appealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "item"],
                condition=models.Q(state__in=["open", "held", "hidden", "appealed"]),
                name="moderation_case_once",
            )
        ]
        indexes = [models.Index(fields=["state", "opened_at"], name="moderation_queue")]

    def __str__(self) -> str:
        return f"case {self.pk}: {self.kind} {self.subject}"


class Complaint(models.Model):
    """Somebody said that a text is not all right."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="complaints")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="none: not signed in")
    reason = models.CharField(max_length=20)
    note = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="complaint_once")]

    def __str__(self) -> str:
        return f"complaint {self.pk} of case {self.case_id}"
