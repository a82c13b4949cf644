"""What not everybody may read is found by nobody else: by no page, file, feed, program's interface, search, journal, log or figure."""

import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import mail as outgoing
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction

from doorstep.affairs import actions as affairs
from doorstep.affairs.models import Ballot, Matter, OfficialList, PaperEntry, PollAnswer
from doorstep.foundation import clock
from doorstep.foundation.access.models import RateCount
from doorstep.foundation.files.actions import keep_upload
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.notify.models import OutboxEvent
from doorstep.foundation.search.models import SearchDocument
from doorstep.organisations.models import PartyMember
from doorstep.talents.models import Mark as Score
from tests.canary.allowed import ALLOWED, is_allowed
from tests.canary.crawl import ENOUGH, TOKENS, WHO, Visitor, pages, readable, route_of, starts
from tests.canary.fields import PUBLIC, SECRETS, text_columns
from tests.canary.messages import INBOX, MAIL, TEXT_MESSAGE, Told, opened, reach_everybody, tell_again, told
from tests.canary.scene import PHOTO_WORD, SCAN_WORD, VOICE_WORD, Canaries, picture, set_canaries
from tests.roles.scene import ask
from tests.roles.table import ROWS

TYPED = "canarytypedintoaform"
LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Planted:
    """The scene, set once, and what was sent meanwhile."""

    canaries: Canaries
    text_messages: list[tuple[str, str]]
    mails: list[Any]


@pytest.fixture(scope="module")
def planted(set_once: Callable[..., Any]) -> Planted:
    MemorySender.sent.clear()
    outgoing.outbox.clear()
    return Planted(set_once(set_canaries), list(MemorySender.sent), list(outgoing.outbox))


@pytest.fixture
def canaries(db: None, planted: Planted) -> Canaries:
    MemorySender.sent.extend(planted.text_messages)
    outgoing.outbox.extend(planted.mails)
    return planted.canaries


def visitors(canaries: Canaries, *, language: str = "zh-hans") -> list[Visitor]:
    return [Visitor(who, canaries.persons.get(who), language=language) for who in WHO]


def leaks(canaries: Canaries, visitor: Visitor, path: str, text: str, *, route: str = "") -> set[str]:
    """What this visitor has come upon that the table does not let them. What stands in the address they asked for they knew before."""
    route = route or route_of(path)
    asked = canaries.found_in(unquote(path))
    return {
        f"{visitor.role} finds {mark.secret} at {path} ({route})"
        for mark in canaries.found_in(text) - asked
        if not (mark.person is not None and mark.person == visitor.person) and not is_allowed(mark.secret, visitor.role, route)
    } | {f"{visitor.role} finds {word} at {path}" for word in (PHOTO_WORD, SCAN_WORD, VOICE_WORD) if word in text}


def test_every_column_of_words_is_secret_or_public() -> None:
    public = {f"{table}.{column}" for tables in PUBLIC.values() for table, columns in tables.items() for column in columns.split()}
    # A column may be secret in some rows and public in the rest; then it stands in SECRETS alone.
    secret = {secret.column for secret in SECRETS}
    assert text_columns() - secret - public == set(), "neither in SECRETS nor in PUBLIC of tests/canary/fields.py"
    assert public - text_columns() == set(), "no longer a column"
    assert public & secret == set()


def test_every_secret_has_a_marker_in_the_scene(canaries: Canaries) -> None:
    assert canaries.empty() == set()
    assert len({secret.name for secret in SECRETS}) == len(SECRETS)


# What makes the staff of another body those who work the matter.
HANDED_OVER = "m/<str:number>/assign"


def leaks_told(canaries: Canaries, message: Told, *, after: str = "") -> set[str]:
    """What a message tells whoever it goes to that the table does not let them know; `after` is the route whose writing caused it."""
    role = next((role for role, person in canaries.persons.items() if person == message.person), "another")
    known_as = "handler" if role == "staff" and after == HANDED_OVER else role
    return {
        f"{role} ({message.person}) is told {mark.secret} by {message.channel} {after}".rstrip()
        for mark in canaries.found_in(message.text)
        if not (mark.person is not None and mark.person == message.person) and not is_allowed(mark.secret, known_as, message.channel)
    } | {f"{role} is told {word} by {message.channel}" for word in (PHOTO_WORD, SCAN_WORD, VOICE_WORD) if word in message.text}


