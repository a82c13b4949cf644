"""Every page that lists things asks the database the same number of questions for 1, 3 and 300 of them.

The counts stand in COUNTS: a page that asks more is seen at once, and whoever makes it ask less writes the smaller number here.
"""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.affairs import actions
from doorstep.affairs.actions import counter, lists, neighbours
from doorstep.affairs.models import CounterNote, HelpOffer, Matter, MatterAudience, MatterText, PainPoint, Question, ReplyTemplate
from doorstep.foundation import clock
from doorstep.foundation.access.limits import _unwritten
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.clock.kept import forget_kept
from doorstep.foundation.identity.actions import create_account, create_person, issue_token
from doorstep.foundation.identity.models import Account, Death, Mandate, Person, PersonMerge
from doorstep.foundation.journal.actions import SYSTEM, record, writing
from doorstep.foundation.journal.testing import seal_now
from doorstep.foundation.moderation.models import Case
from doorstep.foundation.notify.models import Delivery, Follow, InboxItem, MailAddress, OutboxEvent
from doorstep.foundation.occasions.models import Occasion, Series, SeriesPlan, SignUp
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.models import Regulation
from doorstep.foundation.regulations.queries import forget
from doorstep.foundation.search.actions import rebuild_index
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import (
    Body,
    BodyApplication,
    BodyFact,
    BodySeal,
    BodyText,
    ContactPerson,
    FormerHolder,
    FormerIncumbent,
    HandOver,
    Holder,
    PartnerUnit,
    PartyMember,
    Post,
    Residence,
    ResidenceClaim,
    RollImport,
    SealUse,
    Term,
    Unit,
)  # fmt: skip
from doorstep.services import actions as services
from doorstep.services.models import GroupCount, MentorTerms, Reading, Regular, Rota, RotaPlace, Service, Swap, TravelTime, WalkDistance
from doorstep.talents import actions as talents
from doorstep.talents.models import Certificate, Course, HoursLine, Listing, Profile, VolunteerNumber
from doorstep.talents.rules.status_list import LENGTH

