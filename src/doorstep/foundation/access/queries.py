"""What a person may read of the access log: who read what is theirs."""

from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.viewer import Viewer


def reads_about(viewer: Viewer, *, before: int | None = None, size: int = 30) -> tuple[list[AccessLog], int | None]:
    """Reads of the viewer's own restricted data by others, the newest first, and the cursor of the next page."""
    chosen = AccessLog.objects.filter(about_person_id=viewer.own_id)
    if before is not None:
        chosen = chosen.filter(id__lt=before)
    found = list(chosen.order_by("-id")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
