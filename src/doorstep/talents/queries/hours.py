"""The hours book as its owner and the organising bodies read it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, Sum

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.organisations.models import Body
from doorstep.talents.models import Certificate, HoursLine, HoursProof, Student, VolunteerNumber, VolunteerRecord
from doorstep.talents.permissions import NotAllowed, works_for
from doorstep.talents.queries.academy import achieved_of
from doorstep.talents.rules.hours import Line, fingerprint, total

# The columns of the table, by their names in MZ/T 061 as far as we know them: no certified interoperability is claimed.
COLUMNS = (
    "记录类型", "志愿者编号", "活动名称", "活动日期", "活动地点", "组织单位", "服务时间（小时）", "服务对象人次", "状态", "更正", "记录时间",
)  # fmt: skip
GROUPS = {"service": "志愿服务情况", "practice": "培训情况", "training": "培训情况", "award": "表彰奖励情况", "evaluation": "评价情况"}
STAGES = {"planned": "计划", "attended": "实到", "approved": "认可"}


@dataclass(frozen=True, slots=True)
class Training:
    """A course somebody was in, with the 学时 they attended."""

    student: Student
    attended_hours: int
    certificate_number: str


@dataclass(frozen=True, slots=True)
class Book:
    """Somebody's own book in the five groups of 令67: who they are, service, training, commendations, evaluations. Minutes are whole."""

    person: Person
    volunteer_number: str
    lines: tuple[HoursLine, ...]
    approved: int
    waiting: int
    practice: int
    training: tuple[Training, ...]
    awards: tuple[VolunteerRecord, ...]
    evaluations: tuple[VolunteerRecord, ...]
    proofs: tuple[HoursProof, ...]


def of_person(person_id: int) -> Q:
    """Rows of a person and of whoever was merged into them: the book is append-only."""
    return Q(person_id=person_id) | Q(person__merged_into=person_id)


def book_of(viewer: Viewer, *, since: date | None = None, until: date | None = None) -> Book | None:
    """One's own book, the latest first; None for nobody. A fixed number of queries."""
    person = Person.objects.filter(pk=viewer.own_id).first()
    if person is None:
        return None
    found = HoursLine.objects.filter(of_person(person.pk)).select_related("place", "body").order_by("-on", "-id")
    if since is not None:
        found = found.filter(on__gte=since)
    if until is not None:
        found = found.filter(on__lte=until)
    lines = tuple(found)
    plain = _plain(lines)
    approved, attended = total(plain), total(plain, stage=HoursLine.Stage.ATTENDED)
    records = list(VolunteerRecord.objects.filter(person=person).select_related("body").order_by("-on", "-id"))
    number = VolunteerNumber.objects.filter(person=person).values_list("number", flat=True).first()
    return Book(
        person=person,
        volunteer_number=number or "",
        lines=lines,
        approved=approved,
        waiting=max(0, attended - approved),
        practice=total(plain, kind=HoursLine.Kind.PRACTICE),
        training=tuple(_training(person)),
        awards=tuple(each for each in records if each.kind == VolunteerRecord.Kind.AWARD),
        evaluations=tuple(each for each in records if each.kind == VolunteerRecord.Kind.EVALUATION),
        proofs=tuple(HoursProof.objects.filter(of_person(person.pk)).order_by("-id")),
    )


def _training(person: Person) -> list[Training]:
    students = list(Student.objects.filter(person=person).select_related("course__body", "sign_up").order_by("-id"))
    achieved = achieved_of(students)
    numbers = {
        student_id: number
        for student_id, number in Certificate.objects.filter(student__in=students).values_list("student_id", "number")
        if student_id is not None
    }
    return [Training(each, achieved[each.pk].attended_hours, numbers.get(each.pk, "")) for each in students if each.has_place]


def _plain(lines: Sequence[HoursLine]) -> list[Line]:
    return [Line(line.pk, line.on, line.stage, line.kind, line.minutes) for line in lines]


