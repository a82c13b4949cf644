"""A town in which everything that not everybody may read carries a marker of its own."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from django.utils.module_loading import import_string
from PIL import Image

from doorstep.affairs import actions as affairs
from doorstep.affairs.actions import casework, votes
from doorstep.affairs.models import (
    ApiKey,
    Ballot,
    Matter,
    MatterPin,
    OfficialList,
    Open311Request,
    Paper,
    PaperEntry,
    PollAnswer,
    RollCorrection,
    Ruling,
    Transfer,
    Vote,
)
from doorstep.affairs.rules.pin import pin_of
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.files.testing import mp4, pdf
from doorstep.foundation.identity import actions as identity
from doorstep.foundation.identity import consents
from doorstep.foundation.identity.models import Account, Attempt, Death, Mandate, OneTimeCode, Person, Session
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import WriteOnce
from doorstep.foundation.moderation.actions import complain
from doorstep.foundation.moderation.models import Case
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import MailAddress
from doorstep.foundation.occasions.models import Attendance, Occasion, SignUp
from doorstep.foundation.search.actions import rebuild_index
from doorstep.organisations.actions import residence
from doorstep.organisations.models import HandOver, PartnerUnit, SealUse, Unit
from doorstep.services.models import ReadingConsent
from doorstep.talents.actions import record_hours
from doorstep.talents.models import Mark as Score
from doorstep.talents.models import Review, Student
from tests.canary.fields import SECRETS, Secret
from tests.lives.scene import leave_words
from tests.roles import scene as roles

PHOTO_WORD, SCAN_WORD, VOICE_WORD = "canaryinthephoto", "canaryinthescan", "canaryinthevoice"
# The hours book refuses changes, so the scene itself writes what is looked for.
HOURS_WORD = "canaryofherhours"
HERSELF = "herself"


@dataclass(frozen=True)
class Mark:
    """One marker: of which secret, in which row, and whose that row is."""

    secret: str
    row: int
    person: int | None


@dataclass
class Canaries:
    """The scene: the things the role table's `{names}` stand for, every marker, and what stood in the marked cells before."""

    named: dict[str, str]
    persons: dict[str, int]
    marks: dict[str, Mark] = field(default_factory=dict)
    before: dict[str, set[str]] = field(default_factory=dict)

    def empty(self) -> set[str]:
        """Secrets of which no row of the scene has any."""
        return {secret.name for secret in SECRETS} - {mark.secret for mark in self.marks.values()}

    def found_in(self, text: str) -> set[Mark]:
        return {self.marks[word] for word in WORD.findall(text) if word in self.marks}


# A marker wherever it stands: made-up words, telephone numbers, Yi syllables, numbers; and keys, salts and matters' numbers as they are.
WORD = re.compile(
    r"canary\d+x\d+|(?<!\d)19\d{9}(?!\d)|[\ua000-\ua48b]{3}\ua48c|(?<!\d)31\d{3}(?!\d)|[A-Za-z0-9_-]{11,}|[A-Za-z0-9_-]{3,10}(?![\w-])"
)


