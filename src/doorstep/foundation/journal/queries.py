"""What others may read of the journal: a subject's timeline as a viewer may see it, and the version of a place's pages."""

from collections.abc import Iterable

from django.db.models import Q, Sum

from doorstep.foundation.access.viewer import PUBLIC
from doorstep.foundation.journal.models import Entry, PlaceVersion


def timeline(*, kind: str, subject: str, audiences: Iterable[str]) -> list[Entry]:
    """Entries of one subject in the order they were written, for these audience keys."""
    return list(Entry.objects.filter(kind=kind, subject=subject, audience__in=set(audiences)).order_by("id"))


def page_version(*, lineage: str, audience: str = PUBLIC) -> int:
    """How often anything changed at or below a place for an audience. One query; the sum moves when a late transaction commits."""
    below = Q(lineage=lineage) | Q(lineage__startswith=f"{lineage}/")
    return int(PlaceVersion.objects.filter(below, audience=audience).aggregate(total=Sum("version"))["total"] or 0)
