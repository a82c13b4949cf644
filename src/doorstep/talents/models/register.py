from django.db import models
from django.db.models import Q


class Profile(models.Model):
    """Somebody of the register: what they can do, when, who may see it. They agree to be asked; nobody is listed without."""

    class Visibility(models.TextChoices):
        PUBLIC = "public"
        BODIES = "bodies"

    person = models.OneToOneField("foundation.Person", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+", help_text="where they can be asked")
    skills = models.JSONField(default=list, help_text="codes")
    availability = models.JSONField(default=list, help_text="mo-am, mo-pm, mo-eve … su-eve")
    about = models.CharField(max_length=300, blank=True)
    about_salt = models.CharField(max_length=32, blank=True)
    attributes = models.JSONField(default=dict, help_text="what panels balance: sex, group; told by the person, shown to nobody")
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.BODIES)
    may_be_asked = models.BooleanField(help_text="consent to be asked for panels and services; can be taken back at any time")
    consented_at = models.DateTimeField()
    consent_how = models.CharField(max_length=10, help_text="web, or paper with a witness")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"profile {self.pk}"


class Listing(models.Model):
    """What somebody is in the register: an elder, an expert, a mentor … from a day on, put there by a body."""

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="listings")
    category = models.CharField(max_length=24)
    since = models.DateField()
    until = models.DateField(null=True)
    body = models.ForeignKey(
        "organisations.Body", on_delete=models.PROTECT, related_name="+", help_text="who proposed it and answers for it"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "category"], condition=Q(until=None), name="listing_once")]
        indexes = [models.Index(fields=["category", "until"], name="listing_category")]

    def __str__(self) -> str:
        return self.category


class Licence(models.Model):
    """A professional licence that a service needs (志愿服务条例 art. 16): checked against the paper by somebody, until a day."""

    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=60, help_text="shown to those who check licences, to nobody else")
    number_salt = models.CharField(max_length=32)
    expires_on = models.DateField(help_text="the last day it counts")
    checked_by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    checked_for = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")
    checked_on = models.DateField()
    withdrawn_on = models.DateField(null=True)
    warned_for = models.DateField(null=True, help_text="the end that its holder was told of")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], condition=Q(withdrawn_on=None), name="licence_once")]
        indexes = [models.Index(fields=["expires_on"], name="licence_ends")]

    def __str__(self) -> str:
        return self.kind
