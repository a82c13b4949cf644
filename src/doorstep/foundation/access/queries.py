"""What a person may read of the access log: who read what is theirs."""

from datetime import timedelta

from doorstep.foundation import clock
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.viewer import Read, Viewer


def has_just_read(viewer: Viewer, read: Read, *, within: timedelta) -> bool:
    """Whether the log says of this viewer the same read within so short a time."""
    same = AccessLog.objects.filter(kind=read.kind, subject=read.subject, about_person_id=read.about_person_id, why=read.why)
    return same.filter(person_id=viewer.person_id, at__gt=clock.now() - within).exists()


def reads_about(viewer: Viewer, *, before: int | None = None, size: int = 30) -> tuple[list[AccessLog], int | None]:
    """Reads of the viewer's own restricted data by others, the newest first, and the cursor of the next page."""
    chosen = AccessLog.objects.filter(about_person_id=viewer.own_id)
    if before is not None:
        chosen = chosen.filter(id__lt=before)
    found = list(chosen.order_by("-id")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def reads_noted(*, within: timedelta) -> int:
    """How many reads of restricted data were noted lately, for the metrics."""
    return AccessLog.objects.filter(at__gt=clock.now() - within).count()
