"""意向征询: a question put to neighbours. It decides nothing and says so everywhere; an owners' vote is another thing."""

from django.db import models


class Poll(models.Model):
    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="who asks")
    question = models.CharField(max_length=120)
    options = models.JSONField(help_text="two to eight texts")
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, help_text="when it was closed before its end")

    class Meta:
        indexes = [models.Index(fields=["place", "-id"], name="poll_list")]

    def __str__(self) -> str:
        return self.question


class PollAnswer(models.Model):
    """One person's answer: once, and never shown with the person."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    option = models.PositiveSmallIntegerField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "person"], name="poll_answer_once")]

    def __str__(self) -> str:
        return f"answer to poll {self.poll_id}"
