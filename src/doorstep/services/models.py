from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.foundation.identity.models import How
from doorstep.services.codes import Kind, kinds

PERSON = "foundation.Person"
OCCASION = "foundation.Occasion"


class Service(models.Model):
    """Something a body offers again and again. When and where it takes place stands in the occasions whose subject is its code."""

    class Status(models.TextChoices):
        """As HSDS 3.0 writes them."""

        ACTIVE = "active"
        INACTIVE = "inactive"
        DEFUNCT = "defunct"
        TEMPORARILY_CLOSED = "temporarily closed"

    code = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    says = models.CharField(max_length=300, blank=True, help_text="what to expect, in a sentence")
    says_en = models.CharField(max_length=400, blank=True)
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="who offers it")
    place = models.ForeignKey(
        "foundation.Place", on_delete=models.PROTECT, related_name="+", help_text="for whom: an estate, a village, the town"
    )
    licences = models.JSONField(default=dict, help_text='role → the licence its work needs: {"nurse": "nurse"}')
    filing_number = models.CharField(
        max_length=60, blank=True, help_text="of a clinic filed with the health authority (卫医发〔2001〕365 号)"
    )
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["place", "status"], name="service_place")]

    def __str__(self) -> str:
        return self.name

    @property
    def sort(self) -> Kind:
        """Its kind with what holds for it."""
        return kinds().get(self.kind) or kinds()["other"]

    @property
    def runners(self) -> str:
        """The audience key of those who run its sessions: who works for the body, and its regular mentors."""
        return f"service:{self.code}"