SIZES = (1, 3, pytest.param(300, marks=pytest.mark.thorough))
#          page                       signed in as   SQL
COUNTS = [
    ("/", "", 11),
    ("/", "liu", 22),
    ("/p/ruikang/", "", 13),
    ("/p/ruikang/", "liu", 23),
    ("/matters/", "", 3),
    ("/matters/", "liu", 7),
    ("/p/ruikang/matters/", "", 4),
    ("/p/ruikang/matters/", "liu", 8),
    ("/p/ruijin/", "", 7),
    ("/p/ruijin/matters/", "", 3),
    ("/my/", "liu", 7),
    ("/work/", "luo", 30),
    ("/m/{matter}", "", 7),
    ("/m/{matter}", "luo", 22),
    ("/inbox/", "liu", 9),
    ("/organisations/", "", 3),
    ("/organisations/hengan", "", 3),
    ("/p/ruikang/organisations/", "", 2),
    ("/p/ruikang/roll/", "luo", 8),
    ("/p/ruikang/roll/{upload}", "luo", 9),
    ("/organisations/branch", "", 5),
    ("/organisations/committee", "", 11),
    ("/organisations/committee/history", "", 8),
    ("/organisations/committee/texts/rules/1", "", 2),
    ("/organisations/committee/keep", "luo", 16),
    ("/organisations/committee/posts/{post}", "luo", 10),
    ("/organisations/branch/members/", "lin", 17),
    ("/organisations/branch/members/in/ruijin", "lin", 11),
    ("/organisations/applications/", "lin", 7),
    ("/organisations/register/", "liu", 7),
    ("/my/party", "liu", 10),
    ("/p/ruikang/history", "", 8),
    ("/p/ruikang/due/", "luo", 12),
    ("/p/ruikang/graph", "", 3),
    ("/p/ruikang/units/", "luo", 7),
    ("/p/ruikang/units/{unit}", "luo", 11),
    ("/p/ruikang/setup/", "luo", 16),
    ("/p/ruikang/setup/plan", "luo", 6),
    ("/p/ruikang/setup/contacts", "luo", 8),
    ("/p/hengli/categories/", "townadmin", 6),
    ("/p/ruikang/setup/qr", "luo", 15),
    ("/p/ruikang/setup/notice", "luo", 15),
    ("/p/ruikang/routing/", "luo", 10),
    ("/popolo/", "", 4),
    ("/journal/", "", 5),
    ("/journal/?subject={matter}", "luo", 16),
    ("/my/reads", "liu", 8),
    ("/my/journal", "liu", 11),
    ("/my/journal", "luo", 12),
    ("/search/?q=台阶", "", 11),
    ("/search/?q=台阶", "luo", 18),
    ("/notices/", "liu", 9),
    ("/notices/undelivered", "townadmin", 10),
    ("/moderation/", "feng", 9),
    ("/regulations/own", "townadmin", 8),
    ("/counter/", "luo", 8),
    ("/counter/?note={note}", "luo", 9),
    ("/work/replies/", "luo", 6),
    ("/questions/", "", 1),
    ("/p/ruikang/questions/", "luo", 6),
    ("/p/ruikang/stubborn/", "", 3),
    ("/p/ruikang/stubborn/", "luo", 11),
    ("/p/ruikang/kinds/", "", 1),
    ("/p/ruikang/kinds/", "luo", 8),
    ("/p/ruikang/pain-points/", "", 1),
    ("/p/ruikang/pain-points/", "luo", 11),
    ("/p/ruikang/thanks/", "", 1),
    ("/my/taking-part", "ye", 13),
    ("/m/{main}", "", 7),
    ("/m/{main}", "luo", 22),
    ("/m/{help}", "liu", 14),
    ("/open311/v2/services.json", "", 1),
    ("/open311/v2/requests.json", "", 3),
    ("/regulations/", "", 2),
    ("/raise/where", "", 7),
    ("/services/", "", 10),
    ("/p/ruikang/services/", "liu", 18),
    ("/services/clinic", "", 7),
    ("/services/clinic", "luo", 17),
    ("/services/clinic/keep", "luo", 11),
    ("/sessions/{session}", "", 6),
    ("/sessions/{session}", "luo", 17),
    ("/sessions/{session}/list", "luo", 20),
    ("/sessions/{session}/sheet", "luo", 20),
    ("/p/ruikang/notice", "", 5),
    ("/p/ruikang/notice.pdf", "", 5),
    ("/p/ruikang/coverage", "", 16),
    ("/my/calendar", "liu", 10),
    ("/my/readings", "liu", 10),
    ("/my/rota", "ye", 8),
    ("/rounds/", "luo", 7),
    ("/rota/", "luo", 7),
    ("/rota/{rota}", "luo", 8),
    ("/rota/travel", "luo", 8),
    ("/p/ruikang/coverage/counts", "townadmin", 7),
    ("/p/ruikang/coverage/ways", "townadmin", 8),
    ("/services/clinic.ics", "", 4),
    ("/hsds/services?full=true", "", 3),
    ("/hsds/organizations", "", 2),
    ("/hsds/service_at_locations", "", 2),
    ("/talents/", "", 8),
    ("/talents/mentors/", "", 2),
    ("/talents/register/", "luo", 7),
    ("/talents/hours/", "liu", 13),
    ("/talents/hours.pdf", "liu", 10),
    ("/talents/hours/approve", "luo", 12),
    ("/talents/volunteers/", "luo", 10),
    ("/certificates/{certificate}", "", 3),
    ("/api/v1/matters?limit=100", "", 1),
    ("/api/v1/matters?limit=100&place=ruikang", "luo", 3),
    ("/api/v1/matters/{matter}", "", 6),
    ("/api/v1/codes", "", 1),
    ("/api/v1/places/ruikang/sessions", "", 4),
    ("/my/home/", "ye", 10),
    ("/my/data", "ye", 71),
    ("/account/security", "ye", 6),
    ("/p/ruikang/residents/", "luo", 14),
    ("/p/ruikang/merges/{merge}", "luo", 15),
]


