"""What the rows of the table are tried on, and who tries."""

import io
import json
import re
from datetime import date, time, timedelta
from typing import Any

from django.core import signing
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from PIL import Image

from doorstep.affairs import actions
from doorstep.affairs.actions import casework, counter, lists, merging, neighbours, official, polls, votes
from doorstep.affairs.models import Category, MatterPhoto, Vote
from doorstep.affairs.rules.official_list import OfficialRow
from doorstep.affairs.testing import OPENS, VoteScene, add_unit, set_rule
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY, build_viewer
from doorstep.foundation.files.actions import keep_photo, keep_scan, keep_voice
from doorstep.foundation.files.testing import mp4, pdf
from doorstep.foundation.identity.actions import create_account, create_person, issue_token
from doorstep.foundation.identity.deaths import report_death
from doorstep.foundation.identity.merging import propose_merge
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.identity.staff import reset_account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import SealedLeaf
from doorstep.foundation.journal.testing import seal_now
from doorstep.foundation.moderation.actions import complain
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.mail import CONFIRM_SALT, STOP_SALT
from doorstep.foundation.notify.models import InboxItem, MailAddress, OutboxEvent
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import applications, create_body, give_post, hand_over, members, papers, residence, tell_fact, terms
from doorstep.organisations.models import Holder, Post, ResidenceClaim, Unit
from doorstep.organisations.roll_import import import_table, upload_roll
from doorstep.services import actions as services
from doorstep.services import hsds
from doorstep.services.models import MentorTerms, Rota, RotaPlace
from doorstep.services.permissions import calendar_token
from doorstep.talents import actions as talents
from doorstep.talents.models import BadgeKey, VolunteerNumber

IMPORT = Actor(channel="import")
LOGINS = {"resident": "ye", "reporter": "liu", "handler": "luo", "staff": "lin", "keeper": "zheng", "admin": "townadmin"}
HOMES = [(1, ["楼栋", "房号", "面积", "业主姓名"]), (2, ["瑞福阁", "101", "80.00", "黄志强"])]
ROLL = [(1, ["楼栋", "房号", "面积", "业主姓名"]), (2, ["瑞金阁", "302", "92.30", "刘玉梅"])]
# In place of a thing of the scene: one that is not there.
MISSING = {"number": "HL-2026-999999", "id": "999999", "token": "no-such-token-anywhere", "uuid": "00000000-0000-4000-8000-000000000000"}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#7a5").save(out, "JPEG")
    return out.getvalue()