class Regular(models.Model):
    """Who stands at every session of a series in a role, from a day to a day. A worker signs them up as dates are set out."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="regulars")
    series = models.ForeignKey("foundation.Series", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    since = models.DateField()
    until = models.DateField(null=True)
    is_named = models.BooleanField(default=False, help_text="agreed that their name stands on the public page (志愿服务条例 art. 20)")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "person"], condition=Q(until=None), name="regular_once")]

    def __str__(self) -> str:
        return f"{self.role} of series {self.series_id}"


class Reminder(models.Model):
    """Those signed up for this session were reminded."""

    occasion = models.OneToOneField(OCCASION, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reminder of occasion {self.occasion_id}"


class Feedback(models.Model):
    """Stars and words of somebody who came. Without a name no person is kept; `once` is a keyed digest, so that nobody says it twice."""

    occasion = models.ForeignKey(OCCASION, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    once = models.CharField(max_length=64)
    stars = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=300, blank=True)
    words_salt = models.CharField(max_length=32, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occasion", "once"], name="feedback_once"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="feedback_stars"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} stars for occasion {self.occasion_id}"


class Point(models.Model):
    """Something said at a session, in the speaker's words, and the matter that became of it."""

    occasion = models.ForeignKey(OCCASION, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000)
    salt = models.CharField(max_length=32)
    speaker = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    written_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    matter = models.ForeignKey("affairs.Matter", null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"point {self.pk} of occasion {self.occasion_id}"


class HomeVisit(models.Model):
    """Somebody was visited at home; what they said of it is asked afterwards, of them or of whoever was there."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(
        "foundation.Place", on_delete=models.PROTECT, related_name="+", help_text="building or estate, never the door"
    )
    visited = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    alias = models.CharField(max_length=40, blank=True)
    visitor = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    visited_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    words = models.CharField(max_length=300, blank=True, help_text="for those who run the service")
    stars = models.PositiveSmallIntegerField(null=True, help_text="what the one visited said, 1 to 5")
    stars_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+", help_text="who asked and wrote it down")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(visited__isnull=False) | ~Q(alias=""), name="home_visit_somebody"),
            models.CheckConstraint(condition=Q(stars__isnull=True) | Q(stars__gte=1, stars__lte=5), name="home_visit_stars"),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class ReadingConsent(models.Model):
    """Somebody said that their readings are kept (PIPL art. 29: a consent of its own). Taking it back deletes what was kept."""

    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=10, choices=How.choices, default=How.SCREEN)
    witness = models.CharField(max_length=80, blank=True, help_text="who saw the signature on paper")
    kept_where = models.CharField(max_length=120, blank=True, help_text="where the paper is kept")
    entered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+", help_text="who entered the paper")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(withdrawn_at=None), name="reading_consent_once"),
            models.CheckConstraint(
                condition=Q(how=How.SCREEN.value, witness="", kept_where="")
                | (Q(how=How.PAPER.value) & ~Q(witness="") & ~Q(kept_where="")),
                name="reading_consent_paper_witnessed",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class Reading(models.Model):
    """Blood pressure of somebody who wants it kept: for them and the mentor who took it, until the day it is deleted."""

    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    mentor = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    occasion = models.ForeignKey(OCCASION, on_delete=models.PROTECT, related_name="+")
    systolic = models.PositiveSmallIntegerField(help_text="mmHg")
    diastolic = models.PositiveSmallIntegerField(help_text="mmHg")
    pulse = models.PositiveSmallIntegerField(null=True, help_text="per minute")
    taken_at = models.DateTimeField()
    delete_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["delete_on"], name="reading_delete_on"), models.Index(fields=["person"], name="reading_person")]

    def __str__(self) -> str:
        return f"reading {self.pk}"


class CalendarKey(models.Model):
    """The address of a person's own calendar feed: `name` stands in it, with a digest that the town's secret makes of it."""

    person = models.OneToOneField(PERSON, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=24, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar key of person {self.person_id}"


class MentorTerms(models.Model):
    """What a mentor wants of the rota: at most so many minutes a week, rather here than there, never on these weekdays."""

    person = models.OneToOneField(PERSON, on_delete=models.PROTECT, related_name="+")
    weekly_minutes = models.PositiveIntegerField()
    prefers = models.JSONField(default=list, help_text="codes of places, the dearest first")
    never = models.JSONField(default=list, help_text="weekdays, 0 = Monday")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"terms of person {self.person_id}"


class Rota(models.Model):
    """Who is to stand where in some weeks: asked for, searched by the worker, proposed, adjusted by a person, then published as sign-ups.

    While it is searched, `value` and `bound` are those of the best rota so far; afterwards those of the proposal.
    """

    class State(models.TextChoices):
        ASKED = "asked"
        SEARCHING = "searching"
        FAILED = "failed"
        PROPOSED = "proposed"
        PUBLISHED = "published"
        DROPPED = "dropped"

    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    wanted = models.PositiveIntegerField(default=0, help_text="places that were empty when it was asked for")
    began_at = models.DateTimeField(null=True, help_text="when the search began")
    value = models.BigIntegerField(default=0, help_text="what the proposal costs, in the rule's points")
    bound = models.BigIntegerField(default=0, help_text="no proposal can cost less")
    node_limited = models.BooleanField(default=False)
    made_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"rota {self.first_day} to {self.last_day}"

    @property
    def gap_per_mille(self) -> float:
        """The gap to the bound in thousandths of the value, for showing."""
        return round(1000 * (self.value - self.bound) / self.value, 2) if self.value else 0.0


class TravelTime(models.Model):
    """Minutes from one site to another, either way round, as the town counts them for the rota."""

    one = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="travel_time_once"),
            models.CheckConstraint(condition=Q(one__lt=models.F("other")), name="travel_time_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min between {self.one_id} and {self.other_id}"


class RotaPlace(models.Model):
    """One place of a rota: a role at a session, and who is to take it, or why nobody can."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="places")
    occasion = models.ForeignKey(OCCASION, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    person = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    why = models.JSONField(default=dict, help_text="reason code → how many mentors it keeps away, where nobody is left")
    set_by_hand = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.role} at occasion {self.occasion_id}"


class Swap(models.Model):
    """Somebody with a place of a published rota offers it to another one of that rota, for a place of theirs or as it is."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="+")
    given = models.ForeignKey("foundation.SignUp", on_delete=models.PROTECT, related_name="+", help_text="the place that is offered")
    wanted = models.ForeignKey(
        "foundation.SignUp", null=True, on_delete=models.PROTECT, related_name="+", help_text="the place asked for in return"
    )
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    offered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["given", "to"], condition=Q(state="open"), name="swap_offered_once"),
            models.CheckConstraint(condition=~Q(by=models.F("to")), name="swap_between_two"),
        ]
        indexes = [models.Index(fields=["to", "state"], name="swap_to"), models.Index(fields=["by", "state"], name="swap_by")]

    def __str__(self) -> str:
        return f"swap {self.pk} of rota {self.rota_id}"


class WalkDistance(models.Model):
    """Metres on foot from a building to a place of services, as the town measured them: before the straight line, and the only thing known of
    places that stand on another plan."""

    building = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    stop = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    metres = models.PositiveIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["building", "stop"], name="walk_distance_once")]

    def __str__(self) -> str:
        return f"{self.metres} m from {self.building_id} to {self.stop_id}"


class GroupCount(models.Model):
    """How many people of a group live in a building, as the community counted them: a number, no names."""

    class Group(models.TextChoices):
        ELDER = "elder", _("60 岁以上")
        CHILD = "child", _("儿童")
        DISABLED = "disabled", _("残疾人")

    building = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=10, choices=Group.choices)
    people = models.PositiveIntegerField()
    counted_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["building", "group"], name="group_count_once")]

    def __str__(self) -> str:
        return f"{self.people} {self.group} in place {self.building_id}"