def fill(town: Any, count: int) -> dict[str, str]:
    """`count` of everything that is listed anywhere."""
    first = town.raise_matter()
    with writing():
        entry = record(verb="answer", kind="matter", subject=first.number, place=town.building, by=SYSTEM)
    # The workbench opens what is due first: always the same one.
    later = clock.now() + timedelta(days=365)
    states = ("assigned", "in_progress", "awaiting_confirmation", "closed_confirmed", "registered", "cannot_be_done")
    copies(
        Matter,
        first,
        count - 1,
        lambda n: {"number": f"HL-2026-7{n:05d}", "state": states[n % len(states)], "is_public": n % 7 != 0, "due_at": later},
    )
    beside = fill_beside(town, first, count)
    hidden = Matter.objects.filter(is_public=False)
    MatterAudience.objects.bulk_create(MatterAudience(matter=matter, key=f"body:{town.company.pk}") for matter in hidden)
    said = actions.answer_matter(viewer=town.viewer(town.luo), matter=first, text="在办")
    with writing():
        entries = [record(verb="answer", kind="matter", subject=first.number, place=town.building, by=SYSTEM) for _ in range(count)]
    copies(MatterText, said, count, lambda n: {"entry_id": entries[n].pk})
    event = OutboxEvent.objects.create(
        entry=entry, topic="answer", kind="matter", subject=first.number, recipients=[], created_at=clock.now()
    )
    events = copies(OutboxEvent, event, count, lambda n: {})
    numbers = list(Matter.objects.values_list("number", flat=True))
    InboxItem.objects.bulk_create(
        InboxItem(person=town.liu, event=each, topic="answer", kind="matter", subject=numbers[n % len(numbers)], happened_at=clock.now())
        for n, each in enumerate(events)
    )
    bodies = copies(Body, town.company, count, lambda n: {"code": f"body-{n}", "place": town.estate if n % 2 else town.place})
    Post.objects.bulk_create(
        Post(body=each, title="经理", person=town.ye, held_from=date(2020, 1, 1)) for body in bodies for each in (body, town.company)
    )
    copies(
        Place, Place.objects.get(code="ruikang"), count, lambda n: {"code": f"estate-{n}", "parent": town.place, "lineage": f"{town.place.lineage}/estate-{n}"}
    )  # fmt: skip
    copies(
        Place, town.building, count, lambda n: {"code": f"building-{n}", "lineage": f"{town.estate.lineage}/building-{n}"}
    )  # fmt: skip
    for _ in range(count):
        AccessLog.objects.create(
            at=clock.now(), person_id=town.luo.pk, about_person_id=town.liu.pk, kind="matter", subject=first.number, why="handling"
        )
    seal_now()
    unit = Unit.objects.create(estate=town.estate, building=town.building, name="0", room="0", area_hundredths=1, kind="flat", status="delivered", party_key="0")  # fmt: skip
    units = copies(Unit, unit, count, lambda n: {"name": f"u{n}", "party_key": str(n)})
    Holder.objects.bulk_create(Holder(unit=each, person=town.ye) for each in units)
    upload = RollImport.objects.create(
        estate=town.estate, file_name="a.xlsx", sha256="", rows=[], uploaded_at=clock.now(),
        report={"rows": 0, "units": 0, "parties": 0, "area": "0.00", "created": 0, "changed": 0, "unchanged": 0, "ask": [],
                "errors": [{"row": n, "column": "面积", "reason": "missing"} for n in range(count)]},
    )  # fmt: skip
    copies(RollImport, upload, count, lambda n: {})
    Residence.objects.create(unit=unit, person=town.ye, kind="owner", how="keeper", from_on=date(2024, 1, 1))
    others = [create_person(name=f"住户{n}") for n in range(count)]
    Residence.objects.bulk_create(
        Residence(unit=unit, person=each, kind="household", how="code", from_on=date(2024, 1, 1)) for each in others
    )
    ResidenceClaim.objects.bulk_create(
        ResidenceClaim(person=each, estate=town.estate, unit=unit, kind="tenant", match="name", made_at=clock.now()) for each in others
    )
    Death.objects.bulk_create(
        Death(person=each, died_on=date(2024, 1, 1), proof="register", noted_by=town.liu, noted_at=clock.now()) for each in others
    )
    merges = PersonMerge.objects.bulk_create(
        PersonMerge(survivor=town.liu, merged=each, place="ruikang", because="keeper", proposed_at=clock.now()) for each in others
    )
    Mandate.objects.bulk_create(
        Mandate(person=town.ye, helper=each, from_on=clock.today(), until_on=clock.today(), how="screen") for each in others
    )
    centre = create_body(code="centre", kind="centre", name="镇党群服务中心", place=town.place, by=SYSTEM)
    feng = create_person(name="冯伟东")
    create_account(person=feng, login="feng")
    give_post(body=centre, title="办事员", person=feng, held_from=date(2020, 1, 1), by=SYSTEM)
    case = Case.objects.create(
        kind="matter", subject=first.number, item="0", place="ruijin", state="open", reason="abuse", opened_at=clock.now()
    )
    copies(Case, case, count, lambda n: {"item": str(n + 1)})
    MailAddress.objects.create(person=town.liu, address="liu@example.com", confirmed_at=clock.now())
    Follow.objects.bulk_create(Follow(person=town.liu, kind="matter", subject=f"HL-2026-8{n:05d}", since=clock.now()) for n in range(count))
    items = InboxItem.objects.filter(person=town.liu)
    Delivery.objects.bulk_create(
        Delivery(person=town.liu, item=item, channel="email", state="given_up", not_before=clock.now()) for item in items
    )
    rebuild_index()
    rule = Regulation.objects.filter(locality="CN").order_by("id").first()
    copies(Regulation, rule, count, lambda n: {"key": f"wish.sample_{n}"})
    copies(Regulation, rule, count, lambda n: {"key": f"wish.sample_{n}", "locality": "hengli", "set_by_id": town.liu.pk})
    return {
        "matter": first.number,
        "upload": str(upload.pk),
        "merge": str(merges[0].pk),
        **beside,
        **fill_services(town, count),
        "unit": str(units[0].pk),
        "post": fill_organisations(town, count, units),
        "certificate": fill_talents(town, count),
    }