def set_scene(town: Any) -> dict[str, str]:
    """The things the `{names}` of the table stand for."""
    committee = create_body(code="committee", kind="owners_committee", name="业委会", place=town.estate, by=IMPORT)
    zheng = create_person(name="郑国梁", phone="13900000009")
    create_account(person=zheng, login="zheng", phone=zheng.phone, password="a-long-password")
    give_post(body=committee, title="主任", person=zheng, held_from=date(2020, 1, 1), by=IMPORT)
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)

    def raised(*, is_public: bool = True) -> Any:
        photo = keep_photo(data=picture(), audience="draft:0", uploaded_by_id=town.liu.pk)
        return town.raise_matter(is_public=is_public, photos=[photo])

    def asked(*, is_public: bool = True) -> Any:
        matter = raised(is_public=is_public)
        actions.report_done(viewer=luo, matter=matter, text="换好了")
        return matter

    opened, hidden, closed = raised(), raised(is_public=False), asked()
    actions.confirm_done(viewer=liu, matter=closed)
    served = set_services(town, luo, liu)
    # A home: its owner is somebody else, the reporter lives there by their invitation, a tenant wants to.
    import_table(estate=town.estate, table=HOMES, by=IMPORT)
    unit = Unit.objects.get(name="瑞福阁-101")
    owner, tenant = Person.objects.get(name="黄志强"), create_person(name="黄志强", phone="13700000007")
    residence.verify_owner(unit=unit, person_id=owner.pk, by=IMPORT)
    as_owner = build_viewer(person_id=owner.pk)
    lives = residence.use_code(viewer=liu, code=residence.invite(viewer=as_owner, unit=unit, kind="household"), kind="")
    claim = residence.claim_residence(viewer=build_viewer(person_id=tenant.pk), estate=town.estate, unit_name=unit.name, kind="tenant")
    merge = propose_merge(survivor=owner, merged=tenant, place=town.estate, because="same_name", by=IMPORT)
    died = create_person(name="黄老伯")
    residence.use_code(viewer=build_viewer(person_id=died.pk), code=residence.invite(viewer=as_owner, unit=unit, kind="household"), kind="")
    death = report_death(
        person_id=died.pk, died_on=date(2026, 1, 1), proof="register", kept_where="", by=Actor(person_id=owner.pk), place=town.estate
    )
    assert ResidenceClaim.objects.count() == 1
    organisations = set_organisations(town, committee, zheng)
    draft = actions.open_draft()
    draft_photo = actions.add_draft_photo(draft=draft, data=picture())
    while deliver_pending():
        pass
    seal_now()
    leaves = {leaf.entry.subject: leaf.index for leaf in SealedLeaf.objects.select_related("entry").order_by("index")}
    objected = complain(viewer=NOBODY, kind="matter", subject=asked().number, item="0", reason="abuse")
    given_up = OutboxEvent.objects.latest("id")
    OutboxEvent.objects.filter(pk=given_up.pk).update(given_up_at=given_up.created_at)
    MailAddress.objects.create(person=town.liu, address="liu@example.com")
    create_account(person=create_person(name="忘了密码"), login="forgetful")
    link = reset_account(login="forgetful", by=IMPORT, place=town.place)
    return {
        "case": str(objected.pk),
        "new_password": link.removeprefix("/login/new/"),
        "scan": keep_scan(data=pdf(), audience="public").token,
        "hidden_scan": keep_scan(data=pdf(), audience=f"matter:{hidden.number}").token,
        "voice": keep_voice(data=mp4(4), audience="public").token,
        "given_up": str(given_up.pk),
        "confirm_token": signing.dumps({"person": town.liu.pk, "address": "liu@example.com"}, salt=CONFIRM_SALT),
        "stop_token": signing.dumps({"person": town.liu.pk, "kind": "matter"}, salt=STOP_SALT),
        **organisations,
        "open": opened.number,
        "hidden": hidden.number,
        "asked": asked().number,
        "hidden_asked": asked(is_public=False).number,
        "closed": closed.number,
        "photo": MatterPhoto.objects.get(matter=opened).file.token,
        "hidden_photo": MatterPhoto.objects.get(matter=hidden).file.token,
        "draft_photo": str(draft_photo.pk),
        "draft_file": draft_photo.file.token,
        "told": str(InboxItem.objects.filter(person=town.liu).latest("id").pk),
        "leaf": str(leaves[opened.number]),
        "hidden_leaf": str(leaves[hidden.number]),
        **served,
        **talents_of(town),
        "lives": str(lives.pk),
        "lives_here": str(unit.pk),
        "building": unit.building.code,
        "claim": str(claim.pk),
        "merge": str(merge.pk),
        "death": str(death.pk),
        "owner": str(owner.pk),
        "tenant": str(tenant.pk),
        "invitation": residence.invite(viewer=as_owner, unit=unit, kind="household"),
        "upload": str(upload_roll(estate=town.estate, file_name="a.csv", data=b"", table=ROLL, by=IMPORT).pk),
        **set_casework(town, opened),
        **set_votes(town, committee, zheng),
    }


def set_casework(town: Any, opened: Any) -> dict[str, str]:
    """What stands beside a thread: a merged matter, one handed outside, one that asks neighbours with the resident's offer,
    one taken down at the branch's counter with its slip, and a row of every list."""
    luo, lin = town.viewer(town.luo), town.viewer(town.lin)
    merged, transferred = town.raise_matter(), town.raise_matter()
    merging.merge_matter(viewer=luo, matter=merged, into=town.raise_matter())
    casework.transfer_matter(viewer=luo, matter=transferred, to="hotline", text="归热线")
    asked = town.raise_matter(category_code="neighbour_help")
    offer = neighbours.offer_help(viewer=town.viewer(town.ye), matter=asked)
    category = Category.objects.select_related("parent").get(code="lighting")
    spoken = counter.Spoken(name="黄伯", text="路灯不亮", place=town.building, category=category)
    counted = counter.take_down(viewer=lin, post=lin.acting_post, spoken=spoken)
    note = counter.keep_note(viewer=lin, post=lin.acting_post, place=town.estate, text="水沟")
    pain_point = lists.list_pain_point(
        viewer=luo, scope=town.estate, title="停车难", body=town.company, owner=town.luo, due_on=clock.today()
    )
    return {
        "merged": merged.number,
        "transferred": transferred.number,
        "help": asked.number,
        "offer": str(offer.pk),
        "counted": counted.number,
        "note": str(note.pk),
        "statement": neighbours.print_taking_part(viewer=town.viewer(town.ye)).link.token,
        "question": str(lists.publish_question(viewer=luo, matter=opened, question="灯坏了找谁", answer="打前台").pk),
        "reply": str(lists.keep_reply(viewer=luo, body=town.company, title="电工", text="今晚去换").pk),
        "pain_point": str(pain_point.pk),
    }


