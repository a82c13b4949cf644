"""我的资料: seen, taken along, corrected, ended."""

import io
import itertools
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.utils import translation

from doorstep.affairs import actions as affairs
from doorstep.foundation import clock
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.identity import deaths
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.erasures import list_file
from doorstep.foundation.identity.export import held_about
from doorstep.foundation.identity.lifecycle import TOMBSTONE, Listed, person_columns, worded_columns
from doorstep.foundation.identity.models import Consent, ErasureRequest, Mandate, Person
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.notify.actions import deliver_pending, follow
from doorstep.foundation.notify.models import Preference
from doorstep.foundation.occasions.lifecycle import STANDINGS
from doorstep.foundation.occasions.rules.waiting import Standing
from doorstep.foundation.regulations.deadlines import last_day
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.organisations.models import Holder
from doorstep.organisations.roll_import import import_table
from doorstep.services.codes import roles
from doorstep.services.lifecycle import role_names
from doorstep.site.commands import COMMANDS
from doorstep.site.notices import KINDS
from doorstep.site.upkeep import erase_asked
from doorstep.site.views import WHY
from doorstep.site.worded import kinds
from doorstep.talents.actions import keep_profile
from doorstep.talents.models import Licence


@pytest.fixture(autouse=True)
def _no_list() -> Any:
    yield
    list_file().unlink(missing_ok=True)


def test_the_page_says_what_is_held_agreed_and_read(town: Any, sign_in: Any) -> None:
    town.raise_matter()
    page = sign_in("liu").get("/my/data").content.decode()
    assert "您说过的事" in page
    assert "楼道灯不亮" in page
    assert "/my/reads" in page
    for title in ("写名字", "上墙", "照片", "媒体"):
        assert title in page


def test_a_consent_is_given_and_taken_back(town: Any, sign_in: Any) -> None:
    client = sign_in("liu")
    client.post("/my/data/consent", {"purpose": "wall", "go": "give"})
    assert Consent.objects.get(person=town.liu).withdrawn_at is None
    client.post("/my/data/consent", {"purpose": "wall", "go": "withdraw"})
    assert Consent.objects.get(person=town.liu).withdrawn_at is not None
    assert client.post("/my/data/consent", {"purpose": "no_such", "go": "give"}).status_code == 404


def test_everything_goes_along_as_json_and_to_read(town: Any, sign_in: Any) -> None:
    town.raise_matter(is_public=False)
    answer = sign_in("liu").post("/my/data/export")
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    data = json.loads(archive.read("data.json"))
    assert data["format"] == "doorstep.my-data/1"
    codes = {section["code"] for section in data["sections"]}
    assert {"foundation.Person", "affairs.Matter.reporter_id"} <= codes
    readable = archive.read("data.html").decode()
    assert "楼道灯不亮" in readable
    assert "<script" not in readable
    # Nobody else's.
    assert "叶锦棠" not in archive.read("data.json").decode()


def test_erasing_waits_and_is_done_by_the_worker(town: Any, sign_in: Any) -> None:
    client = sign_in("ye")
    assert client.post("/my/data/erase", {"go": "ask"}).status_code == 422
    client.post("/my/data/erase", {"go": "ask", "sure": "yes"})
    request = ErasureRequest.objects.get(person=town.ye)
    localities = town.place.localities
    cooling = value_of("privacy.cooling_days", place_lineage_localities=localities, on=clock.today())
    within = value_of("privacy.erasure_workdays", place_lineage_localities=localities, on=clock.today())
    assert request.due_at.astimezone(clock.TOWN_ZONE).date() == clock.today() + timedelta(days=cooling.number)
    # The days to think it over leave time to be done within what the law asks.
    assert request.due_at.date() <= last_day(clock.today(), within.limit, calendar())
    assert "不注销了" in client.get("/my/data").content.decode()
    client.post("/my/data/erase", {"go": "withdraw"})
    assert erase_asked() == 0
    client.post("/my/data/erase", {"go": "ask", "sure": "yes"})
    with clock.shifted(timedelta(days=cooling.number + 1)):
        assert erase_asked() == 1
    assert Person.objects.get(pk=town.ye.pk).name == TOMBSTONE
    assert client.get("/my/data").status_code == 303


