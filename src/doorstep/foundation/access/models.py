from django.db import models


class AccessLog(models.Model):
    """One row per request and subject that showed restricted data of somebody else. Pruned by rule; not sealed."""

    at = models.DateTimeField(db_index=True)
    person_id = models.BigIntegerField(null=True, help_text="who read")
    post_id = models.BigIntegerField(null=True, help_text="as what")
    about_person_id = models.BigIntegerField(null=True, db_index=True, help_text="whose data it was")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    why = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["kind", "subject", "id"], name="access_log_subject")]

    def __str__(self) -> str:
        return f"{self.person_id} read {self.kind} {self.subject}"


class RateCount(models.Model):
    """How often a key was used in a window of time. Keys are digests: no address and no person stands here."""

    key = models.CharField(max_length=120)
    window = models.BigIntegerField()
    n = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="rate_count_once")]

    def __str__(self) -> str:
        return f"{self.n} in window {self.window}"
