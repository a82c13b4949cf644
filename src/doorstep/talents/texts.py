"""What people of the register say of themselves in public, as moderation meets it. An item is one version of the words."""

from collections.abc import Sequence

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.moderation.queries import hidden_words
from doorstep.foundation.moderation.texts import Reason, SaidText, reasons
from doorstep.talents.models import Profile

ITEM = 16


def item_of(profile: Profile) -> str:
    """The name of what this profile says now: new words are a new text."""
    return profile.about_salt[:ITEM]


def is_published(profile: Profile) -> bool:
    return bool(profile.about) and profile.may_be_asked and profile.visibility == Profile.Visibility.PUBLIC


def hidden_reason(profile: Profile | None) -> Reason | None:
    """Why the words of one's own profile are out of sight; None where they are not. One query where there are none to show."""
    if profile is None or profile.about or not profile.about_salt:
        return None
    case = hidden_words("profile", str(profile.pk)).get(item_of(profile))
    return reasons()[case.reason] if case is not None else None


class ProfileTexts:
    def find(self, viewer: Viewer, subject: str, item: str) -> SaidText | None:
        profile = _of(subject, item)
        if profile is None or not is_published(profile):
            return None
        return SaidText(profile.about, profile.person_id, profile.place, "/talents/register/")

    def words_of(self, texts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        profiles = Profile.objects.filter(pk__in=[int(subject) for subject, _item in texts])
        return {(str(profile.pk), item_of(profile)): profile.about for profile in profiles}

    def files_of(self, subject: str, item: str) -> Sequence[StoredFile]:
        return ()

    def hide(self, subject: str, item: str, reason: str) -> dict[str, str]:
        profile = _of(subject, item)
        if profile is None:
            # They wrote it anew meanwhile: these words are nowhere any more.
            return {"text": ""}
        Profile.objects.filter(pk=profile.pk).update(about="")
        return {"text": profile.about}

    def show(self, subject: str, item: str, original: dict[str, str]) -> None:
        profile = _of(subject, item)
        if profile is not None and not profile.about:
            Profile.objects.filter(pk=profile.pk).update(about=original["text"])


def _of(subject: str, item: str) -> Profile | None:
    if not (subject.isdecimal() and len(subject) <= 17 and item):
        return None
    found = Profile.objects.select_related("place").filter(pk=int(subject)).first()
    return found if found is not None and item_of(found) == item else None