def may_see_hours(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `hours:<line>`: whose hours they are, and who organised it."""
    given = key.partition(":")[2]
    line = HoursLine.objects.filter(pk=int(given)).first() if given.isdecimal() else None
    return line is not None and viewer.signed_in and (viewer.is_me(line.person_id) or works_for(viewer, line.body_id))


def lines_to_approve(viewer: Viewer) -> list[HoursLine]:
    """Attended hours of the bodies one works for that nobody has approved or taken back: the oldest first. One query; each person named
    can see that they were."""
    bodies = viewer.bodies
    same = HoursLine.objects.filter(
        person_id=OuterRef("person_id"),
        subject=OuterRef("subject"),
        on=OuterRef("on"),
        kind=OuterRef("kind"),
        stage=HoursLine.Stage.APPROVED,
    )
    taken_back = HoursLine.objects.filter(reverses=OuterRef("pk"))
    still = same.filter(reverses=None).filter(~Exists(taken_back))
    found = HoursLine.objects.filter(body_id__in=bodies, stage=HoursLine.Stage.ATTENDED, reverses=None)
    waiting = list(
        found.filter(~Exists(taken_back), ~Exists(still))
        .exclude(person_id=viewer.own_id)
        .select_related("person", "place", "body")
        .order_by("on", "id")[:200]
    )
    for person_id in sorted({line.person_id for line in waiting}):
        viewer.note_read(kind="hours", subject="approve", about_person_id=person_id, why="approve")
    return waiting


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who helped the bodies one works for, and what was approved of it. In the order of their numbers: nobody is ranked."""

    person: Person
    number: str
    approved: int


def volunteers_of(viewer: Viewer) -> list[Volunteer]:
    """Everyone with a line in the book of a body one works for. Four queries for any number; each person named can see that they were."""
    found = HoursLine.objects.filter(body_id__in=viewer.bodies)
    minutes: dict[int, int] = {}
    for person_id, merged_into, stage, kind, given in found.values_list("person_id", "person__merged_into_id", "stage", "kind").annotate(
        given=Sum("minutes")
    ):
        now = merged_into or person_id
        counts = stage == HoursLine.Stage.APPROVED and kind == HoursLine.Kind.SERVICE
        minutes[now] = minutes.get(now, 0) + (given if counts else 0)
    numbers = VolunteerNumber.objects.filter(person_id__in=minutes, person__erased_at=None).select_related("person").order_by("number")
    volunteers = [Volunteer(each.person, each.number, minutes[each.person_id]) for each in numbers]
    for each in volunteers:
        viewer.note_read(kind="hours", subject="volunteers", about_person_id=each.person.pk, why="approve")
    return volunteers


@dataclass(frozen=True, slots=True)
class Record:
    """What the bodies one works for have of a volunteer: their lines, their commendations, their evaluations. Nothing of other bodies."""

    person: Person
    number: str
    bodies: tuple[Body, ...]
    lines: tuple[HoursLine, ...]
    approved: int
    awards: tuple[VolunteerRecord, ...]
    evaluations: tuple[VolunteerRecord, ...]


def record_of(viewer: Viewer, number: str) -> Record | None:
    """A volunteer by their number, for the bodies that they helped; None for everybody else. A fixed number of queries."""
    held = VolunteerNumber.objects.filter(number=number, person__erased_at=None).select_related("person").first()
    if held is None or not viewer.bodies:
        return None
    ours = HoursLine.objects.filter(of_person(held.person_id), body_id__in=viewer.bodies)
    lines = tuple(ours.select_related("place", "body").order_by("-on", "-id"))
    if not lines:
        return None
    records = VolunteerRecord.objects.filter(person=held.person, body_id__in=viewer.bodies).select_related("body").order_by("-on", "-id")
    by_kind = {kind: tuple(each for each in records if each.kind == kind) for kind in VolunteerRecord.Kind.values}
    viewer.note_read(kind="hours", subject=number, about_person_id=held.person_id, why="approve")
    return Record(
        person=held.person,
        number=held.number,
        bodies=tuple(sorted({line.body for line in lines}, key=lambda body: body.code)),
        lines=lines,
        approved=total(_plain(lines)),
        awards=by_kind[VolunteerRecord.Kind.AWARD],
        evaluations=by_kind[VolunteerRecord.Kind.EVALUATION],
    )


def numbers_of(person_ids: Iterable[int]) -> dict[int, str]:
    """The volunteer numbers of people who have one. One query."""
    return dict(VolunteerNumber.objects.filter(person_id__in=set(person_ids)).values_list("person_id", "number"))


def line_for(viewer: Viewer, line_id: int) -> HoursLine | None:
    found = HoursLine.objects.select_related("body__place", "place", "person").filter(pk=line_id).first()
    return found if found is not None and may_see_hours(viewer, f"hours:{line_id}") else None


def proof_by_code(code: str) -> HoursProof | None:
    """A proof, for whoever holds its code: sixteen signs that nobody guesses."""
    return HoursProof.objects.select_related("body").filter(code=code).first()


def proof_holds(proof: HoursProof) -> bool:
    """Whether the book still says what the proof was made from."""
    lines = HoursLine.objects.filter(on__gte=proof.since, on__lte=proof.until, stage=HoursLine.Stage.APPROVED, kind=HoursLine.Kind.SERVICE)
    # A proof from before a merge was made from its own person's lines alone.
    made_from = (of_person(proof.person_id), Q(person_id=proof.person_id))
    return any(fingerprint(_plain(list(lines.filter(whose)))) == proof.digest for whose in made_from)


def hours_csv(viewer: Viewer, *, body_id: int | None = None) -> str:
    """The book as a table with a byte-order mark, for spreadsheets and the designated system: one's own, or that of a body one works for.
    The public id is the volunteer number. Raises NotAllowed."""
    if not viewer.signed_in or (body_id is not None and not works_for(viewer, body_id)):
        raise NotAllowed("hours_csv")
    found = HoursLine.objects.select_related("place", "body").order_by("on", "id")
    found = found.filter(of_person(viewer.own_id)) if body_id is None else found.filter(body_id=body_id)
    lines = list(found)
    numbers = dict(VolunteerNumber.objects.filter(person_id__in={line.person_id for line in lines}).values_list("person_id", "number"))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow(
            _plain_cell(value)
            for value in (
                GROUPS[line.kind], numbers.get(line.person_id, ""), line.title, line.on.isoformat(), line.place.name, line.body.name,
                _hours(line.minutes), "" if line.served is None else line.served, STAGES[line.stage],
                f"更正第 {line.reverses_id} 行" if line.reverses_id else "", line.recorded_at.isoformat(timespec="seconds"),
            )
        )  # fmt: skip
    return "\ufeff" + out.getvalue()


def _hours(minutes: int) -> str:
    """Hours with two places, exact to the hundredth: 90 → 1.50. Rounded towards zero."""
    hundredths = abs(minutes) * 100 // 60
    return f"{'-' if minutes < 0 else ''}{hundredths // 100}.{hundredths % 100:02d}"


def _plain_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula; a minus before a figure stays."""
    text = str(value)
    is_number = text.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text[:1] in "=+-@\t\r" and text and not is_number else text
