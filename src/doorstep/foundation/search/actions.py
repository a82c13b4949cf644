"""Keeping what is found in step with what is there. Called by the actions of a mechanism, in their transaction."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.db import connection

from doorstep.foundation.access.viewer import PUBLIC
from doorstep.foundation.journal.actions import writing
from doorstep.foundation.search.models import SearchAudience, SearchDocument
from doorstep.foundation.search.tokens import document_tokens


@dataclass(frozen=True, slots=True)
class Text:
    """What a thing is found by, and by whom: `audience` are audience keys, or just PUBLIC."""

    subject: str
    texts: tuple[str, ...]
    audience: Collection[str]


Rebuild = Callable[[], Iterable[Text]]

_rebuilds: dict[str, Rebuild] = {}


def register_search_rebuild(kind: str, rebuild: Rebuild) -> None:
    """Every document of a kind anew, oldest first: for a town that had things before it had an index."""
    _rebuilds[kind] = rebuild


def index_document(*, kind: str, text: Text, is_new: bool = False) -> None:
    """Let a thing be found by its texts from the commit of this transaction on; its earlier texts no longer find it. `is_new`: it has none."""
    is_public = PUBLIC in text.audience
    with writing(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_searchdocument (kind, subject, is_public, tokens) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (kind, subject) DO UPDATE SET is_public = excluded.is_public, tokens = excluded.tokens RETURNING id",
            [kind, text.subject, is_public, " ".join(document_tokens(*text.texts))],
        )
        document_id = cursor.fetchone()[0]
        if not is_new:
            cursor.execute("DELETE FROM foundation_searchaudience WHERE document_id = %s", [document_id])
        if not is_public:
            SearchAudience.objects.bulk_create(SearchAudience(document_id=document_id, key=key) for key in sorted(set(text.audience)))


def forget_document(*, kind: str, subject: str) -> None:
    """Let a thing be found no more."""
    with writing():
        SearchDocument.objects.filter(kind=kind, subject=subject).delete()


def scrub_index() -> None:
    """Let nothing of earlier texts linger in the index: SQLite's keeps what was taken out until its parts are merged."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO foundation_searchindex (foundation_searchindex) VALUES ('optimize')")


def build_first_index() -> int:
    """Make the index of a town that has none yet: one that was brought up to date from an earlier day; how many documents."""
    return 0 if SearchDocument.objects.exists() else rebuild_index()


def rebuild_index() -> int:
    """Make every document anew from what is there; how many. Newest first is then the order the mechanisms give them in."""
    count = 0
    with writing():
        SearchDocument.objects.all().delete()
        for kind, rebuild in sorted(_rebuilds.items()):
            for text in rebuild():
                index_document(kind=kind, text=text)
                count += 1
    return count
