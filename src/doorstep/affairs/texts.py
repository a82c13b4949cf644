"""Public texts and photos of matters as moderation meets them. Item "0" is what was raised, with its photos and where it is; the ids of later
texts are others; "p<id>" is one photo alone."""

from collections.abc import Sequence

from doorstep.affairs.models import Matter, MatterPhoto, MatterText
from doorstep.affairs.permissions import roles_in
from doorstep.affairs.queries import matter_for
from doorstep.affairs.search import index_matter
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.files.actions import give_in_turn
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.moderation.permissions import may_moderate
from doorstep.foundation.moderation.texts import SaidText

OPENING = "0"
HIDDEN_TITLE = "这件事的文字不公开"


def hidden_from(subject: str, item: str) -> str:
    """The audience key of the files of a hidden text."""
    return f"hidden:{subject}/{item}"


def may_see_hidden(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `hidden:<number>/<item>`: who has a part in the matter, who wrote it, and moderators."""
    number, _slash, item = key.partition(":")[2].partition("/")
    matter = matter_for(viewer, number)
    if matter is None:
        return False
    return bool(roles_in(viewer, matter)) or may_moderate(viewer) or (viewer.signed_in and viewer.person_id == _author(matter, item))


def _number(item: str) -> int:
    """The id in an item's name; 0, which no row has, where there is none."""
    return int(item) if item.isdecimal() and len(item) <= 17 else 0


def _photos(subject: str, item: str) -> list[MatterPhoto]:
    """The photos of a text, or the one photo that an item names."""
    of = MatterPhoto.objects.filter(matter__number=subject).select_related("file", "text").order_by("position", "id")
    if item == OPENING:
        return list(of.filter(text=None))
    pk = _number(item.removeprefix("p"))
    return list(of.filter(pk=pk) if item.startswith("p") else of.filter(text_id=pk))


def _author(matter: Matter, item: str) -> int | None:
    if item == OPENING:
        return matter.entered_by_id
    pk = _number(item.removeprefix("p"))
    if item.startswith("p"):
        photo = MatterPhoto.objects.select_related("text").filter(pk=pk, matter=matter).first()
        return (photo.text.author_id if photo.text else matter.entered_by_id) if photo else None
    said = MatterText.objects.filter(pk=pk, matter=matter).first()
    return said.author_id if said else None


class MatterTexts:
    """Hidden words leave the tables of affairs altogether, so that no list, search or interface can show them; hidden files leave the public."""

    def find(self, viewer: Viewer, subject: str, item: str) -> SaidText | None:
        matter = matter_for(viewer, subject)
        if matter is None or not matter.is_public:
            return None
        url = f"/m/{matter.number}"
        if item == OPENING:
            if matter.hidden_because:
                return None
            return SaidText(_opening(matter.text, matter.spot), matter.entered_by_id, matter.place, url, self.files_of(subject, item))
        if item.startswith("p"):
            files = [photo.file for photo in _photos(subject, item) if photo.file.audience == PUBLIC]
            return SaidText("", _author(matter, item), matter.place, url, files) if files else None
        said = MatterText.objects.filter(pk=_number(item), matter=matter, hidden_because="").exclude(kind=MatterText.Kind.NOTE).first()
        return SaidText(said.text, said.author_id, matter.place, url, self.files_of(subject, item)) if said is not None else None

    def words_of(self, texts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        opening = Matter.objects.filter(number__in=[subject for subject, item in texts if item == OPENING])
        later = MatterText.objects.filter(pk__in=[int(item) for _subject, item in texts if item != OPENING and item.isdecimal()])
        said = {(number, OPENING): _opening(text, spot) for number, text, spot in opening.values_list("number", "text", "spot")}
        return said | {(number, str(pk)): text for number, pk, text in later.values_list("matter__number", "pk", "text")}

    def files_of(self, subject: str, item: str) -> Sequence[StoredFile]:
        return [photo.file for photo in _photos(subject, item)]

    def hide(self, subject: str, item: str, reason: str) -> dict[str, str]:
        matter = Matter.objects.select_for_update().get(number=subject)
        give_in_turn(self.files_of(subject, item), before=PUBLIC, after=hidden_from(subject, item))
        if item.startswith("p"):
            return {}
        if item == OPENING:
            original = {"title": matter.title, "text": matter.text, "spot": matter.spot}
            matter.title, matter.text, matter.spot, matter.hidden_because = HIDDEN_TITLE, "", "", reason
            matter.save(update_fields=["title", "text", "spot", "hidden_because"])
        else:
            said = MatterText.objects.get(pk=int(item), matter=matter)
            original = {"text": said.text}
            said.text, said.hidden_because = "", reason
            said.save(update_fields=["text", "hidden_because"])
        index_matter(matter)
        return original

    def show(self, subject: str, item: str, original: dict[str, str]) -> None:
        matter = Matter.objects.select_for_update().get(number=subject)
        give_in_turn(self.files_of(subject, item), before=hidden_from(subject, item), after=PUBLIC)
        if item.startswith("p"):
            return
        if item == OPENING:
            # What was hidden before the place in it was kept with the words has none to put back.
            matter.title, matter.text, matter.spot = original["title"], original["text"], original.get("spot", matter.spot)
            matter.hidden_because = ""
            matter.save(update_fields=["title", "text", "spot", "hidden_because"])
        else:
            MatterText.objects.filter(pk=int(item), matter=matter).update(text=original["text"], hidden_because="")
        index_matter(matter)


def _opening(text: str, spot: str) -> str:
    return f"{text}\n{spot}" if spot else text
