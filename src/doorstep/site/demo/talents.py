"""人才共育 in the demo: the scenario of S9 as written, the mentors before it, the register, and a year of volunteer hours."""

from datetime import date, datetime, timedelta
from typing import Protocol

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.talents import actions
from doorstep.talents.models import Certificate, Course, HoursLine, Student

TEACHER, EXAMINER, DIRECTOR, KEEPER = "hesiqi", "黎静仪", "fangzhengping", "wenxuefang"
# Certified before the system stood, with the day of their paper: numbers 0001–0006 are given when it is taken over.
MENTORS = (
    ("ouyangmin", date(2018, 7, 17)),
    ("黄佩珊", date(2019, 6, 22)),
    ("关永健", date(2019, 6, 22)),
    ("岑慕贞", date(2021, 10, 16)),
    ("利国辉", date(2023, 5, 20)),
    ("容秀芬", date(2024, 11, 9)),
)
CLASS = ("jiangwanqing", "ayiguli", "冼玉珍", "植志强", "屈少梅", "区永明", "司徒慧", "翟文峰")
# login or name, where, skills, when, about, public, listed as
REGISTER = (
    ("yejintang", "ruikang", ("reconciling",), ("mo-am", "we-am", "fr-am"), "在瑞康住了快三十年，邻里的事愿意去说说。", True, "elder"),
    ("moyinhao", "gekeng", ("reconciling",), ("tu-am", "th-am"), "", False, "elder"),
    ("zengyifan", "hengli", ("planning",), ("sa-am", "sa-pm"), "做过镇里三个村的规划。", True, "expert"),
    ("zhouxiaomin", "ruikang", ("hosting", "reconciling"), ("mo-eve", "th-eve"), "", False, "women_representative"),
    ("hesiqi", "gekeng", ("coffee", "hosting", "teaching"), ("mo-am", "tu-am"), "", True, "enterprise"),
    (
        "ouyangmin",
        "hengli",
        ("blood_pressure", "health_advice", "teaching"),
        ("mo-am", "tu-am", "we-am", "fr-am"),
        "退休护师。",
        True,
        "mentor",
    ),
    ("jiangwanqing", "gekeng", ("coffee", "hosting"), ("sa-am", "su-am"), "", True, "mentor"),
    ("xiejunjie", "ruikang", ("repair",), ("sa-am", "sa-pm", "su-am"), "", False, "volunteer"),
)
VOLUNTEERS = ("xiejunjie", "chenming", "xihai", "游春兰", "阮志成")
WORK = (
    ("楼道清一清", "Clearing the stairs", 120),
    ("看望独居长者", "Visiting elders who live alone", 90),
    ("修小家电", "Mending small appliances", 150),
    ("陪长者去医院", "Going to hospital with an elder", 180),
)


class Loading(Protocol):
    """What the loader gives: places and bodies by code, people by login or name, viewers."""

    places: dict[str, Place]
    bodies: dict[str, Body]

    def person(self, key: str) -> Person: ...
    def viewer(self, person: Person) -> Viewer: ...


def load_talents(town: Loading) -> None:
    """Everything, in the order in which it happened."""
    _Talents(town).everything()


def _at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOWN_ZONE)


