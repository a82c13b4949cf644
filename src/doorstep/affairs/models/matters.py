from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from doorstep.foundation.moderation.texts import Reason


class Category(models.Model):
    """A node of the category tree, two levels deep. Codes are public (`/api/v1/codes`)."""

    code = models.CharField(max_length=40, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    zh = models.CharField(max_length=40)
    en = models.CharField(max_length=60)
    hint_zh = models.CharField(max_length=80, blank=True)
    hint_en = models.CharField(max_length=120, blank=True)
    notice_zh = models.CharField(max_length=300, blank=True, help_text="what to know before it is sent: another office is the lawful one")
    notice_en = models.CharField(max_length=400, blank=True)
    icon = models.CharField(max_length=30, blank=True)
    position = models.PositiveIntegerField(default=0)
    is_restricted = models.BooleanField(default=False, help_text="matters of this kind are for the parties and handlers only")
    is_neighbourly = models.BooleanField(default=False, help_text="neighbours answer these, no body: 群众有事我来帮")
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.zh

    @property
    def name(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh

    @property
    def hint(self) -> str:
        return self.hint_en if (get_language() or "").startswith("en") else self.hint_zh

    @property
    def notice(self) -> str:
        return self.notice_en if (get_language() or "").startswith("en") else self.notice_zh


class RoutingRule(models.Model):
    """Who gets matters of a category at a place. The deepest place decides, then the closest category; none = every category."""

    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")
    overdue_body = models.ForeignKey("organisations.Body", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "category"], name="routing_rule_once"),
            models.UniqueConstraint(fields=["place"], condition=models.Q(category=None), name="routing_rule_for_all_once"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id}×{self.category_id} → {self.body_id}"


class EscalationStep(models.Model):
    """Beyond the overseeing body: so many days past its limit, a matter at or below this place is brought before that body."""

    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    days = models.PositiveIntegerField(help_text="days past the limit, at least 1")
    body = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "days"], name="escalation_step_once")]
        ordering = ("place", "days")

    def __str__(self) -> str:
        return f"{self.place_id} +{self.days} → {self.body_id}"