def test_an_owner_is_told_what_has_to_stay(town: Any, sign_in: Any) -> None:
    import_table(estate=town.estate, table=[(1, ["楼栋", "房号", "面积", "业主姓名"]), (2, ["瑞金阁", "302", "92", "刘玉梅"])], by=Actor())
    holder = Person.objects.get(name="刘玉梅", phone="")
    page = sign_in("liu").get("/my/data").content.decode()
    assert "名字在业主名册上" not in page
    Holder.objects.filter(person=holder).update(person=town.liu)
    client = sign_in("liu")
    page = client.get("/my/data").content.decode()
    assert "您还是名册上的业主" in page
    assert "名字在业主名册上" in page
    assert client.post("/my/data/name", {"name": "刘玉海"}).status_code == 422


def test_name_and_phone_are_corrected(town: Any, sign_in: Any) -> None:
    client = sign_in("ye")
    client.post("/my/data/name", {"name": " 叶锦堂 "})
    assert Person.objects.get(pk=town.ye.pk).name == "叶锦堂"
    assert client.post("/my/data/name", {"name": "​"}).status_code == 422
    assert client.post("/my/data/phone", {"phone": "1380", "go": "code"}).status_code == 422
    assert "换成这个号" in client.post("/my/data/phone", {"phone": "13811112222", "go": "code"}).content.decode()
    found = re.search(r"\d{6}", MemorySender.sent[-1][1])
    assert found is not None
    assert client.post("/my/data/phone", {"phone": "13811112222", "code": "000000", "go": "change"}).status_code == 422
    assert client.post("/my/data/phone", {"phone": "13811112222", "code": found[0], "go": "change"}).status_code == 303
    assert Person.objects.get(pk=town.ye.pk).phone == "13811112222"


def test_somebody_is_asked_to_act(town: Any, sign_in: Any) -> None:
    client = sign_in("ye")
    until = (clock.today() + timedelta(days=30)).isoformat()
    sent = {"name": "刘玉梅", "phone": town.liu.phone, "until_on": until, "go": "give", "once": "one-key"}
    assert client.post("/my/data/mandate", {**sent, "name": "别的人"}).status_code == 422
    assert client.post("/my/data/mandate", {**sent, "until_on": "2099-01-01"}).status_code == 422
    assert client.post("/my/data/mandate", {**sent, "name": "叶锦棠", "phone": town.ye.phone}).status_code == 422
    # Sent twice, given once.
    for _ in range(2):
        assert client.post("/my/data/mandate", sent).status_code == 303
    given = Mandate.objects.get(person=town.ye)
    assert given.helper_id == town.liu.pk
    assert "您可以替这些人办" in sign_in("liu").get("/my/data").content.decode()
    assert sign_in("lin").post("/my/data/mandate", {"go": "end", "mandate": given.pk}).status_code == 404
    sign_in("liu").post("/my/data/mandate", {"go": "end", "mandate": given.pk})
    given.refresh_from_db()
    assert given.ended_at is not None


def test_a_near_relative_sees_takes_and_erases_what_is_left(town: Any, sign_in: Any) -> None:
    town.raise_matter(by=Actor(person_id=town.ye.pk), reporter_id=town.ye.pk, text="亲人说过的话", is_public=False)
    said = deaths.report_death(
        person_id=town.ye.pk,
        died_on=clock.today(),
        proof="register",
        kept_where="",
        by=Actor(person_id=town.lin.pk),
        place=town.estate,
        relative_id=town.liu.pk,
        relation="child",
    )
    address = f"/my/data?who={town.ye.pk}"
    assert sign_in("liu").get(address).status_code == 404
    deaths.confirm_death(death=said, by=Actor(person_id=town.lin.pk), place=town.estate)
    client = sign_in("liu")
    assert "亲人说过的话" in client.get(address).content.decode()
    assert (
        "亲人说过的话"
        in zipfile.ZipFile(io.BytesIO(client.post("/my/data/export", {"who": town.ye.pk}).content)).read("data.json").decode()
    )
    client.post("/my/data/erase", {"who": town.ye.pk, "go": "ask", "sure": "yes"})
    request = ErasureRequest.objects.get(person=town.ye)
    assert request.asked_by_id == town.liu.pk
    assert sign_in("lin").get(address).status_code == 404
    with clock.shifted(timedelta(days=30)):
        assert erase_asked() == 1


@pytest.mark.parametrize("who", ["0", "x", "99999999999999999999", "-1"])
def test_nobody_elses_page_is_there(town: Any, sign_in: Any, who: str) -> None:
    assert sign_in("liu").get(f"/my/data?who={who}").status_code == 404


