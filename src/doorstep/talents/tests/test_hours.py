import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import inbox
from doorstep.talents import actions, queries
from doorstep.talents.models import HoursLine, VolunteerNumber
from doorstep.talents.tests.conftest import Academy, at

TUESDAY = date(2026, 4, 7)


def attended(
    academy: Academy, person: Person, *, minutes: int = 120, on: date = TUESDAY, stage: str = "attended", title: str = "周二义诊"
) -> HoursLine:
    return actions.record_hours(
        by=Actor(person_id=academy.teacher.pk),
        person_id=person.pk,
        stage=stage,
        minutes=minutes,
        on=on,
        title=title,
        place=academy.cafe,
        body=academy.body,
        subject=f"occasion:{on}",
        served=21,
    )


def sums(academy: Academy, person: Person) -> tuple[int, int]:
    book = queries.book_of(academy.viewer(person))
    assert book is not None
    return book.approved, book.waiting


def test_the_inbox_says_which_hours_and_nobody_elses(academy: Academy) -> None:
    liu = academy.town.liu
    line = attended(academy, liu)
    attended(academy, academy.town.ye, title="别人的事")
    actions.approve_hours(viewer=academy.viewer(academy.teacher), line=line)
    deliver_pending()
    items, _before = inbox(academy.viewer(liu))
    assert [(each.line.text, each.line.title, each.line.url) for each in items] == [
        ("您的时长认可了", "周二义诊 · 2026-04-07", "/talents/hours/")
    ]
    # An item about a line that is not one's own says no more than that.
    InboxItem.objects.filter(person=liu).update(person=academy.town.luo)
    items, _before = inbox(academy.viewer(academy.town.luo))
    assert {each.line.title for each in items} == {""}


def test_planned_attended_approved_corrected(academy: Academy) -> None:
    liu, teacher = academy.town.liu, academy.viewer(academy.teacher)
    attended(academy, liu, stage="planned")
    assert sums(academy, liu) == (0, 0)
    line = attended(academy, liu)
    assert sums(academy, liu) == (0, 120)
    approved = actions.approve_hours(viewer=teacher, line=line, minutes=110)
    assert (approved.minutes, approved.served) == (110, 21)
    assert sums(academy, liu) == (110, 10)
    with pytest.raises(actions.AlreadyApproved):
        actions.approve_hours(viewer=teacher, line=line)
    back = actions.reverse_hours(viewer=teacher, line=approved, reason="shorter")
    assert (back.minutes, back.reverses_id) == (-110, approved.pk)
    assert sums(academy, liu) == (0, 120)
    for line_again in (approved, back):
        with pytest.raises(actions.AlreadyReversed):
            actions.reverse_hours(viewer=teacher, line=line_again, reason="shorter")
    assert actions.approve_hours(viewer=teacher, line=line, minutes=90).minutes == 90  # taken back: may be approved anew
    assert sums(academy, liu) == (90, 30)


