"""Texts in force and seals of a body: public."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.search.queries import Hit, having, named
from doorstep.organisations.data.codes import STANDING
from doorstep.organisations.models import Body, BodySeal, BodyText, SealUse

LATEST_USES = 20


def texts_in_force(body: Body) -> list[BodyText]:
    """Of promises and appeals all, of everything else the newest version; by kind, the newest first. One query."""
    order = list(BodyText.Kind.values)
    found: list[BodyText] = []
    seen: set[str] = set()
    for text in BodyText.objects.filter(body=body).select_related("post").order_by("-version"):
        if text.kind in STANDING or text.kind not in seen:
            found.append(text)
        seen.add(text.kind)
    return sorted(found, key=lambda text: (order.index(text.kind), -text.version))


def find_texts(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """Texts in force of bodies there are, whose title or words have every word of the query, the newest first. One query."""
    later = BodyText.objects.filter(body=OuterRef("body"), kind=OuterRef("kind"), version__gt=OuterRef("version"))
    chosen = BodyText.objects.filter(having(query, "title", "text"), body__ended_on=None).filter(Q(kind__in=STANDING) | ~Exists(later))
    return [
        Hit(
            text.title,
            f"/organisations/{text.body.code}/texts/{text.kind}/{text.version}",
            f"{named(text.body.name, text.body.name_en)} · {text.get_kind_display()}",
        )
        for text in chosen.select_related("body").order_by("-id")[:size]
    ]


def versions_of(body: Body, kind: str) -> list[BodyText]:
    """Every version of a text, the newest first."""
    return list(BodyText.objects.filter(body=body, kind=kind).select_related("post").order_by("-version"))


def seals_of(body: Body) -> list[tuple[BodySeal, list[SealUse]]]:
    """The seals of a body and the latest times each was used. Two queries."""
    seals = list(BodySeal.objects.filter(body=body).select_related("kept_by__person").order_by("id"))
    return [(seal, uses) for seal, uses in zip(seals, _uses(seals), strict=True)]


def _uses(seals: Sequence[BodySeal]) -> list[list[SealUse]]:
    by_seal: dict[int, list[SealUse]] = {}
    for use in SealUse.objects.filter(seal__in=seals).select_related("post").order_by("-used_on", "-id"):
        kept = by_seal.setdefault(use.seal_id, [])
        if len(kept) < LATEST_USES:
            kept.append(use)
    return [by_seal.get(seal.pk, []) for seal in seals]