@pytest.mark.thorough
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_everybody_can_open_gives_nothing_away(canaries: Canaries, language: str) -> None:
    """Every address of the role table as everybody, in both languages: pages, JSON, XML, calendars, CSV, files, figures."""
    found, used = set(), set()
    for visitor in visitors(canaries, language=language):
        for path, text in pages(visitor, starts(canaries.named)):
            found |= leaks(canaries, visitor, path, text)
            used |= {mark.secret for mark in canaries.found_in(text)}
    assert sorted(found) == []
    # The crawl does come upon what it looks for, where it may be found.
    assert len(used) > len(SECRETS) / 3


@pytest.mark.thorough
def test_what_the_pages_lead_on_to_gives_nothing_away(canaries: Canaries) -> None:
    found = {
        leak
        for visitor in visitors(canaries)
        for path, text in pages(visitor, ["/"] if visitor.role == "stranger" else ["/", "/my/", "/work/"], enough=ENOUGH)
        for leak in leaks(canaries, visitor, path, text)
    }
    assert sorted(found) == []


@pytest.mark.thorough
def test_what_everybody_sends_gives_nothing_away(canaries: Canaries, caplog: pytest.LogCaptureFixture) -> None:
    """Every form and every write of the programs' interface, as everybody: the answer, the page it leads to, the journal, every message to
    anybody that follows, the log. What was typed is a marker too. The languages take turns: each form is sent in both, by different roles."""
    caplog.set_level(logging.INFO)
    logging.getLogger("django.db.backends").setLevel(logging.WARNING)
    reach_everybody(mode="at_once")
    found, messages = set(), dict[str, int]()
    for turn, who in enumerate(WHO):
        for index, row in enumerate(ROWS):
            if row.method == "GET" or row.route in ("logout", "ui/language", "ui/mode"):
                continue
            path = row.path.format(**canaries.named)
            sent = {
                name: TYPED if name in ("text", "words", "thanks", "why", "question", "answer", "note") else value.format(**canaries.named)
                for name, value in row.sent.items()
            }
            with transaction.atomic():
                # A browser of its own each time: some forms end the session.
                visitor = Visitor(who, canaries.persons.get(who), language=LANGUAGES[(turn + index) % 2])
                before = last_rows()
                answer = send(visitor, row.method, path, sent)
                found |= leaks(canaries, visitor, path, readable(answer), route=row.route)
                if answer.status_code in (302, 303) and answer["Location"].startswith("/") and visitor.role != "stranger":
                    found |= leaks(canaries, visitor, answer["Location"].partition("#")[0], readable(visitor.get(answer["Location"])))
                written = new_rows(before)
                found |= {f"{row} writes {mark.secret} to the journal" for mark in canaries.found_in(written) if mark.secret not in KEYS}
                if TYPED in written:
                    found.add(f"{row} writes what was typed to the journal")
                # What is refused tells nobody anything.
                for message in told() if answer.status_code < 400 else ():
                    messages[message.channel] = messages.get(message.channel, 0) + 1
                    found |= leaks_told(canaries, message, after=row.route)
                transaction.set_rollback(True)
    logged = "\n".join(record.getMessage() + repr(vars(record).get("request", "")) for record in caplog.records)
    # An address that was asked for holds a matter's number or a token; the log names addresses.
    found |= {f"the log holds {mark.secret}" for mark in canaries.found_in(logged) if mark.secret not in (*KEYS, *IN_ADDRESSES)}
    assert sorted(found) == []
    assert TYPED not in logged
    assert min(messages.get(channel, 0) for channel in (INBOX, MAIL, TEXT_MESSAGE)) > len(WHO), messages


# The journal names a matter by its number and seals each text by its digest.
KEYS = ("affairs.Matter.number (hidden)", "foundation.Entry.salt (restricted entries)")
IN_ADDRESSES = ("talents.HoursProof.code", "the home's code")
JOURNAL = ("foundation_entry", "foundation_outboxevent", "foundation_accesslog", "foundation_placeversion")


def send(visitor: Visitor, method: str, path: str, sent: dict[str, Any]) -> Any:
    return visitor.write(method, path, sent) if path.startswith("/api/") else ask(visitor.client, visitor.role, method, path, sent)


def last_rows() -> dict[str, int]:
    last = {}
    with connection.cursor() as cursor:
        for table in JOURNAL:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
            last[table] = cursor.fetchone()[0]
    return last


def new_rows(before: dict[str, int]) -> str:
    """Every cell written since, as text."""
    with connection.cursor() as cursor:
        cells = []
        for table, last in before.items():
            cursor.execute(f"SELECT * FROM {table} WHERE id > %s", [last])
            cells += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(cells)