def test_the_databases_refuse_to_change_a_line(academy: Academy) -> None:
    line = attended(academy, academy.town.liu)
    for change in (lambda: HoursLine.objects.filter(pk=line.pk).update(minutes=999), lambda: HoursLine.objects.filter(pk=line.pk).delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert HoursLine.objects.get(pk=line.pk).minutes == 120


@pytest.mark.parametrize(
    ("minutes", "on", "refused"),
    [(0, TUESDAY, actions.NoTime), (1441, TUESDAY, actions.NoTime), (60, date(2026, 7, 2), actions.InTheFuture)],
)
def test_hours_that_cannot_be(academy: Academy, minutes: int, on: date, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        attended(academy, academy.town.liu, minutes=minutes, on=on)
    assert not HoursLine.objects.exists()


def test_only_the_organising_body_approves_and_nobody_their_own(academy: Academy) -> None:
    line = attended(academy, academy.town.liu)
    for person in (academy.town.liu, academy.town.luo, academy.director):
        with pytest.raises(actions.NotAllowed):
            actions.approve_hours(viewer=academy.viewer(person), line=line)
        with pytest.raises(actions.NotAllowed):
            actions.reverse_hours(viewer=academy.viewer(person), line=line, reason="twice")
    own = attended(academy, academy.teacher)
    with pytest.raises(actions.NotAllowed):
        actions.approve_hours(viewer=academy.viewer(academy.teacher), line=own)


def test_the_public_id_is_a_number_that_says_nothing(academy: Academy) -> None:
    attended(academy, academy.town.liu)
    attended(academy, academy.town.liu, on=TUESDAY + timedelta(days=7))
    attended(academy, academy.town.ye)
    numbers = set(VolunteerNumber.objects.values_list("number", flat=True))
    assert len(numbers) == 2
    assert all(number.startswith("HL-ZY-") and number[6:].isdecimal() and len(number) == 16 for number in numbers)
    assert not any(academy.town.liu.phone[-6:] in number for number in numbers)


def test_entries_about_hours_are_for_the_volunteer_and_the_body(academy: Academy, nobody: Any) -> None:
    line = attended(academy, academy.town.liu)
    entry = Entry.objects.get(kind="hours")
    assert entry.audience == f"hours:{line.pk}"
    knowing = [queries.may_see_hours(academy.viewer(each), entry.audience) for each in (academy.town.liu, academy.teacher, academy.town.ye)]
    assert knowing == [True, True, False]
    assert not queries.may_see_hours(nobody, entry.audience)
    assert "义诊" not in str(entry.detail)


def test_a_proof_is_free_verifiable_and_says_when_the_book_was_corrected(academy: Academy, client: Any, sign_in: Any) -> None:
    teacher, liu = academy.viewer(academy.teacher), academy.viewer(academy.town.liu)
    with pytest.raises(actions.NothingToProve):
        actions.make_proof(viewer=liu, since=TUESDAY, until=TUESDAY, body=academy.centre)
    approved = actions.approve_hours(viewer=teacher, line=attended(academy, academy.town.liu))
    posted = sign_in("liu").post("/talents/hours/prove", {"since": "2026-01-01", "until": "2026-06-30"})
    assert posted.status_code == 303
    client.logout()
    page = client.get(posted["Location"])
    assert "刘玉梅" in page.content.decode()
    assert "2 小时" in page.content.decode()
    assert "和时长簿上的一样" in page.content.decode()
    attended(academy, academy.town.liu, on=TUESDAY + timedelta(days=1))  # not approved: changes nothing
    assert "和时长簿上的一样" in client.get(posted["Location"]).content.decode()
    actions.reverse_hours(viewer=teacher, line=approved, reason="not_there")
    assert "时长簿更正过" in client.get(posted["Location"]).content.decode()
    forged = client.get("/talents/proofs/ABCDEFGHJKMNPQRS")
    assert forged.status_code == 404


def test_the_book_has_the_five_groups_of_the_ministrys_order(academy: Academy) -> None:
    student = academy.published()
    director = academy.viewer(academy.director)
    certificate = actions.issue_certificate(viewer=director, student=student, happened_at=at(6, 18))
    actions.approve_hours(viewer=academy.viewer(academy.teacher), line=attended(academy, academy.town.liu))
    for kind, words in (("award", "优秀志愿者"), ("evaluation", "守时")):
        actions.write_record(viewer=director, person=academy.town.liu, body=academy.centre, kind=kind, on=date(2026, 6, 20), words=words)
    with pytest.raises(actions.NotAllowed):
        actions.write_record(
            viewer=academy.viewer(academy.town.luo), person=academy.town.liu, body=academy.centre, kind="award", on=TUESDAY, words="x"
        )
    book = queries.book_of(academy.viewer(academy.town.liu))
    assert book is not None
    assert (book.person, bool(book.volunteer_number)) == (academy.town.liu, True)
    assert (book.approved, book.practice) == (120, 960)
    assert [(each.attended_hours, each.certificate_number) for each in book.training] == [(22, certificate.number)]
    assert [each.words for each in (*book.awards, *book.evaluations)] == ["优秀志愿者", "守时"]


def test_the_table_is_safe_exact_and_without_names(academy: Academy, sign_in: Any) -> None:
    teacher = academy.viewer(academy.teacher)
    approved = actions.approve_hours(viewer=teacher, line=attended(academy, academy.town.liu, minutes=100, title="=SUM(A1)"))
    actions.reverse_hours(viewer=teacher, line=approved, reason="twice")
    answer = sign_in("liu").get("/talents/hours.csv")
    text = answer.content.decode("utf-8-sig")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "刘玉梅" not in text
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:4] == ["记录类型", "志愿者编号", "活动名称", "活动日期"]
    assert [(row[2], row[6], row[7], row[8], row[9]) for row in rows[1:]] == [
        ("'=SUM(A1)", "1.66", "21", "实到", ""),
        ("'=SUM(A1)", "1.66", "21", "认可", ""),
        ("'=SUM(A1)", "-1.66", "", "认可", f"更正第 {approved.pk} 行"),
    ]
    assert sign_in("teacher").get("/talents/hours.csv?body=academy").content.decode("utf-8-sig").count("\r\n") == 4
    assert sign_in("liu").get("/talents/hours.csv?body=academy").status_code == 403
    assert sign_in("liu").get("/talents/hours.csv?body=nothing").status_code == 404


def test_approving_on_the_page(sign_in: Any, academy: Academy) -> None:
    first, second = attended(academy, academy.town.liu), attended(academy, academy.town.ye)
    assert sign_in("liu").get("/talents/hours/approve").status_code == 403
    assert sign_in("luo").post("/talents/hours/approve/line", {"line": first.pk, "minutes": 120}).status_code == 404
    assert sign_in("liu").post("/talents/hours/approve/line", {"line": first.pk, "minutes": 120}).status_code == 403
    teacher = sign_in("teacher")
    page = teacher.get("/talents/hours/approve").content.decode()
    assert page.count("周二义诊") == 2
    assert teacher.post("/talents/hours/approve/line", {"line": first.pk, "minutes": 0}).status_code == 422
    assert teacher.post("/talents/hours/approve/line", {"line": first.pk, "minutes": 115}).status_code == 303
    assert teacher.post("/talents/hours/approve/line", {"line": first.pk, "minutes": 116}).status_code == 409
    assert teacher.post("/talents/hours/approve/line", {"line": second.pk, "do": "reverse", "reason": "not_there"}).status_code == 303
    assert "周二义诊" not in teacher.get("/talents/hours/approve").content.decode()
    assert (sums(academy, academy.town.liu), sums(academy, academy.town.ye)) == ((115, 5), (0, 0))
