"""What those who work matters have beside the thread: where it went outside, reply templates, questions and answers, pain points."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Transfer(models.Model):
    """A matter's way to an office outside. Its statutory clock is shown only for what that office has registered, and never runs here."""

    class To(models.TextChoices):
        HOTLINE = "hotline", _("12345 热线")
        PETITION = "petition", _("信访部门")
        MEDIATION = "mediation", _("人民调解委员会")
        POLICE = "police", _("110")

    matter = models.ForeignKey("affairs.Matter", on_delete=models.PROTECT, related_name="transfers")
    to = models.CharField(max_length=12, choices=To.choices)
    number = models.CharField(max_length=60, blank=True, help_text="the office's own number")
    registered_on = models.DateField(null=True, help_text="the day the office accepted it: its clock runs from then")
    transferred_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, help_text="when its answer came back")

    def __str__(self) -> str:
        return f"{self.to} of matter {self.matter_id}"


class ReplyTemplate(models.Model):
    """A reply a body gives often."""

    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=40)
    text = models.TextField()
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["body", "id"], name="reply_template_body")]

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """An answer that was given once, published as a question with its answer. It names nobody: whoever publishes it writes both anew."""

    scope = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+", help_text="whose page lists it")
    category = models.ForeignKey("affairs.Category", on_delete=models.PROTECT, related_name="+")
    question = models.CharField(max_length=120)
    answer = models.TextField()
    matter = models.ForeignKey("affairs.Matter", on_delete=models.PROTECT, related_name="+", help_text="what it grew from; not shown")
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["scope", "-id"], name="question_scope")]

    def __str__(self) -> str:
        return self.question


class PainPoint(models.Model):
    """痛点清单: what troubles a place again and again, with who answers for it and by when. Public in figures only."""

    scope = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=80)
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="who answers for it")
    owner = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    listed_at = models.DateTimeField()
    due_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=200, blank=True, help_text="what was done about it")

    class Meta:
        indexes = [models.Index(fields=["scope", "ended_at"], name="pain_point_scope")]

    def __str__(self) -> str:
        return self.title
