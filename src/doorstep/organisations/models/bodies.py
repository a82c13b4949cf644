"""Bodies, the posts people hold in them, their terms, texts, seals and history."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Body(models.Model):
    """A branch, committee, company, association, enterprise, office or team. Kinds are data of the glossary, rights hang on its posts."""

    class Kind(models.TextChoices):
        PARTY_BRANCH = "party_branch", _("党支部")
        VILLAGE_PARTY = "village_party", _("村（社区）党组织")
        VILLAGE_COMMITTEE = "village_committee", _("村（居）民委员会")
        OVERSIGHT_COMMITTEE = "oversight", _("村（居）务监督委员会")
        MEDIATION_COMMITTEE = "mediation", _("人民调解委员会")
        OWNERS_COMMITTEE = "owners_committee", _("业主委员会")
        PREPARATORY_GROUP = "preparatory_group", _("业主大会筹备组")
        RENEWAL_GROUP = "renewal_group", _("业主委员会换届小组")
        LEADING_GROUP = "leading_group", _("工作领导小组")
        PROPERTY_COMPANY = "property_company", _("物业公司")
        WOMENS_COMMITTEE = "womens_committee", _("妇委会")
        VOLUNTEER_TEAM = "volunteer_team", _("志愿服务队")
        POLICE = "police", _("社区警务")
        ASSOCIATION = "association", _("共治协会")
        TOWN_OFFICE = "town_office", _("镇街部门")
        PARTY_COMMITTEE = "party_committee", _("镇委")
        ENTERPRISE = "enterprise", _("企业")
        MERCHANT = "merchant", _("商户（个体）")
        SOCIAL_BODY = "social_body", _("社会组织")
        COLLECTIVE = "collective", _("集体经济组织")
        THINK_TANK = "think_tank", _("智库")
        MEDIA = "media", _("媒体")
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
    led_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="the party organisation that convenes it"
    )
    ended_on = models.DateField(null=True, blank=True)
    ended_because = models.CharField(max_length=20, blank=True, help_text="dissolved, merged, replaced, registered_twice")

    class Meta:
        verbose_name_plural = "bodies"
        constraints = [
            models.UniqueConstraint(fields=["uscc"], condition=~models.Q(uscc="") & models.Q(ended_on=None), name="body_uscc_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Term(models.Model):
    """A term of office of a body (一届): when it was chosen, until when it serves, and the dated duties that come with it."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="terms")
    seats = models.PositiveIntegerField(help_text="how many were chosen")
    elected_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="the last day")
    first_met_on = models.DateField(null=True, blank=True)
    filed_on = models.DateField(null=True, blank=True)
    filing_number = models.CharField(max_length=60, blank=True)
    handed_over_on = models.DateField(null=True, blank=True, help_text="files, seal and property taken over from the term before")
    renewal_begun_on = models.DateField(null=True, blank=True)
    changes_reported_on = models.DateField(
        null=True, blank=True, help_text="when changes of members were last reported to where it is filed"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "starts_on"], name="term_once")]

    def __str__(self) -> str:
        return f"{self.body_id} {self.starts_on}—{self.ends_on}"


class LawWarning(models.Model):
    """That people were told of a finding: once, until it is no more."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=24, help_text="its code (rules/committee.py)")
    about = models.CharField(max_length=60, help_text="the term or post, and the day it is due")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "finding", "about"], name="law_warning_once")]

    def __str__(self) -> str:
        return f"{self.finding} of body {self.body_id}"


class Post(models.Model):
    """A seat in a body, held by a person from a day to a day. The holder may change; the post's open work stays."""

    class Designation(models.TextChoices):
        ELECTED = "elected", _("选举")
        APPOINTED = "appointed", _("任命")
        EMPLOYED = "employed", _("聘用")
        INVITED = "invited", _("邀请")

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=80, blank=True)
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    held_from = models.DateField()
    held_until = models.DateField(null=True, blank=True, help_text="the last day; empty while it goes on")
    designated_by = models.CharField(max_length=20, blank=True, choices=Designation.choices)
    designated_on = models.DateField(null=True, blank=True, help_text="the day of the meeting or the letter")
    votes_for = models.PositiveIntegerField(null=True, blank=True)
    votes_cast = models.PositiveIntegerField(null=True, blank=True)
    seat = models.CharField(max_length=20, blank=True, help_text="the kind of seat in a council (data/seats.toml)")
    on_behalf_of = models.ForeignKey(
        Body, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="the body its holder sits there for"
    )
    duties = models.CharField(max_length=200, blank=True, help_text="what its holder looks after")
    ended_because = models.CharField(max_length=20, blank=True)
    position = models.PositiveIntegerField(default=0)
    handles_matters = models.BooleanField(default=True, help_text="works the body's matters")

    class Meta:
        indexes = [models.Index(fields=["person", "held_from"], name="post_holder")]

    def __str__(self) -> str:
        return f"{self.body.name} {self.title}"


