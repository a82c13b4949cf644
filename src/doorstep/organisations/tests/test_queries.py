"""Bodies, posts and homes as others read them."""

from datetime import date, timedelta
from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations import queries
from doorstep.organisations.actions import BodyCodeTaken, create_body, give_post
from doorstep.organisations.actions.residence import verify_owner
from doorstep.organisations.models import Body, Holder, Unit


def test_a_body_is_founded_once_and_recorded(town: Any) -> None:
    with pytest.raises(BodyCodeTaken):
        create_body(code="hengan", kind="cafe", name="另一家", place=town.place, by=SYSTEM)
    entry = Entry.objects.get(kind="body", subject="hengan", verb="body_founded")
    assert (entry.place, entry.detail) == ("ruikang", {"kind": "property_company"})
    given = Entry.objects.get(subject="hengan", verb="post_given")
    assert given.detail["person"] == town.luo.pk
    assert "罗建文" not in str(given.__dict__)


def test_matters_can_be_given_to_bodies_at_or_above_that_work_matters(town: Any) -> None:
    office = create_body(code="office", kind="town_office", name="城建办", place=town.place, by=SYSTEM)
    create_body(code="empty", kind="town_office", name="没有人", place=town.place, by=SYSTEM)
    elsewhere = create_body(code="village", kind="village_party", name="村", place=Place.objects.get(code="gekeng"), by=SYSTEM)
    for body in (office, elsewhere):
        give_post(body=body, title="主任", person=town.ye, held_from=date(2020, 1, 1), by=SYSTEM)
    assert [body.code for body in queries.bodies_serving(town.building)] == ["office", "hengan", "branch"]
    Body.objects.filter(code="hengan").update(ended_on=clock.today())
    assert [body.code for body in queries.bodies_serving(town.building)] == ["office", "branch"]
    assert queries.body_by_code("hengan") is None


def test_posts_are_shown_as_held_today_in_their_order(town: Any) -> None:
    today = clock.today()
    for title, position, since, until in (("文书", 2, -9, None), ("书记", 0, -9, None), ("前任", 1, -99, -1), ("下任", 1, 5, None)):
        last = None if until is None else today + timedelta(days=until)
        give_post(
            body=town.branch,
            title=title,
            person=town.ye,
            held_from=today + timedelta(days=since),
            held_until=last,
            by=SYSTEM,
            position=position,
        )
    assert [post.title for post in queries.posts_of(town.branch)] == ["支部书记", "书记", "文书"]
    contact = queries.contact_of(town.branch)
    assert contact is not None
    assert contact.person == town.lin


def test_bodies_by_place_are_those_at_and_below_it(town: Any) -> None:
    twin = create_place(code="ruikang2", kind="estate", name="二期", parent=town.place, by=SYSTEM)
    create_body(code="twin", kind="cafe", name="店", place=twin, by=SYSTEM)
    assert [(place.code, [body.code for body, _posts in bodies]) for place, bodies in queries.bodies_by_place(town.estate)] == [
        ("ruikang", ["hengan", "branch"])
    ]
    assert [place.code for place, _bodies in queries.bodies_by_place(town.place)] == ["ruikang", "ruikang2"]


def test_home_is_the_estate_one_is_verified_in_else_where_one_works(town: Any) -> None:
    assert queries.home_of(NOBODY) is None
    assert queries.home_of(town.viewer(town.liu)) is None
    assert queries.home_of(town.viewer(town.luo)) == town.estate
    unit = Unit.objects.create(
        estate=town.estate, building=town.building, name="1", room="1", area_hundredths=1, kind="flat", status="delivered"
    )
    Holder.objects.create(unit=unit, person=town.liu)
    assert queries.home_of(town.viewer(town.liu)) is None
    verify_owner(unit=unit, person_id=town.liu.pk, by=SYSTEM)
    assert queries.home_of(town.viewer(town.liu)) == town.estate


def test_an_estate_without_a_roll_has_figures_of_nothing(town: Any) -> None:
    assert queries.roll_figures(town.estate) == queries.RollFigures(units=0, parties=0, persons=0, area_hundredths=0)


def test_asking_for_nothing_asks_nothing(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert queries.posts_by_id([]) == queries.bodies_by_id([]) == queries.bodies_by_code([]) == {}


# The roll on a screen


def upload(client: Any, text: str) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    return client.post("/p/ruikang/roll/", {"file": SimpleUploadedFile("业主.csv", text.encode())})


def test_a_roll_is_looked_at_and_then_written_once(town: Any, sign_in: Any) -> None:
    client = sign_in("luo")
    shown = upload(client, "楼栋,房号,面积,业主姓名\n瑞金阁,302,92.30,刘玉梅\n")
    assert Unit.objects.count() == 0
    page = client.get(shown["Location"]).content.decode()
    assert "92.30" in page
    for _ in range(2):
        written = client.post(f"{shown['Location']}/write", {"once": "a-key"})
        assert (written.status_code, written["Location"]) == (303, shown["Location"])
    assert Unit.objects.count() == 1
    assert Entry.objects.get(verb="roll_imported").actor_id == town.luo.pk


def test_bad_rows_are_shown_and_nothing_is_written_unless_they_may_be_skipped(town: Any, sign_in: Any) -> None:
    client = sign_in("luo")
    shown = upload(client, "楼栋,房号,面积,业主姓名\n瑞金阁,302,92.30,刘玉梅\n瑞金阁,303,九十,陈明\n")
    assert "不是数字" in client.get(shown["Location"]).content.decode()
    assert client.post(f"{shown['Location']}/write").status_code == 422
    assert Unit.objects.count() == 0
    assert client.post(f"{shown['Location']}/write", {"skip": "yes"}).status_code == 303
    assert [unit.name for unit in Unit.objects.all()] == ["瑞金阁-302"]


@pytest.mark.parametrize("text", ["", "\x00\x01"])
def test_what_cannot_be_read_is_said(town: Any, sign_in: Any, text: str) -> None:
    assert upload(sign_in("luo"), text).status_code == 422


def test_a_dropped_upload_is_forgotten_with_its_names(town: Any, sign_in: Any) -> None:
    client = sign_in("luo")
    shown = upload(client, "楼栋,房号,面积,业主姓名\n瑞金阁,302,92.30,刘玉梅\n")
    assert client.post(f"{shown['Location']}/drop")["Location"] == "/p/ruikang/roll/"
    assert client.get(shown["Location"]).status_code == 404
