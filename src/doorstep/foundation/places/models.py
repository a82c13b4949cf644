from django.db import models
from django.utils.translation import gettext_lazy as _


class Place(models.Model):
    """A node of the tree. `lineage` is its codes from the city down, kept beside `parent` because the journal, the queries
    and the audience keys all speak in codes."""

    class Kind(models.TextChoices):
        CITY = "city", _("市")
        TOWN = "town", _("镇街")
        VILLAGE = "village", _("村")
        COMMUNITY = "community", _("社区")
        ESTATE = "estate", _("小区")
        BUILDING = "building", _("楼栋")
        VENUE = "venue", _("场地")

    code = models.SlugField(max_length=60, unique=True, db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lineage = models.CharField(max_length=300, unique=True)
    region_code = models.CharField(max_length=12, blank=True, help_text="GB/T 2260 / 10114, where there is one")
    number_prefix = models.CharField(max_length=12, blank=True, help_text="a town's: what its numbers begin with")
    position = models.PositiveIntegerField(default=0, help_text="order among siblings")
    built_year = models.PositiveIntegerField(null=True, blank=True)
    households = models.PositiveIntegerField(null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="persons, for a venue")
    opening_hours = models.JSONField(default=dict, blank=True, help_text='{"mo": [["09:00", "18:00"]], …}')
    accessibility = models.JSONField(default=dict, blank=True, help_text='{"ramp": true, "hearing_loop": false}')
    phone = models.CharField(max_length=20, blank=True)
    plan_x = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="metres east on the plan of its estate or village"
    )
    plan_y = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["parent", "position"], name="place_siblings")]

    def __str__(self) -> str:
        return self.name

    @property
    def codes(self) -> list[str]:
        """From the city down to this place."""
        return self.lineage.split("/")

    @property
    def localities(self) -> list[str]:
        """Where regulations may come from, the widest first: the nation, then every code on the way down."""
        return ["CN", *self.codes]
