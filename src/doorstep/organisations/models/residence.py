from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.organisations.rules import residence as rules


class Residence(models.Model):
    """A person verified as living in, or owning, a unit, from a day on. It gives the key of the estate; a name on the roll does not."""

    class Kind(models.TextChoices):
        OWNER = rules.OWNER, _("业主")
        HOUSEHOLD = rules.HOUSEHOLD, _("家人")
        TENANT = rules.TENANT, _("租户")

    class How(models.TextChoices):
        CODE = "code", _("投到门里的住户码")
        ROLL = "roll", _("和名册对上，业委会确认")
        INVITED = "invited", _("业主邀请")
        KEEPER = "keeper", _("管名册的人登记")

    class Ended(models.TextChoices):
        MOVED = "moved", _("搬走了")
        TRANSFERRED = "transferred", _("房子过户了")
        WITHDRAWN = "withdrawn", _("邀请的人收回了")
        MISTAKE = "mistake", _("登记错了")
        DIED = "died", _("去世")
        ERASED = "erased", _("注销")

    unit = models.ForeignKey("organisations.Unit", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    how = models.CharField(max_length=10, choices=How.choices)
    from_on = models.DateField()
    until_on = models.DateField(null=True, help_text="the last day; empty while it goes on")
    invited_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    verified_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    ended_because = models.CharField(max_length=12, choices=Ended.choices, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "person"], condition=models.Q(until_on=None), name="residence_running_once")]
        indexes = [models.Index(fields=["person", "until_on"], name="residence_person")]

    def __str__(self) -> str:
        return f"person {self.person_id} in unit {self.unit_id}"


class HomeCode(models.Model):
    """A one-time code for a unit: printed and put through the door, or an invitation. Only its keyed digest is kept."""

    unit = models.ForeignKey("organisations.Unit", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, blank=True, help_text="who is invited; empty on paper: whoever lives there says")
    issued_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["unit", "used_at", "cancelled_at"], name="home_code_unit")]

    def __str__(self) -> str:
        return f"code for unit {self.unit_id}"

    @property
    def is_invitation(self) -> bool:
        return bool(self.kind)


class ResidenceClaim(models.Model):
    """Somebody says which unit is theirs; those who keep the roll compare and decide. What was typed is forgotten once it is decided."""

    class Decision(models.TextChoices):
        CONFIRMED = "confirmed", _("认下了")
        REFUSED = "refused", _("没认下")

    class Reason(models.TextChoices):
        NOT_ON_ROLL = "not_on_roll", _("名册上这套房没有您的名字")
        NO_SUCH_UNIT = "no_such_unit", _("没有这套房")
        COME_BY = "come_by", _("请带证件到物业前台看一眼")
        LIVES_ELSEWHERE = "lives_elsewhere", _("您不住这里了")

    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    estate = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("organisations.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Residence.Kind.choices)
    typed_unit = models.CharField(max_length=80, blank=True)
    typed_last4 = models.CharField(max_length=4, blank=True)
    match = models.CharField(max_length=16, help_text="what it has in common with the roll (rules.residence)")
    made_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    reason = models.CharField(max_length=16, choices=Reason.choices, blank=True)
    decided_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "estate"], condition=models.Q(decision=""), name="claim_waiting_once")]
        indexes = [models.Index(fields=["estate", "decision", "id"], name="claim_estate")]

    def __str__(self) -> str:
        return f"claim of person {self.person_id}"
