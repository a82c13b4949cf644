from django.db import models


class Regulation(models.Model):
    """One threshold, deadline, term or frequency, for a locality, from a day on. Loaded from the data files; a town's own values stand over them."""

    class Certainty(models.TextChoices):
        VERIFIED = "V", "V"
        EXCERPT = "E", "E"
        MEMORY = "M", "M"

    key = models.CharField(max_length=80)
    locality = models.CharField(max_length=60, help_text="CN, or the code of a place")
    value = models.CharField(max_length=60)
    unit = models.CharField(max_length=12, blank=True, help_text="hours, workdays, days, months, years, persons, or none")
    zh = models.CharField(max_length=200)
    en = models.CharField(max_length=300)
    source_zh = models.CharField(max_length=160)
    source_en = models.CharField(max_length=200)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    certainty = models.CharField(max_length=1, choices=Certainty.choices)
    set_by_id = models.BigIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "locality", "effective_from"], name="regulation_once")]

    def __str__(self) -> str:
        return f"{self.key} = {self.value} {self.unit}"


class Workday(models.Model):
    """A day that differs from its weekday: a holiday, or a weekend that is worked (调休)."""

    day = models.DateField(unique=True)
    is_workday = models.BooleanField()
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"{self.day} {self.name_zh}"
