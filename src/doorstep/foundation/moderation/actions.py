"""Objecting to a text, holding one back, hiding it or letting it stand, and the author's appeal. The original is never lost."""

from django.core.exceptions import PermissionDenied

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.lifecycle import Erasing
from doorstep.foundation.journal.actions import SYSTEM, Actor, actor_of, record, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.moderation.models import Case, Complaint
from doorstep.foundation.moderation.permissions import is_author, may_decide
from doorstep.foundation.moderation.rules.screening import reason_to_hold
from doorstep.foundation.moderation.rules.states import OUT_OF_SIGHT, State, Verb, after
from doorstep.foundation.moderation.texts import owner_of, reasons, word_lists
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place

MODERATORS = "moderators:town"
LONGEST_NOTE = 500
LONGEST_APPEAL = 1000
UNDECIDED = ("open", "held", "hidden", "appealed")


class NoSuchText(Exception):
    """No public text of this name that the viewer may see."""


class UnknownReason(Exception):
    """Not a code of the list of reasons."""


class NothingSaid(Exception):
    """An appeal says why."""


class NotAllowed(PermissionDenied):
    """The viewer knows of the case but may not do this."""


def complain(*, viewer: Viewer, kind: str, subject: str, item: str, reason: str, note: str = "") -> Case:
    """Say that a text is not all right. The same text has one case, however many object; one person counts once."""
    if reason not in reasons():
        raise UnknownReason(reason)
    owner = owner_of(kind)
    text = owner.find(viewer, subject, item) if owner is not None else None
    if text is None:
        raise NoSuchText(kind, subject, item)
    now = clock.now()
    with writing():
        case, made = Case.objects.get_or_create(
            kind=kind,
            subject=subject,
            item=item,
            state__in=UNDECIDED,
            defaults={"state": State.OPEN, "place": text.place.code, "author_id": text.author_id, "reason": reason, "opened_at": now},
        )
        if Complaint.objects.filter(case=case, person_id=viewer.own_id).exists():
            return case
        Complaint.objects.create(case=case, person_id=viewer.person_id, reason=reason, note=note.strip()[:LONGEST_NOTE], made_at=now)
        entry = _record("complain", case, text.place, actor_of(viewer), because=reason)
        if made:
            tell(entry=entry, to=[MODERATORS])
    return case


def hold_if_listed(*, kind: str, subject: str, item: str, words: str, author_id: int | None, place: Place) -> bool:
    """Hold a public text back when a word list finds something in it, in the transaction that wrote it; whether it did.

    The author and those who work on it see it all the same: nothing is dropped.
    """
    reason = reason_to_hold(words, word_lists())
    owner = owner_of(kind)
    if not reason or owner is None or Case.objects.filter(kind=kind, subject=subject, item=item).exists():
        # What has been looked at already, or waits for it, is not held a second time.
        return False
    with writing():
        case = Case.objects.create(
            kind=kind,
            subject=subject,
            item=item,
            place=place.code,
            author_id=author_id,
            state=State.HELD,
            reason=reason,
            opened_at=clock.now(),
            original=owner.hide(subject, item, reason),
        )
        entry = _record("hold", case, place, SYSTEM, because=reason)
        tell(entry=entry, to=[MODERATORS, *([f"person:{author_id}"] if author_id is not None else [])])
    return True


def decide(*, viewer: Viewer, case: Case, hide: bool, reason: str = "") -> Case:
    """Hide the text with a reason, or let it stand. Whoever objected and whoever wrote it are told."""
    if hide and reason not in reasons():
        raise UnknownReason(reason)
    if not may_decide(viewer, case):
        raise NotAllowed
    owner = owner_of(case.kind)
    if owner is None:
        raise NoSuchText(case.kind)
    with writing():
        case = Case.objects.select_for_update().get(pk=case.pk)
        before = case.state
        case.state = after(before, Verb.HIDE if hide else Verb.SHOW)
        if hide and before not in OUT_OF_SIGHT:
            case.original = owner.hide(case.subject, case.item, reason)
        elif not hide and before in OUT_OF_SIGHT:
            owner.show(case.subject, case.item, case.original)
            case.original = {}
        if hide:
            case.reason = reason
        case.decided_at, case.decided_by_id = clock.now(), viewer.person_id
        case.save()
        place = Place.objects.get(code=case.place)
        entry = _record("hide" if hide else "show", case, place, actor_of(viewer, post=viewer.acting_post), because=case.reason)
        concerned = {case.author_id, *Complaint.objects.filter(case=case).values_list("person_id", flat=True)} - {None}
        tell(entry=entry, to=[f"person:{person_id}" for person_id in concerned])
    return case


def appeal(*, viewer: Viewer, case: Case, text: str) -> Case:
    """The author does not agree with a hidden text: it is looked at again."""
    text = text.replace("\x00", "").strip()[:LONGEST_APPEAL]
    if not text:
        raise NothingSaid
    if not is_author(viewer, case):
        raise NotAllowed
    with writing():
        case = Case.objects.select_for_update().get(pk=case.pk)
        case.state = after(case.state, Verb.APPEAL)
        case.appeal, case.appealed_at = text, clock.now()
        case.save()
        entry = _record("appeal", case, Place.objects.get(code=case.place), actor_of(viewer))
        tell(entry=entry, to=[MODERATORS])
    return case


def forget_original(*, kind: str, subject: str, item: str | None = None) -> None:
    """Empty what a hidden text said, or every one of the subject: its author was erased. Let stand or not, there is nothing left to show."""
    cases = Case.objects.filter(kind=kind, subject=subject)
    for case in (cases if item is None else cases.filter(item=item)).exclude(original={}):
        case.original = dict.fromkeys(case.original, "")
        case.save(update_fields=["original"])


def blot_out(*, kind: str, subject: str, erasing: Erasing) -> None:
    """Take the words that name an erased person out of what others objected, appealed and said about this subject."""
    for case in Case.objects.filter(kind=kind, subject=subject):
        case.original = {name: erasing.blotted(text) for name, text in case.original.items()}
        case.appeal = erasing.blotted(case.appeal)
        case.save(update_fields=["original", "appeal"])
        for complaint in Complaint.objects.filter(case=case).exclude(note=""):
            Complaint.objects.filter(pk=complaint.pk).update(note=erasing.blotted(complaint.note))


def _record(verb: str, case: Case, place: Place, by: Actor, *, because: str = "") -> Entry:
    """One entry per step. For moderators and whoever it concerns (`case:<id>`), never public: an objection is nobody else's business."""
    return record(
        verb=verb,
        kind="moderation",
        subject=str(case.pk),
        place=place,
        by=by,
        audience=f"case:{case.pk}",
        because=[because] if because else [],
        detail={"kind": case.kind, "subject": case.subject, "item": case.item, "state": str(case.state)},
    )
