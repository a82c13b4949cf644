"""An owners' vote: its frozen roll, motions, printed papers, ballots, rulings, objections, and the record of the count.

Ballots are rows that are never changed. What a ballot says stands in `Ballot.choices` and `PaperEntry.choices` alone; no page, query,
entry of the journal or log repeats it before the count, and afterwards only for those the law lets know.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Vote(models.Model):
    """A joint decision of owners under Civil Code art. 278, of a whole estate or of some of its buildings."""

    class State(models.TextChoices):
        DRAFT = "draft", _("在准备")
        FROZEN = "frozen", _("名册已冻结")
        ROLL_PUBLISHED = "roll_published", _("名册公示中")
        NOTICED = "noticed", _("已公告")
        ISSUED = "issued", _("选票已印发")
        OPEN = "open", _("正在表决")
        CLOSED = "closed", _("表决已截止")
        TALLIED = "tallied", _("已计票")
        PRELIMINARY = "preliminary", _("结果询异公示中")
        FINAL = "final", _("结果已生效")
        ANNULLED = "annulled", _("已被撤销")
        CALLED_OFF = "called_off", _("已取消")

    number = models.CharField(max_length=40, unique=True)
    place = models.ForeignKey("foundation.Place", on_delete=models.PROTECT, related_name="+", help_text="the estate")
    buildings = models.JSONField(default=list, help_text="codes of the buildings it is held in; empty = the whole estate")
    convenor = models.ForeignKey("organisations.Body", on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey("affairs.Matter", null=True, on_delete=models.PROTECT, related_name="+", help_text="what it grew from")
    reconvenes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", help_text="the vote too few took part in")
    title = models.CharField(max_length=80)
    why = models.TextField(blank=True)
    state = models.CharField(max_length=16, choices=State.choices)

    count_parking = models.BooleanField(default=False)
    invalid_participates = models.BooleanField(default=False)
    channel_precedence = models.CharField(max_length=10, default="paper")
    electronic = models.CharField(max_length=16, help_text="official_only, own or either: the locality's rule when the vote was prepared")

    units = models.PositiveIntegerField(default=0, help_text="that count: parking left out unless it counts")
    parties = models.PositiveIntegerField(default=0)
    area_hundredths = models.PositiveBigIntegerField(default=0)
    fingerprint = models.CharField(max_length=71, blank=True)

    prepared_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    roll_published_at = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField(null=True)
    residents_committee_told_on = models.DateField(null=True)
    issued_at = models.DateTimeField(null=True)
    opens_at = models.DateTimeField(null=True, help_text="as announced, then as it was")
    closes_at = models.DateTimeField(null=True, help_text="as announced, moved by an extension, then as it was")
    reminded_at = models.DateTimeField(
        null=True, help_text="when those who had not voted were reminded of this end; none after an extension"
    )
    closed_at = models.DateTimeField(null=True)
    tallied_at = models.DateTimeField(null=True)
    preliminary_at = models.DateTimeField(null=True)
    objections_until = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)
    annulled_at = models.DateTimeField(null=True)
    annulled_because = models.CharField(max_length=200, blank=True, help_text="court and file number")
    result = models.JSONField(null=True, help_text="doorstep.vote-result/1 of the full file; shown from the preliminary result on")
    official_url = models.CharField(max_length=300, blank=True, help_text="where the official system shows its result")
    official_sha256 = models.CharField(max_length=64, blank=True, help_text="of the list taken over from it")

    class Meta:
        indexes = [models.Index(fields=["place", "-id"], name="vote_list"), models.Index(fields=["convenor", "state"], name="vote_work")]

    def __str__(self) -> str:
        return self.number


class VoteRecord(models.Model):
    """What is secret about a vote and what was counted: apart from `Vote`, so that no list ever loads it."""

    vote = models.OneToOneField(Vote, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text="hex; makes the pseudonyms of the open file")
    full_file = models.TextField(blank=True, help_text="doorstep.vote/1, restricted; its SHA-256 stands in the journal")
    full_sha256 = models.CharField(max_length=64, blank=True)
    open_file = models.TextField(blank=True, help_text="doorstep.vote/1 with pseudonyms, public from the preliminary result on")
    open_sha256 = models.CharField(max_length=64, blank=True)
    open_bytes = models.PositiveIntegerField(default=0)
    open_result = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"record of vote {self.vote_id}"


class Motion(models.Model):
    """What is voted on: the numbered item of art. 278 and the exact words."""

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="motions")
    code = models.CharField(max_length=8, help_text="M1, M2 …")
    item = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["vote", "code"], name="motion_once"),
            models.CheckConstraint(condition=Q(item__gte=1, item__lte=9), name="motion_item_of_278"),
        ]

    def __str__(self) -> str:
        return f"{self.code} of vote {self.vote_id}"


class Teller(models.Model):
    """A person named to count this vote. Their names are public; what they learn is not."""

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="tellers")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    appointed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vote", "person"], name="teller_once")]

    def __str__(self) -> str:
        return f"teller of vote {self.vote_id}"


# The frozen roll


class RollParty(models.Model):
    """One holding party: an identical set of holders, one person in the vote whatever they hold; or the developer."""

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    is_developer = models.BooleanField(default=False)
    units = models.PositiveIntegerField()
    area_hundredths = models.PositiveBigIntegerField()
    first_unit = models.CharField(max_length=80, help_text="what the party is called on lists: no name stands there")
    building = models.CharField(max_length=80, help_text="of the first unit")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vote", "position"], name="roll_party_once")]

    def __str__(self) -> str:
        return f"{self.first_unit} in vote {self.vote_id}"


class RollUnit(models.Model):
    """A unit as it stood when the roll was frozen. `party` is none for what does not count (parking)."""

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    building = models.CharField(max_length=80, help_text="its name: how papers are sorted and brought round")
    area_hundredths = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10)
    status = models.CharField(max_length=12)
    holders = models.JSONField(help_text="person ids, ascending")
    party = models.ForeignKey(RollParty, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vote", "name"], name="roll_unit_once")]

    def __str__(self) -> str:
        return f"{self.name} in vote {self.vote_id}"


class RollHolder(models.Model):
    """A person in the set that is a party."""

    party = models.ForeignKey(RollParty, on_delete=models.CASCADE, related_name="holders")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "person"], name="roll_holder_once")]

    def __str__(self) -> str:
        return f"holder of party {self.party_id}"


class RollCorrection(models.Model):
    """A change to the frozen roll before ballots were printed, with why. Its figures before and after are in the journal."""

    class Reason(models.TextChoices):
        REGISTER = "register", _("以不动产登记簿为准")
        SURVEY = "survey", _("以测绘实测为准")
        TRANSFER = "transfer", _("已过户")
        DELIVERED = "delivered", _("已交付")
        CLERICAL = "clerical", _("录入有误")

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=80)
    before = models.JSONField(help_text="area, kind, status, holders")
    after = models.JSONField()
    reason = models.CharField(max_length=12, choices=Reason.choices)
    words = models.CharField(max_length=200)
    by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.unit} in vote {self.vote_id}"


# Papers


class PrintedLink(models.Model):
    """A printed QR code: `/q/<token>` leads to a path of this site. What hangs on a wall outlives an address."""

    token = models.CharField(max_length=24, unique=True)
    path = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.path


class Paper(models.Model):
    """A printed ballot of one party. A lost or spoiled one is replaced; the old one then counts for nothing unless it was entered."""

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(RollParty, on_delete=models.PROTECT, related_name="+")
    serial = models.PositiveIntegerField()
    link = models.OneToOneField(PrintedLink, on_delete=models.PROTECT, related_name="+")
    code_digest = models.CharField(max_length=64, blank=True, help_text="of the one-time code, which is on the paper alone")
    attempts = models.PositiveIntegerField(default=0)
    printed_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    scan = models.OneToOneField("foundation.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    entries = models.PositiveSmallIntegerField(default=0)
    differs = models.JSONField(default=list, help_text="names of what two clerks read differently; never what they read")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vote", "serial"], name="paper_once"),
            models.UniqueConstraint(fields=["party"], condition=Q(replaced_at=None), name="paper_one_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.label} of vote {self.vote_id}"

    @property
    def label(self) -> str:
        """The id its ballot will have."""
        return f"K{self.serial:04d}"


class PaperEntry(models.Model):
    """What one clerk read on a paper, without knowing what the other read. The third look is round 3."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    clerk = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+", help_text="who signed")
    proxy_for = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    proxy_document = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=10)
    cast_at = models.DateTimeField()
    valid = models.BooleanField()
    choices = models.JSONField()
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "paper entries"
        constraints = [
            models.UniqueConstraint(fields=["paper", "round"], name="paper_entry_round_once"),
            models.UniqueConstraint(fields=["paper", "clerk"], name="paper_entry_clerk_once"),
            models.CheckConstraint(condition=Q(round__gte=1, round__lte=3), name="paper_entry_round"),
        ]

    def __str__(self) -> str:
        return f"entry {self.round} of paper {self.paper_id}"


