"""What moderators, authors and those who objected may read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.moderation.models import Case, Complaint
from doorstep.foundation.moderation.permissions import is_author, may_moderate
from doorstep.foundation.moderation.rules.states import OUT_OF_SIGHT, WAITING
from doorstep.foundation.moderation.texts import Reason, owner_of, reasons
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import Line


@dataclass(frozen=True, slots=True)
class Shown:
    """A case with what the text says, where the viewer may read it."""

    case: Case
    words: str
    reason: Reason
    complaints: int
    files: Sequence[StoredFile] = ()


def queue(viewer: Viewer, *, size: int = 50) -> list[Shown]:
    """What waits for a moderator, the oldest first. Two queries and one for each kind of text."""
    if not may_moderate(viewer):
        return []
    cases = list(Case.objects.filter(state__in=WAITING).annotate(n=Count("complaints")).order_by("opened_at", "id")[:size])
    return _shown(cases)


def _shown(cases: Sequence[Case]) -> list[Shown]:
    said: dict[tuple[str, str, str], str] = {}
    for kind in {case.kind for case in cases}:
        owner = owner_of(kind)
        open_ones = [(case.subject, case.item) for case in cases if case.kind == kind and case.state not in OUT_OF_SIGHT]
        if owner is not None and open_ones:
            said |= {(kind, subject, item): words for (subject, item), words in owner.words_of(open_ones).items()}
    return [
        Shown(
            case,
            "\n".join(filter(None, (case.original.get("text"), case.original.get("spot"))))
            or said.get((case.kind, case.subject, case.item), ""),
            reasons()[case.reason],
            getattr(case, "n", 0),
        )
        for case in cases
    ]


def concerned(viewer: Viewer) -> Q:
    """Cases a viewer may know of: a moderator all, others those on their own words and those they objected to."""
    if may_moderate(viewer):
        return Q()
    return Q(author_id=viewer.own_id) | Q(pk__in=Complaint.objects.filter(person_id=viewer.own_id).values("case_id"))


def case_for(viewer: Viewer, case_id: int) -> Case | None:
    return Case.objects.filter(concerned(viewer), pk=case_id).first() if viewer.signed_in else None


def shown_for(viewer: Viewer, case: Case) -> Shown:
    """A case for its page. Whoever only objected does not read the words again once they are hidden."""
    (shown,) = _shown([case])
    if may_moderate(viewer) or is_author(viewer, case) or case.state not in OUT_OF_SIGHT:
        owner = owner_of(case.kind)
        return replace(shown, files=owner.files_of(case.subject, case.item)) if owner is not None else shown
    return Shown(case, "", shown.reason, shown.complaints)


def complaints_of(case: Case) -> list[Complaint]:
    """For moderators: what was objected, without who did."""
    return list(Complaint.objects.filter(case=case).order_by("id")[:100])


def is_cases_key(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `case:<id>`."""
    given = key.partition(":")[2]
    return given.isdecimal() and case_for(viewer, int(given)) is not None


def hidden_words(kind: str, subject: str) -> dict[str, Case]:
    """The cases of a subject's texts that are out of sight, by text. One query."""
    return {case.item: case for case in Case.objects.filter(kind=kind, subject=subject, state__in=OUT_OF_SIGHT)}


def waiting_count(viewer: Viewer) -> int:
    return Case.objects.filter(state__in=WAITING).count() if may_moderate(viewer) else 0


def moderation_state() -> dict[str, int]:
    """How many cases stand in each state; also the states with none."""
    return {**dict.fromkeys(Case.State.values, 0), **dict(Case.objects.values_list("state").annotate(n=Count("id")))}


def describe(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines for inbox items about cases the viewer may know of. One query."""
    wanted = [int(item.subject) for item in items if item.subject.isdecimal()]
    cases = {case.pk: case for case in Case.objects.filter(concerned(viewer), pk__in=wanted)}
    lines = {}
    for item in items:
        case = cases.get(int(item.subject))
        if case is not None:
            lines[item.pk] = Line(text=_sentence(item.topic, case, viewer), title=reasons()[case.reason].name, url=f"/moderation/{case.pk}")
    return lines


def _sentence(topic: str, case: Case, viewer: Viewer) -> str:
    mine = is_author(viewer, case)
    match topic:
        case "complain":
            return _("有人觉得一句话不妥")
        case "hold":
            return _("您写的一句话，先看一看再公开") if mine else _("有一句话等您看过再公开")
        case "hide":
            return _("您写的一句话隐藏了，写了原因") if mine else _("您说不妥的那句话隐藏了")
        case "show":
            return _("您写的一句话，看过了没有问题") if mine else _("您说不妥的那句话看过了，没有问题")
        case _:
            return _("作者不同意，请再看一次")
