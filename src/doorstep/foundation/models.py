"""The tables of the foundation's rooms, gathered for Django: the foundation is one app with one history of migrations (ADR 0002)."""

from doorstep.foundation.access.models import AccessLog, RateCount
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.identity.models import (
    Account,
    Attempt,
    Consent,
    Death,
    Erasure,
    ErasureRequest,
    Mandate,
    OneTimeCode,
    Person,
    PersonMerge,
    Session,
    Token,
)
from doorstep.foundation.journal.models import (
    Entry,
    NumberSeries,
    PlaceVersion,
    SealedHead,
    SealedLeaf,
    SealedNode,
    SigningKey,
    UnsealedEntry,
    WriteOnce,
)
from doorstep.foundation.moderation.models import Case, Complaint
from doorstep.foundation.notify.models import Delivery, Follow, Heartbeat, InboxItem, MailAddress, OutboxEvent, Preference
from doorstep.foundation.occasions.models import Attendance, Occasion, Series, SeriesPlan, SignUp
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.models import Regulation, Workday
from doorstep.foundation.search.models import SearchAudience, SearchDocument

__all__ = [
    "AccessLog",
    "Account",
    "Attempt",
    "Attendance",
    "Case",
    "Complaint",
    "Consent",
    "Death",
    "Delivery",
    "Entry",
    "Erasure",
    "ErasureRequest",
    "Follow",
    "Heartbeat",
    "InboxItem",
    "MailAddress",
    "Mandate",
    "NumberSeries",
    "Occasion",
    "OneTimeCode",
    "OutboxEvent",
    "Person",
    "PersonMerge",
    "Place",
    "PlaceVersion",
    "Preference",
    "RateCount",
    "Regulation",
    "SealedHead",
    "SealedLeaf",
    "SealedNode",
    "SearchAudience",
    "SearchDocument",
    "Series",
    "SeriesPlan",
    "Session",
    "SignUp",
    "SigningKey",
    "StoredFile",
    "Token",
    "UnsealedEntry",
    "Workday",
    "WriteOnce",
]