def fill_beside(town: Any, first: Matter, count: int) -> dict[str, str]:
    """`count` of everything that stands beside the matters, and of what was merged into one of them."""
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    note = counter.keep_note(viewer=luo, post=luo.acting_post, place=town.estate, text="路灯")
    copies(CounterNote, note, count, lambda n: {"queue_number": n + 2})
    copies(ReplyTemplate, lists.keep_reply(viewer=luo, body=town.company, title="电工", text="今晚去换"), count, lambda n: {})
    copies(Question, lists.publish_question(viewer=luo, matter=first, question="灯坏了找谁", answer="打前台"), count, lambda n: {})
    point = lists.list_pain_point(viewer=luo, scope=town.estate, title="停车难", body=town.company, owner=town.luo, due_on=clock.today())
    copies(PainPoint, point, count, lambda n: {})
    old = town.raise_matter(happened_at=clock.now() - timedelta(days=200))
    copies(Matter, old, count, lambda n: {"number": f"HL-2026-8{n:05d}"})
    main = town.raise_matter()
    copies(Matter, main, count, lambda n: {"number": f"HL-2026-9{n:05d}", "merged_into": main, "state": "merged"})
    Matter.objects.filter(pk=main.pk).update(merged_count=count)
    asked = town.raise_matter(category_code="neighbour_help")
    offer = neighbours.offer_help(viewer=town.viewer(town.ye), matter=asked)
    neighbours.accept_help(viewer=liu, offer=offer)
    helpers = list(Person.objects.bulk_create(Person(name=f"邻居{n}", created_at=clock.now()) for n in range(count)))
    copies(HelpOffer, offer, count, lambda n: {"helper": helpers[n], "state": "thanked", "thanked_at": clock.now()})
    thanked = MatterText.objects.create(matter=asked, kind="thanks", text="谢谢", salt="00", author=town.liu, written_at=clock.now())
    copies(MatterText, thanked, count, lambda n: {})
    return {"note": str(note.pk), "main": main.number, "help": asked.number}