class Delivery(models.Model):
    """That a paper was brought to a party, or could not be."""

    class Way(models.TextChoices):
        HAND = "hand", _("当面")
        DOOR = "door", _("塞门缝、信箱")
        POST = "post", _("邮寄")
        PHONE = "phone", _("电话、微信约好来取")

    party = models.ForeignKey(RollParty, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=8, choices=Way.choices)
    delivered = models.BooleanField()
    by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, help_text="when it was announced that it could not be delivered")

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["party", "-id"], name="delivery_latest")]

    def __str__(self) -> str:
        return f"{self.way} to party {self.party_id}"


# The official system's list


class OfficialList(models.Model):
    """A list of the official system that was uploaded: looked at first, then taken over, or thrown away; in force until another replaces it."""

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=300, help_text="where the official system shows its result")
    file_name = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, help_text="of what its rows say")
    rows = models.JSONField(default=list, help_text="[person id, time, choices] until it is taken over; then empty: its ballots say it")
    report = models.JSONField(help_text="figures, or what is wrong in which row and column; never a choice")
    uploaded_by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, help_text="why it took the place of the one before")
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["vote"], condition=Q(received_at__isnull=False, replaced_at=None), name="official_list_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(received_at__isnull=False), name="official_list_replaced_was_received"
            ),
        ]

    def __str__(self) -> str:
        return f"list {self.pk} of vote {self.vote_id}"