def set_votes(town: Any, committee: Any, chair: Any) -> dict[str, str]:
    """A vote in preparation, one whose roll is shown, an open one and a finished one; and a poll of the branch. The resident is an owner,
    the keeper of the roll convenes, and who works for another body is a teller."""
    set_rule(town.estate, "owners_vote.electronic_channel", "own")
    tellers = [town.lin, *[create_person(name=name) for name in ("计票人甲", "计票人乙")]]
    unit = add_unit(town.estate, "瑞金阁-1-101", 8000, [town.ye])
    scene = VoteScene(town.estate, committee, chair, tellers, [town.ye], [unit])
    shown, opened, done = (scene.bring(scene.prepare(), state) for state in ("roll_published", "open", "final"))
    Vote.objects.filter(pk=opened.pk).update(closes_at=clock.now() + timedelta(days=5))
    poll = polls.open_poll(
        viewer=town.viewer(town.lin),
        place=town.estate,
        body=town.branch,
        question="北门几点关？",
        options=["22:00", "23:00"],
        closes_at=clock.now() + timedelta(days=5),
    )
    link = scene.paper(opened, unit.name).link.token
    listed = official.upload_official_list(
        viewer=town.viewer(town.lin),
        vote=opened,
        url="https://vote.example/1",
        file_name="名单.csv",
        rows=[OfficialRow(unit.name, OPENS + timedelta(days=1), {"M1": "agree"})],
    )
    return {
        "vote_list": str(listed.pk),
        "vote_draft": scene.prepare().number,
        "vote_shown": shown.number,
        "vote_open": opened.number,
        "vote_done": done.number,
        "vote_link": link,
        "vote_objection": str(votes.raise_objection(viewer=scene.viewer(town.ye), vote=shown, text="面积不对").pk),
        "vote_poll": str(poll.pk),
    }


def set_organisations(town: Any, committee: Any, zheng: Any) -> dict[str, str]:
    """What bodies, members and units have to show. The staff here also registers bodies for the village."""
    keeper, staff = town.viewer(zheng), town.viewer(town.lin)
    fact = tell_fact(body=committee, happened_on="2016-05", text="成立", by=IMPORT)
    papers.put_text(body=committee, kind="rules", title="议事规则", text="……", effective_from=date(2016, 5, 1), by=IMPORT)
    begun = terms.begin_term(
        viewer=keeper, body=committee, seats=7, elected_on=date(2023, 9, 6), starts_on=date(2023, 9, 10), ends_on=date(2028, 9, 9)
    )
    chair = Post.objects.get(body=committee)
    kept = papers.keep_seal(viewer=keeper, body=committee, name="公章", kept_by=chair, since=date(2023, 9, 20))
    deputy = give_post(body=committee, title="副主任", person=create_person(name="何婉仪"), held_from=date(2023, 9, 10), by=IMPORT)
    passed = hand_over(viewer=keeper, post=deputy, name="陈启明", phone="13900000010", on=date(2024, 1, 1))
    village = Place.objects.get(code="gekeng")
    council = create_body(code="gekeng-committee", kind="village_committee", name="隔坑村委会", place=village, by=IMPORT)
    give_post(body=council, title="干事", person=town.lin, held_from=date(2020, 1, 1), by=IMPORT)
    registrar = town.viewer(town.lin)
    asked = applications.apply_to_register(
        viewer=town.viewer(town.liu), kind="enterprise", name="禾晴", uscc="91441900MA5HL00065", place=village
    )
    member = members.declare_membership(viewer=town.viewer(town.liu), branch=town.branch, kind="double", building=town.building)
    contact = members.name_contact(viewer=staff, branch=town.branch, building=town.building, person=town.ye, since=date(2026, 1, 1))
    partner = members.enter_partner(viewer=registrar, branch=town.branch, name="镇中心小学党支部", since=date(2026, 1, 1))
    unit = Unit.objects.create(
        estate=town.estate, building=town.building, name="瑞金阁-302", room="302", area_hundredths=9230, kind="flat", status="delivered",
        party_key=str(town.ye.pk),
    )  # fmt: skip
    Holder.objects.create(unit=unit, person=town.ye)
    return {
        "fact": str(fact.pk),
        "term": str(begun.pk),
        "seal": str(kept.pk),
        "post": str(chair.pk),
        "handover": str(passed.pk),
        "application": str(asked.pk),
        "member": str(member.pk),
        "contact": str(contact.pk),
        "partner": str(partner.pk),
        "unit": str(unit.pk),
        "membership": f"membership:{chair.pk}",
    }


