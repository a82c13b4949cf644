"""One woman who leaves her name everywhere the house has room for it, and a look at the raw tables."""

import base64
import io
import json
import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from PIL import Image

from doorstep.affairs import actions as affairs
from doorstep.affairs.models import Category, CounterNote, HelpOffer, Matter, MatterText, PrintedLink, TakingPart
from doorstep.affairs.texts import MatterTexts
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity import actions as identity
from doorstep.foundation.identity import consents
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.moderation.actions import complain
from doorstep.foundation.moderation.models import Case
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import Follow, MailAddress
from doorstep.organisations.actions import create_body, give_post, residence
from doorstep.organisations.models import Unit
from doorstep.organisations.roll_import import import_table, upload_roll
from doorstep.services import actions as services
from doorstep.services.models import Feedback, HomeVisit, MentorTerms, Point, Reading
from doorstep.talents.models import HoursProof, Licence, Profile, VolunteerRecord

NAME, PHONE, LAST4, LOGIN = "𬭳海·标记", "13712345678", "987X", "haibiaoji"
WORDS = "我家门口的紫荆树压弯了"
IMPORT = Actor(channel="import")
HEAD = ["楼栋", "单元", "房号", "面积", "业主姓名", "联系电话", "证件后四位"]


@dataclass(frozen=True)
class Woman:
    person: Person
    account: Account
    matter: Matter
    unit: Unit
    keeper: Person

    @property
    def viewer(self) -> Any:
        return build_viewer(person_id=self.person.pk, name=self.person.name)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#7a5").save(out, "JPEG")
    return out.getvalue()


def row(name: str = NAME, phone: str = PHONE, last4: str = LAST4) -> list[object]:
    return ["瑞金阁", "1", "302", "92.30", name, phone, last4]