# Ballots


class Ballot(models.Model):
    """A ballot that was acknowledged. Never changed; what counts is decided by the count alone."""

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=16)
    by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    proxy_for = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    proxy_document = models.CharField(max_length=120, blank=True, help_text="what the written proxy is kept under")
    channel = models.CharField(max_length=10)
    cast_at = models.DateTimeField()
    valid = models.BooleanField(default=True)
    choices = models.JSONField()
    paper = models.OneToOneField(Paper, null=True, on_delete=models.PROTECT, related_name="+")
    official = models.BooleanField(default=False, help_text="taken over from the official system's list")
    official_list = models.ForeignKey(
        OfficialList, null=True, on_delete=models.PROTECT, related_name="+", help_text="counts no more once that is replaced"
    )
    salt = models.CharField(max_length=32)
    entry_id = models.BigIntegerField(help_text="its entry in the journal: a salted digest, restricted")
    acknowledged_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vote", "label"], name="ballot_once"),
            models.UniqueConstraint(
                fields=["vote", "by"], condition=Q(channel="electronic", proxy_for=None, official=False), name="ballot_electronic_once"
            ),
            models.UniqueConstraint(
                fields=["vote", "by", "proxy_for", "official"], condition=Q(channel="electronic"), name="ballot_electronic_proxy_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} of vote {self.vote_id}"


class BallotParty(models.Model):
    """For which party a ballot came in: what turnout is counted from before closing, without any choice."""

    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(RollParty, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "ballot parties"
        constraints = [models.UniqueConstraint(fields=["party", "ballot"], name="ballot_party_once")]

    def __str__(self) -> str:
        return f"ballot {self.ballot_id} for party {self.party_id}"


class Ruling(models.Model):
    """Which of several ballots of one party counts, decided by the tellers by hand, with a code and words."""

    class Code(models.TextChoices):
        CO_OWNER_CHOSEN = "co_owner_chosen", _("共有人商定由一人表决")
        SIGNATURE = "signature", _("核对签名")
        TRANSFER = "transfer", _("投票期间过户，以登记为准")
        WITHDRAWN = "withdrawn", _("本人书面撤回其中一张")
        AUTHORITY = "authority", _("代表人、监护人身份核实")

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="+")
    ballots = models.JSONField(help_text="labels")
    counts = models.CharField(max_length=16)
    code = models.CharField(max_length=16, choices=Code.choices)
    words = models.CharField(max_length=300)
    by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"ruling {self.pk} of vote {self.vote_id}"


class Objection(models.Model):
    """What an owner finds wrong with the roll or the preliminary result, and the written answer."""

    class About(models.TextChoices):
        ROLL = "roll", _("对名册")
        RESULT = "result", _("对结果")

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=8, choices=About.choices)
    text = models.TextField()
    salt = models.CharField(max_length=32)
    by = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answer_salt = models.CharField(max_length=32, blank=True)
    answered_by = models.ForeignKey("foundation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)

    class Meta:
        indexes = [models.Index(fields=["vote", "id"], name="objection_of_vote")]

    def __str__(self) -> str:
        return f"objection {self.pk} to vote {self.vote_id}"
