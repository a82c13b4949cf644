from django.db import models
from django.db.models import F, Q


class VolunteerNumber(models.Model):
    """志愿者编号: what a volunteer is called by in public (MZ/T 061). Says nothing of the person; never an ID card, never a phone."""

    person = models.OneToOneField("foundation.Person", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, unique=True)
    given_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number


class HoursLine(models.Model):
    """A line of the hours book. Append-only: the databases refuse to change one; what was wrong is taken back by a line of its own."""

    class Stage(models.TextChoices):
        PLANNED = "planned"
        ATTENDED = "attended"
        APPROVED = "approved"

    class Kind(models.TextChoices):
        SERVICE = "service"
        PRACTICE = "practice"
        TRAINING = "training"

    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    stage = models.CharField(max_length=10, choices=Stage.choices)
    minutes = models.IntegerField(help_text="really given, without the way there and back; below zero takes back")
    on = models.DateField()
    title = models.CharField(max_length=120, help_text="what it was, public words of the activity")
    title_en = models.CharField(max_length=160, blank=True)
    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(
        "organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="who organised it and answers for it"
    )
    subject = models.CharField(max_length=80, help_text="what the stages of one day's work have in common: occasion:…, course:…")
    served = models.PositiveIntegerField(null=True, help_text="how many people were served; a count, nothing of them")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    reason = models.CharField(max_length=40, blank=True)
    recorded_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, minutes__gt=0) | Q(reverses__isnull=False, minutes__lt=0), name="hours_line_sign"
            ),
            models.CheckConstraint(condition=~Q(pk=F("reverses")), name="hours_line_not_itself"),
        ]
        indexes = [
            models.Index(fields=["person", "stage", "on"], name="hours_of_person"),
            models.Index(fields=["body", "stage", "on"], name="hours_of_body"),
            models.Index(fields=["subject"], name="hours_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.minutes} min on {self.on}"


class VolunteerRecord(models.Model):
    """The record groups of 令67 that are not hours: commendations and evaluations, by the body that gives them."""

    class Kind(models.TextChoices):
        AWARD = "award"
        EVALUATION = "evaluation"

    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField()
    words = models.CharField(max_length=300)
    words_salt = models.CharField(max_length=32)
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "kind", "on"], name="volunteer_record_of")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.on}"


class HoursProof(models.Model):
    """志愿服务证明, free: what the book said when it was asked for. Whoever holds its code can check it."""

    code = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80, help_text="as it stands on the paper; emptied when the person is erased")
    since = models.DateField()
    until = models.DateField()
    minutes = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 over the lines it was made from")
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="who answers for it")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code