def leave_traces(town: Any) -> Woman:
    """She owns a flat, signs in, claims it, raises matters, is answered by name, agrees, helps, is mistyped, and has a sheet waiting with her name."""
    committee = create_body(code="committee", kind="owners_committee", name="业委会", place=town.estate, by=IMPORT)
    keeper = identity.create_person(name="郑国梁", phone="13900000009")
    identity.create_account(person=keeper, login="zheng", phone=keeper.phone, password="a-long-password")
    give_post(body=committee, title="主任", person=keeper, held_from=date(2020, 1, 1), by=IMPORT)
    import_table(estate=town.estate, table=[(1, HEAD), (2, row())], by=IMPORT)
    unit = Unit.objects.get(name="瑞金阁-1-302")

    browser = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 9) Chrome/120"})
    browser.post("/login/code", {"phone": PHONE, "go": "code"})
    browser.post("/login/code", {"phone": PHONE, "name": NAME, "code": "000000", "go": "sign-in"})
    code = MemorySender.sent[-1][1].split("验证码 ")[1][:6]
    browser.post("/login/code", {"phone": PHONE, "name": NAME, "code": code, "go": "sign-in", "next": "/my/"})
    account = Account.objects.get(phone=PHONE)
    viewer = build_viewer(person_id=account.person_id, name=NAME)
    claim = residence.claim_residence(viewer=viewer, estate=town.estate, unit_name=unit.name, kind="owner", id_last4=LAST4)
    residence.confirm_claim(viewer=build_viewer(person_id=keeper.pk), claim=claim, kind="owner")
    Account.objects.filter(pk=account.pk).update(login=LOGIN)
    account = Account.objects.select_related("person").get(pk=account.pk)
    person = account.person
    viewer = build_viewer(person_id=person.pk, name=NAME)
    by = Actor(person_id=person.pk)

    draft = affairs.open_draft()
    affairs.keep_draft(draft=draft, text=WORDS, spot="瑞金阁 302 门口", see="named", name=NAME, phone=PHONE)
    affairs.add_draft_photo(draft=draft, data=picture())
    matter = affairs.send_draft(draft=draft, by=by, place=town.building, category=Category.objects.get(code="greening"))
    waiting = affairs.open_draft()
    affairs.keep_draft(draft=waiting, text=WORDS, name=NAME, phone=PHONE)
    luo = town.viewer(town.luo)
    affairs.answer_matter(viewer=luo, matter=matter, text=f"{NAME}您好，明天去修，打您 {PHONE} 约时间。")
    affairs.add_to_matter(viewer=viewer, matter=matter, text=f"{WORDS}，请打 {PHONE}。", photos=[])
    affairs.note_inside(viewer=luo, matter=matter, text=f"住户{NAME}催过两次")
    hidden = affairs.raise_matter(by=by, reporter_id=person.pk, place=town.building, category=matter.category, text=WORDS, is_public=False)
    affairs.withdraw_matter(viewer=viewer, matter=hidden)

    consents.give_consent(
        person_id=person.pk,
        purpose="wall",
        how="paper",
        witness="谢俊杰",
        kept_where=f"{NAME}的柜子",
        by=Actor(person_id=keeper.pk),
        place=town.estate,
    )
    consents.give_mandate(
        person_id=person.pk,
        helper_id=town.liu.pk,
        from_on=clock.today(),
        until_on=clock.today() + timedelta(days=30),
        latest=clock.today() + timedelta(days=365),
        by=by,
        place=town.estate,
    )
    residence.invite(viewer=viewer, unit=unit, kind="tenant")
    # A form whose login ran out keeps what was typed; so does a session of hers.
    browser.force_login(account, backend="doorstep.foundation.identity.backend.AccountBackend")
    session = browser.session
    session["typed"] = {"path": "/x", "fields": {"text": WORDS, "phone": PHONE}}
    session.save()
    MailAddress.objects.create(person=person, address=f"{LOGIN}@example.com", confirmed_at=clock.now())
    Follow.objects.create(person=person, kind="place", subject="ruikang", since=clock.now())
    # One of her texts is hidden, and she does not agree; a neighbour objected and named her.
    spoken = affairs.raise_matter(by=by, reporter_id=person.pk, place=town.building, category=matter.category, text=f"{WORDS}，第二回")
    case = complain(viewer=town.viewer(town.ye), kind="matter", subject=spoken.number, item="0", reason="abuse", note=f"{NAME}骂人")
    Case.objects.filter(pk=case.pk).update(
        state="hidden", original=MatterTexts().hide(spoken.number, "0", "abuse"), appeal=f"我{NAME}没有骂人"
    )
    complain(viewer=viewer, kind="matter", subject=matter.number, item=str(matter.texts.get(kind="answer").pk), reason="abuse", note=WORDS)
    leave_words(town, person, matter)
    identity.issue_token(account=account)
    identity.send_code(phone=PHONE)
    identity.note_failure(phone=PHONE, login=LOGIN)
    browser.post("/my/data/phone", {"phone": PHONE, "go": "change", "code": "000000"})
    upload_roll(
        estate=town.estate,
        file_name="待写.csv",
        data=b"",
        table=[(1, HEAD), (2, row()), (3, ["瑞银阁", "1", "101", "80", NAME, "", ""])],
        by=IMPORT,
    )
    while deliver_pending():
        pass
    return Woman(person, account, matter, unit, keeper)


def _thanks(matter: Matter, author: Person, words: str) -> MatterText:
    return MatterText.objects.create(matter=matter, kind="thanks", text=words, salt="5a" * 16, author=author, written_at=clock.now())