def set_services(town: Any, luo: Any, liu: Any) -> dict[str, str]:
    """A clinic and a forum of the property company, a visit, a rota."""
    create_place(code="hall", kind="venue", name="会堂", parent=town.estate, by=IMPORT)
    clinic = services.offer_service(by=IMPORT, code="clinic", kind="clinic", name="义诊", body=town.company, place=town.estate)
    forum = services.offer_service(by=IMPORT, code="forum", kind="forum", name="座谈会", body=town.company, place=town.estate)
    tomorrow = clock.now() + timedelta(days=1)
    session, meeting = (
        services.plan_session(
            by=IMPORT, service=each, place=town.estate, starts_at=tomorrow, minutes=60, capacities={"place": None, "helper": 1}
        )
        for each in (clinic, forum)
    )
    series = services.plan_series(
        by=IMPORT, service=clinic, place=town.estate, first=tomorrow.date(), start=time(9), minutes=60, rule="FREQ=WEEKLY", capacities={"place": None}
    )  # fmt: skip
    keeps = services.stand_regularly(
        viewer=luo, service=clinic, series=series, person=create_person(name="帮手"), role="helper", since=clock.today()
    )
    visit = services.record_visit(viewer=luo, service=clinic, place=town.estate, visited_at=clock.now(), minutes=30)
    rota = Rota.objects.create(body=town.company, first_day=clock.today(), last_day=clock.today(), value=0, bound=0, made_at=clock.now())
    place = RotaPlace.objects.create(rota=rota, occasion=session, role="helper")
    swap = swap_of(town, forum)
    site = "http://testserver"
    return {
        "session": session.code,
        "meeting": meeting.code,
        "point": str(services.write_point(viewer=luo, occasion=meeting, text="灯不亮").pk),
        "visit": str(visit.pk),
        "rota": str(rota.pk),
        "series": series.code,
        "swap": str(swap.pk),
        "regular": str(keeps.pk),
        "rota_place": str(place.pk),
        "feed": calendar_token(services.calendar_key(viewer=liu).name),
        "hsds": hsds.town_of(town.place, site).id("service", "clinic"),
    }


def swap_of(town: Any, service: Any) -> Any:
    """Who works for the body offers their helper's place of a published rota to the resident, who has another one there."""
    rota = Rota.objects.create(
        body=town.company,
        first_day=clock.today(),
        last_day=clock.today(),
        value=0,
        bound=0,
        made_at=clock.now(),
        state=Rota.State.PUBLISHED,
    )
    places = []
    for person, days in ((town.luo, 3), (town.ye, 4)):
        session = services.plan_session(
            by=IMPORT,
            service=service,
            place=town.estate,
            starts_at=clock.now() + timedelta(days=days),
            minutes=60,
            capacities={"helper": 1},
        )
        RotaPlace.objects.create(rota=rota, occasion=session, role="helper", person=person)
        MentorTerms.objects.create(person=person, weekly_minutes=600, changed_at=clock.now())
        places.append(services.join(viewer=town.viewer(person), occasion=session, role="helper"))
    return services.offer_swap(viewer=town.viewer(town.luo), given=places[0], wanted=places[1])


