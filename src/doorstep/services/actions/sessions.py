"""Sessions: coming, calling off, who came, what they say of it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import SYSTEM, actor_of, record, text_digest, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Attendance, Occasion, SignUp
from doorstep.foundation.occasions.permissions import runs
from doorstep.foundation.occasions.queries import roster
from doorstep.foundation.occasions.rules.waiting import LIVE, Standing
from doorstep.services.actions.common import LONGEST_WORDS, NotAllowed, ServiceClosed, new_salt, number_of, service_of, town_day
from doorstep.services.actions.hours import record_attendance, unqualified
from doorstep.services.actions.qualified import require_qualified
from doorstep.services.codes import NEIGHBOUR, PLACE, needs_of, roles
from doorstep.services.models import Feedback, Reminder, Service
from doorstep.services.permissions import feedback_digest

FORMULA = ("=", "+", "-", "@")
VISITORS = frozenset({PLACE, NEIGHBOUR})


class AliasNotOffered(Exception):
    """Only services where one may come without a name take an alias."""


class NotThere(Exception):
    """Only who came says how it was."""


class NotYetHeld(Exception):
    """Nobody can say how it was before it took place."""


class SaidAlready(Exception):
    """This person has said how it was."""


class NotAStar(Exception):
    """Stars go from 1 to 5."""


class PaperUnreadable(Exception):
    """Lines of a paper list that cannot be read: (line number, reason code). Nothing is written."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        super().__init__(len(problems))
        self.problems = tuple(problems)


def visitor_role(viewer: Viewer, occasion: Occasion, person_id: int | None = None) -> str:
    """In which role this viewer comes as a visitor: from another estate within the quota of neighbours, where the session has one. Who is
    registered at the place as a worker is at home there."""
    if NEIGHBOUR not in occasion.capacities:
        return PLACE
    at_home = any(f"{kind}:{code}" in viewer.keys for code in occasion.place.codes for kind in ("estate", "registered"))
    return PLACE if at_home or person_id not in (None, viewer.person_id) else NEIGHBOUR


def join(
    *,
    viewer: Viewer,
    occasion: Occasion,
    role: str = "",
    person_id: int | None = None,
    name: str = "",
    phone: str = "",
    alias: str = "",
    age: int | None = None,
    guardian_id: int | None = None,
    channel: str = "web",
) -> SignUp:
    """Sign up oneself, or somebody by name who has no account (代报名), in a role of the team, else as a visitor: then from one's own estate or
    from another one, whatever was asked for; who runs the session says which.

    Raises ServiceClosed, LicenceMissing, AliasNotOffered and what `occasions.sign_up` raises.
    """
    service = service_of(occasion)
    who = person_id if person_id is not None else viewer.person_id
    if not role or (role in VISITORS and not runs(viewer, occasion)):
        role = visitor_role(viewer, occasion, person_id)
    if service.status != Service.Status.ACTIVE:
        raise ServiceClosed(service.code)
    if alias.strip() and not service.sort.alias:
        raise AliasNotOffered
    with writing():
        if name.strip():
            # Known by name and a way to reach them: somebody to be told, never a login.
            who = create_person(name=name.strip(), phone=phone.strip()).pk
        if who is not None:
            require_qualified(service, role, who, town_day(occasion.starts_at))
        return occasions.sign_up(
            viewer=viewer, occasion=occasion, role=role, person_id=who, alias=alias, age=age, guardian_id=guardian_id, channel=channel
        )


def accept(*, viewer: Viewer, sign_up: SignUp) -> SignUp:
    """Take the place that is held. Raises LicenceMissing and what `occasions.accept_hold` raises."""
    with writing():
        day = town_day(sign_up.occasion.starts_at)
        require_qualified(service_of(sign_up.occasion), sign_up.role, sign_up.person_id, day)
        return occasions.accept_hold(viewer=viewer, sign_up=sign_up)


