"""Who asks to be registered, for those who decide and for who asked."""

from django.db.models import Q

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Death, PersonMerge
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import BodyApplication, ResidenceClaim
from doorstep.organisations.permissions import REGISTRARS, may_see_application, works_for

PAGE = 30


def application_for(viewer: Viewer, application_id: int) -> BodyApplication | None:
    """The application if the viewer asked or decides; a decider's look at it is noted."""
    found = BodyApplication.objects.select_related("place", "person", "body", "decided_by__body").filter(pk=application_id).first()
    if found is None or not may_see_application(viewer, found):
        return None
    viewer.note_read(kind="application", subject=str(found.pk), about_person_id=found.person_id, why="handling")
    return found


def may_see_key(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `application:<id>`."""
    value = key.partition(":")[2]
    found = BodyApplication.objects.select_related("place").filter(pk=int(value)).first() if value.isdecimal() else None
    return found is not None and may_see_application(viewer, found)


def _decided_by(viewer: Viewer) -> Q | None:
    """Where the viewer decides; None for who decides nowhere."""
    lineages = {post.lineage for post in viewer.posts if post.body_kind in REGISTRARS and works_for(viewer, post.body_id)}
    if not lineages:
        return None
    near = Q()
    for lineage in lineages:
        near |= Q(place__lineage=lineage) | Q(place__lineage__startswith=f"{lineage}/")
    return near


def waiting_count(viewer: Viewer) -> int:
    """How many applications wait for this viewer."""
    near = _decided_by(viewer)
    return BodyApplication.objects.filter(near, state="waiting").count() if near is not None else 0


def applications_for(viewer: Viewer, *, waiting: bool = True, before: int | None = None) -> tuple[list[BodyApplication], int | None]:
    """The applications a viewer decides, the newest first, and the cursor of the next page. One query."""
    near = _decided_by(viewer)
    if near is None:
        return [], None
    chosen = BodyApplication.objects.filter(near).select_related("place", "body")
    chosen = chosen.filter(state="waiting") if waiting else chosen.exclude(state="waiting")
    if before is not None:
        chosen = chosen.filter(pk__lt=before)
    found = list(chosen.order_by("-id")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def registered_here(viewer: Viewer, place: Place) -> BodyApplication | None:
    """The viewer's running registration as a worker at this place or above it. No query for who has none."""
    codes = [code for code in place.codes if f"registered:{code}" in viewer.keys]
    if not codes:
        return None
    running = BodyApplication.objects.filter(
        person_id=viewer.own_id, kind=BodyApplication.Kind.WORKER, state="accepted", place__code__in=codes
    )
    return running.select_related("place").order_by("-place__lineage", "id").first()


def own_applications(viewer: Viewer) -> list[BodyApplication]:
    return list(BodyApplication.objects.filter(person_id=viewer.own_id).select_related("place", "body").order_by("-id"))


def organisations_state() -> dict[str, int]:
    """How many claims and applications wait for somebody to decide, for the metrics; also the kinds with none."""
    return {
        "residence_claim": ResidenceClaim.objects.filter(decision="").count(),
        "body_application": BodyApplication.objects.filter(state=BodyApplication.State.WAITING).count(),
        "merge": PersonMerge.objects.filter(confirmed_at=None, refused_at=None).count(),
        "death": Death.objects.filter(confirmed_at=None).count(),
    }