def talents_of(town: Any) -> dict[str, str]:
    """A course to come with the reporter in it, a certificate and a proof of hours of the reporter's, attended hours to approve."""
    teacher, director = create_person(name="黎静仪"), create_person(name="卢敏仪")
    academy = create_body(code="academy", kind="academy", name="学院", place=town.place, by=IMPORT)
    centre = create_body(code="centre", kind="centre", name="中心", place=town.place, by=IMPORT)
    for body, person in ((academy, teacher), (centre, director)):
        give_post(body=body, title="负责人", person=person, held_from=date(2020, 1, 1), by=IMPORT)
    starts_at = clock.now() + timedelta(days=30)
    session = talents.SessionPlan(
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90), hours=2, place=town.estate, title="第一课"
    )
    course = talents.open_course(
        viewer=town.viewer(teacher), code="mentor", title="导师班", body=academy, issuer=centre, sessions=[session], places=None
    )
    student = talents.enrol(viewer=town.viewer(town.liu), course=course)
    certificate = talents.certify_from_paper(viewer=town.viewer(director), person=town.liu, issuer=centre, since=date(2020, 1, 1))
    lines = [
        talents.record_hours(
            by=IMPORT,
            person_id=town.liu.pk,
            stage=stage,
            minutes=60,
            on=day,
            title="帮忙",
            place=town.estate,
            body=town.company,
            subject="occasion:1",
        )
        for stage, day in (("approved", date(2026, 1, 5)), ("attended", date(2026, 1, 6)))
    ]
    proof = talents.make_proof(viewer=town.viewer(town.liu), since=date(2026, 1, 1), until=date(2026, 1, 31), body=centre)
    return {
        "course": course.code,
        "student": str(student.pk),
        "certificate": certificate.number,
        "volunteer": VolunteerNumber.objects.get(person=town.liu).number,
        "badge_key": BadgeKey.objects.get().key_id,
        "hours": str(lines[1].pk),
        "proof": proof.code,
    }


def missing_path(path: str) -> str:
    """The same path to a thing that is not there; one without a thing leads nowhere at all."""
    kinds = {
        "photo": "token",
        "hidden_photo": "token",
        "draft_file": "token",
        "told": "id",
        "case": "id",
        "scan": "token",
        "hidden_scan": "token",
        "voice": "token",
        "new_password": "token",
        "confirm_token": "token",
        "stop_token": "token",
        "upload": "id",
        "draft_photo": "id",
        "leaf": "id",
        "hidden_leaf": "id",
        "statement": "token",
        "offer": "id",
        "note": "id",
        "question": "id",
        "reply": "id",
        "pain_point": "id",
        "vote_link": "token",
        "vote_objection": "id",
        "vote_poll": "id",
        "visit": "id",
        "rota": "id",
        "rota_place": "id",
        "point": "id",
        "hsds": "uuid",
        "student": "id",
        "course": "token",
        **dict.fromkeys(("fact", "term", "seal", "post", "handover", "application", "member", "contact", "partner", "unit"), "id"),
    }
    replaced = re.sub(r"\{(\w+)\}", lambda found: MISSING[kinds.get(found[1], "number")], path)
    return replaced if replaced != path else ("/api/v1/nowhere" if path.startswith("/api/") else "/nowhere")


def client_of(role: str) -> Client:
    client = Client()
    if role != "stranger":
        client.force_login(Account.objects.get(login=LOGINS[role]), backend="doorstep.foundation.identity.backend.AccountBackend")
    return client


def ask(client: Client, role: str, method: str, path: str, sent: dict[str, Any]) -> Any:
    """Send one request the way a browser would, or a program with its token under /api/."""
    if path.startswith("/api/"):
        token = "" if role == "stranger" else issue_token(account=Account.objects.get(login=LOGINS[role]))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = "" if method == "GET" else json.dumps(sent)
        answer = client.generic(method, path, body, content_type="application/json", headers=headers)
    else:
        answer = client.post(path, sent) if method == "POST" else client.generic(method, path)
    if answer.streaming:
        # Read to its end, which closes the file.
        b"".join(answer)
    return answer


def routes() -> set[str]:
    """Every address of the URL resolver, as urls.py writes it."""

    def walk(resolver: URLResolver, prefix: str) -> Any:
        for pattern in resolver.url_patterns:
            here = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, here)
            else:
                yield here

    return set(walk(get_resolver(), ""))