def check_in(*, viewer: Viewer, occasion: Occasion, nonce: str) -> Attendance:
    """Say "I am here" with the code of the day, in the role one signed up for, else as a visitor. Raises LicenceMissing and what
    `occasions.check_in` raises."""
    if viewer.person_id is None:
        raise NotAllowed("check_in")
    with writing():
        mine = SignUp.objects.filter(occasion=occasion, person_id=viewer.person_id, standing=Standing.CONFIRMED.value).first()
        role = mine.role if mine else visitor_role(viewer, occasion)
        if mine and not Attendance.objects.filter(occasion=occasion, person_id=viewer.person_id).exists():
            require_qualified(service_of(occasion), role, mine.person_id, town_day(occasion.starts_at))
        return occasions.check_in(viewer=viewer, occasion=occasion, nonce=nonce, role=role)


def remind_signed_up(*, now: datetime | None = None) -> int:
    """Remind everyone who has a place at a session that begins soon, once; how many sessions. A tick of the worker."""
    now = now or clock.now()
    longest = now + timedelta(hours=72)
    soon = Occasion.objects.filter(kind="service", state=Occasion.State.PLANNED, starts_at__gt=now, starts_at__lte=longest)
    reminded = 0
    for occasion in soon.exclude(pk__in=Reminder.objects.values("occasion_id")).select_related("place").order_by("starts_at"):
        hours = number_of("services.remind_hours", occasion.place, town_day(now))
        if occasion.starts_at > now + timedelta(hours=hours):
            continue
        with writing():
            _made, fresh = Reminder.objects.get_or_create(occasion=occasion, defaults={"sent_at": now})
            if not fresh:
                continue
            live = SignUp.objects.filter(occasion=occasion, standing__in=sorted(LIVE))
            people = {each for pair in live.values_list("person_id", "entered_by_id") for each in pair if each is not None}
            entry = record(
                verb="remind", kind="occasion", subject=occasion.code, place=occasion.place, by=SYSTEM, audience=occasion.audience,
                detail={"people": len(people)}, happened_at=now,
            )  # fmt: skip
            tell(entry=entry, to=[f"person:{person_id}" for person_id in people])
            reminded += 1
    return reminded


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of a list kept on paper or offline."""

    slip: str
    name: str
    role: str
    came: str
    left: str


COLUMNS = {
    "单号": "slip", "slip": "slip", "姓名": "name", "name": "name", "身份": "role", "role": "role",
    "来": "came", "came": "came", "走": "left", "left": "left", "来了": "there", "there": "there",
}  # fmt: skip


def read_paper(data: bytes) -> list[PaperLine]:
    """A CSV of who came: 单号, 姓名, 身份, 来, 走 in any order, by Chinese or English header, UTF-8 or GB18030. Where it has a column 来了, as the
    list that is downloaded has, a line with a slip number counts only with a mark there or a time. Raises PaperUnreadable."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise PaperUnreadable([(1, "encoding")]) from None
    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        raise PaperUnreadable([(1, "empty")])
    names = [COLUMNS.get(cell.strip().lower(), "") for cell in rows[0]]
    if "name" not in names and "slip" not in names:
        raise PaperUnreadable([(1, "no_columns")])
    lines = []
    for row in rows[1:]:
        cells = {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}
        absent = "there" in names and cells.get("slip") and not (cells.get("there") or cells.get("came") or cells.get("left"))
        if any(cells.values()) and not absent:
            lines.append(PaperLine(**{each: cells.get(each, "") for each in ("slip", "name", "role", "came", "left")}))
    return lines


