from django.db.models import Count

from doorstep.foundation.access.viewer import PUBLIC, Viewer, may_see
from doorstep.foundation.files.models import StoredFile


def file_for(viewer: Viewer, token: str) -> StoredFile | None:
    """The file of this token if the viewer may open it; None otherwise, without saying which."""
    file = StoredFile.objects.filter(token=token).first()
    return file if file is not None and may_see(viewer, file.audience) else None


def files_kept() -> dict[str, int]:
    """How many public files are kept of each type, for the metrics, which anybody may read."""
    return dict(StoredFile.objects.filter(audience=PUBLIC).values_list("media_type").annotate(n=Count("id")))