class _Talents:
    def __init__(self, town: Loading) -> None:
        self.town = town
        self.academy, self.centre = town.bodies["hengli-academy"], town.bodies["hengli-innovation-centre"]
        self.cafe, self.pavilion = town.places["yiqi-gekeng"], town.places["ruikang-pavilion"]

    def by(self, key: str) -> Viewer:
        return self.town.viewer(self.town.person(key))

    def everything(self) -> None:
        now = clock.now()
        self.earlier_hours()
        self.mentors()
        course = self.course()
        with clock.frozen(_at(date(2026, 2, 20))):
            students = {
                key: actions.enrol(viewer=self.by(key), course=course) if self._signs_in(key) else self._enter(course, key) for key in CLASS
            }
        self.sessions(course, students)
        self.practice_and_marks(students)
        self.review(students["jiangwanqing"])
        self.register()
        self.licence()
        self.year_of_hours(now)
        self.stopped()
        self.renewed(now)
        self.next_course(now)

    def _signs_in(self, key: str) -> bool:
        return key.isascii()

    def _enter(self, course: Course, key: str) -> Student:
        return actions.enter_student(viewer=self.by(EXAMINER), course=course, person=self.town.person(key))

    def mentors(self) -> None:
        """Paper certificates taken over in January 2026, in the order of their days."""
        for index, (key, since) in enumerate(MENTORS):
            actions.certify_from_paper(
                viewer=self.by(DIRECTOR),
                person=self.town.person(key),
                issuer=self.centre,
                since=since,
                happened_at=_at(date(2026, 1, 5), 10, index),
            )

    def course(self) -> Course:
        sessions = [
            actions.SessionPlan(
                starts_at=_at(date(2026, 3, 7) + timedelta(weeks=week), 14),
                ends_at=_at(date(2026, 3, 7) + timedelta(weeks=week), 15, 30),
                hours=2,
                place=self.cafe,
                title=f"公益导师班 第 {week + 1} 课",
                title_en=f"Mentors' course, session {week + 1}",
            )
            for week in range(12)
        ]
        return actions.open_course(
            viewer=self.by(EXAMINER),
            code="mentor-2026-spring",
            title="公益导师班（2026 春）",
            title_en="Mentors' course, spring 2026",
            about="讲怎么听人说话、怎么主持议事、怎么把一件小事办好；在益企啡吧边做边学。",
            about_en="How to listen, how to host a discussion, how to see a small thing through; learning by doing at the café.",
            body=self.academy,
            issuer=self.centre,
            sessions=sessions,
            places=12,
            happened_at=_at(date(2026, 2, 10)),
        )

    def sessions(self, course: Course, students: dict[str, Student]) -> None:
        """江晚晴 misses one of twelve: 22 of 24 学时. Others miss more."""
        misses = {"jiangwanqing": {8}, "屈少梅": {2, 3, 6, 9, 10}, "区永明": set(range(4, 12)), "司徒慧": {5}, "翟文峰": {1, 11}}
        for session in course.sessions.select_related("occasion__place", "course").order_by("position"):
            present = [student.pk for key, student in students.items() if session.position not in misses.get(key, set())]
            with clock.frozen(session.occasion.starts_at + timedelta(minutes=10)):
                actions.mark_attendance(viewer=self.by(TEACHER), session=session, present=present)

    def practice_and_marks(self, students: dict[str, Student]) -> None:
        for key, days in (("jiangwanqing", 4), ("ayiguli", 4), ("冼玉珍", 4), ("植志强", 3), ("司徒慧", 2)):
            for day in range(days):
                on = date(2026, 5, 25) + timedelta(days=day)
                actions.record_practice(
                    viewer=self.by(TEACHER), student=students[key], base=self.cafe, on=on, minutes=240, happened_at=_at(on, 18)
                )
        marks = {"jiangwanqing": (86, 91, True), "ayiguli": (78, 84, True), "冼玉珍": (55, 80, True), "植志强": (81, None, None)}
        for key, (written, practical, interview) in marks.items():
            for part, score, passed in (("written", written, None), ("practical", practical, None), ("interview", None, interview)):
                if score is not None or passed is not None:
                    actions.give_mark(
                        viewer=self.by(EXAMINER),
                        student=students[key],
                        part=part,
                        score=score,
                        passed=passed,
                        happened_at=_at(date(2026, 6, 6), 16),
                    )

    def review(self, student: Student) -> None:
        """Three asked, 欧阳敏 recuses herself (she taught her), two agree; published for seven days; HL-DS-2026-0007."""
        reviewers = [self.town.person(key) for key in ("zengyifan", "zhouxiaomin", "ouyangmin")]
        reviews = actions.ask_reviewers(viewer=self.by(EXAMINER), student=student, reviewers=reviewers, happened_at=_at(date(2026, 6, 8)))
        said = (("agreed", "", "议事主持得稳，能听完再说。"), ("agreed", "", ""), ("recused", "taught", ""))
        for review, (standing, reason, words) in zip(reviews, said, strict=True):
            actions.review_student(
                viewer=self.town.viewer(review.person),
                review=review,
                standing=standing,
                reason=reason,
                words=words,
                happened_at=_at(date(2026, 6, 12), 15),
            )
        actions.close_review(viewer=self.by(EXAMINER), student=student, happened_at=_at(date(2026, 6, 14)))
        actions.issue_certificate(viewer=self.by(DIRECTOR), student=student, happened_at=_at(date(2026, 6, 22)))

    def register(self) -> None:
        village = self.town.bodies["gekeng-party"]
        for key, place, skills, when, about, public, category in REGISTER:
            profile = actions.keep_profile(
                viewer=self.by(key),
                place=self.town.places[place],
                skills=skills,
                availability=when,
                about=about,
                visibility="public" if public else "bodies",
                may_be_asked=True,
                happened_at=_at(date(2026, 6, 23)),
            )
            actions.list_person(
                viewer=self.by(KEEPER), profile=profile, category=category, body=village, happened_at=_at(date(2026, 6, 24))
            )

    def licence(self) -> None:
        actions.check_licence(
            viewer=self.by(DIRECTOR),
            person=self.town.person("ouyangmin"),
            kind="nurse",
            number="200844010000",
            expires_on=date(2028, 5, 31),
            body=self.centre,
            happened_at=_at(date(2026, 1, 5), 8),
        )

    def earlier_hours(self) -> None:
        """欧阳敏's Tuesdays of 2025, entered from paper."""
        day = date(2025, 1, 7)
        while day.year == 2025:
            self._hours("ouyangmin", day, "周二义诊", "Tuesday clinic", 120, self.academy, served=18 + day.day % 9)
            day += timedelta(weeks=1)
        actions.write_record(
            viewer=self.by(DIRECTOR),
            person=self.town.person("ouyangmin"),
            body=self.centre,
            kind="award",
            on=date(2025, 12, 5),
            words="2025 年度优秀志愿者",
            happened_at=_at(date(2025, 12, 5), 16),
        )

    def year_of_hours(self, now: datetime) -> None:
        """The volunteers of 瑞康 over the twelve months before loading; one line was wrong and is taken back, the last ones wait."""
        today = now.astimezone(TOWN_ZONE).date()
        team = self.town.bodies["ruikang-volunteers"]
        wrong = None
        for week in range(52, 0, -2):
            day = today - timedelta(weeks=week)
            for index, key in enumerate(VOLUNTEERS):
                title, title_en, minutes = WORK[(week // 2 + index) % len(WORK)]
                if (week // 2 + index) % 3 == 0:
                    continue
                line = self._hours(key, day, title, title_en, minutes, team, approve=week > 2)
                if key == "chenming" and wrong is None:
                    wrong = line
        if wrong is not None:
            actions.reverse_hours(
                viewer=self.by("xiejunjie"), line=wrong, reason="twice", happened_at=wrong.recorded_at + timedelta(days=2)
            )
        for week in range(8, 0, -1):
            self._hours("jiangwanqing", today - timedelta(weeks=week), "咖啡议事主持", "Hosting a coffee meeting", 150, self.academy)
        actions.write_record(
            viewer=self.by(TEACHER),
            person=self.town.person("jiangwanqing"),
            body=self.academy,
            kind="evaluation",
            on=today - timedelta(weeks=1),
            words="来得准时，大家愿意跟她说。",
            happened_at=now - timedelta(days=6),
        )

    def _hours(
        self, key: str, day: date, title: str, title_en: str, minutes: int, body: Body, *, served: int | None = None, approve: bool = True
    ) -> HoursLine:
        person = self.town.person(key)
        by = Actor(person_id=self.town.person("xiejunjie" if body is not self.academy else TEACHER).pk)
        line: HoursLine | None = None
        stages = ("attended", "approved") if approve else ("attended",)
        for stage in stages:
            line = actions.record_hours(
                by=by,
                person_id=person.pk,
                stage=stage,
                minutes=minutes,
                on=day,
                title=title,
                title_en=title_en,
                place=self.pavilion,
                body=body,
                subject=f"paper:{body.code}:{day.isoformat()}",
                served=served,
                happened_at=_at(day, 18 if stage == "attended" else 20),
            )
        if line is None:
            raise LookupError(key)
        return line

    def stopped(self) -> None:
        """One mentor is away for a while, one no longer wants to: what the verification page says of them can be seen."""
        for number, act, reason in (
            ("HL-DS-2026-0005", actions.suspend_certificate, "away"),
            ("HL-DS-2026-0006", actions.revoke_certificate, "own_wish"),
        ):
            act(
                viewer=self.by(DIRECTOR),
                certificate=Certificate.objects.get(number=number),
                reason=reason,
                happened_at=_at(date(2026, 9, 1)),
            )

    def renewed(self, now: datetime) -> None:
        """Every year's look, as far as time has gone on."""
        today = now.astimezone(TOWN_ZONE).date()
        for certificate in Certificate.objects.filter(state=Certificate.State.GIVEN).order_by("number"):
            ends = certificate.valid_until
            while ends <= today:
                renewed = actions.renew_certificate(
                    viewer=self.by(DIRECTOR), certificate=certificate, happened_at=_at(ends - timedelta(days=20))
                )
                ends = renewed.valid_until

    def next_course(self, now: datetime) -> None:
        """A course one can sign up for, on from today."""
        today = now.astimezone(TOWN_ZONE).date()
        first = today + timedelta(days=14 + (5 - today.weekday()) % 7)
        sessions = [
            actions.SessionPlan(
                starts_at=_at(first + timedelta(weeks=week), 14),
                ends_at=_at(first + timedelta(weeks=week), 15, 30),
                hours=2,
                place=self.cafe,
                title=f"公益导师班 第 {week + 1} 课",
                title_en=f"Mentors' course, session {week + 1}",
            )
            for week in range(12)
        ]
        actions.open_course(
            viewer=self.by(EXAMINER),
            code="mentor-next",
            title="公益导师班（新一期）",
            title_en="Mentors' course, next term",
            about="每周六下午，在益企啡吧。没有基础也可以来。",
            about_en="Saturday afternoons at the café. No experience needed.",
            body=self.academy,
            issuer=self.centre,
            sessions=sessions,
            places=16,
            happened_at=now - timedelta(days=3),
        )
