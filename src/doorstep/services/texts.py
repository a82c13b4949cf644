"""What was said at a forum and became a public matter, as moderation meets it: the subject is the session, the item the point."""

from collections.abc import Sequence

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.moderation.texts import SaidText
from doorstep.services.models import Point


class PointTexts:
    def find(self, viewer: Viewer, subject: str, item: str) -> SaidText | None:
        point = _of(subject, item)
        # The words are public with the matter they became, and out of sight with it.
        if point is None or not point.text or point.matter is None or not point.matter.is_public or point.matter.hidden_because:
            return None
        return SaidText(point.text, point.speaker_id or point.written_by_id, point.occasion.place, f"/sessions/{subject}")

    def words_of(self, texts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        points = Point.objects.filter(pk__in=[int(item) for _subject, item in texts])
        return {(code, str(pk)): text for code, pk, text in points.values_list("occasion__code", "pk", "text")}

    def files_of(self, subject: str, item: str) -> Sequence[StoredFile]:
        return ()

    def hide(self, subject: str, item: str, reason: str) -> dict[str, str]:
        point = Point.objects.select_for_update().get(pk=int(item), occasion__code=subject)
        original = {"text": point.text}
        point.text = ""
        point.save(update_fields=["text"])
        return original

    def show(self, subject: str, item: str, original: dict[str, str]) -> None:
        Point.objects.filter(pk=int(item), occasion__code=subject).update(text=original["text"])


def _of(subject: str, item: str) -> Point | None:
    if not item.isdecimal() or len(item) > 17:
        return None
    return Point.objects.select_related("matter", "occasion__place").filter(pk=int(item), occasion__code=subject).first()
