"""An academy, an issuing centre, a course of twelve Saturdays, and who teaches, reviews and certifies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, writing
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Body
from doorstep.talents import actions
from doorstep.talents.models import Course, Student

BY = Actor(channel="import")
OPENED = datetime(2026, 2, 1, 9, tzinfo=TOWN_ZONE)
FIRST = datetime(2026, 3, 7, 9, tzinfo=TOWN_ZONE)


def at(month: int, day: int, hour: int = 9, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=TOWN_ZONE)


@dataclass(frozen=True)
class Academy:
    """`teacher` works for the academy, `director` for the centre; Liu is the student, Ye and Lin review, Luo taught the interview."""

    town: Any
    body: Body
    centre: Body
    cafe: Place
    teacher: Person
    director: Person
    reviewers: tuple[Person, Person, Person]

    def viewer(self, person: Person) -> Viewer:
        return self.town.viewer(person)  # type: ignore[no-any-return]

    def open(self, *, places: int | None = 20, code: str = "mentor-2026") -> Course:
        sessions = [
            actions.SessionPlan(
                starts_at=FIRST + timedelta(weeks=week),
                ends_at=FIRST + timedelta(weeks=week, minutes=90),
                hours=2,
                place=self.cafe,
                title=f"公益导师班 第 {week + 1} 课",
            )
            for week in range(12)
        ]
        return actions.open_course(
            viewer=self.viewer(self.teacher),
            code=code,
            title="公益导师班",
            title_en="Mentors' course",
            body=self.body,
            issuer=self.centre,
            sessions=sessions,
            places=places,
            happened_at=OPENED,
        )

    def ready(self) -> Student:
        """Liu with everything the course asks for: 22 of 24 学时, 16 hours of practice, 86, 91, interview passed."""
        with clock.frozen(OPENED):
            course = self.open()
            student = actions.enrol(viewer=self.viewer(self.town.liu), course=course)
        for session in list(course.sessions.select_related("occasion__place", "course"))[:11]:
            with clock.frozen(session.occasion.starts_at):
                actions.mark_attendance(viewer=self.viewer(self.teacher), session=session, present=[student.pk])
        for day in (24, 25, 26, 27):
            actions.record_practice(
                viewer=self.viewer(self.teacher),
                student=student,
                base=self.cafe,
                on=at(5, day).date(),
                minutes=240,
                happened_at=at(5, day, 18),
            )
        for part, given in (("written", {"score": 86}), ("practical", {"score": 91}), ("interview", {"passed": True})):
            actions.give_mark(viewer=self.viewer(self.teacher), student=student, part=part, happened_at=at(6, 6), **given)  # type: ignore[arg-type]
        student.refresh_from_db()
        return student

    def published(self) -> Student:
        """Liu after the review: three asked, one recused, two agreed."""
        student = self.ready()
        reviews = actions.ask_reviewers(viewer=self.viewer(self.teacher), student=student, reviewers=self.reviewers, happened_at=at(6, 8))
        for review, standing, reason in zip(reviews, ("agreed", "recused", "agreed"), ("", "taught", ""), strict=True):
            actions.review_student(viewer=self.viewer(review.person), review=review, standing=standing, reason=reason, happened_at=at(6, 9))
        actions.close_review(viewer=self.viewer(self.teacher), student=student, happened_at=at(6, 10))
        student.refresh_from_db()
        return student


@pytest.fixture
def academy(town: Any) -> Iterator[Academy]:
    with clock.frozen(at(7, 1)):
        with writing():
            teacher, director = create_person(name="黎静仪"), create_person(name="卢敏仪")
            create_account(person=teacher, login="teacher", password="a-long-password")
            create_account(person=director, login="director", password="a-long-password")
            body = create_body(code="academy", kind="academy", name="横沥公益咖啡学院", place=town.place, by=BY)
            centre = create_body(code="innovation", kind="centre", name="横沥社会治理协同创新中心", place=town.place, by=BY)
            give_post(body=body, title="教务", person=teacher, held_from=at(1, 1, year=2020).date(), by=BY)
            give_post(body=centre, title="主任", person=director, held_from=at(1, 1, year=2020).date(), by=BY)
            cafe = create_place(code="cafe", kind="venue", name="益企啡吧隔坑店", parent=Place.objects.get(code="gekeng"), by=BY)
        yield Academy(town, body, centre, cafe, teacher, director, (town.ye, town.lin, create_person(name="曾一帆")))