def test_the_journal_holds_no_word_of_anybody(canaries: Canaries) -> None:
    """Everything the scene did was entered with what stood in the marked cells then: none of it is in the journal or in what follows it."""
    kept = new_rows(dict.fromkeys(JOURNAL, 0)).split("\n")
    words = {
        (name, word)
        for name, before in canaries.before.items()
        for word in before
        if len(word) > 1 and name not in ("affairs.RollUnit.name", "affairs.RollParty.first_unit")
    }
    assert words
    assert {(name, word) for name, word in words if any(word in cell for cell in kept)} == set()


@pytest.mark.thorough
def test_searching_finds_nothing_for_those_who_may_not_read_it(canaries: Canaries) -> None:
    tokens = "\n".join(SearchDocument.objects.values_list("tokens", flat=True))
    searchable = {word: mark for word, mark in canaries.marks.items() if word in tokens}
    assert {mark.secret for mark in searchable.values()} >= {"affairs.Matter.text (hidden)", "affairs.Matter.title (hidden)"}
    found = set()
    for visitor in visitors(canaries):
        RateCount.objects.all().delete()
        nothing = TOKENS.sub("", readable(visitor.get("/search/?q=canary0x0"))).replace("canary0x0", "")
        for word, mark in searchable.items():
            answer = TOKENS.sub("", readable(visitor.get(f"/search/?q={word}"))).replace(word, "")
            if answer != nothing and mark.person != visitor.person and not is_allowed(mark.secret, visitor.role, "search/"):
                found.add(f"{visitor.role} finds {mark.secret} by searching")
    assert sorted(found) == []


@pytest.mark.parametrize("mode", ["at_once", "digest"])
def test_what_everybody_is_told_gives_nothing_away(canaries: Canaries, mode: str) -> None:
    """Everything that happened in the scene, told again to everybody it concerns: lines of the inbox, single mails, the evening's mail."""
    reach_everybody(mode=mode)
    tell_again()
    messages = list(told())
    found = {leak for message in messages for leak in leaks_told(canaries, message)}
    assert sorted(found) == []
    assert not OutboxEvent.objects.filter(delivered_at=None).exists()
    mails = [message for message in messages if message.channel == MAIL]
    assert {message.person for message in mails} == {message.person for message in messages if message.channel == INBOX}
    # Whom a hidden matter concerns does hear that there is something.
    assert any(canaries.found_in(message.text) for message in mails)


def test_the_reading_of_messages_notices_a_leak(canaries: Canaries) -> None:
    """A marker in the title of a public matter goes into the inbox and the mail of whoever works it, and is found in both."""
    word, mark = next((word, mark) for word, mark in canaries.marks.items() if mark.secret == "affairs.CounterNote.name")
    Matter.objects.filter(number=canaries.named["open"]).update(title=word)
    reach_everybody(mode="digest")
    tell_again()
    handler = canaries.persons["handler"]
    found = {leak for message in told() for leak in leaks_told(canaries, message)}
    assert {leak for leak in found if leak.startswith("handler")} == {
        f"handler ({handler}) is told {mark.secret} by {channel}" for channel in (INBOX, MAIL)
    }


def test_a_mail_is_read_with_all_that_is_attached(canaries: Canaries) -> None:
    word = next(word for word, mark in canaries.marks.items() if mark.secret == "foundation.Person.phone")
    sent = EmailMultiAlternatives(subject="您好", body="您好", to=["1@example.com"])
    sent.attach_alternative(f"<p>{word}</p>", "text/html")
    for part in (opened(sent.message().as_bytes()), *(opened(mail.message().as_bytes()) for mail in with_attached(word))):
        assert word in {found for found in canaries.marks if found in part}


