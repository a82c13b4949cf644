"""At the counter: half a minute, a slip with a PIN, a line in a busy hour, and coming back without a login."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from doorstep.affairs import actions
from doorstep.affairs.actions import counter
from doorstep.affairs.models import Category, CounterNote, Matter, MatterPin
from doorstep.affairs.queries import counter as queries
from doorstep.affairs.rules.pin import pin_of
from doorstep.foundation import clock
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import LockedOut, create_account, create_person
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post

BY = Actor(channel="import")
NOON = datetime(2026, 7, 16, 12, 5, tzinfo=TOWN_ZONE)


@pytest.fixture
def keeper(town: Any) -> Person:
    """The keeper of a café in the village: a post, but no matters of its own to work."""
    village = Place.objects.get(code="gekeng")
    cafe = create_body(code="cafe", kind="cafe", name="益企啡吧", place=village, by=BY)
    person = create_person(name="何思琪", phone="13900000077")
    create_account(person=person, login="he", phone=person.phone, password="a-long-password")
    give_post(body=cafe, title="店长", person=person, held_from=date(2020, 1, 1), by=BY, handles_matters=False)
    return person


def spoken(**facts: Any) -> counter.Spoken:
    given = {
        "name": "黄伯",
        "text": "村口路灯不亮。",
        "place": Place.objects.get(code="gekeng"),
        "category": Category.objects.get(code="lighting"),
    }
    return counter.Spoken(**{**given, **facts})


def take(town: Any, keeper: Person, **facts: Any) -> Matter:
    viewer = town.viewer(keeper)
    return counter.take_down(viewer=viewer, post=viewer.acting_post, spoken=spoken(**facts))


def typed_pin(matter: Matter) -> str:
    return pin_of(secret=settings.SECRET_KEY.encode(), number=matter.number, salt=MatterPin.objects.get(matter=matter).salt)


def test_both_names_are_kept_and_the_post(town: Any, keeper: Person) -> None:
    matter = take(town, keeper)
    assert (matter.reporter.name, matter.entered_by, matter.channel) == ("黄伯", keeper, "counter")
    entry = Entry.objects.get(subject=matter.number, verb="raise")
    assert (entry.actor_id, entry.on_behalf_of_id, entry.channel) == (keeper.pk, matter.reporter_id, "counter")
    assert entry.post_id == town.viewer(keeper).acting_post.id


def test_a_phone_alone_is_nobody_and_name_and_phone_are_the_same_neighbour(town: Any, keeper: Person) -> None:
    liu = take(town, keeper, name="刘玉梅", phone=town.liu.phone)
    assert liu.reporter == town.liu
    assert take(town, keeper, name="黄伯", phone=town.liu.phone).reporter not in (town.liu, liu)
    assert take(town, keeper, name="黄伯").reporter != take(town, keeper, name="黄伯").reporter


def test_a_name_is_needed_and_paper_is_not_from_tomorrow(town: Any, keeper: Person) -> None:
    viewer = town.viewer(keeper)
    with pytest.raises(counter.NoName):
        take(town, keeper, name=" ")
    with pytest.raises(counter.NotThePast):
        counter.take_down(viewer=viewer, post=viewer.acting_post, spoken=spoken(), said_at=clock.now() + timedelta(hours=1))
    with pytest.raises(actions.NotAllowed):
        counter.take_down(viewer=town.viewer(town.liu), post=viewer.acting_post, spoken=spoken())


def test_queue_numbers_begin_each_day_and_a_note_is_never_lost(town: Any, keeper: Person) -> None:
    viewer = town.viewer(keeper)
    post, place = viewer.acting_post, Place.objects.get(code="gekeng")

    def keep(text: str, at: datetime) -> CounterNote:
        return counter.keep_note(viewer=viewer, post=post, place=place, text=text, happened_at=at)

    first, second, tomorrow = keep("路灯", NOON), keep("水沟", NOON), keep("垃圾", NOON + timedelta(days=1))
    assert [first.queue_number, second.queue_number, tomorrow.queue_number] == [1, 2, 1]
    matter = counter.enter_note(viewer=viewer, post=post, note=first, spoken=spoken())
    # Said when the note was taken: the clocks run from then.
    assert matter.raised_at == NOON
    with pytest.raises(counter.NoteEnded) as ended:
        counter.enter_note(viewer=viewer, post=post, note=first, spoken=spoken())
    assert ended.value.matter == matter
    counter.set_note_aside(viewer=viewer, post=post, note=second, why="当场答了")
    with pytest.raises(counter.NoteEnded):
        counter.set_note_aside(viewer=viewer, post=post, note=second, why="再说")
    assert [note.text for note in queries.waiting_notes(viewer)] == ["垃圾"]
    assert [(note.text, note.state) for note in queries.notes_of_day(viewer, NOON.date())] == [("路灯", "entered"), ("水沟", "set_aside")]
    assert queries.waiting_notes(town.viewer(town.luo)) == []
    with pytest.raises(actions.NotAllowed):
        counter.set_note_aside(viewer=town.viewer(town.luo), post=town.viewer(town.luo).acting_post, note=tomorrow, why="不关我事")


def test_the_pin_is_stored_nowhere_and_a_new_slip_makes_the_old_one_void(town: Any, keeper: Person) -> None:
    matter = take(town, keeper)
    slip = queries.slip_for(town.viewer(keeper), matter.number)
    assert slip is not None
    assert re.fullmatch(r"\d{6}", slip.pin)
    pin = MatterPin.objects.get(matter=matter)
    assert slip.pin not in "".join(str(getattr(pin, field.attname)) for field in pin._meta.concrete_fields if field.attname != "salt")
    assert counter.use_pin(number=matter.number, pin=f" {slip.pin} ", address="10.0.0.1") == matter
    counter.renew_pin(viewer=town.viewer(keeper), matter=matter)
    with pytest.raises(counter.WrongPin):
        counter.use_pin(number=matter.number, pin=slip.pin, address="10.0.0.1")
    assert Entry.objects.filter(subject=matter.number, verb="pin_renewed", audience=f"person:{matter.reporter_id}").exists()


def test_another_counter_of_the_place_may_renew_a_slip_and_a_neighbour_may_not(town: Any, keeper: Person) -> None:
    matter = take(town, keeper, place=town.building)
    counter.renew_pin(viewer=town.viewer(town.luo), matter=matter)
    assert queries.slip_for(town.viewer(town.luo), matter.number) is not None
    assert queries.slip_for(town.viewer(keeper), matter.number) is None
    with pytest.raises(actions.NotAllowed):
        counter.renew_pin(viewer=town.viewer(town.liu), matter=matter)
    with pytest.raises(actions.NotAllowed):
        counter.renew_pin(viewer=town.viewer(town.luo), matter=town.raise_matter())


def test_guessing_a_pin_is_locked_out_like_a_code(town: Any, keeper: Person) -> None:
    matter = take(town, keeper)
    right = typed_pin(matter)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(counter.WrongPin):
            counter.use_pin(number=matter.number, pin=wrong, address="10.0.0.1")
    # The number is locked, whoever tries and from wherever.
    with pytest.raises(LockedOut):
        counter.use_pin(number=matter.number, pin=right, address="10.9.9.9")
    with pytest.raises(counter.WrongPin):
        counter.use_pin(number="HL-2026-999999", pin=right, address="10.0.0.1")


# The pages


def signed_in(login: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")
    return client


def test_from_the_counter_to_the_residents_word_without_a_login(town: Any, keeper: Person) -> None:
    desk = signed_in("he")
    page = desk.get("/counter/").content.decode()
    # Where is filled in from the post's place.
    assert page.index('value="gekeng"') < page.index('value="hengli"')
    given = {
        "go": "register",
        "text": "村口路灯不亮",
        "name": "黄伯",
        "category": "lighting",
        "place": "ruijin",
        "hidden": "on",
        "once": "k1",
    }
    sent = desk.post("/counter/", given)
    assert (sent.status_code, desk.post("/counter/", given)["Location"]) == (303, sent["Location"])
    matter = Matter.objects.get(reporter__name="黄伯")
    slip = desk.get(sent["Location"])
    found = re.search(r"data-pin>(\d{6})<", slip.content.decode())
    assert found is not None
    assert slip["Cache-Control"] == "private, no-store"
    assert signed_in("luo").get(sent["Location"]).status_code == 404
    # The slip's QR leads to the question for the PIN.
    elder = Client()
    assert elder.get(f"/q/{MatterPin.objects.get(matter=matter).link.token}")["Location"] == f"/m/{matter.number}/pin"
    assert elder.get(f"/m/{matter.number}").status_code == 404
    assert elder.post(f"/m/{matter.number}/pin", {"pin": "12"}).status_code == 422
    assert elder.post(f"/m/{matter.number}/pin/confirm", {"text": ""})["Location"] == f"/m/{matter.number}/pin"
    assert elder.post(f"/m/{matter.number}/pin", {"pin": found[1]}).status_code == 303
    assert "村口路灯不亮" in elder.get(f"/m/{matter.number}/pin").content.decode()
    # It opens this matter and nothing else of theirs.
    assert elder.get("/my/").status_code == 303
    assert elder.get(f"/m/{matter.number}").status_code == 404
    actions.report_done(viewer=town.viewer(town.luo), matter=matter, text="换了灯管")
    assert elder.post(f"/m/{matter.number}/pin/dispute", {"text": ""}).status_code == 422
    assert elder.post(f"/m/{matter.number}/pin/dispute", {"text": "还是不亮"}).status_code == 303
    actions.report_done(viewer=town.viewer(town.luo), matter=matter, text="换了线")
    assert elder.post(f"/m/{matter.number}/pin/confirm", {"text": ""}).status_code == 303
    matter.refresh_from_db()
    assert matter.state == "closed_confirmed"
    assert list(Entry.objects.filter(subject=matter.number, channel="pin").values_list("verb", "actor_id")) == [
        ("dispute", matter.reporter_id), ("confirm", matter.reporter_id)
    ]  # fmt: skip


def test_a_busy_hour_gives_a_number_and_the_line_is_entered_later(town: Any, keeper: Person) -> None:
    desk = signed_in("he")
    assert desk.post("/counter/", {"go": "note", "note": ""}).status_code == 422
    sent = desk.post("/counter/", {"go": "note", "note": "黄伯说路灯不亮", "once": "n1"})
    assert "1 号" in desk.get(sent["Location"]).content.decode()
    note = CounterNote.objects.get()
    assert "黄伯说路灯不亮" in desk.get(f"/counter/notes/{note.pk}").content.decode()
    given = {"text": "村口路灯不亮", "name": "黄伯", "category": "lighting", "place": "gekeng"}
    assert desk.post(f"/counter/notes/{note.pk}", {**given, "name": ""}).status_code == 422
    entered = desk.post(f"/counter/notes/{note.pk}", given)
    assert entered["Location"].startswith("/counter/slip/HL-")
    assert desk.post(f"/counter/notes/{note.pk}", given)["Location"] == f"/m/{Matter.objects.get(reporter__name='黄伯').number}"
    assert signed_in("luo").get(f"/counter/notes/{note.pk}").status_code == 404


def test_the_counter_is_for_those_who_hold_a_post(town: Any, keeper: Person) -> None:
    assert signed_in("liu").get("/counter/").status_code == 403
    assert Client().get("/counter/")["Location"].startswith("/login/")


def test_the_question_for_the_pin_is_the_same_whatever_the_number(town: Any, keeper: Person) -> None:
    matter = take(town, keeper, is_public=False)
    without = town.raise_matter()
    pages = [
        Client().get(f"/m/{number}/pin").content.decode().replace(number, "…")
        for number in (matter.number, without.number, "HL-2026-999999")
    ]
    pages = [re.sub(r'value="[A-Za-z0-9]{64}"', "", page) for page in pages]
    assert pages[0] == pages[1] == pages[2]
    answers = [Client().post(f"/m/{number}/pin", {"pin": "000000"}) for number in (without.number, "HL-2026-999999")]
    assert [answer.status_code for answer in answers] == [422, 422]


def test_a_note_takes_a_name_and_a_phone_and_its_number_is_printed_without_them(town: Any, keeper: Person, sign_in: Any) -> None:
    client = sign_in("he")
    page = client.get("/counter/").content.decode()
    assert 'id="note-name"' in page
    assert 'id="note-phone"' in page
    sent = {"go": "note", "note": "路灯", "name": "阿婆", "phone": "138"}
    refused = client.post("/counter/", sent)
    assert refused.status_code == 422
    assert all(f'value="{typed}"' in refused.content.decode() for typed in ("路灯", "阿婆", "138"))
    kept = client.get(client.post("/counter/", {**sent, "phone": "13800138000", "once": "n1"})["Location"]).content.decode()
    note = CounterNote.objects.get()
    assert (note.name, note.phone) == ("阿婆", "13800138000")
    ticket = kept.partition("data-queue")[2].partition("</section>")[0]
    assert "1 号" in ticket
    printed = re.sub(r'<p class="[^"]*no-print[^"]*">.*?</p>', "", ticket)
    assert "阿婆" not in printed
    assert "13800138000" not in ticket


def test_a_building_is_chosen_in_its_estates_list_and_stands_on_its_page(town: Any, client: Any) -> None:
    here, elsewhere = town.raise_matter(), town.raise_matter(place=town.estate)
    page = client.get("/p/ruikang/matters/").content.decode()
    assert f'<option value="{town.building.code}"' in page
    chosen = client.get(f"/p/ruikang/matters/?building={town.building.code}&state=open").content.decode()
    assert (here.number in chosen, elsewhere.number in chosen) == (True, False)
    assert f"building={town.building.code}" in chosen.partition("facets")[2].partition("</nav>")[0]
    both = client.get("/p/ruikang/matters/?building=nothing").content.decode()
    assert elsewhere.number in both
    assert f'href="/p/{town.building.code}/"' in client.get("/p/ruikang/").content.decode()
