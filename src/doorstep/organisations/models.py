from django.db import models
from django.utils.translation import gettext_lazy as _


class Body(models.Model):
    """A branch, committee, company, association, enterprise, office or team. Kinds are data of the glossary, rights hang on its posts."""

    class Kind(models.TextChoices):
        PARTY_BRANCH = "party_branch", _("党支部")
        VILLAGE_PARTY = "village_party", _("村（社区）党组织")
        OWNERS_COMMITTEE = "owners_committee", _("业主委员会")
        PROPERTY_COMPANY = "property_company", _("物业公司")
        WOMENS_COMMITTEE = "womens_committee", _("妇委会")
        VOLUNTEER_TEAM = "volunteer_team", _("志愿服务队")
        POLICE = "police", _("社区警务")
        ASSOCIATION = "association", _("共治协会")
        TOWN_OFFICE = "town_office", _("镇街部门")
        PARTY_COMMITTEE = "party_committee", _("镇委")
        ENTERPRISE = "enterprise", _("企业")
        SOCIAL_BODY = "social_body", _("社会组织")
        COLLECTIVE = "collective", _("集体经济组织")
        ACADEMY = "academy", _("学院")
        CENTRE = "centre", _("中心")
        CAFE = "cafe", _("咖啡店")

    code = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+", help_text="where it serves")
    uscc = models.CharField(max_length=18, blank=True, help_text="unified social credit code, GB 32100")
    phone = models.CharField(max_length=20, blank=True)
    founded_on = models.CharField(max_length=10, blank=True, help_text="2015, 2015-06 or 2015-06-01, as precisely as it is known")
    is_pilot = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "bodies"

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A seat in a body, held by a person from a day to a day. The holder may change; the post's open work stays."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=80, blank=True)
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    held_from = models.DateField()
    held_until = models.DateField(null=True, blank=True, help_text="the last day; empty while it goes on")
    designated_by = models.CharField(max_length=20, blank=True, help_text="elected, appointed, employed, invited")
    position = models.PositiveIntegerField(default=0)
    handles_matters = models.BooleanField(default=True, help_text="works the body's matters")

    class Meta:
        indexes = [models.Index(fields=["person", "held_from"], name="post_holder")]

    def __str__(self) -> str:
        return f"{self.body.name} {self.title}"


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
    """A person in the set that holds a unit."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="holders")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "person"], name="holder_once")]

    def __str__(self) -> str:
        return f"holder of unit {self.unit_id}"


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


from doorstep.organisations.residence_models import HomeCode, Residence, ResidenceClaim  # noqa: E402, F401  Django finds tables here