class Matter(models.Model):
    """What somebody raised. One number for life."""

    class State(models.TextChoices):
        REGISTERED = "registered", _("已登记")
        ASSIGNED = "assigned", _("已派")
        IN_PROGRESS = "in_progress", _("在办")
        AWAITING_CONFIRMATION = "awaiting_confirmation", _("等住户说一句")
        CLOSED_CONFIRMED = "closed_confirmed", _("办好了")
        CLOSED_UNCONFIRMED = "closed_unconfirmed", _("未确认")
        CANNOT_BE_DONE = "cannot_be_done", _("无法办理")
        TRANSFERRED = "transferred", _("已转出")
        MERGED = "merged", _("已并到另一件")
        RETURNED = "returned", _("退回补充")
        WITHDRAWN = "withdrawn", _("已撤回")

    class Word(models.TextChoices):
        YES = "yes", _("办好了")
        NO = "no", _("还没好")

    class Severity(models.TextChoices):
        ORDINARY = "ordinary", _("一般")
        SERIOUS = "serious", _("严重")
        URGENT = "urgent", _("紧急")

    class Level(models.TextChoices):
        HOUSEHOLD = "household", _("一户")
        BUILDING = "building", _("一栋楼")
        VILLAGE = "village", _("小区或村")
        TOWN = "town", _("全镇")

    class Relation(models.TextChoices):
        OWNER_OWNER = "owner_owner", _("业主与业主")
        OWNER_PROPERTY = "owner_property", _("业主与物业")
        PROPERTY_SERVICE = "property_service", _("物业与服务")

    class Cause(models.TextChoices):
        """Why it keeps happening, as far as it can be counted; `root_cause` says it in words."""

        AGED = "aged", _("设施老了")
        UPKEEP = "upkeep", _("管护没跟上")
        SPACE = "space", _("地方不够")
        MONEY = "money", _("钱不够")
        RULES = "rules", _("规矩没说清")
        DUTY = "duty", _("责任没分清")
        HABIT = "habit", _("习惯合不来")
        OTHER = "other", _("别的")

    class Pressing(models.TextChoices):
        """急难愁盼, the town's four words for what presses."""

        URGENT = "urgent", _("急")
        HARD = "hard", _("难")
        WORRYING = "worrying", _("愁")
        HOPED = "hoped", _("盼")

    number = models.CharField(max_length=40, unique=True)
    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    scope = models.ForeignKey(
        "foundation.Place",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        help_text="the estate, village or town whose page lists it",
    )
    spot = models.CharField(max_length=80, blank=True, help_text="where exactly, in the reporter's words")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, db_index=False, related_name="+")
    title = models.CharField(max_length=80)
    text = models.TextField()
    text_salt = models.CharField(max_length=32)
    hidden_because = models.CharField(
        max_length=20, blank=True, help_text="the moderators' reason; the words then stand in their case alone"
    )
    reporter = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, db_index=False, related_name="+")
    entered_by = models.ForeignKey(
        "foundation.Person", on_delete=models.PROTECT, related_name="+", help_text="the reporter, or who wrote it down for them"
    )
    is_public = models.BooleanField(default=True)
    is_named = models.BooleanField(default=False, help_text="the reporter's name may be shown to everyone")
    is_shielded = models.BooleanField(default=False, help_text="the body that has it is not told who raised it; the overseeing body is")
    channel = models.CharField(max_length=20)
    counter = models.ForeignKey(
        "foundation.Place",
        null=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        help_text="the counter it was taken down at",
    )
    state = models.CharField(max_length=24, choices=State.choices)
    body = models.ForeignKey("organisations.Body", null=True, on_delete=models.PROTECT, db_index=False, related_name="+")
    overdue_body = models.ForeignKey("organisations.Body", null=True, on_delete=models.PROTECT, db_index=False, related_name="+")
    raised_at = models.DateTimeField()
    clock_from = models.DateTimeField(null=True, help_text="when the running limit began")
    due_at = models.DateTimeField(null=True, help_text="when the running limit ends; none while the resident is asked or all is over")
    limit_key = models.CharField(
        max_length=60, blank=True, help_text="the regulation the limit comes from; 'promise' for the body's own date"
    )
    escalated_at = models.DateTimeField(null=True, help_text="when the running limit was passed and the overseeing body told")
    ask_until = models.DateTimeField(null=True, help_text="until when the resident is asked whether it is done")
    first_answered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True, help_text="when the body last said done")
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    reopened = models.PositiveIntegerField(default=0)
    photo_count = models.PositiveIntegerField(default=0)

    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, db_index=False, related_name="merged")
    merged_count = models.PositiveIntegerField(default=0, help_text="how many other matters were merged into this one")
    word = models.CharField(
        max_length=3, blank=True, choices=Word.choices, help_text="what this matter's own complainant says of the last 'done'"
    )
    word_at = models.DateTimeField(null=True)

    severity = models.CharField(max_length=10, blank=True, choices=Severity.choices)
    pressing = models.CharField(max_length=10, blank=True, choices=Pressing.choices)
    level = models.CharField(max_length=10, blank=True, choices=Level.choices)
    relation = models.CharField(max_length=20, blank=True, choices=Relation.choices)
    households = models.PositiveIntegerField(null=True, help_text="households it affects, as far as is known")
    cause = models.CharField(max_length=10, blank=True, choices=Cause.choices)
    root_cause = models.CharField(max_length=200, blank=True, help_text="why it keeps happening; for those who work it")
    pain_point = models.ForeignKey("affairs.PainPoint", null=True, on_delete=models.PROTECT, db_index=False, related_name="matters")

    taken_by = models.ForeignKey(
        "foundation.Person",
        null=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        help_text="which of the staff has it now",
    )
    taken_at = models.DateTimeField(null=True)
    urged = models.PositiveIntegerField(default=0)
    urged_at = models.DateTimeField(null=True)
    overdue_days = models.PositiveIntegerField(default=0, help_text="the furthest step of escalation that was taken for the running limit")
    paused_left = models.DurationField(null=True, help_text="what was left of the limit when it was stopped to ask the reporter back")
    paused_used = models.DurationField(null=True, help_text="what of it was used by then")

    class Meta:
        # A row is written with every index it stands in: what most matters do not have stands in an index of those that have it,
        # and a column that leads another index has none of its own.
        indexes = [
            models.Index(fields=["category", "state", "-id"], name="matter_solved"),
            models.Index(fields=["scope", "-id"], name="matter_at"),
            models.Index(fields=["body", "state", "due_at"], name="matter_work"),
            models.Index(fields=["reporter", "-id"], name="matter_mine"),
            models.Index(fields=["due_at"], name="matter_due"),
            models.Index(fields=["ask_until"], condition=models.Q(ask_until__isnull=False), name="matter_asked_until"),
            models.Index(fields=["reporter", "word"], condition=models.Q(ask_until__isnull=False), name="matter_asked"),
            models.Index(fields=["entered_by", "word"], condition=models.Q(ask_until__isnull=False), name="matter_asked_helper"),
            models.Index(fields=["overdue_body"], condition=models.Q(escalated_at__isnull=False), name="matter_late"),
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="matter_merged_into"),
            models.Index(fields=["counter"], condition=models.Q(counter__isnull=False), name="matter_counter"),
            models.Index(fields=["pain_point"], condition=models.Q(pain_point__isnull=False), name="matter_pain_point"),
            models.Index(fields=["taken_by"], condition=models.Q(taken_by__isnull=False), name="matter_taken_by"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_urgent(self) -> bool:
        """Sorted as urgent, by how bad it is or as 急 of 急难愁盼: until it is answered it runs under the urgent limit."""
        return self.severity == self.Severity.URGENT or self.pressing == self.Pressing.URGENT

    # Other matters that were locked together with this one, by id.
    locked_beside: dict[int, "Matter"] = {}
    # Whether a list shows this matter because the reader is asked about it.
    asks_you = False

    @cached_property
    def merged_rows(self) -> list["Matter"]:
        """The matters merged into this one. Asks the database only where there are some."""
        return list(Matter.objects.filter(merged_into=self).order_by("id")) if self.merged_count else []

    @property
    def complainants(self) -> dict[int, int | None]:
        """Who raised the same in a matter merged into this one: person → for whom they spoke, None where for themselves."""
        found: dict[int, int | None] = {}
        for row in self.merged_rows:
            found[row.entered_by_id] = row.reporter_id if row.entered_by_id != row.reporter_id else None
            found[row.reporter_id] = None
        return found


class MatterAudience(models.Model):
    """Who may see a matter that is not public: audience keys."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "key"], name="matter_audience_once")]
        indexes = [models.Index(fields=["key", "matter"], name="matter_audience_key")]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.key}"


class MatterText(models.Model):
    """What somebody wrote in a matter after it was raised. The journal knows its salted digest only, so it can be erased."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("答复")
        DONE = "done", _("办好了")
        CANNOT = "cannot", _("无法办理")
        DISPUTE = "dispute", _("还没好")
        CONFIRM = "confirm", _("确认")
        ADDITION = "addition", _("补充")
        REOPEN = "reopen", _("重新打开")
        NOTE = "note", _("内部备注")
        RETURN = "return", _("请补充")
        TRANSFER = "transfer", _("转出")
        OUTSIDE = "outside", _("外面的答复")
        THANKS = "thanks", _("感谢")

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="texts")
    entry_id = models.BigIntegerField(unique=True, null=True, help_text="the journal entry it belongs to")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    salt = models.CharField(max_length=32)
    hidden_because = models.CharField(max_length=20, blank=True, help_text="as of a matter")
    author = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey("organisations.Post", null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-id"], condition=models.Q(kind="thanks"), name="matter_text_thanks")]

    def __str__(self) -> str:
        return f"{self.kind} of matter {self.matter_id}"


class MatterPhoto(models.Model):
    """A photo in a matter: with what was raised, or with a later text."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="photos")
    text = models.ForeignKey(MatterText, null=True, on_delete=models.PROTECT, related_name="photos")
    file = models.OneToOneField("foundation.StoredFile", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(default=0)

    # The moderators' reason, where this photo alone is hidden, and whether this reader does without it.
    hidden: Reason | None = None
    kept_back = False

    def __str__(self) -> str:
        return f"photo of matter {self.matter_id}"


class MatterCount(models.Model):
    """How many public matters of a scope stand in a state: stored, so that no page counts rows."""

    scope = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=24)
    n = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "state"], name="matter_count_once")]

    def __str__(self) -> str:
        return f"{self.scope_id} {self.state} {self.n}"


class Draft(models.Model):
    """A matter being written. It survives closing the browser and an expired login, and goes when it is sent or after 30 days."""

    token = models.CharField(max_length=40, unique=True)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    number = models.CharField(max_length=40, blank=True, help_text="of the matter it became, so that sending twice shows the same receipt")

    def __str__(self) -> str:
        return f"draft {self.pk}"


class DraftPhoto(models.Model):
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="photos")
    file = models.OneToOneField("foundation.StoredFile", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"photo of draft {self.draft_id}"