def paper_list(*, viewer: Viewer, occasion: Occasion) -> bytes:
    """The list as a CSV to take along, UTF-8 with a mark for spreadsheets: whoever has a place, by slip number, with what is known by now. Ticked
    and sent back, `read_paper` reads it. Raises NotAllowed of occasions."""
    rows = [["单号", "姓名", "身份", "来了", "来", "走"]]
    for line in roster(viewer, occasion):
        if line.sign_up_id is not None and line.standing == Standing.CONFIRMED:
            came = (
                [f"{at.astimezone(clock.TOWN_ZONE):%H:%M}" if at else "" for at in (line.came.came_at, line.came.left_at)]
                if line.came
                else ["", ""]
            )
            name = f"'{line.name}" if line.name[:1] in FORMULA else line.name
            rows.append([str(line.sign_up_id), name, roles()[line.role].zh, "1" if line.came else "", *came])
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def record_paper(*, viewer: Viewer, occasion: Occasion, lines: Sequence[PaperLine], unnamed: int | None = None) -> list[Attendance]:
    """Write down a list kept on paper or offline, with who enters it and when. A slip number or a name that stands on the list once is that
    sign-up; another name walked in. Raises PaperUnreadable and what `record_attendance` raises."""
    on_list = [line for line in roster(viewer, occasion) if line.sign_up_id is not None]
    by_slip = {str(line.sign_up_id): line for line in on_list}
    codes = (
        {str(role): code for code, role in roles().items()}
        | {code: code for code in roles()}
        | {role.zh: code for code, role in roles().items()}
    )
    came, problems = [], []
    numbers: dict[int | None, int] = {}
    service = service_of(occasion)
    day = town_day(occasion.starts_at)
    for number, line in enumerate(lines, start=2):
        try:
            came_at, left_at = _clock_time(line.came, day), _clock_time(line.left, day)
        except ValueError:
            problems.append((number, "time"))
            continue
        named = [each for each in on_list if line.name and each.name == line.name]
        found = by_slip.get(line.slip) if line.slip else (named[0] if len(named) == 1 else None)
        if line.slip and found is None:
            problems.append((number, "unknown_slip"))
        elif not line.slip and len(named) > 1:
            problems.append((number, "two_of_one_name"))
        elif line.role and line.role not in codes:
            problems.append((number, "unknown_role"))
        elif found is not None:
            came.append(occasions.Came(sign_up_id=found.sign_up_id, came_at=came_at, left_at=left_at))
            numbers[found.sign_up_id] = number
        elif not line.name:
            problems.append((number, "nobody"))
        else:
            role = codes.get(line.role, PLACE)
            if needs_of(role, service.licences):
                # Who walked in is known by a word alone: nobody can say what they hold.
                problems.append((number, "not_qualified"))
            came.append(occasions.Came(alias=line.name, role=role, came_at=came_at, left_at=left_at))
    problems += [(numbers[each], "not_qualified") for each in unqualified(service, occasion, came) if each in numbers]
    if problems:
        raise PaperUnreadable(sorted(problems))
    # The same list sent twice: whoever walked in is written down once.
    known = set(Attendance.objects.filter(occasion=occasion, sign_up=None).values_list("alias", flat=True))
    fresh = [each for each in came if each.sign_up_id is not None or each.alias not in known]
    return record_attendance(viewer=viewer, occasion=occasion, came=fresh, unnamed=unnamed)


def _clock_time(text: str, day: date) -> datetime | None:
    """09:05 on that day; None for nothing. Raises ValueError."""
    if not text:
        return None
    return datetime.combine(day, time.fromisoformat(text.replace("：", ":").zfill(5)), clock.TOWN_ZONE)


def give_feedback(
    *, viewer: Viewer, occasion: Occasion, stars: int, words: str = "", is_anonymous: bool = False, happened_at: datetime | None = None
) -> Feedback:
    """Say how it was, once, with a name or without: then nothing kept says who. Raises NotYetHeld, NotThere, NotAStar, SaidAlready."""
    at = happened_at or clock.now()
    if occasion.state != Occasion.State.HELD:
        raise NotYetHeld(occasion.code)
    if viewer.person_id is None or not Attendance.objects.filter(occasion=occasion, person_id=viewer.person_id).exists():
        raise NotThere(occasion.code)
    if not 1 <= stars <= 5:
        raise NotAStar(stars)
    words = words.strip()[:LONGEST_WORDS]
    with writing():
        salt = new_salt(words)
        feedback, fresh = Feedback.objects.get_or_create(
            occasion=occasion,
            once=feedback_digest(occasion.code, viewer.person_id),
            defaults={
                "person_id": None if is_anonymous else viewer.person_id,
                "stars": stars,
                "words": words,
                "words_salt": salt,
                "given_at": at,
            },
        )
        if not fresh:
            raise SaidAlready(occasion.code)
        by = SYSTEM if is_anonymous else actor_of(viewer)
        detail: dict[str, object] = {"stars": stars, **({"words": text_digest(salt, words)} if words else {})}
        record(
            verb="feedback", kind="occasion", subject=occasion.code, place=occasion.place, by=by, audience=occasion.run_by, detail=detail,
            happened_at=at,
        )  # fmt: skip
    return feedback
