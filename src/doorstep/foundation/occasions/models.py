from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q

from doorstep.foundation.identity.models import Person
from doorstep.foundation.occasions.rules.recurrence import Pattern
from doorstep.foundation.occasions.rules.waiting import LIVE, Standing
from doorstep.foundation.places.models import Place


class Owned(models.Model):
    """What the mechanism above says of its own: which kind, which of its subjects, who may see it, who runs it.

    Plain values: nothing here knows what an occasion is for. `run_by` and `audience` are audience keys.
    """

    kind = models.CharField(max_length=20, help_text="code of the mechanism above: service, meeting, course, booking …")
    subject = models.CharField(max_length=60, blank=True, help_text="its own code or number of what this belongs to")
    audience = models.CharField(max_length=80, help_text="'public' or the audience key that may see it")
    run_by = models.CharField(max_length=80, help_text="the audience key of those who run it")

    class Meta:
        abstract = True


class Planned(models.Model):
    """What a plan says and each of its dates takes over."""

    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    is_exclusive = models.BooleanField(help_text="takes the place for itself: nothing else that does so overlaps it")
    capacities = models.JSONField(default=dict, help_text='{"nurse": 1, "helper": 3, "place": 20}; null = no limit')
    is_for_children = models.BooleanField(default=False, help_text="signing up asks for the age, and below the limit for a guardian")

    class Meta:
        abstract = True


class Series(Owned):
    """Something that happens again and again. How it recurs may change from a day on: that is its plans, one after the other."""

    code = models.CharField(max_length=24, unique=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "series"
        indexes = [models.Index(fields=["kind", "subject"], name="series_owner")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject or self.code}"


class SeriesPlan(Planned):
    """How a series recurs from one day to another: the master event of its calendar feed."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="plans")
    code = models.CharField(max_length=24, unique=True)
    rule = models.CharField(max_length=200, blank=True, help_text="RRULE text (RFC 5545); empty = extra dates alone")
    first = models.DateField(help_text="the first day of the rule")
    start = models.TimeField(help_text="the town's wall-clock time")
    minutes = models.PositiveIntegerField()
    ends_on = models.DateField(null=True, help_text="the last day, where this plan was closed")
    exceptions = models.JSONField(default=list, help_text="days left out, ISO")
    extra = models.JSONField(default=list, help_text="extra starts, ISO wall-clock time")
    skips_holidays = models.BooleanField(default=False)
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["ends_on"], name="series_plan_open"),
            models.Index(fields=["place", "ends_on"], name="series_plan_place"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.first} {self.rule}"

    @property
    def pattern(self) -> Pattern:
        return Pattern(
            first=self.first,
            start=self.start,
            minutes=self.minutes,
            rule=self.rule,
            ends_on=self.ends_on,
            exceptions=frozenset(date.fromisoformat(day) for day in self.exceptions),
            extra=tuple(datetime.fromisoformat(wall) for wall in self.extra),
            skips_holidays=self.skips_holidays,
        )


class Occasion(Owned, Planned):
    """One date of something at a place: of a series, or by itself. Never deleted.

    `original_start` is where its series had it (RECURRENCE-ID); `starts_at` where it is now.
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        HELD = "held"
        CANCELLED = "cancelled"

    code = models.CharField(max_length=24, unique=True)
    series = models.ForeignKey(Series, null=True, on_delete=models.PROTECT, related_name="occasions")
    plan = models.ForeignKey(SeriesPlan, null=True, on_delete=models.PROTECT, related_name="occasions")
    original_start = models.DateTimeField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(max_length=40, blank=True, help_text="why cancelled or moved, a code")
    words = models.CharField(max_length=300, blank=True, help_text="the same in words, for everyone who may see it")
    words_salt = models.CharField(max_length=32, blank=True)
    moved_at = models.DateTimeField(null=True)
    unnamed = models.PositiveIntegerField(default=0, help_text="heads that came without giving a name")
    sequence = models.PositiveIntegerField(default=0, help_text="iCalendar SEQUENCE")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "original_start"], name="occasion_once_in_series"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="occasion_ends_after_start"),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="occasion_when"),
            models.Index(fields=["place", "starts_at"], name="occasion_where_when"),
            models.Index(fields=["kind", "subject", "starts_at"], name="occasion_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_moved(self) -> bool:
        return self.moved_at is not None

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


class SignUp(models.Model):
    """One person, or somebody under an alias, who comes in one role. An ended sign-up stays; signing up again is a new one, at the end of the line."""

    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="sign_ups")
    role = models.CharField(max_length=20)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    alias = models.CharField(max_length=40, blank=True, help_text="shown to those who run it instead of the name")
    entered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="who signed them up")
    guardian = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    is_child = models.BooleanField(default=False, help_text="below the guardian's age; the age itself is not kept")
    standing = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Standing])
    hold_until = models.DateTimeField(null=True)
    signed_up_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["occasion", "person"], condition=Q(standing__in=[each.value for each in sorted(LIVE)]), name="sign_up_once"
            ),
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(alias=""), name="sign_up_somebody"),
            models.CheckConstraint(
                condition=Q(standing=Standing.OFFERED.value, hold_until__isnull=False)
                | (~Q(standing=Standing.OFFERED.value) & Q(hold_until__isnull=True)),
                name="sign_up_hold_while_offered",
            ),
        ]
        indexes = [
            models.Index(fields=["occasion", "role", "standing"], name="sign_up_line"),
            models.Index(fields=["person", "standing"], name="sign_up_person"),
            models.Index(fields=["entered_by", "standing"], name="sign_up_entered_by"),
            models.Index(fields=["hold_until"], name="sign_up_hold"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.standing} of {self.occasion_id}"


class Attendance(models.Model):
    """Somebody came. When they came and went, how we know, who wrote it down and when."""

    class How(models.TextChoices):
        NONCE = "nonce"
        STAFF = "staff"
        UPLOAD = "upload"

    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="attendances")
    sign_up = models.ForeignKey(SignUp, null=True, on_delete=models.PROTECT, related_name="+", help_text="none = walked in")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    alias = models.CharField(max_length=40, blank=True)
    role = models.CharField(max_length=20)
    came_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=8, choices=How.choices)
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occasion", "person"], condition=Q(person__isnull=False), name="attendance_once_person"),
            models.UniqueConstraint(fields=["sign_up"], condition=Q(sign_up__isnull=False), name="attendance_once_sign_up"),
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(alias=""), name="attendance_somebody"),
            models.CheckConstraint(condition=Q(left_at__isnull=True) | Q(left_at__gte=F("came_at")), name="attendance_leaves_after"),
        ]
        indexes = [models.Index(fields=["person", "came_at"], name="attendance_person")]

    def __str__(self) -> str:
        return f"{self.role} came to {self.occasion_id}"

    @property
    def walked_in(self) -> bool:
        return self.sign_up_id is None
