"""The units of an estate, who holds them, and the rolls they come from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.Model):
    """An exclusively owned part: a flat, a shop, a parking space. Area in hundredths of a square metre: no float near a vote."""

    class Kind(models.TextChoices):
        FLAT = "flat", _("住宅")
        SHOP = "shop", _("商铺")
        PARKING = "parking", _("车位")
        OTHER = "other", _("其他")

    class Status(models.TextChoices):
        DELIVERED = "delivered", _("已交付")
        UNSOLD = "unsold", _("未售")
        UNDELIVERED = "undelivered", _("已售未交付")

    estate = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    building = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80, help_text="楼栋-单元-房号")
    entrance = models.CharField(max_length=20, blank=True)
    room = models.CharField(max_length=20)
    area_hundredths = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=12, choices=Status.choices)
    registered_on = models.DateField(null=True, blank=True)
    party_key = models.CharField(
        max_length=300, blank=True, help_text="the identical set of holders, or 'developer': who counts as one person in a vote"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="unit_once")]
        indexes = [models.Index(fields=["estate", "party_key"], name="unit_party")]

    def __str__(self) -> str:
        return self.name


class Holder(models.Model):
    """A person in the set that holds a unit now."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="holders")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    held_from = models.DateField(null=True, blank=True, help_text="the first day, where it is known")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "person"], name="holder_once")]

    def __str__(self) -> str:
        return f"holder of unit {self.unit_id}"


class FormerHolder(models.Model):
    """Somebody who held a unit: what is left of them when it passes on."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="former_holders")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    held_from = models.DateField(null=True, blank=True)
    held_until = models.DateField(help_text="the last day")
    because = models.CharField(max_length=20, help_text="sale, inheritance, gift, division, correction, roll")

    class Meta:
        indexes = [models.Index(fields=["unit", "-held_until"], name="unit_history")]

    def __str__(self) -> str:
        return f"former holder of unit {self.unit_id}"


class RollImport(models.Model):
    """An uploaded roll: read and shown first, written only when somebody says so."""

    estate = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField(help_text="the sheet as read; emptied once it is written or dropped")
    report = models.JSONField()
    uploaded_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name