def with_attached(word: str) -> Iterator[EmailMultiAlternatives]:
    """The same word in a calendar and in the comment of a zipped table."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("表.csv", f"电话,{word}\r\n")
    for name, data, kind in (("a.ics", f"SUMMARY:{word}\r\n".encode(), "text/calendar"), ("a.zip", packed.getvalue(), "application/zip")):
        sent = EmailMultiAlternatives(subject="您好", body="您好", to=["1@example.com"])
        sent.attach(name, data, kind)
        yield sent


@pytest.mark.thorough
def test_an_export_holds_ones_own_alone(canaries: Canaries) -> None:
    for visitor in visitors(canaries):
        if visitor.person is None:
            continue
        text = readable(visitor.client.post("/my/data/export"))
        assert leaks(canaries, visitor, "/my/data/export", text, route="my/data") == set()
        if visitor.role == "herself":
            held = {mark.secret for mark in canaries.found_in(text)}
            assert {"affairs.Matter.text (hidden)", "services.Reading.systolic", "talents.Licence.number"} <= held


# What is no word: choices, scores, kinds. Changed in the database, no page of those who may not know it changes.
UNTOLD = [
    (Ballot, {"choices": {"M1": "abstain"}}, "", ""),
    (PaperEntry, {"choices": {"M1": "abstain"}}, "", ""),
    (OfficialList, {"rows": [[1, "2026-04-03T10:00:00+08:00", {"M1": "abstain"}]]}, "", ""),
    (PollAnswer, {"option": 1}, "", "polls/<int:poll_id>"),
    (Score, {"score": 41}, "reporter herself", ""),
    (PartyMember, {"kind": "in_service"}, "staff reporter", ""),
]


@pytest.mark.thorough
@pytest.mark.parametrize("who", WHO)
def test_no_page_changes_with_what_its_reader_may_not_know(canaries: Canaries, who: str) -> None:
    # Who read what, and one's devices, are other with every reading; one's own data has one's own choices and scores.
    moving = ("/journal/", "/metrics", "/raise/", "/my/reads", "/account/security", "/my/data")
    paths = [path for path in starts(canaries.named) if not path.startswith(moving)]

    def seen(paths: list[str]) -> dict[str, str]:
        return {path: TOKENS.sub("", text) for path, text in pages(Visitor(who, canaries.persons.get(who)), paths)}

    as_is = seen(paths)
    for model, change, known_to, counted in UNTOLD:
        if who in known_to.split():
            continue
        with transaction.atomic():
            assert model.objects.update(**change)
            changed = seen([path for path in paths if route_of(path) != counted])
            transaction.set_rollback(True)
        assert {path for path, text in changed.items() if text != as_is[path]} == set(), model.__name__


# What the journal and the worker still have to do, and what this process has answered: figures of the machine, that move with every write.
OF_THE_MACHINE = re.compile(r"^.*doorstep_(request|journal|outbox|mail|refused|worker)\w*[ {].*\n", re.MULTILINE)


@pytest.mark.thorough
def test_what_is_not_public_counts_nowhere(canaries: Canaries, town: Any) -> None:
    """One more matter that is not for everybody, young or old, worked or waiting, changes no byte of what a stranger gets: no list, no figure,
    no feed, no answer of an interface. The journal's own pages are left out: they count leaves, and every write is one."""
    paths = [path for path in starts(canaries.named) if not path.startswith(("/journal/", "/raise/"))]

    def seen() -> dict[str, str]:
        return {path: OF_THE_MACHINE.sub("", TOKENS.sub("", text)) for path, text in pages(Visitor("stranger", None), paths, enough=ENOUGH)}

    as_is = seen()
    assert "/metrics" in as_is
    now = clock.now()
    for facts in (
        {"is_public": False, "happened_at": now - timedelta(days=200)},
        {"is_public": False, "place": town.place},
        {"category_code": "dispute"},
        {"category_code": "petition", "place": town.place, "happened_at": now - timedelta(days=120)},
    ):
        with transaction.atomic():
            file = keep_upload(data=picture(), audience="person:0")
            matter = town.raise_matter(photos=[file], **facts)
            if matter.body == town.company:
                affairs.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="在办")
            changed = seen()
            transaction.set_rollback(True)
        assert {path for path, text in changed.items() if text != as_is.get(path) and not path.startswith("/journal/")} == set(), facts


@pytest.mark.thorough
def test_the_crawl_notices_a_leak(canaries: Canaries) -> None:
    """A marker put on a public page, and one in a public interface, are found there by a stranger."""
    visitor = Visitor("stranger", None)
    word, mark = next((word, mark) for word, mark in canaries.marks.items() if mark.secret == "affairs.CounterNote.name")
    Matter.objects.filter(number=canaries.named["open"]).update(text=f"楼道灯不亮，{word}说的", title=word)
    found = {leak for path, text in pages(visitor, starts(canaries.named)) for leak in leaks(canaries, visitor, path, text)}
    for path in (
        f"/m/{canaries.named['open']}",
        f"/api/v1/matters/{canaries.named['open']}",
        f"/open311/v2/requests/{canaries.named['open']}.xml",
    ):
        assert f"stranger finds {mark.secret} at {path} ({route_of(path)})" in found


def test_every_line_of_the_table_says_why() -> None:
    assert all(line.because and line.who for line in ALLOWED)
    assert len({(line.secrets, line.who, line.routes) for line in ALLOWED}) == len(ALLOWED)
    assert {who for line in ALLOWED for who in line.who.split()} <= {*WHO, "another"}