def fill_services(town: Any, count: int) -> dict[str, str]:
    """A clinic with `count` sessions, series, neighbours on its list, opinions, readings and places of a rota."""
    clinic = services.offer_service(by=SYSTEM, code="clinic", kind="clinic", name="义诊", body=town.company, place=town.estate)
    copies(Service, clinic, count, lambda n: {"code": f"clinic-{n}"})
    # Late this evening or tomorrow: still ahead, and within the week that the pages show or the next.
    begins = clock.now() + timedelta(minutes=30)
    session = services.plan_session(
        by=SYSTEM, service=clinic, place=town.estate, starts_at=begins, minutes=60, capacities={"place": None, "neighbour": 9}
    )
    copies(Occasion, session, count, lambda n: {"code": f"session-{n}"})
    series = services.plan_series(
        by=SYSTEM, service=clinic, place=town.estate, first=clock.today(), start=time(9), minutes=60, rule="FREQ=WEEKLY", capacities={"place": None}
    )  # fmt: skip
    for n in range(count):
        plan = series.plans.get(code=series.plans.order_by("id").values_list("code", flat=True)[0])
        more = copies(Series, series, 1, lambda _n, n=n: {"code": f"series-{n}"})[0]
        copies(SeriesPlan, plan, 1, lambda _n, n=n, more=more: {"series": more, "code": f"plan-{n}"})
        Regular.objects.create(service=clinic, series=more, person=town.ye, role="helper", since=clock.today(), is_named=True)
    mine = services.join(viewer=town.viewer(town.liu), occasion=session, role="place")
    people = [create_person(name=f"邻居{n}") for n in range(count)]
    copies(SignUp, mine, count, lambda n: {"person": people[n]})
    others = list(Occasion.objects.filter(code__startswith="session-"))
    copies(SignUp, mine, count, lambda n: {"occasion": others[n]})
    Reading.objects.bulk_create(
        Reading(
            person=person,
            mentor=town.liu,
            occasion=session,
            systolic=120,
            diastolic=80,
            taken_at=begins,
            delete_on=begins.date() + timedelta(days=9),
        )
        for person in people
    )
    rota = Rota.objects.create(body=town.company, first_day=clock.today(), last_day=clock.today(), value=0, bound=0, made_at=clock.now())
    copies(Rota, rota, count, lambda n: {})
    RotaPlace.objects.bulk_create(RotaPlace(rota=rota, occasion=each, role="helper", person=town.ye) for each in others)
    published = Rota.objects.create(
        body=town.company, first_day=clock.today(), last_day=clock.today(), value=0, bound=0, made_at=clock.now(), state="published"
    )
    stands: dict[int, list[SignUp]] = {}
    for person in (town.ye, *people):
        given = copies(SignUp, mine, 1, lambda _n, person=person: {"person": person, "role": "helper", "occasion": others[0]})
        RotaPlace.objects.bulk_create(RotaPlace(rota=published, occasion=each.occasion, role="helper", person=person) for each in given)
        stands[person.pk] = given
    Swap.objects.bulk_create(
        Swap(rota=published, given=stands[person.pk][0], wanted=stands[town.ye.pk][0], by=person, to=town.ye, offered_at=begins)
        for person in people
    )
    MentorTerms.objects.bulk_create(MentorTerms(person=person, weekly_minutes=60, changed_at=begins) for person in people)
    TravelTime.objects.create(
        one=min(town.estate, town.building, key=lambda each: each.pk),
        other=max(town.estate, town.building, key=lambda each: each.pk),
        minutes=9,
        changed_at=begins,
    )
    Place.objects.filter(kind="building").update(plan_x=10, plan_y=10)
    WalkDistance.objects.bulk_create(
        WalkDistance(building=each, stop=town.estate, metres=90, changed_at=begins) for each in Place.objects.filter(kind="building")
    )
    GroupCount.objects.bulk_create(
        GroupCount(building=each, group="elder", people=9, counted_on=clock.today()) for each in Place.objects.filter(kind="building")
    )
    return {"session": session.code, "rota": str(rota.pk)}