class FormerIncumbent(models.Model):
    """Somebody who held a post before it was handed over: the post stays, its holder changes."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="former")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    held_from = models.DateField()
    held_until = models.DateField()
    designated_by = models.CharField(max_length=20, blank=True, choices=Post.Designation.choices)
    designated_on = models.DateField(null=True, blank=True)
    votes_for = models.PositiveIntegerField(null=True, blank=True)
    votes_cast = models.PositiveIntegerField(null=True, blank=True)
    because = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [models.Index(fields=["post", "-held_until"], name="post_history")]

    def __str__(self) -> str:
        return f"former holder of post {self.post_id}"


class HandOver(models.Model):
    """One passing of a post from a person to the next, with the open work that passed with it."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    from_person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    to_person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    items = models.JSONField(default=dict, help_text='{"matter": ["HL-2026-000123", …]}: kinds of work and what was open')
    note = models.CharField(max_length=500, blank=True, help_text="files, keys and the like, in the words of those who hand over")
    note_salt = models.CharField(max_length=32)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"hand-over of post {self.post_id} on {self.on}"


class BodyFact(models.Model):
    """A dated fact of a body's history, in its own words: what the journal cannot know because it was before, or elsewhere."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    happened_on = models.CharField(max_length=10, help_text="2015, 2015-06 or 2015-06-01, as precisely as it is known")
    text = models.CharField(max_length=200)
    source = models.CharField(max_length=200, blank=True)
    salt = models.CharField(max_length=32)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["body", "happened_on"], name="body_history")]

    def __str__(self) -> str:
        return f"{self.happened_on} {self.text}"


class BodyText(models.Model):
    """A text a body has published. The databases refuse to change or remove one (migration 0002): a newer version stands beside it.

    Promises of a property company are part of its contract (Civil Code art. 938), so each is a text of its own and stays in force.
    """

    class Kind(models.TextChoices):
        CHARTER = "charter", _("章程")
        RULES = "rules", _("议事规则")
        COVENANT = "covenant", _("管理规约")
        DECISION = "decision", _("业主大会和业委会的决定")
        CONTRACT = "contract", _("物业服务合同")
        FUND = "fund", _("维修资金")
        COMMON = "common", _("共有部分的使用和收益")
        PARKING = "parking", _("占道车位的处分")
        COSTS = "costs", _("工作经费")
        FEES = "fees", _("收费标准")
        PROMISE = "promise", _("服务承诺")
        APPEAL = "appeal", _("倡议")
        MEMBER_PROMISE = "member_promise", _("党员承诺")
        CONTACT_DAYS = "contact_days", _("接待日")

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="texts")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField()
    salt = models.CharField(max_length=32)
    effective_from = models.DateField()
    basis = models.CharField(max_length=200, blank=True, help_text="the decision it rests on")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "kind", "version"], name="body_text_once")]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class BodySeal(models.Model):
    """A carved seal of a body: which, and which post keeps it. The house never draws one."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    kept_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class SealUse(models.Model):
    """When a seal was used and for what."""

    seal = models.ForeignKey(BodySeal, on_delete=models.PROTECT, related_name="uses")
    used_on = models.DateField()
    purpose = models.CharField(max_length=200)
    decision = models.CharField(max_length=120, blank=True, help_text="the decision it rests on")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    salt = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["seal", "-used_on"], name="seal_uses")]

    def __str__(self) -> str:
        return f"{self.used_on} {self.purpose}"


class BodyApplication(models.Model):
    """An enterprise, a social body or a worker from elsewhere who asks to be registered, and what was decided."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("企业")
        MERCHANT = "merchant", _("商户（个体）")
        SOCIAL_BODY = "social_body", _("社会组织")
        WORKER = "worker", _("外来务工者")

    class State(models.TextChoices):
        WAITING = "waiting", _("等着看")
        ACCEPTED = "accepted", _("登记了")
        REFUSED = "refused", _("没有登记")
        WITHDRAWN = "withdrawn", _("自己撤回了")
        ENDED = "ended", _("不再登记了")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=80)
    uscc = models.CharField(max_length=18, blank=True, db_index=True)
    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    phone = models.CharField(max_length=20, blank=True)
    offers = models.CharField(max_length=300, blank=True, help_text="what they would like to do or give")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reasons = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="when a worker's registration ended")
    decided_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(Body, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="application_queue")]

    def __str__(self) -> str:
        return self.name
