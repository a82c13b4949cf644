"""What a party branch knows of its members: internal, never public (PIPL arts. 28–29, with consent), and what it offers the neighbours."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.organisations.models.bodies import Body


class PartyMember(models.Model):
    """A declaration of one's own, verified by the branch. Taken back = deleted."""

    class Kind(models.TextChoices):
        REGISTERED = "registered", _("在册")
        FLOATING = "floating", _("流动")
        DOUBLE = "double", _("在职双报到")

    branch = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    building = models.ForeignKey("foundation.Place", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    employer = models.CharField(max_length=120, blank=True, help_text="the unit somebody on double registration comes from")
    skills = models.CharField(max_length=200, blank=True)
    available = models.CharField(max_length=120, blank=True, help_text="when they can help")
    background = models.CharField(max_length=300, blank=True, help_text="what they did before, for the branch alone")
    declared_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["branch", "person"], name="party_member_once")]
        indexes = [models.Index(fields=["branch", "kind"], name="party_members")]

    def __str__(self) -> str:
        return f"member {self.pk} of branch {self.branch_id}"


class PartnerUnit(models.Model):
    """A unit that registered with a branch to build the neighbourhood together (双报到单位, 共建单位). Its name is public, its contact is not."""

    branch = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    body = models.ForeignKey(
        Body, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="where it is registered here"
    )
    contact = models.CharField(max_length=120, blank=True)
    skills = models.CharField(max_length=200, blank=True, help_text="what it can give")
    available = models.CharField(max_length=120, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class ContactPerson(models.Model):
    """联系户: the member of a branch whom the residents of a building can turn to, with their consent to be named to them."""

    branch = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    building = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    phone = models.CharField(max_length=20, blank=True, help_text="the one they gave for this")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["building", "until"], name="contact_of_building")]

    def __str__(self) -> str:
        return f"contact of building {self.building_id}"
