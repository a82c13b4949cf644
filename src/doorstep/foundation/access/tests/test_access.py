"""Who a viewer is, what they may see, and what is written down of what they saw."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from doorstep.foundation import clock
from doorstep.foundation.access.middleware import ViewerMiddleware, viewer_of_account, write_reads
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.viewer import NOBODY, PUBLIC, Viewer, build_viewer, may_see
from doorstep.foundation.identity.actions import issue_token
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.organisations.actions import give_post
from doorstep.organisations.actions.residence import verify_owner
from doorstep.organisations.models import Holder, Unit


def test_a_viewers_keys_are_their_own_their_bodies_and_their_estates(town: Any) -> None:
    assert town.viewer(town.liu).keys == {PUBLIC, f"person:{town.liu.pk}"}
    assert town.viewer(town.luo).keys == {PUBLIC, f"person:{town.luo.pk}", f"body:{town.company.pk}", "office:ruikang"}
    unit = Unit.objects.create(
        estate=town.estate, building=town.building, name="1", room="1", area_hundredths=1, kind="flat", status="delivered"
    )
    # A name on the roll opens nothing by itself.
    Holder.objects.create(unit=unit, person=town.liu)
    assert town.viewer(town.liu).keys == {PUBLIC, f"person:{town.liu.pk}"}
    verify_owner(unit=unit, person_id=town.liu.pk, by=SYSTEM)
    assert town.viewer(town.liu).keys == {PUBLIC, f"person:{town.liu.pk}", "estate:ruikang", "owners:ruikang"}
    assert NOBODY.keys == {PUBLIC}
    assert not NOBODY.signed_in
    # Somebody looking for one purpose alone has nothing else of theirs.
    assert Viewer(person_id=town.liu.pk).keys == {PUBLIC, f"person:{town.liu.pk}"}


def test_what_only_keys_need_is_read_when_one_is_asked_for(town: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        viewer = town.viewer(town.luo)
        assert viewer.acting_post is not None
        assert viewer.bodies == {town.company.pk}
    with django_assert_num_queries(2):
        assert f"person:{town.luo.pk}" in viewer.keys
        assert viewer.former_ids == set()


@pytest.mark.parametrize(
    ("held_from", "held_until", "held"), [(-1, None, True), (-9, -1, False), (1, None, False), (-9, 0, True), (0, 0, True)]
)
def test_a_post_gives_its_key_from_its_first_day_to_its_last(town: Any, held_from: int, held_until: int | None, held: bool) -> None:
    today = clock.today()
    last = None if held_until is None else today + timedelta(days=held_until)
    give_post(body=town.branch, title="委员", person=town.ye, held_from=today + timedelta(days=held_from), held_until=last, by=SYSTEM)
    viewer = town.viewer(town.ye)
    assert (town.branch.pk in viewer.bodies) == held
    assert viewer.is_staff == held


def test_an_honorary_post_is_held_but_opens_nothing(town: Any) -> None:
    give_post(body=town.branch, title="顾问", person=town.ye, held_from=clock.today(), by=SYSTEM, handles_matters=False)
    viewer = town.viewer(town.ye)
    assert [post.title for post in viewer.posts] == ["顾问"]
    assert town.branch.pk not in viewer.bodies


def test_one_acts_by_the_post_chosen_if_it_is_ones_own(town: Any) -> None:
    second = give_post(body=town.branch, title="委员", person=town.luo, held_from=clock.today(), by=SYSTEM, position=5)
    first = town.viewer(town.luo).acting_post
    chosen = build_viewer(person_id=town.luo.pk, acting_post_id=second.pk).acting_post
    others = build_viewer(person_id=town.luo.pk, acting_post_id=10**9).acting_post
    assert first is not None
    assert chosen is not None
    assert (first.title, chosen.title, others) == ("物业经理", "委员", first)
    assert town.viewer(town.luo).post_in(town.branch.pk).title == "委员"
    assert town.viewer(town.luo).post_in(None) is None


@pytest.mark.parametrize(("key", "seen"), [("public", True), ("person:7", True), ("person:70", False), ("nonsense:1", False), ("", False)])
def test_a_row_is_seen_by_its_key_and_an_unknown_kind_of_key_by_nobody(key: str, seen: bool) -> None:
    assert may_see(Viewer(person_id=7), key) == seen
    assert may_see(NOBODY, key) == (key == PUBLIC)


def test_a_matters_key_is_answered_by_its_mechanism(town: Any) -> None:
    hidden = town.raise_matter(is_public=False)
    for person, seen in ((town.liu, True), (town.luo, True), (town.ye, False), (town.lin, False)):
        assert may_see(town.viewer(person), f"matter:{hidden.number}") == seen
    assert not may_see(NOBODY, f"matter:{hidden.number}")


# The access log


def test_a_read_is_written_after_the_response_and_forgotten(town: Any) -> None:
    request = RequestFactory().get("/")
    request.user = Account.objects.get(login="luo")
    request.session = {}
    rows_during = []

    def page(request: Any) -> Any:
        request.viewer.note_read(kind="matter", subject="HL-1", about_person_id=town.liu.pk, why="handling")
        rows_during.append(AccessLog.objects.count())
        from django.http import HttpResponse  # noqa: PLC0415

        return HttpResponse()

    ViewerMiddleware(page)(request)
    assert rows_during == [0]
    row = AccessLog.objects.get()
    assert (row.person_id, row.about_person_id, row.kind, row.subject, row.why) == (town.luo.pk, town.liu.pk, "matter", "HL-1", "handling")
    assert row.post_id == town.viewer(town.luo).acting_post.id
    assert request.viewer.reads == []


def test_reading_a_reporters_contact_is_logged_once_a_request(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    client = sign_in("luo")
    client.get(f"/m/{matter.number}")
    client.get(f"/work/{matter.number}")
    assert list(AccessLog.objects.values_list("subject", "person_id", "about_person_id")) == [(matter.number, town.luo.pk, town.liu.pk)] * 2


def test_ones_own_and_public_reads_are_not_logged(town: Any, sign_in: Any, client: Any) -> None:
    public, hidden = town.raise_matter(), town.raise_matter(is_public=False)
    assert client.get(f"/m/{public.number}").status_code == 200
    for login in ("liu", "ye"):
        sign_in(login).get(f"/m/{public.number}")
    sign_in("liu").get(f"/m/{hidden.number}")
    assert not AccessLog.objects.exists()


def test_what_was_refused_was_not_read(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    assert sign_in("luo").post(f"/m/{matter.number}/confirm", {"text": ""}).status_code == 403
    assert sign_in("ye").get(f"/m/{town.raise_matter(is_public=False).number}").status_code == 404
    assert not AccessLog.objects.exists()


def test_reads_by_token_are_logged_too(town: Any, client: Any) -> None:
    matter = town.raise_matter(is_public=False)
    token = issue_token(account=Account.objects.get(login="luo"))
    client.get(f"/api/v1/matters/{matter.number}", headers={"Authorization": f"Bearer {token}"})
    assert [row.subject for row in AccessLog.objects.filter(person_id=town.luo.pk)] == [matter.number]


def test_looking_at_an_uploaded_roll_is_logged(town: Any, sign_in: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    client = sign_in("luo")
    sheet = SimpleUploadedFile("a.csv", "楼栋,房号,面积,业主姓名\n瑞金阁,302,92.30,刘玉梅\n".encode())
    client.get(client.post("/p/ruikang/roll/", {"file": sheet})["Location"])
    assert list(AccessLog.objects.values_list("kind", "subject", "why")) == [("roll", "ruikang", "import")]


def test_nothing_noted_nothing_written(town: Any, django_assert_num_queries: Any) -> None:
    viewer = viewer_of_account(Account.objects.get(login="ye"))
    with django_assert_num_queries(0):
        write_reads(viewer)
