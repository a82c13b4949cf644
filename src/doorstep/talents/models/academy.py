from django.db import models
from django.db.models import Q

from doorstep.foundation.occasions.rules.waiting import Standing


class Course(models.Model):
    """A course with what it asks for, as it was announced: a regulation that changes later does not change it."""

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    about = models.TextField(blank=True)
    about_en = models.TextField(blank=True)
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="who teaches and examines")
    issuer = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="who certifies")
    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    taught_hours = models.PositiveIntegerField(help_text="学时 of all sessions")
    attendance_percent = models.PositiveIntegerField()
    practice_minutes = models.PositiveIntegerField()
    written_pass = models.PositiveIntegerField()
    practical_pass = models.PositiveIntegerField()
    reviewers = models.PositiveIntegerField()
    reviews_needed = models.PositiveIntegerField(help_text="so many who are not recused have to have spoken")
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """What its lines in the hours book are tied together by."""
        return f"course:{self.code}"


class CourseSession(models.Model):
    """One date of a course: an occasion, and how many 学时 it counts. The first one's sign-ups are the places in the course."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sessions")
    occasion = models.OneToOneField("foundation.Occasion", on_delete=models.PROTECT, related_name="+")
    hours = models.PositiveIntegerField()
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "position"], name="course_session_once")]

    def __str__(self) -> str:
        return f"{self.course_id} #{self.position}"


class Student(models.Model):
    """Somebody in a course, from signing up to the decision."""

    class State(models.TextChoices):
        LEARNING = "learning"
        REVIEWED = "reviewed"
        PUBLISHED = "published"
        CERTIFIED = "certified"
        NOT_PASSED = "not_passed"

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="students")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    sign_up = models.ForeignKey(
        "foundation.SignUp", null=True, on_delete=models.PROTECT, related_name="+", help_text="none = entered from paper"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.LEARNING)
    reasons = models.JSONField(default=list, help_text="codes of the last decision")
    published_until = models.DateField(null=True, help_text="the last day on which anybody may object before the certificate")
    enrolled_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "person"], name="student_once"),
            models.CheckConstraint(condition=~Q(state="published") | Q(published_until__isnull=False), name="student_published_until"),
        ]

    def __str__(self) -> str:
        return f"student {self.pk} of {self.course_id}"

    @property
    def has_place(self) -> bool:
        """Confirmed for the first date, or written down from paper. The sign-up has to be loaded."""
        return self.sign_up is None or self.sign_up.standing == Standing.CONFIRMED.value


class Mark(models.Model):
    """What an assessor gave for one part. A correction is a newer mark; the older one stays."""

    class Part(models.TextChoices):
        WRITTEN = "written"
        PRACTICAL = "practical"
        INTERVIEW = "interview"

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="marks")
    part = models.CharField(max_length=10, choices=Part.choices)
    score = models.PositiveIntegerField(null=True, help_text="0–100; none for the interview")
    passed = models.BooleanField(null=True, help_text="the interview alone")
    given_by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(part="interview", score__isnull=True, passed__isnull=False)
                | (~Q(part="interview") & Q(score__lte=100, passed__isnull=True)),
                name="mark_of_its_part",
            )
        ]

    def __str__(self) -> str:
        return f"{self.part} of student {self.student_id}"


class Review(models.Model):
    """A seat of the review: who was asked, and what they said."""

    class Standing(models.TextChoices):
        ASKED = "asked"
        RECUSED = "recused"
        AGREED = "agreed"
        REFUSED = "refused"

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="reviews")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ASKED)
    reason = models.CharField(max_length=20, blank=True, help_text="code of a recusal")
    words = models.CharField(max_length=300, blank=True)
    words_salt = models.CharField(max_length=32, blank=True)
    asked_at = models.DateTimeField()
    said_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "person"], name="review_once")]
        indexes = [models.Index(fields=["person", "standing"], name="review_waiting")]

    def __str__(self) -> str:
        return f"review {self.standing} of student {self.student_id}"