def test_the_command_replays_after_a_restore(town: Any, capsys: Any) -> None:
    person = create_person(name="某人")
    list_file().write_text(
        json.dumps({"person": person.pk, "entered_at": person.created_at.isoformat(), "erased_at": clock.now().isoformat()}) + "\n"
    )
    assert COMMANDS["erasures"](["replay"]) == 0
    assert "1 persons erased again, 0 more" in capsys.readouterr().err
    assert Person.objects.get(pk=person.pk).name == TOMBSTONE


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_page_asks_as_often_for_forty_matters_as_for_one(
    town: Any, sign_in: Any, django_assert_max_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        town.raise_matter()
    client = sign_in("liu")
    with django_assert_max_num_queries(75):
        assert client.get("/my/data").status_code == 200


# In words, not in codes


# Columns of an export that hold what somebody wrote or a public number, not a code. Anything else of text is worded.
WRITTEN = {
    "address", "answer", "appeal", "available", "background", "building__name", "branch__name", "body__name", "code", "course__title",
    "employer", "estate__name", "helper__name", "kept_where", "label", "matter__number", "name", "note", "number", "about",
    "given__occasion__title", "occasion__title", "offers", "party__first_unit", "party__vote__number", "party__vote__title", "person__name", "phone",
    "post__body__name", "post__title", "service__name", "spot", "text", "text_version", "thanks__text", "title", "typed_unit",
    "unit__estate__name", "unit__name", "uscc", "vote__number", "witness", "words",
}  # fmt: skip
# Free text in one mechanism that is a code in another.
WRITTEN_HERE = {"organisations.PartyMember.skills"}
CODES = re.compile(r"[a-z]+(?:[_:-][a-z0-9]+)*")


def field_of(model: Any, path: str) -> Any:
    for part in path.split("__"):
        field = model._meta.get_field(part)
        model = getattr(field, "related_model", None) or model
    return field


def test_every_exported_column_is_somebodys_words_or_has_words() -> None:
    bare = set()
    for column in person_columns():
        if not isinstance(column.export, Listed):
            continue
        for path in column.export.labels:
            name, field = f"{column.model._meta.label}.{path}", field_of(column.model, path)
            if not isinstance(field, models.CharField | models.TextField | models.JSONField):
                continue
            choices = [str(label) for _code, label in field.flatchoices]
            named = bool(choices) and all(re.search(r"[\u4e00-\u9fff]", label) for label in choices)
            if not (named or name in worded_columns() or path in WRITTEN or name in WRITTEN_HERE):
                bare.add(name)
    assert bare == set()


def in_words(section: Any) -> set[str]:
    """The cells of a section that are a code and nothing else."""
    cells = {str(each) for row in section.rows for value in row.values() for each in (value if isinstance(value, list) else [value])}
    return {cell for cell in cells if CODES.fullmatch(cell)}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_one_is_told_follows_and_signed_up_for_is_said_in_words(town: Any, language: str) -> None:
    matter = town.raise_matter()
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    affairs.answer_matter(viewer=luo, matter=matter, text="下午来修。")
    affairs.report_done(viewer=luo, matter=matter, text="修好了。")
    while deliver_pending():
        pass
    follow(viewer=liu, kind="place", subject="ruikang")
    keep_profile(
        viewer=liu, place=town.estate, skills=["reconciling"], availability=["mo-am"], may_be_asked=True,
        attributes={"sex": "F", "group": "3"},
    )  # fmt: skip
    # A row of every code that stands in a table of codes.
    AccessLog.objects.bulk_create(
        AccessLog(at=clock.now(), kind=kind, subject="register", why=why, about_person_id=town.liu.pk)
        for kind, why in [*itertools.product(kinds(), ["handling"]), *itertools.product(["matter"], WHY)]
    )
    Preference.objects.bulk_create(Preference(person=town.liu, kind=kind, channel="mail", mode=Preference.Mode.DIGEST) for kind in KINDS)
    Licence.objects.create(
        person=town.liu, kind="nurse", number="2008", expires_on=clock.today(), checked_on=clock.today(), checked_by=town.luo,
        checked_for=town.company,
    )  # fmt: skip
    with translation.override(language):
        sections = {section.code: section for section in held_about(town.liu.pk)}
    assert {"foundation.InboxItem.person_id", "foundation.Follow.person_id", "talents.Profile.person_id"} <= set(sections)
    bare = {code: in_words(section) - {"liu"} for code, section in sections.items()}  # the login is theirs
    assert {code: cells for code, cells in bare.items() if cells} == {}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_roles_and_standings_of_sign_ups_have_words(language: str) -> None:
    with translation.override(language):
        for standing in Standing:
            assert not CODES.fullmatch(str(STANDINGS[standing]))
        for role in (*roles(), "student"):
            assert not CODES.fullmatch(str(role_names()[role]))
