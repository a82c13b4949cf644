"""Finding. Whom a row is meant for is asked in the query itself: what a viewer may not know of is not found, not counted, not hinted at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Protocol

from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import in_force_with
from doorstep.foundation.search.models import SearchDocument
from doorstep.foundation.search.tokens import query_tokens

PAGE = 20
FEW = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its title as it is called or was said, what stands beside it, and its plate where it has a number. Names are in the
    page's language where they have one (`named`); what somebody said stays as it was said."""

    title: str
    url: str
    beside: str = ""
    number: str = ""


def named(zh: str, en: str) -> str:
    """A name in the page's language; the Chinese one where there is no English."""
    return en if en and (get_language() or "").startswith("en") else zh


def having(query: str, *columns: str) -> Q:
    """The filter for rows that have every word of the query in one of these columns, in whatever case."""
    found = Q()
    for word in query.split():
        found &= reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns))
    return found


class Describe(Protocol):
    """A mechanism words the documents of its kind for a viewer, all at once, in a fixed number of queries."""

    def __call__(self, subjects: list[str], viewer: Viewer) -> dict[str, Hit]: ...


LookUp = Callable[[Viewer, str, int], list[Hit]]


@dataclass(frozen=True, slots=True)
class Kind:
    name: Promise
    describe: Describe


_kinds: dict[str, Kind] = {}
_registers: dict[str, tuple[Promise, LookUp]] = {}


def register_search_kind(kind: str, *, name: Promise, describe: Describe) -> None:
    """A kind whose documents are indexed by the actions that write them."""
    _kinds[kind] = Kind(name, describe)


def register_search_register(kind: str, *, name: Promise, look_up: LookUp) -> None:
    """A small public register (places, bodies, regulations) that answers a query itself: (viewer, query, how many) → hits."""
    _registers[kind] = (name, look_up)


@dataclass(frozen=True, slots=True)
class Found:
    """`registers`: a few of each small register, by name; `documents`: indexed things, newest first; `before`: where the next page goes on."""

    registers: list[tuple[Promise, list[Hit]]]
    documents: list[Hit]
    before: int | None


def find(viewer: Viewer, query: str, *, before: int | None = None, size: int = PAGE) -> Found:
    """Everything the viewer may know of that has all the words of the query."""
    if not query_tokens(query):
        return Found([], [], None)
    rows = matching(viewer, query, before=before, size=size + 1)
    page = rows[:size]
    described: dict[tuple[str, str], Hit] = {}
    for kind in {document.kind for document in page}:
        subjects = [document.subject for document in page if document.kind == kind]
        described |= {(kind, subject): hit for subject, hit in _kinds[kind].describe(subjects, viewer).items()}
    registers = []
    if before is None:
        registers = [(name, hits) for name, look_up in _registers.values() if (hits := look_up(viewer, query, FEW))]
    return Found(
        registers,
        [described[key] for document in page if (key := (document.kind, document.subject)) in described],
        page[-1].pk if len(rows) > size else None,
    )


def matching(viewer: Viewer, query: str, *, before: int | None, size: int) -> list[SearchDocument]:
    """The newest documents with every token of the query that are public or meant for one of the viewer's keys. One query."""
    tokens = query_tokens(query)
    parameters: list[object]
    if connection.vendor == "postgresql":
        source = "foundation_searchdocument d"
        matches, parameters = "d.vector @@ %s::tsquery", [" & ".join(f"'{token}'" for token in tokens)]
    else:
        # CROSS JOIN keeps the order: the index gives its rows newest first by itself, and twenty are soon found.
        source = "foundation_searchindex CROSS JOIN foundation_searchdocument d ON d.id = foundation_searchindex.rowid"
        matches, parameters = "foundation_searchindex MATCH %s", [" AND ".join(f'"{token}"' for token in tokens)]
    key = "d.id" if connection.vendor == "postgresql" else "foundation_searchindex.rowid"
    seen = "d.is_public"
    if viewer.signed_in:
        keys = sorted(viewer.keys)
        places = ", ".join(["%s"] * len(keys))
        seen = f"(d.is_public OR EXISTS (SELECT 1 FROM foundation_searchaudience a WHERE a.document_id = d.id AND a.key IN ({places})))"
        parameters.extend(keys)
    older = ""
    if before is not None:
        older = f"AND {key} < %s"
        parameters.append(before)
    parameters.append(size)
    # Every %s is a parameter; what is put into the text is ours.
    sql = f"SELECT d.id, d.kind, d.subject FROM {source} WHERE {matches} AND {seen} {older} ORDER BY {key} DESC LIMIT %s"
    return list(SearchDocument.objects.raw(sql, parameters))


def documents_count() -> int:
    """How many public things are indexed, for the metrics, which anybody may read."""
    return SearchDocument.objects.filter(is_public=True).count()


# The registers of the foundation itself


def find_places(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """Open places whose name has every word of the query."""
    chosen = Place.objects.filter(having(query, "name", "name_en"), closed_on=None)
    return [
        Hit(named(place.name, place.name_en), f"/p/{place.code}/", place.get_kind_display()) for place in chosen.order_by("lineage")[:size]
    ]


def find_regulations(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """Regulations in force whose sentence or source has every word of the query."""
    return [
        Hit(named(found.zh, found.en), f"/regulations/#{found.anchor}", named(found.source_zh, found.source_en))
        for found in in_force_with(query, clock.today())[:size]
    ]


register_search_register("place", name=_("地方"), look_up=find_places)
register_search_register("regulation", name=_("规则"), look_up=find_regulations)
