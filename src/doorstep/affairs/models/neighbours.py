"""Neighbours who help: 群众有事我来帮."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HelpOffer(models.Model):
    """A neighbour's offer to help with a matter that asks neighbours. Who offers is known to the one who asked, and to nobody else."""

    class State(models.TextChoices):
        OFFERED = "offered", _("愿意帮")
        ACCEPTED = "accepted", _("请来帮")
        TAKEN_BACK = "taken_back", _("帮不了了")
        THANKED = "thanked", _("谢过了")

    matter = models.ForeignKey("affairs.Matter", on_delete=models.PROTECT, related_name="offers")
    helper = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    thanked_at = models.DateTimeField(null=True)
    thanks = models.OneToOneField(
        "affairs.MatterText",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the words of thanks: a public text of the matter",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "helper"], name="help_offer_once")]
        indexes = [
            models.Index(fields=["helper", "-id"], name="help_offer_helper"),
        ]

    def __str__(self) -> str:
        return f"offer for matter {self.matter_id}"


class TakingPart(models.Model):
    """A printed statement of what a person took part in, frozen as it was printed; its QR shows the same lines."""

    link = models.OneToOneField("affairs.PrintedLink", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    lines = models.JSONField(help_text="[[what (a code), day, number, title], …]")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number
