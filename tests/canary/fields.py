"""Which columns hold what not everybody may read, and which are public, each with its reason.

Every column of text (and of JSON) in the house stands in SECRETS or in PUBLIC; a test walks the models. A secret says how its marker is put
there, in which rows the column is one, and whose the row is (a path to a person): what is one's own is never a leak to oneself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.apps import apps
from django.db import models
from django.db.models import Q

from doorstep.affairs.models import Matter, Teller
from doorstep.organisations.models import FormerIncumbent, Post

# word: a made-up word unique to the row · phone, short: the same where there are eleven figures, or four characters, of room
# number: a number that nothing else has · kept: what stands there is unique already (a salt, a key, a number) · inside: the scene writes a word of its own into the JSON
Shape = Literal["word", "phone", "short", "number", "kept", "inside"]


@dataclass(frozen=True)
class Secret:
    column: str
    shape: Shape = "word"
    whose: str = ""
    only: Q | Callable[[], Q] | None = None
    called: str = ""

    @property
    def name(self) -> str:
        """How the allow-table names it: the column, and which of its rows where it is secret in some only or in different ways."""
        return self.column + (f" ({self.called})" if self.called else "")

    @property
    def model(self) -> type[models.Model]:
        app, model, _attribute = self.column.split(".")
        return apps.get_model(app, model)

    @property
    def attribute(self) -> str:
        return self.column.rpartition(".")[2]

    def rows(self) -> Any:
        chosen = self.only() if callable(self.only) else self.only
        return self.model._default_manager.filter(chosen or Q()).order_by("pk")


def of(model: str, columns: str, **how: Any) -> list[Secret]:
    """Several columns of a model that are secret in the same way."""
    return [Secret(f"{model}.{column}", **how) for column in columns.split()]


def _office() -> Q:
    return Q(pk__in=[*Post.objects.values_list("person", flat=True), *FormerIncumbent.objects.values_list("person", flat=True)])


def _shielded() -> Q:
    return Q(pk__in=Matter.objects.filter(is_shielded=True).values_list("reporter", flat=True))


def _tellers() -> Q:
    return Q(pk__in=Teller.objects.values_list("person", flat=True)) & ~_office()


def _without_office() -> Q:
    return ~(_office() | _shielded() | _tellers())


HIDDEN = Q(matter__is_public=False)
SECRETS = [
    # People. Whoever holds a post, or has held one, has a public office; the name is shown with it.
    Secret("foundation.Person.name", "word", "pk", _without_office, "without office"),
    Secret("foundation.Person.name", "word", "pk", _shielded, "shielded"),
    Secret("foundation.Person.name", "word", "pk", _tellers, "teller"),
    *of("foundation.Person", "phone", shape="phone", whose="pk"),
    *of("foundation.Person", "id_last4", shape="short", whose="pk"),
    *of("foundation.Account", "password totp_secret", whose="person"),
    *of("foundation.Account", "phone", shape="phone", whose="person"),
    *of("foundation.OneTimeCode", "phone", shape="phone"),
    *of("foundation.OneTimeCode", "digest", shape="kept"),
    *of("foundation.Attempt", "key"),
    *of("foundation.Token", "digest", shape="kept", whose="account__person"),
    Secret("foundation.Session.session_key", "kept", "account__person", Q(account__login="herself")),
    *of("foundation.Session", "session_data", shape="inside", whose="account__person"),
    Secret("foundation.Session.device", "word", "account__person", Q(account__login="herself")),
    *of("foundation.Consent", "witness kept_where", whose="person"),
    *of("foundation.Mandate", "witness kept_where", whose="person"),
    *of("foundation.Death", "kept_where", whose="relative"),
    *of("foundation.MailAddress", "address", whose="person"),
    *of("foundation.WriteOnce", "answer location"),
    # What moderators and the two sides of an objection read
    *of("foundation.Case", "original", shape="inside", whose="author"),
    *of("foundation.Case", "appeal", whose="author"),
    *of("foundation.Complaint", "note", whose="person"),
    # Who comes where
    *of("foundation.SignUp", "alias", whose="person"),
    *of("foundation.Attendance", "alias", whose="person"),
    # The journal: what opens the digest of a restricted entry
    Secret("foundation.Entry.salt", "kept", "", ~Q(audience="public"), "restricted entries"),
    # Matters
    Secret("affairs.Matter.number", "kept", "reporter", Q(is_public=False), "hidden"),
    *[Secret(f"affairs.Matter.{column}", "word", "reporter", Q(is_public=False), "hidden") for column in ("text", "title", "spot")],
    Secret("affairs.Matter.root_cause", "word"),
    Secret("affairs.Matter.text_salt", "kept", "reporter", Q(is_public=False), "hidden"),
    Secret("affairs.MatterText.text", "word", "author", HIDDEN & ~Q(kind="note"), "of hidden matters"),
    Secret("affairs.MatterText.text", "word", "author", Q(kind="note"), "inside notes"),
    Secret("affairs.MatterText.salt", "kept", "", HIDDEN | Q(kind="note"), "hidden"),
    *of("affairs.Transfer", "number", whose="matter__reporter"),
    *of("affairs.ReplyTemplate", "title text"),
    *of("affairs.MatterPin", "salt", shape="kept"),
    *of("affairs.CounterNote", "text name why"),
    *of("affairs.CounterNote", "phone", shape="phone"),
    *of("affairs.Draft", "fields", shape="inside"),
    *of("affairs.Draft", "token", shape="kept"),
    *of("affairs.HelpOffer", "text", whose="helper"),
    *of("affairs.TakingPart", "name", whose="person"),
    *of("affairs.TakingPart", "lines", shape="inside", whose="person"),
    *of("affairs.ApiKey", "label", whose="person"),
    *of("affairs.Open311Request", "media_url"),
    *of("affairs.ApiKey", "digest", shape="kept"),
    # Votes: before they are announced; who is on the roll; how anybody voted
    *[Secret(f"affairs.Vote.{column}", "word", "", Q(state="draft"), "draft") for column in ("title", "why")],
    Secret("affairs.Motion.text", "word", "", Q(vote__state="draft"), "draft"),
    *of("affairs.VoteRecord", "key", shape="kept"),
    *of("affairs.VoteRecord", "full_file", shape="inside"),
    *of("affairs.RollParty", "first_unit"),
    *of("affairs.RollUnit", "name"),
    *of("affairs.RollCorrection", "words"),
    *of("affairs.Paper", "code_digest", shape="kept"),
    *of("affairs.PaperEntry", "proxy_document"),
    *of("affairs.Ballot", "proxy_document", whose="by"),
    *of("affairs.Ballot", "salt", shape="kept", whose="by"),
    *of("affairs.OfficialList", "file_name reason"),
    *of("affairs.Ruling", "words"),
    *of("affairs.Objection", "text", whose="by"),
    *of("affairs.Objection", "salt", shape="kept", whose="by"),
    # Bodies, members, homes
    *of("organisations.HandOver", "note"),
    *of("organisations.BodyApplication", "name offers", whose="person"),
    *of("organisations.BodyApplication", "phone", shape="phone", whose="person"),
    *of("organisations.PartyMember", "employer skills available background", whose="person"),
    *of("organisations.PartnerUnit", "contact available"),
    *of("organisations.ContactPerson", "phone", shape="phone", whose="person"),
    *of("organisations.HomeCode", "digest", shape="kept"),
    *of("organisations.ResidenceClaim", "typed_unit", whose="person"),
    *of("organisations.ResidenceClaim", "typed_last4", shape="short", whose="person"),
    *of("organisations.RollImport", "file_name"),
    *of("organisations.RollImport", "rows report", shape="inside"),
    # Talents
    *of("talents.Review", "words", whose="person"),
    *of("talents.VolunteerNumber", "number", whose="person"),
    *of("talents.VolunteerRecord", "words", whose="person"),
    Secret("talents.HoursLine.title", "kept", "person", Q(title_en__startswith="canary"), "hers"),
    *of("talents.HoursProof", "name", whose="person"),
    *of("talents.HoursProof", "code", shape="kept", whose="person"),
    Secret("talents.Profile.about", "word", "person", Q(visibility="bodies"), "for bodies"),
    *of("talents.Profile", "attributes", shape="inside", whose="person"),
    *of("talents.Licence", "number", whose="person"),
    # Services
    *of("services.Feedback", "words", whose="person"),
    *of("services.Feedback", "once", shape="kept"),
    *of("services.HomeVisit", "alias words", whose="visited"),
    # Health, of the strictest class: the person and that mentor.
    *of("services.ReadingConsent", "witness kept_where", whose="person"),
    *of("services.Reading", "systolic diastolic pulse", shape="number", whose="person"),
    *of("services.CalendarKey", "name", shape="kept", whose="person"),
    *of("services.MentorTerms", "prefers", shape="inside", whose="person"),
    # Last, since others are found by it.
    Secret("foundation.Account.login", whose="person", only=Q(login="herself"), called="hers"),
]

CODES = "codes, ids and digests, which say nothing of a person by themselves"
NAMED = "what the town calls its own things, shown everywhere"
SALT = "the salt of a text that is itself public or whose digest nobody is given"
# By reason, then by table: its columns.
PUBLIC = {
    CODES: {
        "affairs.Ballot": "channel choices label",
        "affairs.Draft": "number",
        "affairs.MatterAudience": "key",
        "affairs.MatterCount": "state",
        "affairs.OfficialList": "report rows sha256",
        "affairs.Paper": "differs",
        "affairs.PaperEntry": "channel choices",
        "affairs.RollCorrection": "after before unit",
        "affairs.RollParty": "building",
        "affairs.RollUnit": "building holders kind status",
        "affairs.Ruling": "ballots counts",
        "affairs.TakingPart": "number",
        "affairs.VoteRecord": "full_sha256 open_file open_result open_sha256",
        "foundation.AccessLog": "kind subject why",
        "foundation.Account": "language",
        "foundation.Attendance": "role",
        "foundation.Case": "item kind place reason subject",
        "foundation.Complaint": "reason",
        "foundation.Consent": "purpose text_version",
        "foundation.Delivery": "channel problem",
        "foundation.Entry": "audience because channel detail digest kind lineage place subject verb",
        "foundation.ErasureRequest": "kept_because",
        "foundation.Follow": "kind subject",
        "foundation.Heartbeat": "worker",
        "foundation.InboxItem": "kind subject topic",
        "foundation.NumberSeries": "prefix",
        "foundation.OutboxEvent": "kind problem recipients subject topic",
        "foundation.PersonMerge": "because moves place",
        "foundation.PlaceVersion": "audience lineage place",
        "foundation.Preference": "channel kind",
        "foundation.RateCount": "key",
        "foundation.SearchAudience": "key",
        "foundation.SignUp": "role",
        "foundation.StoredFile": "audience media_type path sha256 thumbnail_path token",
        "foundation.WriteOnce": "body_digest key scope",
        "organisations.BodyApplication": "reasons uscc",
        "organisations.FormerHolder": "because",
        "organisations.FormerIncumbent": "because",
        "organisations.HandOver": "items",
        "organisations.HomeCode": "kind",
        "organisations.PartyMember": "declined_because",
        "organisations.ResidenceClaim": "match",
        "organisations.RollImport": "sha256",
        "services.MentorTerms": "never",
        "services.Regular": "role",
        "services.RotaPlace": "role why",
        "talents.Certificate": "number reason",
        "talents.HoursLine": "reason subject title_en",
        "talents.HoursProof": "digest",
        "talents.Licence": "kind",
        "talents.Listing": "category",
        "talents.Profile": "availability consent_how skills",
        "talents.Review": "reason",
        "talents.Student": "reasons",
    },
    NAMED: {
        "affairs.Category": "code en hint_en hint_zh icon notice_en notice_zh zh",
        "affairs.Motion": "code",
        "affairs.OfficialList": "url",
        "affairs.PainPoint": "result title",
        "affairs.Poll": "options question",
        "affairs.Question": "answer question",
        "affairs.Vote": "annulled_because buildings channel_precedence electronic fingerprint number official_sha256 official_url result",
        "foundation.Occasion": "audience capacities code kind reason run_by subject title title_en words",
        "foundation.Place": "accessibility code lineage name name_en number_prefix opening_hours phone region_code",
        "foundation.Regulation": "basis en key locality source_en source_zh unit value zh",
        "foundation.Series": "audience code kind run_by subject",
        "foundation.SeriesPlan": "capacities code exceptions extra rule title title_en",
        "foundation.Workday": "name_en name_zh",
        "organisations.Body": "code ended_because founded_on name name_en phone uscc",
        "organisations.BodyFact": "happened_on source text",
        "organisations.BodySeal": "name",
        "organisations.BodyText": "basis text title",
        "organisations.PartnerUnit": "name skills",
        "organisations.SealUse": "decision purpose",
        "organisations.Post": "duties ended_because seat title title_en",
        "organisations.LawWarning": "about finding",
        "organisations.Term": "filing_number",
        "organisations.Unit": "entrance name party_key room",
        "services.Service": "code filing_number kind licences name name_en says says_en",
        "talents.Course": "about about_en code title title_en",
    },
    "what is said of a public matter is for everybody; a hidden one is marked": {
        "affairs.Matter": "channel hidden_because limit_key",
    },
    "what is said on a public matter is for everybody; the rest is marked": {
        "affairs.MatterText": "hidden_because",
    },
    "the answer stands with the vote": {
        "affairs.Objection": "answer",
    },
    "the head of the journal, which is published": {
        "foundation.SealedHead": "root",
    },
    SALT: {
        "affairs.Objection": "answer_salt",
        "foundation.Occasion": "words_salt",
        "organisations.BodyFact": "salt",
        "organisations.BodyText": "salt",
        "organisations.HandOver": "note_salt",
        "organisations.SealUse": "salt",
        "services.Feedback": "words_salt",
        "services.Point": "salt",
        "talents.Licence": "number_salt",
        "talents.Profile": "about_salt",
        "talents.Review": "words_salt",
        "talents.VolunteerRecord": "words_salt",
    },
    "where a printed code leads; what it opens is crawled": {
        "affairs.PrintedLink": "path token",
    },
    "asked through the search page, which is crawled with every marker": {
        "foundation.SearchDocument": "kind subject tokens",
    },
    "public keys": {
        "foundation.SigningKey": "key_id",
        "talents.BadgeKey": "key_id",
    },
    "what is said at an open forum is published without who said it": {
        "services.Point": "text",
    },
    "the badge anybody may check": {
        "talents.CertificateTerm": "badge",
    },
}


def text_columns() -> set[str]:
    """`app.Model.column` of everything that holds words: no choices, no bytes, no numbers."""
    return {
        f"{model._meta.label}.{field.attname}"
        for model in apps.get_models()
        if model.__module__.startswith("doorstep.")
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
    }
