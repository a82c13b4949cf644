"""Public texts of matters as moderation meets them. Item "0" is what was raised; others are the ids of later texts."""

from collections.abc import Sequence

from doorstep.affairs.models import Matter, MatterText
from doorstep.affairs.queries import matter_for
from doorstep.affairs.search import index_matter
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.moderation.texts import SaidText

OPENING = "0"
HIDDEN_TITLE = "这件事的文字不公开"


class MatterTexts:
    """Hidden words leave the tables of affairs altogether, so that no list, search or interface can show them."""

    def find(self, viewer: Viewer, subject: str, item: str) -> SaidText | None:
        matter = matter_for(viewer, subject)
        if matter is None or not matter.is_public:
            return None
        url = f"/m/{matter.number}"
        if item == OPENING:
            return SaidText(matter.text, matter.entered_by_id, matter.place, url) if not matter.hidden_because else None
        if not item.isdecimal() or len(item) > 17:
            return None
        said = MatterText.objects.filter(pk=int(item), matter=matter, hidden_because="").exclude(kind=MatterText.Kind.NOTE).first()
        return SaidText(said.text, said.author_id, matter.place, url) if said is not None else None

    def words_of(self, texts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        opening = Matter.objects.filter(number__in=[subject for subject, item in texts if item == OPENING]).values_list("number", "text")
        later = MatterText.objects.filter(pk__in=[int(item) for _subject, item in texts if item != OPENING])
        said = {(number, OPENING): text for number, text in opening}
        return said | {(number, str(pk)): text for number, pk, text in later.values_list("matter__number", "pk", "text")}

    def hide(self, subject: str, item: str, reason: str) -> dict[str, str]:
        matter = Matter.objects.select_for_update().get(number=subject)
        if item == OPENING:
            original = {"title": matter.title, "text": matter.text}
            matter.title, matter.text, matter.hidden_because = HIDDEN_TITLE, "", reason
            matter.save(update_fields=["title", "text", "hidden_because"])
        else:
            said = MatterText.objects.get(pk=int(item), matter=matter)
            original = {"text": said.text}
            said.text, said.hidden_because = "", reason
            said.save(update_fields=["text", "hidden_because"])
        index_matter(matter)
        return original

    def show(self, subject: str, item: str, original: dict[str, str]) -> None:
        matter = Matter.objects.select_for_update().get(number=subject)
        if item == OPENING:
            matter.title, matter.text, matter.hidden_because = original["title"], original["text"], ""
            matter.save(update_fields=["title", "text", "hidden_because"])
        else:
            MatterText.objects.filter(pk=int(item), matter=matter).update(text=original["text"], hidden_because="")
        index_matter(matter)