def fill_organisations(town: Any, count: int, units: list[Unit]) -> str:
    """`count` of everything that a committee, a branch and a village list; the post that is handed over."""
    committee = Body.objects.create(code="committee", kind="owners_committee", name="业委会", place=town.estate)
    chair = Post.objects.create(body=committee, title="主任", person=town.luo, held_from=date(2020, 1, 1))
    copies(Post, chair, count, lambda n: {"title": f"委员{n}", "person": town.ye})
    for year in (2013, 2018, 2023):
        Term.objects.create(body=committee, seats=7, elected_on=date(year, 9, 1), starts_on=date(year, 9, 10), ends_on=date(year + 5, 9, 9))
    for body in (committee, town.branch, town.company):
        fact = BodyFact.objects.create(body=body, happened_on="2016", text="成立", salt="")
        copies(BodyFact, fact, count, lambda n: {"text": f"第 {n} 件"})
    text = BodyText.objects.create(
        body=committee,
        kind="rules",
        version=1,
        title="议事规则",
        text="…",
        salt="",
        effective_from=date(2016, 5, 1),
        published_at=clock.now(),
    )
    copies(BodyText, text, count, lambda n: {"version": n + 2, "post": chair})
    seal = BodySeal.objects.create(body=committee, name="公章", kept_by=chair, since=date(2020, 1, 1))
    for each in [seal, *copies(BodySeal, seal, count, lambda n: {"name": f"章{n}"})]:
        SealUse.objects.create(seal=each, used_on=date(2026, 1, 1), purpose="签合同", salt="")
    HandOver.objects.bulk_create(
        HandOver(post=chair, from_person=town.ye, to_person=town.luo, on=date(2020, 1, 1), recorded_at=clock.now()) for _ in range(count)
    )
    FormerIncumbent.objects.bulk_create(
        FormerIncumbent(post=chair, person=town.ye, held_from=date(2018, 1, 1), held_until=date(2019, 12, 31)) for _ in range(count)
    )
    buildings = list(Place.objects.filter(kind="building"))
    people = [create_person(name=f"党员{n}") for n in range(count)]
    PartyMember.objects.bulk_create(
        PartyMember(
            branch=town.branch, person=person, kind=("registered", "floating", "double")[n % 3], building=buildings[n % len(buildings)],
            declared_at=clock.now(), verified_at=clock.now() if n % 2 == 0 else None,
        )
        for n, person in enumerate(people)
    )  # fmt: skip
    ContactPerson.objects.bulk_create(
        ContactPerson(branch=town.branch, building=each, person=town.ye, since=date(2026, 1, 1)) for each in buildings[:count]
    )
    PartnerUnit.objects.bulk_create(
        PartnerUnit(branch=town.branch, name=f"单位{n}", body=town.company if n % 2 else None, since=date(2026, 1, 1)) for n in range(count)
    )
    village = Place.objects.get(code="gekeng")
    council = Body.objects.create(code="council", kind="village_committee", name="村委会", place=village)
    Post.objects.create(body=council, title="干事", person=town.lin, held_from=date(2020, 1, 1))
    BodyApplication.objects.bulk_create(
        BodyApplication(kind="worker", name=f"工友{n}", place=village, person=person, asked_at=clock.now())
        for n, person in enumerate(people)
    )
    FormerHolder.objects.bulk_create(
        FormerHolder(unit=units[0], person=person, held_until=date(2020, 1, 1), because="sale") for person in people[:20]
    )
    return str(chair.pk)