def leave_words(town: Any, person: Person, matter: Matter, *, clinic_code: str = "clinic") -> None:
    """A word of hers, or one about her, in every table of the other mechanisms that has room for one."""
    now, today = clock.now(), clock.today()
    HelpOffer.objects.create(matter=matter, helper=town.ye, text=f"我来帮{NAME}", thanks=_thanks(matter, person, WORDS), offered_at=now)
    theirs = town.raise_matter(by=Actor(person_id=town.ye.pk), reporter_id=town.ye.pk)
    HelpOffer.objects.create(matter=theirs, helper=person, text=WORDS, thanks=_thanks(theirs, town.ye, f"谢谢{NAME}"), offered_at=now)
    link = PrintedLink.objects.create(token="taking-part-of-hers", path="/", made_at=now)
    TakingPart.objects.create(
        link=link, number="HL-C-2026-0001", person=person, name=NAME, lines=[["raise", "2026-01-01", "1", WORDS]], made_at=now
    )
    CounterNote.objects.create(
        place=town.estate,
        day=today,
        queue_number=901,
        text=WORDS,
        name=NAME,
        phone=PHONE,
        taken_by=town.luo,
        body=town.company,
        taken_at=now,
    )
    clinic = services.offer_service(by=IMPORT, code=clinic_code, kind="clinic", name="义诊", body=town.company, place=town.estate)
    session = services.plan_session(
        by=IMPORT, service=clinic, place=town.estate, starts_at=now + timedelta(hours=1), minutes=60, capacities={"place": None}
    )
    Feedback.objects.create(occasion=session, person=person, once="x" * 64, stars=5, words=WORDS, words_salt="ab", given_at=now)
    Point.objects.create(occasion=session, text=WORDS, salt="ab", speaker=person, written_at=now)
    HomeVisit.objects.create(
        service=clinic,
        place=town.building,
        visited=person,
        alias="标记老人",
        visitor=town.luo,
        visited_at=now,
        minutes=9,
        words=f"{NAME}要买药",
        recorded_at=now,
    )
    Reading.objects.create(
        person=person, mentor=town.luo, occasion=session, systolic=177, diastolic=77, taken_at=now, delete_on=today + timedelta(days=9)
    )
    MentorTerms.objects.create(person=person, weekly_minutes=60, prefers=[WORDS], changed_at=now)
    Profile.objects.create(
        person=person,
        place=town.estate,
        skills=["coffee"],
        about=WORDS,
        about_salt="ab",
        may_be_asked=True,
        consented_at=now,
        consent_how="web",
        changed_at=now,
    )
    Licence.objects.create(
        person=person,
        kind="nurse",
        number=f"{LAST4}-{LOGIN}",
        number_salt="ab",
        expires_on=today,
        checked_by=town.luo,
        checked_for=town.company,
        checked_on=today,
    )
    HoursProof.objects.create(
        code="proof-of-hers",
        person=person,
        name=NAME,
        since=today,
        until=today,
        minutes=60,
        lines=1,
        digest="",
        body=town.company,
        made_at=now,
    )
    VolunteerRecord.objects.create(
        person=person, kind="award", on=today, words=f"表彰{NAME}", words_salt="ab", body=town.company, recorded_at=now
    )


def sell(woman: Woman, town: Any) -> None:
    """Her flat goes to somebody else, so the roll no longer needs her name."""
    import_table(estate=town.estate, table=[(1, HEAD), (2, row("买家甲", "13600000001", "1111"))], by=IMPORT)


def raw_cells() -> list[tuple[str, str]]:
    """Every cell of every table as text, also what is packed inside: (table.column, text)."""
    cells = []
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for values in cursor.fetchall():
                cells += [(f"{table}.{name}", _text(table, name, value)) for name, value in zip(names, values, strict=True)]
    return cells


def _text(table: str, name: str, value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    text = str(value)
    if name == "session_data":
        text = _unpacked(text)
    if text[:1] in {"{", "["}:
        try:
            return text + json.dumps(json.loads(text), ensure_ascii=False)
        except ValueError:
            return text
    return text


def _unpacked(signed: str) -> str:
    """What a session holds: signed, packed and in base 64."""
    payload = signed.partition(":")[0] if not signed.startswith(".") else signed[1:].partition(":")[0]
    data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return (zlib.decompress(data) if signed.startswith(".") else data).decode()


def found(*marks: str) -> set[str]:
    """The columns in which one of these stands."""
    return {where for where, text in raw_cells() for mark in marks if mark in text}