def word_of(shape: str, index: int, row: int) -> str:
    if shape == "phone":
        return f"19{index:03d}{row:06d}"
    if shape == "short":
        return "".join(chr(0xA000 + part) for part in (index, row // 1000, row % 1000)) + "\ua48c"
    if shape == "number":
        return str(31000 + index % 10 * 100 + row)
    return f"canary{index}x{row}"


def set_canaries(town: Any) -> Canaries:
    """The scene of the role table, a woman who has left a word in every other table, and then the markers over all of it."""
    named = set_scene(town)
    herself = leave_traces(town, named)
    canaries = Canaries(
        named=named,
        persons={role: Account.objects.get(login=login).person_id for role, login in {**roles.LOGINS, HERSELF: HERSELF}.items()},
    )
    assert herself.pk == canaries.persons[HERSELF]
    for index, secret in enumerate(SECRETS):
        plant(canaries, secret, index)
    rebuild_index()
    # What is made from a salt and never stored.
    counted = MatterPin.objects.select_related("matter").get(matter__number=named["counted"])
    pin = pin_of(secret=settings.SECRET_KEY.encode(), number=counted.matter.number, salt=counted.salt)
    canaries.marks[pin] = Mark("the slip's PIN", counted.pk, counted.matter.reporter_id)
    canaries.marks[named["invitation"]] = Mark("the home's code", 0, None)
    return canaries


def plant(canaries: Canaries, secret: Secret, index: int) -> None:
    rows = list(secret.rows())
    for row in rows:
        person = row
        for step in secret.whose.split("__") if secret.whose else ():
            person = getattr(person, step, None)
        owner = None if not secret.whose else person if isinstance(person, int) else getattr(person, "pk", None)
        old = getattr(row, secret.attribute)
        if secret.shape == "kept":
            word = str(old)
        else:
            word = word_of(secret.shape, index, row.pk if isinstance(row.pk, int) else 0)
            value = INSIDE[secret.column](old, word) if secret.shape == "inside" else int(word) if secret.shape == "number" else word
            type(row)._default_manager.filter(pk=row.pk).update(**{secret.attribute: value})
            if secret.shape != "inside" and isinstance(old, str):
                canaries.before.setdefault(secret.name, set()).add(old)
        if word:
            canaries.marks[word] = Mark(secret.name, row.pk if isinstance(row.pk, int) else 0, owner)


def _session(old: str, word: str) -> str:
    store: SessionBase = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    return store.encode({**store.decode(old), "typed": {"path": "/nowhere", "fields": {"text": word}}})


def _file(old: str, word: str) -> str:
    return json.dumps({**json.loads(old), "mark": word}) if old else old


def _renamed(old: Any, word: str) -> Any:
    """The same sheet with every name on it replaced."""
    return json.loads(json.dumps(old, ensure_ascii=False).replace("刘玉梅", word))


# Where a marker stands inside what a column holds.
INSIDE: dict[str, Callable[[Any, str], Any]] = {
    "foundation.Session.session_data": _session,
    "foundation.Case.original": lambda old, word: {**old, "text": word},
    "affairs.Draft.fields": lambda old, word: {**old, "text": word, "name": word},
    "affairs.TakingPart.lines": lambda old, word: [["raised", "2026-01-01", "1", word]],
    "affairs.VoteRecord.full_file": _file,
    "organisations.RollImport.rows": _renamed,
    "organisations.RollImport.report": _renamed,
    "talents.Profile.attributes": lambda old, word: {**old, "group": word},
    "services.MentorTerms.prefers": lambda old, word: [word],
}


def set_scene(town: Any) -> dict[str, str]:
    """The role table's scene, its files with something to say in their metadata."""
    kept = roles.picture, roles.pdf, roles.mp4
    roles.picture, roles.pdf, roles.mp4 = picture, lambda: pdf(author=SCAN_WORD), lambda seconds: mp4(seconds, personal=VOICE_WORD.encode())
    try:
        return roles.set_scene(town)
    finally:
        roles.picture, roles.pdf, roles.mp4 = kept


def picture() -> bytes:
    """A photo that says where it was taken and by whom."""
    image, out = Image.new("RGB", (40, 30), "#7a5"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = PHOTO_WORD
    exif.get_ifd(0x8825).update({1: "N", 2: (23.0, 2.0, 7.5), 3: "E", 4: (113.0, 59.0, 3.25)})
    image.save(out, "JPEG", exif=exif, comment=PHOTO_WORD.encode())
    return out.getvalue()


def leave_traces(town: Any, named: dict[str, str]) -> Person:
    """A woman with an account who lives here; and a row in every table the role table's scene leaves empty."""
    now, today = clock.now(), clock.today()
    herself = identity.create_person(name="她自己", phone="13712340001")
    account = identity.create_account(person=herself, login=HERSELF, phone=herself.phone, password="a-long-password")
    Person.objects.filter(pk__in=(herself.pk, town.liu.pk, town.ye.pk)).update(id_last4="000X")
    viewer, luo = build_viewer(person_id=herself.pk), town.viewer(town.luo)
    by = Actor(person_id=herself.pk)
    matter = town.raise_matter(by=by, reporter_id=herself.pk)
    leave_words(town, herself, matter, clinic_code="herclinic")
    # A hidden matter with everything that can stand on one, one withheld from the body complained about, one handed to the petition office.
    hidden = town.raise_matter(by=by, reporter_id=herself.pk, is_public=False)
    affairs.answer_matter(viewer=luo, matter=hidden, text="答复")
    affairs.add_to_matter(viewer=viewer, matter=hidden, text="补充", photos=[])
    affairs.note_inside(viewer=luo, matter=hidden, text="内部")
    affairs.note_inside(viewer=luo, matter=Matter.objects.get(number=named["open"]), text="内部")
    disputed = town.raise_matter(by=by, reporter_id=herself.pk, is_public=False)
    affairs.report_done(viewer=luo, matter=disputed, text="办了")
    affairs.dispute_done(viewer=viewer, matter=disputed, text="没办")
    shy = identity.create_person(name="怕人知道的人", phone="13712340002")
    town.raise_matter(by=Actor(person_id=shy.pk), reporter_id=shy.pk, is_shielded=True)
    transferred = town.raise_matter(by=by, reporter_id=herself.pk)
    casework.transfer_matter(viewer=luo, matter=transferred, to="petition", text="归信访")
    Transfer.objects.filter(matter=transferred).update(number="XF-1", registered_on=today)
    # Agreements, keys, what was typed, a device
    consents.give_consent(
        person_id=herself.pk,
        purpose="wall",
        how="paper",
        witness="证人",
        kept_where="柜子",
        by=Actor(person_id=town.luo.pk),
        place=town.estate,
    )
    consents.give_mandate(
        person_id=herself.pk,
        helper_id=town.liu.pk,
        from_on=today,
        until_on=today + timedelta(days=30),
        latest=today + timedelta(days=365),
        by=by,
        place=town.estate,
    )
    Mandate.objects.update(how="paper", witness="证人", kept_where="柜子")
    Death.objects.update(kept_where="柜子")
    ReadingConsent.objects.create(person=herself, how="paper", witness="证人", kept_where="柜子", given_at=now)
    identity.issue_token(account=account)
    identity.send_code(phone="13712340003")
    identity.note_failure(phone="13712340003", login=HERSELF)
    assert OneTimeCode.objects.exists()
    assert Attempt.objects.exists()
    Account.objects.update(totp_secret="JBSWY3DPEHPK3PXP")
    client = Client()
    client.force_login(account, backend="doorstep.foundation.identity.backend.AccountBackend")
    Session.objects.filter(account=account).update(device="Chrome · Android")
    MailAddress.objects.create(person=herself, address="her@example.com", confirmed_at=now)
    WriteOnce.objects.create(scope="x", key="y", body_digest="", answer="回过的话", location="/", at=now)
    # What moderation keeps
    complain(viewer=town.viewer(town.ye), kind="matter", subject=matter.number, item="0", reason="abuse", note="骂人")
    Case.objects.filter(subject=matter.number).update(state="hidden", original={"text": "原话", "salt": ""}, appeal="我不同意")
    # Meetings and rounds
    session = Occasion.objects.get(code=named["session"])
    sign_up = SignUp.objects.create(
        occasion=session, role="place", person=herself, alias="老街坊", standing="booked", signed_up_at=now, changed_at=now
    )
    Attendance.objects.create(
        occasion=session, sign_up=sign_up, person=herself, alias="老街坊", role="place", how="staff", came_at=now, recorded_at=now
    )
    HandOver.objects.update(note="钥匙在抽屉里")
    PartnerUnit.objects.update(contact="李老师", skills="讲课", available="周六")
    SealUse.objects.create(seal_id=int(named["seal"]), used_on=today, purpose="签合同", decision="", salt="")
    student = Student.objects.get(pk=named["student"])
    Score.objects.create(student=student, part="written", score=86, given_by=town.lin, given_at=now)
    Review.objects.create(student=student, person=herself, standing="agreed", words="很好", asked_at=now, said_at=now)
    record_hours(
        by=Actor(channel="import"),
        person_id=herself.pk,
        stage="attended",
        minutes=60,
        on=today,
        title=HOURS_WORD,
        title_en=HOURS_WORD,
        place=town.estate,
        body=town.company,
        subject="occasion:1",
    )
    key = ApiKey.objects.create(digest="d" * 64, label="热线", person=herself, body=town.company, made_at=now)
    Open311Request.objects.create(matter=matter, key=key, media_url="")
    # Votes: how papers were read, what was decided about them
    opened = Vote.objects.get(number=named["vote_open"])
    paper = Paper.objects.filter(vote=opened).first()
    assert paper is not None
    Paper.objects.filter(pk=paper.pk).update(code_digest="5c" * 32)
    PaperEntry.objects.create(
        paper=paper,
        round=1,
        clerk=town.lin,
        by=town.ye,
        proxy_document="委托书",
        channel="paper",
        valid=True,
        choices={"M1": "against"},
        cast_at=now,
        entered_at=now,
    )
    Ballot.objects.create(
        vote=opened,
        label="K0009",
        by=town.ye,
        proxy_for=town.ye,
        proxy_document="委托书",
        channel="paper",
        choices={"M1": "against"},
        salt="5b" * 16,
        cast_at=now,
        entry_id=0,
        acknowledged_at=now,
    )
    PollAnswer.objects.create(poll_id=int(named["vote_poll"]), person=herself, option=0, answered_at=now)
    Ruling.objects.create(vote=opened, ballots=["K0009"], counts="K0009", code="signature", words="按这张算", by=town.lin, at=now)
    OfficialList.objects.create(
        vote=opened, url="https://vote.example/0", sha256="5d" * 32, report={"rows": 1, "ballots": 1, "changed": 0, "errors": []},
        uploaded_by=town.lin, uploaded_at=now, received_at=now, reason="导错了",
    )  # fmt: skip
    facts = {"area": 8000, "kind": "flat", "status": "delivered", "holders": [town.ye.pk]}
    RollCorrection.objects.create(
        vote=opened, unit="瑞金阁-1-101", before={**facts, "area": 8100}, after=facts, reason="survey", words="卖了", by=town.lin, at=now
    )
    votes.raise_objection(viewer=town.viewer(town.ye), vote=Vote.objects.get(number=named["vote_shown"]), text="面积不对")
    unit = Unit.objects.get(name="瑞福阁-101")
    owner = build_viewer(person_id=int(named["owner"]))
    residence.use_code(viewer=viewer, code=residence.invite(viewer=owner, unit=unit, kind="household"), kind="")
    while deliver_pending():
        pass
    return herself