def fill_talents(town: Any, count: int) -> str:
    """`count` mentors with public profiles, courses, and lines of one person's hours book; the number of a certificate."""
    centre = create_body(code="issuer", kind="centre", name="中心", place=town.place, by=SYSTEM)
    give_post(body=centre, title="主任", person=town.lin, held_from=date(2020, 1, 1), by=SYSTEM)
    director = town.viewer(town.lin)
    certificate = talents.certify_from_paper(viewer=director, person=town.ye, issuer=centre, since=date(2020, 1, 1))
    profile = talents.keep_profile(
        viewer=town.viewer(town.ye), place=town.estate, skills=["coffee"], visibility="public", may_be_asked=True
    )
    listing = talents.list_person(viewer=director, profile=profile, category="elder", body=centre)
    line = talents.record_hours(
        by=SYSTEM, person_id=town.liu.pk, stage="attended", minutes=60, on=date(2026, 1, 5), title="帮忙", place=town.estate,
        body=town.company, subject="occasion:1",
    )  # fmt: skip
    people = copies(Person, town.ye, count, lambda n: {"name": f"导师{n}"})
    copies(
        Certificate,
        certificate,
        count,
        lambda n: {
            "number": f"HL-DS-2026-7{n:05d}",
            "person_id": people[n].pk,
            "subject": uuid4(),
            "status_index": (certificate.status_index + n + 1) % LENGTH,
        },
    )
    profiles = copies(Profile, profile, count, lambda n: {"person_id": people[n].pk})
    copies(Listing, listing, count, lambda n: {"profile_id": profiles[n].pk})
    copies(HoursLine, line, count, lambda n: {"subject": f"occasion:7{n}"})
    copies(HoursLine, line, count, lambda n: {"subject": "occasion:1", "person_id": people[n].pk, "stage": "approved"})
    copies(HoursLine, line, count, lambda n: {"subject": f"course:7{n}", "kind": "practice", "stage": "approved"})
    number = VolunteerNumber.objects.get(person=town.liu)
    copies(VolunteerNumber, number, count, lambda n: {"number": f"T-ZY-7{n:05d}", "person_id": people[n].pk})
    course = Course.objects.create(
        code="mentor", title="导师班", body=centre, issuer=centre, place=town.place, taught_hours=24, attendance_percent=80,
        practice_minutes=960, written_pass=60, practical_pass=60, reviewers=3, reviews_needed=2, opened_at=clock.now(),
    )  # fmt: skip
    copies(Course, course, count, lambda n: {"code": f"mentor-{n}"})
    return certificate.number


def copies(model: Any, row: Any, count: int, differ: Callable[[int], dict[str, Any]]) -> list[Any]:
    """`count` copies of a row, each with what differs."""
    facts = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields if not field.primary_key}
    made = []
    for n in range(count):
        changed = {(f"{name}_id" if hasattr(value, "pk") else name): getattr(value, "pk", value) for name, value in differ(n).items()}
        made.append(model(**{**facts, **changed}))
    return list(model.objects.bulk_create(made))


def browser(login: str, path: str) -> Client:
    client = Client()
    if login and path.startswith("/api/"):
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {issue_token(account=Account.objects.get(login=login))}"
    elif login:
        client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")
    if path == "/raise/where":
        draft = actions.keep_draft(draft=actions.open_draft(), text="灯坏了", place="ruikang")
        client.cookies["draft"] = draft.token
    return client


def counted(path: str, login: str, things: dict[str, str]) -> int:
    """The questions of one request. The first one warms what the process keeps (templates, regulations)."""
    client = browser(login, path)
    address = path.format(**things)
    # What was kept before would run out between the two.
    forget()

    forget_kept()
    assert client.get(address).status_code == 200, address
    # One request in fifteen of a person writes down how often they came; which one, depends on the hour at which a window begins.
    _unwritten.clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.fixture(autouse=True)
def _keep_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process keeps for seconds is not asked again between the two requests, however slow the machine."""
    monkeypatch.setattr("doorstep.foundation.clock.kept.SECONDS", 3600.0)
    monkeypatch.setattr("doorstep.foundation.regulations.queries.LOOK_AGAIN", 3600.0)


@pytest.mark.parametrize("size", SIZES)
def test_the_number_of_questions_does_not_depend_on_the_number_of_rows(town: Any, size: int) -> None:
    things = fill(town, size)
    found = [(path, login, counted(path, login, things)) for path, login, _expected in COUNTS]
    assert found == COUNTS
