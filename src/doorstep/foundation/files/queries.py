from collections.abc import Callable
from datetime import timedelta

from django.db.models import Count

from doorstep.foundation.access.queries import has_just_read
from doorstep.foundation.access.viewer import PUBLIC, Read, Viewer, may_see
from doorstep.foundation.files.models import StoredFile

# A page and the photos on it are one opening.
ONE_OPENING = timedelta(minutes=1)

FileReader = Callable[[str], Read | None]
_readers: dict[str, FileReader] = {}


def register_file_reader(prefix: str, reader: FileReader) -> None:
    """For files with an audience key of this kind (`matter:HL-…`): what is read, of whom and why, when somebody opens one; called in AppConfig.ready."""
    _readers[prefix] = reader


def file_for(viewer: Viewer, token: str) -> StoredFile | None:
    """The file of this token if the viewer may open it; None otherwise, without saying which. One that is not public is noted as a read of
    whoever it concerns, unless the viewer uploaded it."""
    file = StoredFile.objects.filter(token=token).first()
    if file is None or not may_see(viewer, file.audience):
        return None
    if file.audience != PUBLIC and not viewer.is_me(file.uploaded_by_id):
        _note_read(viewer, file)
    return file


def _note_read(viewer: Viewer, file: StoredFile) -> None:
    reader = _readers.get(file.audience.partition(":")[0])
    read = (reader(file.audience) if reader is not None else None) or Read("file", str(file.pk), file.uploaded_by_id, why="file")
    if not has_just_read(viewer, read, within=ONE_OPENING):
        viewer.note_read(kind=read.kind, subject=read.subject, about_person_id=read.about_person_id, why=read.why)


def files_kept() -> dict[str, int]:
    """How many public files are kept of each type, for the metrics, which anybody may read."""
    return dict(StoredFile.objects.filter(audience=PUBLIC).values_list("media_type").annotate(n=Count("id")))
